"""Conversations with a 1595A, and a 1595A with a reference thermometer of the bench."""

from __future__ import annotations

import pytest

from instruments.bench.devices.scpi import alone
from instruments.bench.devices.thermal import F1595A as Device
from instruments.bench.devices.thermal_physics import Input
from instruments.bench.faults import inject
from instruments.drivers import F1594A, F1595A, find_driver
from instruments.faults import (
    Garbled,
    LinkFault,
    OutOfStep,
    Refused,
    SettingChanged,
    SettingNotAllowed,
    Timeout,
    WrongInstrument,
)
from instruments.transcript import transcript
from lims.words import sentence

GOOD = ("> SYST:ERR?", '< 0,"No Error"')
NEW = ("> STAT:OPER?", "< 16", *GOOD)
NAME = "ASRL12::INSTR"


def test_a_measurement_has_value_unit_channel_and_time() -> None:
    """The line is the example of the manual, 8.7.3.44."""
    with transcript(F1595A, *NEW, "> FETC? 4", "< 231.92811,C,4,2009-03-23 14:33:20", *GOOD) as meter:
        meter.channel = 4
        reading = meter.reading
    assert (reading.indication, reading.unit, reading.raw) == (231.92811, "degC", "231.92811,C,4,2009-03-23 14:33:20")
    assert reading.setup == {"channel": 4, "instrument_time": "2009-03-23 14:33:20"}


@pytest.mark.parametrize(
    ("letter", "unit"), [("C", "degC"), ("F", "degF"), ("K", "K"), ("O", "ohm"), ("R", "")]
)  # fmt: skip
def test_each_letter_is_a_unit(letter: str, unit: str) -> None:
    with transcript(F1595A, *NEW, "> FETC? 1", f"< 25.5,{letter},1,2026-01-05 08:00:01", *GOOD) as meter:
        assert meter.reading.unit == unit


def test_it_waits_for_a_measurement_that_nobody_has_read() -> None:
    old = ("> STAT:OPER?", "< 0", *GOOD)
    with transcript(F1595A, *old, *old, *NEW, "> FETC? 1", "< 0.01,C,1,2026-01-05 08:00:01", *GOOD) as meter:
        assert meter.reading.indication == 0.01


def test_a_meter_that_has_stopped_gives_no_reading_and_says_so_in_both_languages() -> None:
    old = ("> STAT:OPER?", "< 0", *GOOD)
    with transcript(F1595A, *old, *old, *old) as meter:
        meter.tries = 3
        with pytest.raises(Refused, match="no new measurement in 3 answers") as refused:
            _ = meter.reading
    assert "3 次应答中没有新的测量值" in sentence(refused.value, "zh")


def test_another_channel_s_answer_is_out_of_step_and_garbage_is_garbled() -> None:
    fetched = ("> FETC? 1", "< 231.92811,C,4,2009-03-23 14:33:20", *GOOD)
    again = ("> *CLS", "> *IDN?", "< FLUKE,1595A,B1,1.0", *GOOD)
    talk = (*NEW, *fetched, *again, *NEW, "> FETC? 1", "< 231.9281l,C,1,2009-03-23 14:33:20", *GOOD,
            *again, "> STAT:OPER?", "< 1,2", *GOOD)  # fmt: skip
    with transcript(F1595A, *talk) as meter:
        with pytest.raises(OutOfStep):
            _ = meter.reading
        with pytest.raises(Garbled, match="value, unit, channel and time"):
            _ = meter.reading
        with pytest.raises(Garbled, match="0 or 16"):
            _ = meter.reading


def test_a_channel_without_a_measurement_answers_nothing() -> None:
    with transcript(F1595A, *NEW, "> FETC? 2", "! timeout") as meter, pytest.raises(Timeout):
        meter.measure(2)


def test_a_channel_that_is_not_there_and_a_calculation_that_is_not_done_are_refused_before_sending() -> None:
    with transcript(F1595A) as meter:
        with pytest.raises(SettingNotAllowed, match="1 to 24"):
            meter.measure(25)
        with pytest.raises(SettingNotAllowed, match="TEMP, RES, RAT"):
            meter.calculate(1, "VOLT")


def test_a_calculation_is_read_back() -> None:
    talk = ("> CALC2:TYPE RES", *GOOD, "> CALC2:TYPE?", "< RES", *GOOD,
            "> CALC2:TYPE RAT", *GOOD, "> CALC2:TYPE?", "< RES", *GOOD,
            "> CALC2:TYPE TEMP", "> SYST:ERR?", '< -224,"Illegal parameter value"', *GOOD)  # fmt: skip
    with transcript(F1595A, *talk) as meter:
        meter.calculate(2, "RES")
        assert meter.state == {"calculation_2": "RES"}
        with pytest.raises(SettingChanged, match="is RES, but was set to RAT"):
            meter.calculate(2, "RAT")
        with pytest.raises(Refused, match="Illegal parameter"):
            meter.calculate(2, "TEMP")


def test_each_model_is_known_by_its_own_name() -> None:
    assert find_driver("FLUKE,1594A,B1,1.0") is F1594A
    assert find_driver("FLUKE,1595A,B1,1.0") is F1595A


def a_meter() -> tuple[Device, F1595A]:
    """A meter whose channels are resistances of 25.5 ohm and more, rising with time."""
    inputs = {1: Input(lambda t: 25.5 + t * 1e-3, lambda r: (r - 25.5) * 10), 2: Input(lambda t: 100.0)}
    device = Device("B25951", 1, inputs)
    return device, F1595A.open(NAME, alone(NAME, device))


def test_the_device_speaks_as_the_driver_hears() -> None:
    device, meter = a_meter()
    assert meter.identify().serial == "B25951"
    first, second = meter.reading, meter.reading
    assert first.raw != second.raw  # two measurements, never one twice
    meter.calculate(2, "RAT")
    assert meter.measure(2).indication == pytest.approx(1.0)
    assert meter.measure(2).unit == ""
    with pytest.raises(Timeout):
        meter.measure(3)
    assert meter.measure(1).indication == pytest.approx(device.now * 0.01, abs=0.011)
    inject(device, "stuck_reading")
    meter.tries = 5
    with pytest.raises(Refused, match="no new measurement"):
        _ = meter.reading


def test_another_instrument_after_a_repair_is_not_read() -> None:
    device, meter = a_meter()
    meter.identify()
    inject(device, "wrong_serial", serial="B0")
    inject(device, "no_reply")
    with pytest.raises(LinkFault):
        _ = meter.reading
    with pytest.raises(WrongInstrument, match="B0"):
        _ = meter.reading


@pytest.mark.parametrize(
    "fault", ["no_reply", "late", "truncated", "two_replies", "garbage", "corrupt", "previous_reply", "dropped_link"]
)
def test_no_fault_makes_a_reading_of_another_moment(fault: str) -> None:
    for after in range(5):
        device, meter = a_meter()
        meter.identify()
        inject(device, fault, after=after, times=3)
        good = 0
        for _ in range(12):
            meter.link.library.clock.sleep(20.0)  # type: ignore[union-attr]
            try:
                found = meter.reading.indication
            except (LinkFault, Refused):
                continue
            assert found == pytest.approx(device.now * 0.01, abs=0.02)  # a second old at most; 0.2 were 20 s
            good += 1
        assert good >= 5
