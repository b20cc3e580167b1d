"""Conversations with a 1529, and a 1529 of the bench whose line echoes."""

from __future__ import annotations

import pytest

from instruments.bench.devices.scpi import alone
from instruments.bench.devices.thermal import F1529 as Device
from instruments.bench.devices.thermal_physics import Input
from instruments.bench.faults import inject
from instruments.drivers import F1529
from instruments.faults import Garbled, LinkFault, OutOfStep, Refused, SettingNotAllowed, WrongInstrument
from instruments.transcript import transcript

GOOD = ("> SYST:ERR?", '< 0,"No Error"')
NAME = "ASRL13::INSTR"


def test_an_answer_with_its_stamp_names_channel_and_scale() -> None:
    """The form of the lines is the technical guide's, 8.4.1.4: `1,2,0.0011,mV,14,5,35,2000,9,5`."""
    talk = ("> FETC? 2", "< 1,2,0.0011,mV,14,5,35,2000,9,5", *GOOD,
            "> FETC? 3", "< 0,3,9.961,KO,14,59,35,2000,9,5", *GOOD, "> FETC? 3", "< 1,3,9.962,KO,14,59,36,2000,9,5", *GOOD)  # fmt: skip
    with transcript(F1529, *talk) as meter:
        couple, thermistor = meter.measure(2), meter.measure(3)
    assert (couple.indication, couple.unit, couple.setup["instrument_time"]) == (0.0011, "mV", "14,5,35,2000,9,5")
    assert (thermistor.indication, thermistor.unit) == (9.962, "kohm")  # the first was read before


@pytest.mark.parametrize("line", ["0.0127", "1,1,25.0,X,14,5,35,2000,9,5", "1,1,2S.0,C,14,5,35,2000,9,5", "FETC? 1"])
def test_a_bare_number_an_unknown_scale_and_an_echo_are_no_reading(line: str) -> None:
    with transcript(F1529, "> FETC? 1", f"< {line}", *GOOD) as meter, pytest.raises(Garbled):
        _ = meter.reading


def test_another_channel_is_out_of_step_and_a_fifth_is_refused() -> None:
    with transcript(F1529, "> FETC? 1", "< 1,2,25.0,C,14,5,35,2000,9,5", *GOOD) as meter:
        with pytest.raises(SettingNotAllowed, match="1 to 4"):
            meter.measure(5)
        with pytest.raises(OutOfStep):
            _ = meter.reading


def test_a_refusal_carries_the_instrument_s_own_words() -> None:
    talk = ("> FETC? 1", "< 1,1,25.0,C,14,5,35,2000,9,5", "> SYST:ERR?", '< -222,"Data out of range"', *GOOD)
    with transcript(F1529, *talk) as meter, pytest.raises(Refused, match="Data out of range"):
        _ = meter.reading


def a_meter() -> tuple[Device, F1529]:
    device = Device("A81529", 1, {1: Input(lambda t: t * 0.01), 2: Input(lambda t: 100.0)})
    return device, F1529.open(NAME, alone(NAME, device))


def test_the_echo_is_ended_before_the_first_question() -> None:
    device, meter = a_meter()
    assert meter.identify().serial == "A81529"
    first, second = meter.reading, meter.reading
    assert first.setup["instrument_time"] != second.setup["instrument_time"]
    assert meter.measure(2).indication == 100.0
    inject(device, "unit_change", unit="F")
    reading = meter.measure(2)
    assert (reading.indication, reading.unit) == (212.0, "degF")


def test_a_measurement_that_stands_still_is_not_read_twice() -> None:
    device, meter = a_meter()
    _ = meter.reading
    inject(device, "stuck_reading")
    meter.tries = 10
    with pytest.raises(Refused, match="no new measurement in 10"):
        _ = meter.reading


def test_after_a_reboot_the_echo_is_back_and_is_ended_again() -> None:
    device, meter = a_meter()
    _ = meter.reading
    inject(device, "reboot")
    with pytest.raises(LinkFault):
        _ = meter.reading
    assert meter.reading.indication == pytest.approx(device.now * 0.01, abs=0.02)


def test_another_instrument_after_a_repair_is_not_read() -> None:
    device, meter = a_meter()
    meter.identify()
    inject(device, "wrong_serial", serial="A0")
    inject(device, "truncated")
    with pytest.raises(LinkFault):
        _ = meter.reading
    with pytest.raises(WrongInstrument, match="A0"):
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
            assert found == pytest.approx(device.now * 0.01, abs=0.02)
            good += 1
        assert good >= 5
