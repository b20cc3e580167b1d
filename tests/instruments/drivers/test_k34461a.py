"""Conversations with Truevolt multimeters, and the ones of the bench."""

from __future__ import annotations

import pytest

from instruments.bench.devices import keysight as devices
from instruments.bench.devices.scpi import alone
from instruments.bench.faults import inject
from instruments.drivers.keysight import K34461A, K34465A, K34470A
from instruments.faults import Garbled, Refused, SettingChanged, SettingNotAllowed, WrongInstrument
from instruments.transcript import transcript

AT = "USB0::10893::4865::MY53200001::0::INSTR"
GOOD = '< +0,"No error"'


def a_meter(volts: float, kind: type[devices.K34461A] = devices.K34461A) -> tuple[devices.K34461A, K34461A]:
    device = kind("MY53200001", 1, lambda _: volts)
    driver = {"34461A": K34461A, "34465A": K34465A, "34470A": K34470A}[kind.model]
    return device, driver.open(AT, alone(AT, device), expect_serial="MY53200001")


def test_a_reading_has_unit_raw_reply_and_set_up() -> None:
    with transcript(
        K34461A,
        '> FUNC "VOLT";:FUNC?;:SYST:ERR?',
        '< "VOLT";+0,"No error"',
        "> VOLT:RANG 10;:VOLT:RANG?;:SYST:ERR?",
        '< +1.00000000E+01;+0,"No error"',
        "> VOLT:NPLC 100;:VOLT:NPLC?;:SYST:ERR?",
        '< +1.00000000E+02;+0,"No error"',
        "> READ?;:SYST:ERR?",
        '< +9.99998120E+00;+0,"No error"',
        "> READ?;:SYST:ERR?",
        '< -9.90000000E+37;+0,"No error"',
    ) as meter:
        meter.configure("DCV", 10, 100)
        reading = meter.reading
        assert (reading.indication, reading.unit, reading.status) == (9.9999812, "V", "ok")
        assert reading.raw == '+9.99998120E+00;+0,"No error"'
        assert dict(reading.setup) == {"function": "DCV", "range": 10.0, "nplc": 100.0}
        over = meter.reading
        assert (over.indication, over.status) == (None, "overload")


def test_what_the_meter_refuses_is_named_and_garbage_is_no_reading() -> None:
    with transcript(
        K34461A,
        "> READ?;:SYST:ERR?",
        '< -214,"Trigger deadlock"',
        "> SYST:ERR?",
        GOOD,
        "> READ?;:SYST:ERR?",
        '< 9.99V;+0,"No error"',
    ) as meter:
        meter.state["function"] = "DCV"
        with pytest.raises(Refused, match="Trigger deadlock"):
            _ = meter.reading
        with pytest.raises(Garbled, match="a number"):
            _ = meter.reading


@pytest.mark.parametrize("kind", [devices.K34461A, devices.K34465A, devices.K34470A])
def test_each_model_of_the_bench_is_known_and_read(kind: type[devices.K34461A]) -> None:
    device, meter = a_meter(1.0000123, kind)
    assert meter.identify().model == kind.model
    meter.configure("DCV", 1, 10)
    assert meter.reading.indication == pytest.approx(1.0000123, abs=1e-12)
    device.value = lambda _: -1.3  # beyond 120 % of the 1 V range
    assert (meter.reading.indication, meter.reading.status) == (None, "overload")
    snapshot = meter.settings_snapshot()
    assert (snapshot["range"], snapshot["nplc"], snapshot["terminals"]) == (1.0, 10.0, "FRON")


def test_ac_volts_have_no_power_line_cycles() -> None:
    _, meter = a_meter(5.0)
    meter.configure("ACV", 10, 10)
    reading = meter.reading
    assert (reading.indication, reading.unit) == (5.0, "V")
    assert dict(reading.setup) == {"function": "ACV", "range": 10.0}
    with pytest.raises(SettingNotAllowed, match="AC functions have no power line cycles"):
        meter.nplc = 10
    assert "nplc" not in meter.settings_snapshot()


def test_a_range_key_pressed_behind_our_back_is_seen() -> None:
    device, meter = a_meter(0.5)
    meter.configure("DCV", 1, 1)
    inject(device, "range_change")
    with pytest.raises(SettingChanged, match="range of"):
        meter.verify_settings()


def test_another_serial_number_or_model_is_not_taken() -> None:
    device, meter = a_meter(0.5)
    inject(device, "wrong_serial")
    with pytest.raises(WrongInstrument, match="serial MY53200001"):
        meter.identify()
    with pytest.raises(WrongInstrument, match="34465A"):
        K34465A.open(AT, alone(AT, device)).identify()


def test_only_the_34465a_and_34470a_have_six_hundredths_of_a_cycle() -> None:
    """Datasheet 34460A/61A/65A/70A: 0.06 PLC is a setting of the latter two."""
    _, meter = a_meter(0.5, devices.K34465A)
    meter.configure("DCV", 1, 0.06)
    assert meter.reading.setup["nplc"] == 0.06
    with transcript(K34461A) as smaller:
        smaller.state["function"] = "DCV"
        with pytest.raises(SettingNotAllowed, match=r"one of 0\.02, 0\.2, 1, 10, 100"):
            smaller.nplc = 0.06
