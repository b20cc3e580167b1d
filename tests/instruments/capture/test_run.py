"""The run loop: what is read, what is asked, what happens when something goes wrong."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from instruments import capture
from instruments.capture import session, station
from instruments.capture.process import CommandRefused
from instruments.faults import InstrumentError
from instruments.faults import Timeout as LinkTimeout
from instruments.procedures import PlanRefused, load_procedure, plan
from tests.instruments.capture import stand_in
from tests.instruments.capture.stand_in import Scene, a_reading, a_run, events_of, kinds, yes


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    scene = Scene()
    monkeypatch.setattr(station, "open_instrument", scene.open)
    return scene


def perform(run: Path, scene: Scene, confirm: Any = yes, **more: Any) -> str:
    return capture.perform(run, library=object(), confirm=confirm, clock=scene.clock, **more)  # type: ignore[arg-type]


def item_readings(run: Path) -> list[tuple[int, int]]:
    return [
        (event["point"], event["n"])
        for event in capture.current_readings(capture.read_events(run))
        if event["role"] == "item"
    ]


ALL = [(point, n) for point in (1, 2, 3) for n in range(1, 7)]


def test_a_run_reads_every_point_and_ends_safe(tmp_path: Path, scene: Scene) -> None:
    run = a_run(tmp_path)
    assert capture.state(run) == "new"
    shown: list[int] = []
    assert perform(run, scene, on_event=lambda event: shown.append(event["seq"])) == "finished"
    assert capture.state(run) == "finished" and not capture.resumable(run)
    assert item_readings(run) == ALL
    assert shown == [event["seq"] for event in capture.read_events(run)]
    assert not scene.on and kinds(run)[-2:] == ["safe", "finished"]
    assert [event["inside"] for event in events_of(run, "mark")] == [True, True, True]
    source = [event for event in events_of(run, "reading") if event["role"] == "source"]
    assert [event["indication"] for event in source] == [1.0, -10.0, 50.0]
    room = {event["channel"] for event in events_of(run, "reading") if event["role"] == "ambient"}
    assert room == {"temperature", "humidity"}
    opened = events_of(run, "opened")[0]
    assert opened["plan"] == capture.read_plan(run).digest and opened["software"]["name"] == "Suyuan"


def test_a_reading_is_in_the_journal_before_it_is_shown(tmp_path: Path, scene: Scene) -> None:
    run = a_run(tmp_path)
    checks: list[bool] = []
    perform(run, scene, on_event=lambda event: checks.append(capture.tail(run)[-1]["seq"] >= event["seq"]))
    assert checks and all(checks)


def test_the_mean_error_of_the_mark_is_that_of_the_readings(tmp_path: Path, scene: Scene) -> None:
    run = a_run(tmp_path)
    perform(run, scene)
    mark = events_of(run, "mark")[1]
    values = [e["indication"] for e in events_of(run, "reading") if e["role"] == "item" and e["point"] == 2]
    assert mark["mean"] == pytest.approx(sum(values) / 6, abs=1e-15)
    assert mark["error"] == pytest.approx(mark["mean"] + 10, abs=1e-15)
    assert mark["provisional"] is True


def test_the_first_output_and_each_above_30_volts_is_confirmed_with_its_voltage(tmp_path: Path, scene: Scene) -> None:
    run, asked, energised = a_run(tmp_path), [], []

    def person(prompt: capture.Prompt) -> str:
        asked.append((prompt.kind, prompt.voltage, scene.on))
        energised.append(len(scene.energised))
        return "tech"

    perform(run, scene, person)
    # Two questions before, then 1 V; -10 V follows without a question; 50 V is asked. Nothing was on while asking.
    assert asked == [
        ("before", None, False),
        ("before", None, False),
        ("energise", 1.0, False),
        ("energise", 50.0, False),
    ]
    assert energised == [0, 0, 0, 1]
    texts = [event["text"] for event in events_of(run, "prompt")]
    assert "50 V" in texts[-1]["zh"] and "50 V" in texts[-1]["en"]
    assert [event["by"] for event in events_of(run, "confirmed")] == ["tech"] * 4


def test_without_a_confirmation_nothing_is_energised(tmp_path: Path, scene: Scene) -> None:
    run = a_run(tmp_path)
    assert perform(run, scene, lambda prompt: prompt.kind == "before") == "aborted"
    assert scene.energised == []
    assert "refused" in kinds(run) and "paused" in kinds(run)
    assert events_of(run, "aborted")[0]["reason"] == "refused"


def test_the_wrong_serial_number_stops_before_anything_is_energised(tmp_path: Path, scene: Scene) -> None:
    run = a_run(tmp_path)
    scene.serials["item"] = "MY41999999"
    assert perform(run, scene) == "aborted"
    fault = events_of(run, "fault")[0]
    assert (
        fault["code"] == "wrong_instrument" and "MY41999999" in fault["sentence"] and "MY41000001" in fault["sentence"]
    )
    assert scene.energised == [] and events_of(run, "reading") == []


def fault_at(number: int, error: Callable[[], Any]) -> Callable[[int], Any]:
    def hook(count: int) -> Any:
        return error() if count == number else None

    return hook


def test_an_overload_is_kept_then_the_source_is_made_safe(tmp_path: Path, scene: Scene) -> None:
    run = a_run(tmp_path)
    scene.hook = fault_at(8, lambda: a_reading(None, status="overload"))
    assert perform(run, scene) == "aborted"
    assert not scene.on
    after = kinds(run)[kinds(run).index("fault") :]
    assert after[:3] == ["fault", "safe", "paused"] and after[-1] == "aborted"
    overload = [event for event in events_of(run, "reading") if event["status"] == "overload"]
    assert [(event["indication"], event["raw"]) for event in overload] == [(None, "+9.90000000E+37")]
    assert events_of(run, "fault")[0]["code"] == "overload"


def test_after_a_fault_a_person_may_go_on_and_the_point_is_measured_anew(tmp_path: Path, scene: Scene) -> None:
    run = a_run(tmp_path)

    def lost() -> None:
        raise a_timeout()

    scene.hook = fault_at(18, lost)  # the second point's readings: 5 to settle, 6, then 5 to settle and the second
    asked: list[str] = []
    assert perform(run, scene, lambda prompt: (asked.append(prompt.kind), "tech")[1]) == "finished"
    assert asked == ["before", "before", "energise", "continue", "energise", "energise"]
    restart = events_of(run, "point_restarted")[0]
    assert restart["point"] == 2 and restart["superseded"]
    superseded = set(restart["superseded"])
    kept = {event["seq"] for event in capture.current_readings(capture.read_events(run))}
    assert not superseded & kept
    assert item_readings(run) == ALL
    assert [event["point"] for event in events_of(run, "point_finished")] == [1, 2, 3]


def a_timeout() -> InstrumentError:
    return LinkTimeout(resource="GPIB0::22::INSTR", sent="READ?", seconds=5, raw="")


def test_a_fault_that_comes_back_is_not_agreed_to_for_ever(tmp_path: Path, scene: Scene) -> None:
    run = a_run(tmp_path)
    scene.serials["source"] = "other"
    assert perform(run, scene, lambda prompt: "tech") == "aborted"
    assert len(events_of(run, "fault")) == 3


def test_a_room_outside_its_limits_pauses_the_run(tmp_path: Path, scene: Scene) -> None:
    run = a_run(tmp_path, ambient_interval=1.0)

    def warm(count: int) -> None:
        if count == 10:
            scene.temperature = 26.0

    def person(prompt: capture.Prompt) -> str:
        if prompt.kind == "continue":
            assert not scene.on and "26" in prompt.text["en"]
            scene.temperature, scene.hook = 23.5, lambda count: None
        return "tech"

    scene.hook = warm
    assert perform(run, scene, person) == "finished"
    fault = events_of(run, "fault")[0]
    assert fault["code"] == "environment_outside" and fault["facts"]["found"] == "26"
    assert item_readings(run) == ALL


def test_nothing_begins_in_a_room_outside_its_limits(tmp_path: Path, scene: Scene) -> None:
    run = a_run(tmp_path)
    scene.temperature = 19.0
    assert perform(run, scene) == "aborted"
    assert scene.energised == [] and events_of(run, "fault")[0]["code"] == "environment_outside"


def test_an_outlier_is_flagged_and_stays(tmp_path: Path, scene: Scene) -> None:
    run = a_run(tmp_path)
    scene.hook = lambda count: 300e-6 if count == 8 else None
    assert perform(run, scene) == "finished"
    flag = events_of(run, "flagged")
    assert [(event["point"], event["n"]) for event in flag] == [(1, 3)]
    kept = capture.current_readings(capture.read_events(run))
    assert [event["n"] for event in kept if event["flag"]] == [3]
    assert item_readings(run) == ALL


def test_a_source_that_never_settles_is_a_fault_at_the_ceiling(tmp_path: Path, scene: Scene) -> None:
    run = a_run(tmp_path)
    scene.settled = False
    assert perform(run, scene) == "aborted"
    fault = events_of(run, "fault")[0]
    assert fault["code"] == "not_settled" and "settled output" in fault["sentence"]
    assert 60 <= scene.now < 70


def test_readings_that_drift_are_not_settled(tmp_path: Path, scene: Scene) -> None:
    run = a_run(tmp_path)
    scene.drift = 1e-4
    assert perform(run, scene) == "aborted"
    assert "drift" in events_of(run, "fault")[0]["sentence"]


def test_a_source_switched_off_by_hand_while_reading_is_noticed(tmp_path: Path, scene: Scene) -> None:
    run = a_run(tmp_path)
    scene.hook = lambda count: setattr(scene, "on", False) if count == 8 else None
    assert perform(run, scene) == "aborted"
    assert events_of(run, "fault")[0]["code"] == "output_lost"
    assert item_readings(run) == []


def test_a_meter_whose_range_was_changed_by_hand_is_noticed(tmp_path: Path, scene: Scene) -> None:
    run = a_run(tmp_path)
    scene.hook = lambda count: setattr(scene, "touched", True) if count == 8 else None
    assert perform(run, scene) == "aborted"
    assert events_of(run, "fault")[0]["code"] == "setting_changed"
    assert item_readings(run) == []


def test_a_meter_switched_to_its_rear_terminals_is_refused(
    tmp_path: Path, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = a_run(tmp_path)
    monkeypatch.setattr(stand_in.Meter, "terminals", "REAR")
    assert perform(run, scene) == "aborted"
    assert events_of(run, "fault")[0]["facts"]["setting"] == "terminals" and scene.energised == []


def test_a_source_that_cannot_be_made_safe_is_not_called_finished(tmp_path: Path, scene: Scene) -> None:
    run = a_run(tmp_path)
    scene.hook = lambda count: setattr(scene, "safe_works", False) if count == 33 else None
    assert perform(run, scene) == "aborted"
    assert [event["verified"] for event in events_of(run, "safe")][-2:] == [False, False]
    assert "finished" not in kinds(run)


def test_a_point_above_the_most_is_refused_even_in_a_plan_written_by_hand(tmp_path: Path, scene: Scene) -> None:
    run = a_run(tmp_path)
    path = run / "plan.json"
    path.write_text(path.read_text("utf-8").replace('"most":1000.0', '"most":20.0'), "utf-8")
    assert perform(run, scene) == "aborted"
    assert 50.0 not in scene.energised


def test_a_plan_without_instruments_is_refused(tmp_path: Path, scene: Scene) -> None:
    run = capture.prepare(tmp_path / "run", plan(load_procedure("dmm-dcv")))
    with pytest.raises(PlanRefused):
        perform(run, scene)
    with pytest.raises(FileExistsError):
        capture.prepare(run, plan(load_procedure("dmm-dcv")))


def test_a_changed_plan_is_refused_on_resume(tmp_path: Path, scene: Scene) -> None:
    run = a_run(tmp_path)
    stop_at(run, scene, 8)
    path = run / "plan.json"
    path.write_text(path.read_text("utf-8").replace('"nominal":1.0', '"nominal":2.0'), "utf-8")
    with pytest.raises(PlanRefused, match="digest"):
        perform(run, scene)


def stop_at(run: Path, scene: Scene, count: int) -> None:
    """Ask the process to end at an item reading, as SIGTERM does."""
    stop = threading.Event()
    scene.hook = lambda number: stop.set() if number == count else None
    with pytest.raises(session.Stop):
        perform(run, scene, stop=stop)
    scene.hook = lambda number: None


def test_sigterm_makes_safe_and_leaves_the_run_resumable(tmp_path: Path, scene: Scene) -> None:
    run = a_run(tmp_path)
    stop_at(run, scene, 19)
    assert not scene.on and capture.state(run) == "interrupted" and capture.resumable(run)
    asked: list[Any] = []
    assert perform(run, scene, lambda prompt: (asked.append((prompt.kind, prompt.voltage)), "tech")[1]) == "finished"
    assert asked == [
        ("energise", -10.0),
        ("energise", 50.0),
    ]  # a resume is confirmed, the questions before are not repeated
    assert item_readings(run) == ALL
    assert [event["point"] for event in events_of(run, "point_finished")] == [1, 2, 3]
    assert [event["resumed"] for event in events_of(run, "opened")] == [False, True]
    assert len(events_of(run, "identified")) == 6


def test_a_run_of_another_instrument_is_not_resumed(tmp_path: Path, scene: Scene) -> None:
    run = a_run(tmp_path)
    stop_at(run, scene, 8)
    scene.serials["item"] = "MY41999999"
    assert perform(run, scene) == "aborted"
    assert item_readings(run) == []


def test_an_interrupted_run_can_be_closed_for_good(tmp_path: Path, scene: Scene) -> None:
    run = a_run(tmp_path)
    stop_at(run, scene, 8)
    capture.close(run, by="tech")
    assert capture.state(run) == "interrupted" and not capture.resumable(run)
    for act in (lambda: perform(run, scene), lambda: capture.close(run, by="tech"), lambda: capture.start(run)):
        with pytest.raises(capture.RunClosed):
            act()


class Bench:
    """A run in a thread, commanded as the web does: by files only."""

    def __init__(self, run: Path, scene: Scene) -> None:
        self.run, self.result = run, ""
        self.thread = threading.Thread(target=self.work, args=(scene,))
        self.thread.start()

    def work(self, scene: Scene) -> None:
        self.result = perform(self.run, scene, None)

    def wait_for(self, kind: str, after: int = 0) -> dict[str, Any]:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            for event in capture.tail(self.run, after):
                if event["kind"] == kind:
                    return event
            time.sleep(0.005)
        raise AssertionError(f"no {kind}: {kinds(self.run)}")

    def answer(self, after: int = 0, do: str = "confirm") -> int:
        prompt = self.wait_for("prompt", after)
        capture.send(self.run, {"do": do, "prompt": prompt["id"], "by": "web"})
        return int(prompt["seq"])

    def end(self) -> str:
        self.thread.join(20)
        assert not self.thread.is_alive()
        return self.result


def test_people_command_a_run_by_its_files(tmp_path: Path, scene: Scene) -> None:
    run = a_run(tmp_path)
    bench = Bench(run, scene)
    seq = bench.answer()
    assert capture.state(run) in ("waiting", "running")
    prompt = bench.wait_for("prompt", seq)
    capture.send(run, {"do": "confirm", "prompt": "P1", "by": "web"})  # an answer to a question already answered
    time.sleep(0.15)
    assert capture.state(run) == "waiting" and scene.energised == []
    capture.send(run, {"do": "pause", "by": "web"})
    paused = bench.wait_for("paused")
    assert capture.state(run) == "paused"
    capture.send(run, {"do": "resume", "by": "web"})
    seq = bench.answer(paused["seq"])  # the questions before were not all answered: they are asked again
    seq = bench.answer(seq)
    seq = bench.answer(seq)  # 1 V
    prompt = bench.wait_for("prompt", seq)
    assert prompt["voltage"] == 50.0
    capture.send(run, {"do": "repeat", "point": 1, "by": "web"})
    bench.wait_for("repeat_asked")
    bench.answer(seq)
    assert bench.end() == "finished"
    assert [event["point"] for event in events_of(run, "point_finished")] == [1, 2, 3, 1]
    assert sorted(item_readings(run)) == ALL
    with pytest.raises(capture.RunClosed):
        capture.send(run, {"do": "pause", "by": "web"})


def test_an_abort_makes_safe_and_ends(tmp_path: Path, scene: Scene) -> None:
    run = a_run(tmp_path)
    bench = Bench(run, scene)
    seq = bench.answer(bench.answer())
    bench.answer(seq)
    capture.send(run, {"do": "abort", "by": "web", "reason": "wrong leads"})
    assert bench.end() == "aborted"
    assert not scene.on
    assert (events_of(run, "aborted")[0]["by"], events_of(run, "aborted")[0]["reason"]) == ("web", "wrong leads")


@pytest.mark.parametrize(
    ("command", "field"),
    [
        ({"do": "energise", "by": "x"}, "do"),
        ({"do": "pause"}, "by"),
        ({"do": "pause", "by": " "}, "by"),
        ({"do": "confirm", "by": "x"}, "prompt"),
        ({"do": "repeat", "by": "x", "point": 99}, "point"),
    ],
)
def test_a_command_that_means_nothing_is_refused(tmp_path: Path, command: dict[str, Any], field: str) -> None:
    run = a_run(tmp_path)
    with pytest.raises(CommandRefused) as caught:
        capture.send(run, command)
    assert caught.value.facts["field"] == field


def test_a_second_capture_of_a_run_is_refused(tmp_path: Path, scene: Scene) -> None:
    run = a_run(tmp_path)

    def person(prompt: capture.Prompt) -> str:
        with pytest.raises(capture.RunBusy):
            perform(run, scene)
        with pytest.raises(capture.RunBusy):
            capture.start(run)
        return "tech"

    assert perform(run, scene, person) == "finished"
