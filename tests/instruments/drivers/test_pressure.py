"""Conversations with pressure controllers, and the controllers of the bench."""

from __future__ import annotations

from typing import Any

import pytest

from instruments.bench.mechanical import PRESSURE_RESOURCES, MechanicalBench, pressure_bench
from instruments.drivers.druck import PACE5000
from instruments.faults import Garbled, LinkFault, OutOfStep, Refused, SettingChanged, SettingNotAllowed, Timeout
from instruments.transcript import transcript

NO_ERROR = ("> :SYST:ERR?", '< :SYST:ERR 0,"No error"')


def test_pace_repeats_the_header_and_the_driver_reads_what_follows_it() -> None:
    talk = ("> *IDN?", "< *IDN GE Druck,PACE5000 User Interface,3595616,02.00.13",
            "> :SENS:PRES:INL?", "< :SENS:PRES:INL 1000.5, 1", "> :UNIT:PRES?", "< :UNIT:PRES MBAR")  # fmt: skip
    with transcript(PACE5000, *talk) as controller:
        found = controller.identify()
        assert (found.maker, found.model, found.serial) == ("GE Druck", "PACE5000", "3595616")
        reading = controller.reading
        assert (reading.indication, reading.unit, reading.raw) == (1000.5, "mbar", ":SENS:PRES:INL 1000.5, 1")
        assert reading.setup["settled"] is True


def test_pace_sets_reads_back_and_asks_for_errors() -> None:
    talk = ("> :UNIT:PRES?", "< :UNIT:PRES KPA", "> :SOUR:PRES:RANG?", '< :SOUR:PRES:RANG "10.00BARG"',
            "> :SOUR:PRES:LEV:IMM:AMPL 100", "> :SOUR:PRES:LEV:IMM:AMPL?", "< :SOUR:PRES:LEV:IMM:AMPL 100.0", *NO_ERROR,
            "> :OUTP:STAT 1", "> :OUTP:STAT?", "< :OUTP:STAT 1", *NO_ERROR)  # fmt: skip
    with transcript(PACE5000, *talk) as controller:
        controller.pressurise(100.0)
        assert controller.state == {"target": 100.0, "output": True}


def test_an_absolute_range_is_set_above_the_atmosphere_not_to_vacuum() -> None:
    talk = ("> :UNIT:PRES?", "< :UNIT:PRES KPA", "> :SOUR:PRES:RANG?", '< :SOUR:PRES:RANG "2.00BARA"',
            "> :SENS:PRES:BAR?", "< :SENS:PRES:BAR 100.5",
            "> :SOUR:PRES:LEV:IMM:AMPL 100.5", "> :SOUR:PRES:LEV:IMM:AMPL?", "< :SOUR:PRES:LEV:IMM:AMPL 100.5", *NO_ERROR,
            "> :OUTP:STAT 1", "> :OUTP:STAT?", "< :OUTP:STAT 1", *NO_ERROR)  # fmt: skip
    with transcript(PACE5000, *talk) as controller:
        controller.pressurise(0.0)


def test_the_answer_to_another_question_is_out_of_step_and_silence_is_a_timeout() -> None:
    talk = ("> :SENS:PRES:INL?", "< :OUTP:STAT 0", "> *IDN?", "< *IDN GE Druck,PACE6000 User Interface,77,1",
            "> :SENS:PRES:INL?", "! timeout", "> *IDN?", "< *IDN GE Druck,PACE6000 User Interface,77,1",
            "> :SENS:PRES:INL?", "< :SENS:PRES:INL HIGH")  # fmt: skip
    with transcript(PACE5000, *talk) as controller:
        with pytest.raises(OutOfStep):
            _ = controller.reading
        with pytest.raises(Timeout):
            _ = controller.reading
        with pytest.raises(Garbled, match="a pressure and 0 or 1"):
            _ = controller.reading


def test_the_second_module_has_its_number_in_the_headers() -> None:
    with transcript(PACE5000, "> :OUTP2:STAT?", "< :OUTP2:STAT 0", "> :UNIT:PRES?", "< :UNIT:PRES PA") as controller:
        controller.module = 2
        assert not controller.output
        assert controller.unit == "Pa"


def a_controller(seed: int = 4) -> tuple[MechanicalBench, Any]:
    bench = pressure_bench(seed)
    controller = PACE5000.open(PRESSURE_RESOURCES["controller"], bench.library)
    controller.unit = "kPa"
    return bench, controller


def test_a_pressure_is_reached_at_its_rate_and_read_back_within_the_true_error() -> None:
    bench, controller = a_controller()
    controller.limit_rate(20.0)
    controller.pressurise(500.0)
    assert not controller.settled
    bench.clock.sleep(120)
    reading = controller.reading
    assert reading.setup["settled"] is True
    true = bench.devices["controller"].volume.p  # type: ignore[attr-defined]
    expected = true + bench.truth.controller_error(true)
    assert reading.indication == pytest.approx(expected, abs=6 * bench.truth.noise)
    assert bench.devices["controller"].volume.fastest <= 20.0 + 1e-9  # type: ignore[attr-defined]


def test_too_much_is_refused_by_us_where_it_is_known_and_by_the_instrument_where_not() -> None:
    _, controller = a_controller()
    with pytest.raises(Refused, match="Data out of range"):
        controller.pressurise(2000.0)
    controller.most = 300.0
    for kpa in (300.1, float("nan"), float("-inf")):
        with pytest.raises(SettingNotAllowed, match="-300 to 300 kPa"):
            controller.pressurise(kpa)


def test_safe_leads_the_pressure_down_at_the_safe_rate_then_vents_and_reads_that_back() -> None:
    bench, controller = a_controller()
    controller.pressurise(800.0)
    bench.clock.sleep(60)
    volume = bench.devices["controller"].volume  # type: ignore[attr-defined]
    assert not controller.safe()
    volume.fastest = 0.0
    assert controller.lead_down(pause=bench.clock.sleep)
    assert volume.mode == "vent"
    assert abs(volume.p) < controller.near
    # The vent opens below 20 kPa: at most 20 kPa / 1.5 s, where 800 kPa at once would have been 530 kPa/s.
    assert volume.fastest < 14.0


def test_what_cannot_be_led_down_is_vented_at_once() -> None:
    bench, controller = a_controller()
    controller.pressurise(800.0)
    bench.clock.sleep(60)
    controller.limit_rate = lambda rate: (_ for _ in ()).throw(Refused(resource="x", sent="SLEW", error="-113"))
    controller.safe()
    assert bench.devices["controller"].volume.mode == "vent"  # type: ignore[attr-defined]


@pytest.mark.parametrize("fault", ["no_reply", "late", "truncated", "two_replies", "garbage", "dropped_link"])
def test_safe_after_a_fault_of_the_link_is_true_only_at_the_atmosphere(fault: str) -> None:
    for after in range(5):
        bench, controller = a_controller()
        controller.pressurise(100.0)
        bench.clock.sleep(60)
        bench.inject("controller", fault, after=after)
        for _ in range(60):
            try:
                if controller.safe():
                    break
            except LinkFault:
                continue
            bench.clock.sleep(2.0)
        else:
            pytest.fail("never safe")
        assert abs(bench.devices["controller"].volume.p) < 0.6  # type: ignore[attr-defined]


def test_a_unit_changed_at_the_front_panel_changes_the_reading_s_unit_and_not_its_meaning() -> None:
    bench, controller = a_controller()
    controller.pressurise(689.4757)
    bench.clock.sleep(60)
    bench.inject("controller", "unit_change", unit="PSI")
    reading = controller.reading
    assert reading.unit == "psi"
    assert reading.indication == pytest.approx(100.0, abs=0.01)
    with pytest.raises(SettingChanged, match="unit"):
        controller.verify_settings()


def test_a_trip_is_reported_and_safe_still_ends_at_the_atmosphere() -> None:
    bench, controller = a_controller()
    controller.pressurise(900.0)
    bench.clock.sleep(60)
    bench.inject("controller", "trip")
    bench.clock.sleep(60)
    with pytest.raises(Refused, match="tripped"):
        controller.pressurise(100.0)
    assert controller.lead_down(pause=bench.clock.sleep)
