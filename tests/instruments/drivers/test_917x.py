"""Conversations with dry wells, and the wells of the bench: heating, stability, the heater off."""

from __future__ import annotations

import pytest

from instruments.bench.mechanical import MechanicalBench
from instruments.bench.thermal import THERMAL_RESOURCES, thermal_bench
from instruments.drivers import F917X, F7109A, F9142, F9143, F9144, find_driver
from instruments.faults import (
    Garbled,
    LinkFault,
    Refused,
    SettingChanged,
    SettingNotAllowed,
    Timeout,
    WrongInstrument,
)
from instruments.roles import CommandsUnconfirmed
from instruments.transcript import ScriptedLink, transcript

GOOD = ("> SYST:ERR?", '< 0,"No Error"')
NAME = THERMAL_RESOURCES["source"]
HEATING = ("> UNIT:TEMP?", "< C\\x0d", *GOOD,
           "> SOUR:SPO 100", *GOOD, "> SOUR:SPO?", "< 100.00\\x0d", *GOOD,
           "> OUTP:STAT 1", *GOOD, "> OUTP:STAT?", "< 1\\x0d", *GOOD)  # fmt: skip
OFF = ("> OUTP:STAT 0", *GOOD, "> OUTP:STAT?", "< 0\\x0d", *GOOD, "> OUTP:STAT?", "< 0\\x0d", *GOOD)


def test_a_temperature_is_set_and_read_back_before_the_heater_is_switched_on() -> None:
    with transcript(F9144, *HEATING) as well:
        well.hold(100.0)
        assert well.state == {"target": 100.0, "heater": True}


def test_a_reading_carries_unit_set_point_heater_and_stability() -> None:
    talk = ("> SOUR:SENS:DATA?", "< 99.987\\x0d", *GOOD, "> SOUR:SPO?", "< 100.00\\x0d", *GOOD,
            "> OUTP:STAT?", "< 1\\x0d", *GOOD, "> SOUR:STAB:TEST?", "< 1\\x0d", *GOOD, "> OUTP:STAT?", "< 1\\x0d", *GOOD,
            "> UNIT:TEMP?", "< C\\x0d", *GOOD)  # fmt: skip
    with transcript(F9144, *talk) as well:
        reading = well.reading
    assert (reading.indication, reading.unit, reading.raw) == (99.987, "degC", "99.987")
    assert reading.setup == {"target": 100.0, "operating": True, "settled": True}


def test_fahrenheit_at_the_front_panel_changes_the_numbers_and_not_the_temperature() -> None:
    talk = ("> UNIT:TEMP?", "< F\\x0d", *GOOD, "> SOUR:SPO 212", *GOOD, "> SOUR:SPO?", "< 212.00\\x0d", *GOOD,
            "> OUTP:STAT 1", *GOOD, "> OUTP:STAT?", "< 1\\x0d", *GOOD)  # fmt: skip
    with transcript(F9144, *talk) as well:
        well.hold(100.0)


def test_stable_with_the_heater_off_is_not_settled() -> None:
    talk = ("> SOUR:STAB:TEST?", "< 1\\x0d", *GOOD, "> OUTP:STAT?", "< 0\\x0d", *GOOD)
    with transcript(F9144, *talk) as well:
        assert not well.settled


def test_refusal_garble_silence_and_a_set_point_that_was_not_taken() -> None:
    talk = ("> UNIT:TEMP?", "< C\\x0d", *GOOD, "> SOUR:SPO 100", "> SYST:ERR?", '< -222,"Data out of range"\\x0d', *GOOD,
            "> UNIT:TEMP?", "< C\\x0d", *GOOD, "> SOUR:SPO 100", *GOOD, "> SOUR:SPO?", "< 25.00\\x0d", *GOOD,
            "> SOUR:STAB:TEST?", "< 2\\x0d", *GOOD, "> *CLS", "> *IDN?", "< FLUKE,9144,B1,1.0\\x0d", *GOOD,
            "> SOUR:STAB:TEST?", "! timeout")  # fmt: skip
    with transcript(F9144, *talk) as well:
        with pytest.raises(Refused, match="Data out of range"):
            well.hold(100.0)
        with pytest.raises(SettingChanged, match=r"25\.0, but was set to 100"):
            well.hold(100.0)
        with pytest.raises(Garbled, match="0 or 1"):
            _ = well.settled
        with pytest.raises(Timeout):
            _ = well.settled


def test_safe_switches_the_heater_off_and_reads_it_back() -> None:
    with transcript(F9144, *OFF) as well:
        assert well.safe()


def test_safe_is_false_while_the_heater_says_that_it_is_on_whatever_else_it_reports() -> None:
    refused = ("> OUTP:STAT 0", "> SYST:ERR?", '< -300,"Cutout tripped"', *GOOD, "> OUTP:STAT?", "< 1\\x0d", *GOOD)
    ignored = ("> OUTP:STAT 0", *GOOD, "> OUTP:STAT?", "< 1\\x0d", *GOOD, "> OUTP:STAT?", "< 1\\x0d", *GOOD)
    with transcript(F9144, *refused, *ignored, *OFF) as well:
        assert not well.safe()
        assert not well.safe()
        assert well.safe()


def on_hardware(*lines: str) -> F9144:
    link = ScriptedLink(*lines)
    link.resource = "ASRL1::INSTR"
    well = F9144(link, marked=False)
    well._began = True
    return well


def test_on_hardware_nothing_is_heated_before_a_person_has_confirmed_and_off_is_never_refused() -> None:
    well = on_hardware(*OFF, *HEATING)
    with pytest.raises(CommandsUnconfirmed, match="SOUR:SPO, OUTP:STAT of the 9144"):
        well.hold(100.0)
    with pytest.raises(CommandsUnconfirmed):
        well.heater = True
    with pytest.raises(CommandsUnconfirmed):
        well.target = 100.0
    with pytest.raises(CommandsUnconfirmed):
        well.converse("OUTP:STAT 0;OUTP:STAT 1")
    assert well.safe()
    well.confirm_commands("Li Na 李娜")
    well.hold(100.0)
    assert well.confirmation() == {"commands_confirmed_by": "Li Na 李娜"}
    assert well.link.left == []  # type: ignore[attr-defined]


def test_the_snapshot_keeps_the_settings_and_who_confirmed() -> None:
    _, well = a_well()
    well.confirm_commands("Li Na")
    well.stability = 0.1
    well.hold(60.0)
    assert well.settings_snapshot() == {
        "unit": "degC", "target": 60.0, "heater": True, "stability": 0.1, "commands_confirmed_by": "Li Na",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "driver"),
    [("FLUKE,9142,B1,1.0", F9142), ("HART,9143,B1,1.0", F9143), ("FLUKE,9144,B1,1.0", F9144), ("HART,9173,B1,1.0", F917X),
     ("FLUKE,7109A,B1,1.0", F7109A)],
)  # fmt: skip
def test_each_model_is_known_by_its_own_name_and_holds_its_own_range(name: str, driver: type[F9144]) -> None:
    assert find_driver(name) is driver
    with transcript(driver) as well, pytest.raises(SettingNotAllowed, match=f"{driver.low:g} to {driver.high:g} degC"):
        well.hold(driver.high + 1)


def a_well(model: str = "9144", seed: int = 4) -> tuple[MechanicalBench, F9144]:
    bench = thermal_bench(seed, model=model)
    driver = {"9144": F9144, "9142": F9142}[model]
    return bench, driver.open(NAME, bench.library)


@pytest.mark.parametrize(("model", "t"), [("9144", 420.0), ("9142", -20.0), ("9142", 125.0)])
def test_a_temperature_is_reached_settled_and_read_within_the_sensor_s_true_error(model: str, t: float) -> None:
    bench, well = a_well(model)
    assert not well.settled
    assert well.hold_until_settled(t, pause=bench.clock.sleep)
    reading, block = well.reading, bench.truth.block
    assert reading.indication == pytest.approx(t, abs=0.05)
    true = (t - block.sensor_offset) / (1 + block.sensor_gain)
    assert block.temperature(bench.clock.now()) == pytest.approx(true, abs=0.05)


def test_what_is_inserted_bounds_what_is_held() -> None:
    _, well = a_well()
    well.most = 200.0
    for t in (200.1, 49.0, float("nan"), float("inf")):
        with pytest.raises(SettingNotAllowed, match="50 to 200 degC"):
            well.hold(t)


def test_the_cut_out_is_reported_and_the_well_is_off_and_not_settled() -> None:
    bench, well = a_well()
    assert well.hold_until_settled(100.0, pause=bench.clock.sleep)
    bench.inject("source", "trip")
    with pytest.raises(Refused, match="Cutout tripped"):
        _ = well.reading
    assert not well.is_operating
    assert not well.settled


def test_after_a_reboot_it_is_off_and_says_so() -> None:
    bench, well = a_well()
    assert well.hold_until_settled(100.0, pause=bench.clock.sleep)
    bench.inject("source", "reboot")
    assert well.reading.setup["operating"] is False
    with pytest.raises(SettingChanged, match="target"):
        well.verify_settings()


def test_another_well_after_a_repair_is_not_heated() -> None:
    bench, well = a_well()
    well.identify()
    bench.inject("source", "wrong_serial", serial="B00000")
    bench.inject("source", "truncated")
    with pytest.raises(LinkFault):
        well.hold(100.0)
    with pytest.raises(WrongInstrument, match="B00000"):
        well.hold(100.0)
    assert not bench.truth.block.on


FAULTS = ["no_reply", "late", "truncated", "two_replies", "garbage", "corrupt", "previous_reply", "dropped_link"]


@pytest.mark.parametrize("fault", FAULTS)
def test_safe_after_a_fault_of_the_link_is_true_only_with_the_heater_off(fault: str) -> None:
    for after in range(6):
        bench, well = a_well()
        well.hold(300.0)
        bench.clock.sleep(60)
        bench.inject("source", fault, after=after, **({"seconds": 3.0} if fault == "late" else {}))
        for _ in range(40):
            try:
                if well.safe():
                    break
            except LinkFault:
                bench.clock.sleep(2.0)
        else:
            pytest.fail("never safe")
        assert not bench.truth.block.on


@pytest.mark.parametrize("fault", FAULTS)
def test_no_fault_makes_a_reading_of_another_moment_or_a_wrong_flag(fault: str) -> None:
    """It heats by 7 K between two looks and is not stable: neither an old temperature nor "stable" may be read."""
    for after in range(6):
        bench, well = a_well()
        well.identify()
        well.hold(600.0)
        bench.inject("source", fault, after=after, **({"seconds": 3.0} if fault == "late" else {}))
        good = 0
        for _ in range(15):
            bench.clock.sleep(10.0)
            try:
                reading = well.reading
            except (LinkFault, Refused):
                continue
            assert reading.indication == pytest.approx(bench.truth.block.indication(bench.clock.now()), abs=1.0)
            assert reading.setup["settled"] is False
            assert reading.setup["target"] == 600.0
            good += 1
        assert good >= 8
