"""Conversations with a 3458A, and the one of the bench."""

from __future__ import annotations

import pytest

from instruments.bench.devices import hp3458a as devices
from instruments.bench.devices.scpi import alone
from instruments.bench.faults import inject
from instruments.drivers.hp3458a import HP3458A
from instruments.faults import (
    Garbled,
    LinkFault,
    Rebooted,
    Refused,
    SettingChanged,
    SettingNotAllowed,
    SettingsLost,
    WrongInstrument,
)
from instruments.find import discover
from instruments.transcript import transcript

AT = "GPIB0::22::INSTR"
GOOD = "> ERRSTR?", '< 0,"NO ERROR"'


def a_meter(volts: float) -> tuple[devices.HP3458A, HP3458A]:
    device = devices.HP3458A("2823A12345", 1, lambda _: volts)
    return device, HP3458A.open(AT, alone(AT, device), expect_serial="2823A12345")


def test_it_is_told_to_end_its_answers_before_anything_is_asked() -> None:
    """User's guide p. 48: ERRSTR? answers 0,"NO ERROR" when no bit is set."""
    with transcript(
        HP3458A,
        "> END ALWAYS",
        "> OFORMAT ASCII",
        "> TRIG HOLD",
        "> EMASK 1",
        *("> ID?", "< HP3458A", *GOOD, "> EMASK?", "< 1"),
        *("> REV?", "< 9,2", *GOOD, "> EMASK?", "< 1"),
        *("> CALSTR?", '< "CNAS 2026-03, SN: 2823A12345"', *GOOD, "> EMASK?", "< 1"),
        begun=False,
    ) as meter:
        identity = meter.identify()
    assert (identity.model, identity.serial, identity.firmware) == ("3458A", "2823A12345", "9,2")


def test_a_reading_is_triggered_then_read_and_its_errors_are_asked_for() -> None:
    with transcript(
        HP3458A,
        *("> DCV 10", *GOOD),
        *("> RANGE 10;RANGE?", "<  1.000000000E+01", *GOOD),
        *("> NPLC 100;NPLC?", "<  1.000000000E+02", *GOOD),
        *("> TRIG SGL", "<  9.999981234E+00", *GOOD),
        *("> TRIG SGL", "< -1.000000000E+38", *GOOD),
    ) as meter:
        meter.configure("DCV", 10, 100)
        reading = meter.reading
        assert (reading.indication, reading.unit, reading.raw) == (9.999981234, "V", " 9.999981234E+00")
        assert dict(reading.setup) == {"function": "DCV", "range": 10.0, "nplc": 100.0}
        over = meter.reading
        assert (over.indication, over.status) == (None, "overload")


def test_every_error_is_read_out_and_an_answer_in_the_wrong_place_is_no_reading() -> None:
    with transcript(
        HP3458A,
        *("> TRIG SGL", "<  1.0E+00", "> ERRSTR?", '< 105,"PARAMETER OUT OF RANGE"'),
        *("> ERRSTR?", '< 1,"HARDWARE ERROR"', *GOOD),
        *("> TRIG SGL", "<  1.0E+00", "> ERRSTR?", "<  9.9E+00"),
    ) as meter:
        meter.state["function"] = "DCV"
        with pytest.raises(Refused, match=r"105.*PARAMETER OUT OF RANGE.*HARDWARE ERROR"):
            _ = meter.reading
        with pytest.raises(Garbled, match="the error report after TRIG SGL"):
            _ = meter.reading


def test_the_meter_of_the_bench_is_found_set_up_and_read() -> None:
    device, meter = a_meter(9.99998)
    (found,) = discover(alone(AT, device), drivers=(HP3458A,))
    assert found.identity is not None
    assert found.identity.serial == "2823A12345"
    meter.configure("DCV", 10, 100)
    meter.digits = 8
    assert meter.reading.indication == pytest.approx(9.99998, abs=1e-9)
    assert meter.settings_snapshot() == {
        "function": "DCV", "range": 10.0, "nplc": 100.0, "digits": 8.0, "terminals": "FRON",
    }  # fmt: skip
    device.value = lambda _: 12.5
    assert (meter.reading.indication, meter.reading.status) == (None, "overload")
    with pytest.raises(Refused, match="PARAMETER OUT OF RANGE"):
        meter.range = 1e5
    with pytest.raises(SettingNotAllowed, match="one of DCV, ACV"):
        meter.configure("VOLT", 10, 1)


def test_a_power_cycle_is_seen_though_the_meter_has_no_ese() -> None:
    """It comes back in DCV with 10 cycles: a reading would claim the resistance that was set up."""
    device, meter = a_meter(99.9)
    meter.configure("R4W", 100, 50)
    assert meter.reading.unit == "ohm"
    inject(device, "reboot")
    with pytest.raises(Rebooted):
        _ = meter.reading
    with pytest.raises(SettingsLost):
        _ = meter.reading
    meter.restore()
    assert (meter.reading.indication, meter.reading.unit) == (pytest.approx(99.9), "ohm")
    assert (device.function, device.nplc) == ("OHMF", 50.0)


def test_a_power_cycle_during_a_repair_is_seen_too() -> None:
    device, meter = a_meter(1.0)
    meter.configure("R2W", 10, 1)
    inject(device, "no_reply")
    with pytest.raises(LinkFault):
        _ = meter.reading
    inject(device, "reboot")
    with pytest.raises(SettingsLost):
        _ = meter.reading


def test_a_function_key_pressed_behind_our_back_is_seen() -> None:
    device, meter = a_meter(1.0)
    meter.configure("DCV", 10, 1)
    meter.verify_settings()
    inject(device, "function_change")
    with pytest.raises(SettingChanged, match="function"):
        meter.verify_settings()


def test_a_calibration_text_without_the_serial_number_identifies_nobody() -> None:
    device, meter = a_meter(1.0)
    device.calibration_text = "CALIBRATED 04/02/1987"
    with pytest.raises(WrongInstrument, match="serial 2823A12345"):
        meter.identify()
    device.calibration_text = "SN US28030001"
    with pytest.raises(WrongInstrument, match="US28030001"):
        meter.identify()


@pytest.mark.parametrize("fault", ["no_reply", "late", "truncated", "two_replies", "garbage", "previous_reply"])
def test_no_fault_of_the_link_makes_a_wrong_reading(fault: str) -> None:
    """Each reading differs from all others: one that is not of its own trigger is found by its value."""
    device, meter = a_meter(0.0)
    device.value = lambda t: 1.0 + t * 1e-6
    meter.configure("DCV", 10, 1)
    inject(device, fault, after=4, times=3)
    last, good = 0.0, 0
    for _ in range(12):
        try:
            found = meter.reading.indication
        except LinkFault:
            continue
        assert found is not None
        assert found > last
        assert found == pytest.approx(1.0 + device.now * 1e-6, abs=1e-8)
        last, good = found, good + 1
    assert good >= 5
