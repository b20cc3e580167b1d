"""Conversations with a 7341 bath, and the bath of the bench, which echoes and tells no errors."""

from __future__ import annotations

import pytest

from instruments.bench.mechanical import MechanicalBench
from instruments.bench.thermal import THERMAL_RESOURCES, thermal_bench
from instruments.drivers import HartBath, find_driver
from instruments.faults import (
    Garbled,
    LinkFault,
    OutOfStep,
    SettingChanged,
    SettingNotAllowed,
    Timeout,
    WrongInstrument,
)
from instruments.roles import CommandsUnconfirmed
from instruments.transcript import ScriptedLink, transcript

NAME = THERMAL_RESOURCES["source"]


def test_answers_begin_with_their_names() -> None:
    """`set: 150.00 C`, `t: 55.69 C` and `po: 1` are the examples of the guides' tables of commands."""
    with transcript(HartBath, "> t", "< t: 55.69 C", "> s", "< set: 150.00 C", "> po", "< po: 1") as bath:
        reading = bath.reading
    assert (reading.indication, reading.unit, reading.raw) == (55.69, "degC", "t: 55.69 C")
    assert reading.setup == {"target": 150.0, "target_unit": "degC", "power": 1.0}


def test_who_it_is_without_a_serial_number() -> None:
    with transcript(HartBath, "> *ver", "< ver.7341,1.10", "> *ver", "< ver.7102,1.10", "> *ver", "< 7341") as bath:
        found = bath.identify()
        assert (found.model, found.serial, found.firmware) == ("7341", "", "1.10")
        with pytest.raises(WrongInstrument, match=r"ver\.7102"):
            bath.identify()
        with pytest.raises(Garbled, match=r"ver\.model"):
            bath.identify()
    assert find_driver("ver.7341,1.10") is HartBath


def test_the_answer_to_another_letter_is_out_of_step_and_garbage_is_garbled() -> None:
    again = ("> sa=0", "> du=h", "> lf=on", "> *ver", "< ver.7341,1.10")
    talk = ("> t", "< set: 150.00 C", *again, "> t", "< t: 5S.69 C", *again, "> t", "< t", *again, "> t", "! timeout")
    with transcript(HartBath, *talk) as bath:
        with pytest.raises(OutOfStep):
            _ = bath.reading
        for _ in range(2):
            with pytest.raises(Garbled, match="a temperature in C or F"):
                _ = bath.reading
        with pytest.raises(Timeout):
            _ = bath.reading


def test_a_temperature_is_set_and_read_back_in_the_unit_of_the_bath() -> None:
    talk = ("> s", "< set: 25.00 C", "> s=95.00", "> s", "< set: 95.00 C",
            "> s", "< set: 77.00 F", "> s=203.00", "> s", "< set: 203.00 F",
            "> s", "< set: 25.00 C", "> s=95.00", "> s", "< set: 25.00 C")  # fmt: skip
    with transcript(HartBath, *talk) as bath:
        bath.hold(95.0)
        bath.hold(95.0)
        with pytest.raises(SettingChanged, match=r"25 degC, but was set to 95\.00 degC"):
            bath.hold(95.0)  # a refusal is silent: only the read-back tells
        for t in (-40.1, 150.1, float("nan")):
            with pytest.raises(SettingNotAllowed, match="-40 to 150 degC"):
                bath.hold(t)


def test_safe_sets_the_quiet_temperature_and_sees_that_it_does_not_heat() -> None:
    off = ("> s", "< set: 95.00 C", "> s", "< set: 95.00 C", "> s=20.00", "> s", "< set: 20.00 C",
           "> s", "< set: 20.00 C", "> t", "< t: 95.01 C", "> po", "< po: 0")  # fmt: skip
    still = ("> s", "< set: 20.00 C", "> s", "< set: 20.00 C", "> t", "< t: 95.00 C", "> po", "< po: 7")
    deaf = ("> s", "< set: 95.00 C", "> s", "< set: 95.00 C", "> s=20.00", "> s", "< set: 95.00 C",
            "> s", "< set: 95.00 C", "> t", "< t: 95.00 C")  # fmt: skip
    with transcript(HartBath, *off, *still, *deaf[:-2], "> t", "< t: 95.00 C") as bath:
        assert bath.safe()
        assert not bath.safe()  # it still heats
        assert not bath.safe()  # it did not take the set-point


def test_on_hardware_nothing_is_heated_before_a_person_has_confirmed_and_safe_is_never_refused() -> None:
    off = ("> s", "< set: 95.00 C", "> s", "< set: 95.00 C", "> s=20.00", "> s", "< set: 20.00 C",
           "> s", "< set: 20.00 C", "> t", "< t: 95.01 C", "> po", "< po: 0")  # fmt: skip
    link = ScriptedLink(*off, "> s", "< set: 20.00 C", "> s=95.00", "> s", "< set: 95.00 C")
    link.resource = "ASRL11::INSTR"
    bath = HartBath(link)
    bath._began = True
    for message in ("s=95", "S=95", " s =95", "setpoint=95", "t=95", "s=20.00", "u=c\rs=95", "pc=g"):
        with pytest.raises(CommandsUnconfirmed, match="S="):
            bath.converse(message)
    with pytest.raises(CommandsUnconfirmed, match="7341"):
        bath.hold(95.0)
    assert bath.safe()
    bath.confirm_commands("Li Na 李娜")
    bath.hold(95.0)
    assert link.left == []


def a_bath(seed: int = 4) -> tuple[MechanicalBench, HartBath]:
    bench = thermal_bench(seed, model="7341")
    bath = HartBath.open(NAME, bench.library)
    bath.clock = bench.clock.now
    return bench, bath


def test_the_echo_is_ended_and_a_temperature_is_held() -> None:
    bench, bath = a_bath()
    assert bath.hold_until_settled(90.0, pause=bench.clock.sleep)
    block = bench.truth.block
    assert bath.reading.indication == pytest.approx(90.0, abs=0.02)
    # It has been there for a minute: whoever looks at the truth finds the same.
    held = (block.indication(bench.clock.now() - back) for back in range(0, 60, 5))
    assert all(abs(each - 90.0) <= 0.03 for each in held)


def test_passing_through_the_set_point_is_not_settled() -> None:
    bench, bath = a_bath()
    bath.hold(90.0)
    flags = []
    for _ in range(2500):
        bench.clock.sleep(1.0)
        t = bench.truth.block.indication(bench.clock.now())
        flags.append((bath.settled, abs(t - 90.0)))
        if flags[-1][0]:
            break
    near = [settled for settled, away in flags if away < 0.02]
    assert near.count(False) > 50  # near it for a minute before it says so


def test_a_new_set_point_and_sparse_looks_begin_again() -> None:
    bench, bath = a_bath()
    assert bath.hold_until_settled(30.0, pause=bench.clock.sleep)
    bath.hold(30.01)
    assert not bath.settled
    bench.clock.sleep(300.0)
    assert not bath.settled  # two looks, however far apart, are not five


def test_the_unit_changed_at_the_front_panel_does_not_change_what_is_held() -> None:
    bench, bath = a_bath()
    bench.inject("source", "unit_change")
    bath.hold(50.0)
    assert bench.devices["source"].setpoint == pytest.approx(50.0)  # type: ignore[attr-defined]
    assert bath.reading.unit == "degF"
    assert bath.output == (122.0, "degF")


FAULTS = ["no_reply", "late", "truncated", "two_replies", "garbage", "corrupt", "previous_reply", "dropped_link"]


@pytest.mark.parametrize("fault", FAULTS)
def test_safe_after_a_fault_of_the_link_is_true_only_when_it_does_not_heat(fault: str) -> None:
    for after in range(6):
        bench, bath = a_bath()
        bath.hold(90.0)
        bench.clock.sleep(300)
        bench.inject("source", fault, after=after, **({"seconds": 3.0} if fault == "late" else {}))
        for _ in range(40):
            try:
                if bath.safe():
                    break
            except LinkFault:
                bench.clock.sleep(2.0)
        else:
            pytest.fail("never safe")
        assert bench.devices["source"].setpoint == 20.0  # type: ignore[attr-defined]
        assert bench.truth.block.power(bench.clock.now()) == 0.0


@pytest.mark.parametrize("fault", FAULTS)
def test_no_fault_makes_a_reading_of_another_moment(fault: str) -> None:
    for after in range(5):
        bench, bath = a_bath()
        bath.identify()
        bath.hold(150.0)
        bench.inject("source", fault, after=after, **({"seconds": 3.0} if fault == "late" else {}))
        good = 0
        for _ in range(15):
            bench.clock.sleep(20.0)
            try:
                reading = bath.reading
            except LinkFault:
                continue
            assert reading.indication == pytest.approx(bench.truth.block.indication(bench.clock.now()), abs=0.3)
            assert reading.setup["target"] == 150.0
            good += 1
        assert good >= 8
