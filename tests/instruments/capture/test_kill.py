"""kill -9 of a capture on the served bench: nothing acknowledged lost, nothing doubled, STANDBY within 2 s, resume."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from instruments import capture
from instruments.bench import server
from instruments.capture.process import CaptureDidNotStart
from instruments.capture.station import open_instrument
from instruments.procedures import plan, read
from instruments.procedures.plan import Role
from tests.instruments.capture.stand_in import SHORT
from tests.instruments.procedures.bench_roles import ROLES

SPEED = 60.0
ALL = [(point, n) for point in (1, 2, 3) for n in range(1, 7)]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("bench")
    yield server.ensure(folder, seed=11, speed=SPEED)
    server.stop(folder)


def roles(bench: dict[str, Any]) -> dict[str, dict[str, Any]]:
    names = {"source": "calibrator", "item": "meter", "ambient": "monitor"}
    return {role: {**entry, "resource": bench["resources"][names[role]]} for role, entry in ROLES.items()}


def a_served_run(folder: Path, bench: dict[str, Any]) -> Path:
    options = {"clock_speed": SPEED, "simulated": True}
    return capture.prepare(folder / "run", plan(read(SHORT), instruments=roles(bench), options=options))


class Person:
    """Somebody at the page: sees events, answers what is asked, and remembers what was shown."""

    def __init__(self, run: Path) -> None:
        self.run = run
        self.seen: list[dict[str, Any]] = []
        self.answered = {event["prompt"] for event in capture.read_events(run) if event["kind"] == "prompt"}

    def look(self) -> None:
        after = self.seen[-1]["seq"] if self.seen else 0
        self.seen += capture.tail(self.run, after)
        for event in self.seen:
            if event["kind"] == "prompt" and event["prompt"] not in self.answered:
                self.answered.add(event["prompt"])
                capture.send(self.run, {"do": "confirm", "prompt": event["prompt"], "by": "tech"})

    def until(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.look()
            time.sleep(0.005)

    def until_ended(self, seconds: float = 60.0) -> str:
        deadline = time.monotonic() + seconds
        while (state := capture.state(self.run)) not in ("finished", "aborted", "interrupted"):
            assert state != "paused", [event for event in capture.read_events(self.run) if event["kind"] == "fault"]
            assert time.monotonic() < deadline, state
            self.look()
            time.sleep(0.01)
        self.look()
        return state


def safe_acts(run: Path, kind: str = "") -> list[dict[str, Any]]:
    path = run / "safe.jsonl"
    acts = [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []
    return [act for act in acts if not kind or act["kind"] == kind]


def is_operating(bench: dict[str, Any]) -> bool:
    source = open_instrument(Role(**roles(bench)["source"]), "@py")
    try:
        return bool(source.is_operating)
    finally:
        source.close()


def kill_and_check(run: Path, bench: dict[str, Any], person: Person, pid: int, wait: float) -> bool:
    """Kill the capture after `wait` seconds of it; False when it had ended before."""
    person.until(wait)
    if capture.state(run) in ("finished", "aborted"):
        return False
    acts = len(safe_acts(run, "safe"))
    os.kill(pid, signal.SIGKILL)
    killed = time.monotonic()
    kinds = [event["kind"] for event in capture.read_events(run)]
    touched = "identified" in kinds[len(kinds) - kinds[::-1].index("opened") :]  # else no instrument was opened yet
    while touched and not any(act["verified"] for act in safe_acts(run, "safe")[acts:]):
        assert time.monotonic() - killed < 10, safe_acts(run)[acts:]
        time.sleep(0.01)
    assert time.monotonic() - killed < 2.0
    assert not is_operating(bench)
    shown = {event["seq"]: event["hash"] for event in person.seen}
    kept = {event["seq"]: event["hash"] for event in capture.read_events(run)}
    assert shown.items() <= kept.items()
    while capture.state(run) != "interrupted" and time.monotonic() - killed < 2.0:
        time.sleep(0.01)  # a supervisor being started holds the dead capture's files until it is itself
    assert capture.state(run) == "interrupted" and capture.resumable(run)
    return True


def check_whole(run: Path, person: Person) -> None:
    events = capture.read_events(run)
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    counted = [(e["point"], e["n"]) for e in capture.current_readings(events) if e["role"] == "item"]
    assert sorted(counted) == ALL
    assert sorted(event["point"] for event in events if event["kind"] == "point_finished") == [1, 2, 3]
    every = [(e["point"], e["n"], e["attempt"]) for e in events if e["kind"] == "reading" and e["role"] == "item"]
    assert len(every) == len(set(every))
    assert [event["hash"] for event in person.seen] == [event["hash"] for event in events]


def kills(folder: Path, bench: dict[str, Any], seed: int, times: int) -> int:
    run, moments = a_served_run(folder, bench), random.Random(seed)
    person, done = Person(run), 0
    for _ in range(times):
        if not kill_and_check(run, bench, person, capture.start(run), moments.uniform(0.0, 1.6)):
            break
        done += 1
    else:
        capture.start(run)
    assert person.until_ended() == "finished"
    check_whole(run, person)
    assert not is_operating(bench)
    restarts.extend(event["point"] for event in person.seen if event["kind"] == "point_restarted")
    return done


restarts: list[int] = []
"""Points that a kill met in their middle, in all runs of this module."""


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_capture_killed_at_random_moments_loses_and_doubles_nothing(
    tmp_path: Path, bench: dict[str, Any], seed: int
) -> None:
    assert kills(tmp_path, bench, seed, 4) > 0
    assert restarts or seed < 3


@pytest.mark.slow
def test_two_hundred_kills(tmp_path: Path, bench: dict[str, Any]) -> None:
    done = 0
    for seed in range(100, 400):
        done += kills(tmp_path / str(seed), bench, seed, 4)
        if done >= 200:
            return
    raise AssertionError(f"{done} kills")


def test_the_supervisor_is_up_before_an_instrument_is_opened_and_leaves_after_a_clean_end(
    tmp_path: Path, bench: dict[str, Any]
) -> None:
    run = a_served_run(tmp_path, bench)
    capture.start(run)
    person = Person(run)
    assert person.until_ended() == "finished"
    acts = safe_acts(run)
    assert acts[0]["kind"] == "watching"
    deadline = time.monotonic() + 5
    while safe_acts(run)[-1]["kind"] != "ended" and time.monotonic() < deadline:
        time.sleep(0.02)
    assert [act["kind"] for act in safe_acts(run)] == ["watching", "ended"]
    first = next(event for event in person.seen if event["kind"] == "identified")
    assert acts[0]["at"] < first["at"]
    room = [event for event in person.seen if event["kind"] == "reading" and event["role"] == "ambient"]
    assert len(room) >= 8


def test_a_killed_supervisor_stops_the_run_and_resume_starts_another(tmp_path: Path, bench: dict[str, Any]) -> None:
    run = a_served_run(tmp_path, bench)
    capture.start(run)
    person = Person(run)
    while not any(event["kind"] == "point_started" for event in person.seen):
        person.until(0.05)
    os.kill(safe_acts(run)[0]["pid"], signal.SIGKILL)
    deadline = time.monotonic() + 10
    while capture.state(run) != "paused" and time.monotonic() < deadline:
        person.until(0.02)
    fault = next(event for event in capture.read_events(run) if event["kind"] == "fault")
    assert fault["code"] == "supervisor_lost" and not is_operating(bench)
    capture.send(run, {"do": "resume", "by": "tech"})
    person.until(0.5)
    assert person.until_ended() == "finished"
    check_whole(run, person)


def test_sigterm_ends_a_capture_by_itself_with_the_source_in_standby(tmp_path: Path, bench: dict[str, Any]) -> None:
    run = a_served_run(tmp_path, bench)
    pid, person = capture.start(run), Person(run)
    while not any(event["kind"] == "settled" for event in person.seen):
        person.until(0.02)
    os.kill(pid, signal.SIGTERM)
    assert person.until_ended() == "interrupted"
    person.look()
    assert [event["kind"] for event in person.seen][-2:] == ["point_restarted", "safe"]
    assert person.seen[-1]["verified"] and not is_operating(bench)
    assert safe_acts(run, "safe") == []  # nothing was left for the supervisor


def test_a_capture_that_cannot_start_says_why(tmp_path: Path, bench: dict[str, Any]) -> None:
    run = capture.prepare(tmp_path / "run", plan(read(SHORT)))
    with pytest.raises(CaptureDidNotStart, match="instruments is none; right would be a resource for each role"):
        capture.start(run)
    (run / "journal.jsonl").write_text("not a journal\n", "utf-8")
    with pytest.raises(capture.JournalBroken, match="at line 1"):
        capture.start(run)
