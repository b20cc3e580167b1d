"""A run of the bench as a page shows it: a fold over its journal, which says which parts of the page have changed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

PREFIX = {
    "µ": Decimal("1e6"),
    "u": Decimal("1e6"),
    "m": Decimal("1e3"),
    "": Decimal(1),
    "k": Decimal("1e-3"),
    "M": Decimal("1e-6"),
}
# What a journal line changes on the page; kinds that are not listed change the log alone.
PARTS: dict[str, tuple[str, ...]] = {
    "reading": ("display",),
    "settled": ("display",),
    "point_started": ("display", "progress", "row"),
    "point_restarted": ("display", "progress", "row", "plot", "log"),
    "mark": ("row", "plot"),
    "point_finished": ("row", "progress"),
    "prompt": ("prompt", "controls"),
    "confirmed": ("prompt", "controls", "log"),
    "refused": ("prompt", "controls", "log"),
    "safe": ("display",),
    "opened": ("controls", "prompt", "log"),
    "paused": ("prompt", "controls", "display", "log"),
    "resumed": ("prompt", "controls", "log"),
    "finished": ("prompt", "controls", "display", "progress", "log"),
    "aborted": ("prompt", "controls", "display", "log"),
    "interrupted": ("prompt", "controls", "display", "log"),
    "fault": ("log",),
    "flagged": ("row", "log"),
    "repeat_asked": ("row", "log"),
    "identified": ("log",),
}
LISTENS = {"running", "waiting", "paused"}
ENDS = {"finished", "aborted", "interrupted"}
LOGGED = {
    "opened",
    "identified",
    "confirmed",
    "refused",
    "fault",
    "paused",
    "resumed",
    "point_restarted",
    "repeat_asked",
    "flagged",
} | ENDS


@dataclass(slots=True)
class Row:
    """One point of the plan with what has been measured of it; every number in the point's display unit, as text."""

    no: int
    range: str
    nominal: str
    unit: str
    low: str
    high: str
    total: int
    hazardous: bool
    factor: Decimal
    places: int
    state: str = "next"
    read: int = 0
    indication: str | None = None
    error: str | None = None
    mark: str = "none"
    flags: int = 0
    again: bool = False

    def shown(self, value: float | str | None) -> str | None:
        """A value in the plan's unit as text in the display unit, to one place more than the resolution."""
        if value is None:
            return None
        return format(round(Decimal(repr(float(value))) * self.factor, self.places), "f")

    def as_result(self) -> dict[str, Any]:
        """The row as the pieces know result rows: provisional, so without U and without a verdict."""
        return {
            "point": self.no,
            "range": self.range,
            "nominal": self.nominal,
            "unit": self.unit,
            "error": self.error,
            "U": None,
            "low": self.low,
            "high": self.high,
            "verdict": "none",
        }


@dataclass(slots=True)
class Live:
    """Everything the live page shows, after some journal lines."""

    rows: list[Row]
    seq: int = 0
    state: str = "new"
    prompt: Mapping[str, Any] | None = None
    current: int | None = None
    last: Mapping[str, Any] | None = None
    output: tuple[str, str] | None = None
    operating: bool = False
    ambient: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    log: list[Mapping[str, Any]] = field(default_factory=list)
    fault: Mapping[str, Any] | None = None
    speed: float = 1.0
    dirty: set[str] = field(default_factory=set)

    @property
    def done(self) -> int:
        return sum(row.state == "done" for row in self.rows)

    @property
    def ended(self) -> bool:
        return self.state in ENDS

    def row(self, number: object) -> Row | None:
        return next((row for row in self.rows if row.no == number), None)

    @property
    def indication(self) -> tuple[str, str] | None:
        """(digits, unit) of the newest reading of the item."""
        if self.last is None:
            return None
        row = self.row(self.last.get("point"))
        if self.last.get("indication") is None or row is None:
            return str(self.last.get("raw", "")), ""
        return row.shown(self.last["indication"]) or "", row.unit

    def feed(self, events: Iterable[Mapping[str, Any]]) -> None:
        for event in events:
            self._take(event)

    def stop(self) -> None:
        """The capture has ended without a word: the page says so and offers what can be done."""
        self.state, self.prompt = "stopped", None
        self.dirty |= {"prompt", "controls", "display"}
        self._all_rows()

    def repeatable(self, row: Row) -> bool:
        """Whether a person may ask for a point again: it is measured, and the capture listens."""
        return row.state == "done" and not row.again and self.state in LISTENS

    def _all_rows(self) -> None:
        self.dirty |= {f"row-{row.no}" for row in self.rows if row.state == "done"}

    def take_dirty(self) -> set[str]:
        changed, self.dirty = self.dirty, set()
        return changed

    def _take(self, event: Mapping[str, Any]) -> None:
        kind = str(event["kind"])
        self.seq = max(self.seq, int(event["seq"]))
        row = self.row(event.get("point"))
        getattr(self, f"_on_{kind}", self._nothing)(event, row)
        if kind in LOGGED:
            self.log.append(event)
        for part in PARTS.get(kind, ()):
            if part == "row":
                if row is not None:
                    self.dirty.add(f"row-{row.no}")
            else:
                self.dirty.add(part)

    def _nothing(self, _event: Mapping[str, Any], _row: Row | None) -> None:
        """A kind that changes nothing that is shown."""

    def _on_opened(self, event: Mapping[str, Any], _row: Row | None) -> None:
        self.state, self.speed = "running", float(event.get("clock_speed", 1.0))

    def _on_prompt(self, event: Mapping[str, Any], _row: Row | None) -> None:
        self.prompt, self.state = event, "waiting"

    def _on_confirmed(self, _event: Mapping[str, Any], _row: Row | None) -> None:
        asked, self.prompt, self.state = self.prompt, None, "running"
        if asked is not None and asked.get("voltage") is not None:
            self.operating = True

    def _on_refused(self, _event: Mapping[str, Any], _row: Row | None) -> None:
        self.prompt = None

    def _on_point_started(self, _event: Mapping[str, Any], row: Row | None) -> None:
        if row is not None:
            self.current, row.state, row.read = row.no, "now", 0
            row.indication = row.error = None
            row.mark, row.flags, row.again = "none", 0, False
            self.output, self.operating = (row.nominal, row.unit), True

    def _on_settled(self, _event: Mapping[str, Any], _row: Row | None) -> None:
        self.fault = None

    def _on_reading(self, event: Mapping[str, Any], row: Row | None) -> None:
        if event["role"] == "ambient":
            self.ambient[str(event["channel"])] = event
            self.dirty.add("ambient")
            return
        if event["role"] == "item":
            self.last = event
            if row is not None:
                row.read = int(event.get("n") or row.read + 1)
                self.dirty.add(f"row-{row.no}")

    def _on_mark(self, event: Mapping[str, Any], row: Row | None) -> None:
        if row is not None:
            row.indication, row.error = row.shown(event.get("mean")), row.shown(event.get("error"))
            inside = event.get("inside")
            row.mark = "none" if inside is None else "inside" if inside else "outside"

    def _on_point_finished(self, _event: Mapping[str, Any], row: Row | None) -> None:
        if row is not None:
            row.state = "done"

    def _on_point_restarted(self, _event: Mapping[str, Any], row: Row | None) -> None:
        if row is not None:
            row.state, row.read, row.mark, row.error, row.indication = "next", 0, "none", None, None
            row.flags, row.again = 0, False

    def _on_flagged(self, _event: Mapping[str, Any], row: Row | None) -> None:
        if row is not None:
            row.flags += 1

    def _on_repeat_asked(self, _event: Mapping[str, Any], row: Row | None) -> None:
        if row is not None:
            row.again = True

    def _on_safe(self, event: Mapping[str, Any], _row: Row | None) -> None:
        if event.get("verified"):
            self.operating, self.output = False, None

    def _on_fault(self, event: Mapping[str, Any], _row: Row | None) -> None:
        self.fault = event

    def _on_paused(self, _event: Mapping[str, Any], _row: Row | None) -> None:
        self.state, self.prompt = "paused", None

    def _on_resumed(self, _event: Mapping[str, Any], _row: Row | None) -> None:
        self.state, self.fault, self.prompt = "running", None, None

    def _end(self, event: Mapping[str, Any], _row: Row | None) -> None:
        self.state, self.prompt = str(event["kind"]), None
        self._all_rows()

    _on_finished = _on_aborted = _on_interrupted = _end


def factor_of(unit: str, display: str) -> Decimal:
    """How many display units one plan unit is: 1000 for V shown as mV."""
    return PREFIX.get(display.removesuffix(unit), Decimal(1)) if display.endswith(unit) else Decimal(1)


def rows_of(plan: Mapping[str, Any]) -> list[Row]:
    rows = []
    for point in plan["points"]:
        display = str(point.get("display_unit") or point["unit"])
        factor = factor_of(str(point["unit"]), display)
        step = Decimal(str(point.get("resolution") or "1e-6")) * factor
        places = min(max(1 - int(step.adjusted()), 0), 12)
        row = Row(
            no=int(point["no"]),
            range=str(point["range_text"]),
            nominal=str(point["nominal_text"]),
            unit=display,
            low="",
            high="",
            total=int(point["readings"]),
            hazardous=abs(float(point["nominal"])) > 30.0,
            factor=factor,
            places=places,
        )
        row.low = format(round(Decimal(str(point["low"])) * factor, places), "f")
        row.high = format(round(Decimal(str(point["high"])) * factor, places), "f")
        rows.append(row)
    return rows


def start(folder: Path) -> Live:
    """The page of a run before its first journal line."""
    return Live(rows_of(json.loads((folder / "plan.json").read_text(encoding="utf-8"))))
