"""Whole runs on the simulated bench, in process and on its virtual clock: physics, PyVISA, drivers, capture."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from instruments import capture
from instruments.bench import Bench
from instruments.capture.prompts import Prompt
from instruments.procedures import load_procedure, plan
from tests.instruments.capture.stand_in import a_run, events_of, yes
from tests.instruments.procedures.bench_roles import ROLES

ALL = [(point, n) for point in (1, 2, 3) for n in range(1, 7)]


def item_readings(run: Path) -> list[tuple[int, int]]:
    events = capture.current_readings(capture.read_events(run))
    return sorted((event["point"], event["n"]) for event in events if event["role"] == "item")


def test_the_shipped_procedure_is_captured_and_its_marks_show_the_true_errors(tmp_path: Path) -> None:
    """Truth: the bench knows its true errors. A mark is mean minus nominal: meter error plus calibrator error."""
    bench = Bench(seed=5)
    run = capture.prepare(tmp_path / "run", plan(load_procedure("dmm-dcv"), instruments=ROLES))
    begin = time.perf_counter()
    assert capture.perform(run, library=bench.library, confirm=yes) == "finished"
    assert time.perf_counter() - begin < 5.0
    made = capture.read_plan(run)
    marks = {event["point"]: event for event in events_of(run, "mark")}
    assert len(marks) == len(made.points) >= 12
    for point in made.points:
        name = next(name for name, upper in CALIBRATOR_RANGES if abs(point.nominal) <= upper)
        given = bench.truth.calibrator_output(name, point.nominal)
        true = given - point.nominal + bench.truth.meter_error(point.range, given)
        # Noise, wander, the room up to 1 K away, one digit: far below the limit of error that is marked against.
        assert marks[point.no]["error"] == pytest.approx(true, abs=float(point.mpe) / 8 + float(point.resolution))
    readings = [event for event in events_of(run, "reading") if event["role"] == "item"]
    assert len(readings) == made.readings
    assert {event["setup"]["nplc"] for event in readings} == {100}
    assert all(event["setup"]["range"] == made.point(event["point"]).range for event in readings)
    assert {event["role"] for event in events_of(run, "identified")} == {"source", "item", "ambient"}


CALIBRATOR_RANGES = (("330 mV", 0.33), ("3.3 V", 3.3), ("33 V", 33.0), ("330 V", 330.0), ("1000 V", 1020.0))


def test_the_time_of_a_run_is_what_the_plan_estimated(tmp_path: Path) -> None:
    bench = Bench(seed=5)
    run = capture.prepare(tmp_path / "run", plan(load_procedure("dmm-dcv"), instruments=ROLES))
    capture.perform(run, library=bench.library, confirm=yes)
    assert bench.clock.now() == pytest.approx(capture.read_plan(run).seconds, rel=0.2)


def test_the_same_seed_gives_the_same_readings(tmp_path: Path) -> None:
    raw = []
    for name in ("one", "two"):
        run = a_run(tmp_path / name)
        capture.perform(run, library=Bench(seed=3).library, confirm=yes)
        raw.append([event["indication"] for event in events_of(run, "reading")])
    assert raw[0] == raw[1]


@pytest.mark.parametrize(
    ("device", "fault", "options", "codes"),
    [
        ("meter", "no_reply", {}, {"timeout"}),
        ("meter", "garbage", {}, {"garbled"}),
        ("meter", "truncated", {}, {"garbled", "timeout", "out_of_step"}),
        ("meter", "two_replies", {}, {"out_of_step", "garbled"}),
        ("meter", "late", {}, {"timeout"}),
        ("meter", "reboot", {}, {"rebooted", "settings_lost"}),
        ("meter", "dropped_link", {}, {"link_lost"}),
        ("meter", "range_change", {}, {"setting_changed", "overload"}),
        ("calibrator", "trip", {}, {"output_lost", "refused", "not_settled"}),
        ("monitor", "sensor_fault", {}, {"environment_unknown"}),
    ],
)
def test_a_fault_on_the_bench_is_typed_made_safe_and_can_be_gone_on_from(
    tmp_path: Path, device: str, fault: str, options: dict[str, Any], codes: set[str]
) -> None:
    """The fault comes in the middle of point 2; a person puts it right and resumes; every reading is there once."""
    bench = Bench(seed=9)
    run = a_run(tmp_path, ambient_interval=1.0)
    met: list[bool] = []

    def watch(event: dict[str, Any]) -> None:
        if (
            event["kind"] == "reading"
            and event["role"] == "item"
            and (event["point"], event["n"]) == (2, 3)
            and not met
        ):
            met.append(True)
            bench.inject(device, fault, **options)

    def person(prompt: Prompt) -> str:
        if prompt.kind == "continue":
            assert not bench.calibrator.operating
            bench.inject(device, "healthy")
        return "tech"

    assert capture.perform(run, library=bench.library, confirm=person, on_event=watch) == "finished"
    faults = events_of(run, "fault")
    assert faults and {event["code"] for event in faults} <= codes, faults
    assert all("{" not in event["sentence"] for event in faults)
    assert item_readings(run) == ALL
    assert not bench.calibrator.operating
    for event in capture.current_readings(capture.read_events(run)):
        if event["role"] == "item":
            nominal = {1: 1.0, 2: -10.0, 3: 50.0}[event["point"]]
            assert event["indication"] == pytest.approx(nominal, rel=2e-4)


def test_a_wrong_serial_number_on_the_bench_is_refused(tmp_path: Path) -> None:
    bench, run = Bench(seed=1), a_run(tmp_path)
    bench.inject("meter", "wrong_serial", serial="MY99")
    assert capture.perform(run, library=bench.library, confirm=yes) == "aborted"
    assert events_of(run, "fault")[0]["code"] == "wrong_instrument"
    assert not bench.calibrator.operating


def test_nothing_at_the_address_is_said_so(tmp_path: Path) -> None:
    bench, run = Bench(seed=1, resources={"meter": "GPIB0::23::INSTR"}), a_run(tmp_path)
    assert capture.perform(run, library=bench.library, confirm=yes) == "aborted"
    fault = events_of(run, "fault")[0]
    assert fault["code"] == "unreachable" and "GPIB0::22::INSTR" in fault["sentence"]
