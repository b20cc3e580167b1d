"""What a journal's readings are, seen together: which ones count, which are flagged, and where a run stands."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from instruments.capture.journal import Event
from instruments.capture.process import TURNS

MAD_LIMIT = 5.0


def flagged(values: Sequence[float], resolution: float) -> list[int]:
    """Places (from 0) of outliers among readings of one point: a flag is a remark, nothing is removed.

    More than 5 scaled median absolute deviations from the median, with at least one digit of resolution as the
    scale, so that readings which agree to the digit flag nothing. Fewer than 5 readings flag nothing.
    Scale: MADe, the scaled median absolute deviation of ISO 13528:2015, C.2.1.
    """
    if len(values) < 5:
        return []
    middle = statistics.median(values)
    scale = max(1.4826 * statistics.median(abs(value - middle) for value in values), resolution)
    return [place for place, value in enumerate(values) if abs(value - middle) > MAD_LIMIT * scale]


@dataclass(slots=True)
class Standing:
    """Where a run stands after its events."""

    opened: Event | None = None
    done: set[int] = field(default_factory=set)
    current: int | None = None
    first_seq: int = 0
    attempts: dict[int, int] = field(default_factory=dict)
    repeats: list[int] = field(default_factory=list)
    prompts: int = 0
    asked_before: bool = False
    last: str = ""
    energised: bool = False


def standing(events: Iterable[Event]) -> Standing:
    """The standing that follows from a journal, from its first event on."""
    now = Standing()
    for event in events:
        kind = event["kind"]
        if kind == "opened":
            now.opened = now.opened or event
        elif kind == "prompt":
            now.prompts += 1
        elif kind == "before_confirmed":
            now.asked_before = True
        elif kind == "point_started":
            now.current, now.first_seq = event["point"], event["seq"]
            now.attempts[event["point"]] = event["attempt"]
        elif kind == "point_finished":
            now.done.add(event["point"])
            now.current = None
            if event["point"] in now.repeats:
                now.repeats.remove(event["point"])
        elif kind == "point_restarted":
            now.done.discard(event["point"])
            now.current = None
        elif kind == "repeat_asked" and event["point"] not in now.repeats:
            now.repeats.append(event["point"])
        if kind in TURNS:
            now.last = kind
    return now


def current_readings(events: Iterable[Event]) -> list[Event]:
    """The reading events that count, each with the flags of its point: readings of finished points' last attempts,
    and readings of the room. Superseded readings stay in the journal and are left out here.
    """
    events = list(events)
    last: dict[int, int] = {}
    finished: set[int] = set()
    flags: dict[int, str] = {}
    for event in events:
        if event["kind"] == "point_started":
            last[event["point"]] = event["attempt"]
            finished.discard(event["point"])
        elif event["kind"] == "point_finished":
            finished.add(event["point"])
        elif event["kind"] == "point_restarted":
            finished.discard(event["point"])
        elif event["kind"] == "flagged":
            flags[event["reading"]] = event["rule"]
    found: list[Event] = []
    for event in events:
        if event["kind"] != "reading":
            continue
        point = event.get("point")
        if event["role"] != "ambient" and (point not in finished or event.get("attempt") != last.get(point)):
            continue
        found.append({**event, "flag": flags.get(event["seq"])})
    return found


def summary(events: Iterable[Event]) -> dict[str, Any]:
    """Counts of a run for a page or a terminal: points done, readings that count, faults, last mark."""
    events = list(events)
    now = standing(events)
    marks = [event for event in events if event["kind"] == "mark"]
    return {
        "done": sorted(now.done),
        "current": now.current,
        "readings": sum(1 for event in current_readings(events) if event["role"] == "item"),
        "faults": sum(1 for event in events if event["kind"] == "fault"),
        "last_mark": marks[-1] if marks else None,
    }
