"""Calibration and measurement capability as functions: what U the laboratory can state for a value and its conditions.

A single value, a range with interpolation, a formula of the measurand and its parameters, or a matrix (ILAC P14:09/2020,
4.3); no open intervals. Asked at intake (can we, and with what U?), at issue (printed U ≥ CMC), and searched by customers.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import pairwise
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uncertainty import model, report, units

from .errors import UnusableValue

FloatArray = NDArray[np.float64]
KINDS = ("value", "interpolation", "formula", "matrix")
VALUE = "x"
"""Name of the measurand's value in formulas."""


@dataclass(frozen=True, slots=True)
class Span:
    """A closed interval, in the unit of what it bounds."""

    low: float
    high: float

    def holds(self, value: float) -> bool:
        return self.low <= value <= self.high

    def holds_span(self, low: float, high: float) -> bool:
        return self.low <= low and high <= self.high


@dataclass(frozen=True, slots=True)
class Row:
    """One line of an entry: a span of values and conditions, and U over it.

    function: {"kind": "value", "U": …} | {"kind": "interpolation", "points": [[x, U], …]}
    | {"kind": "formula", "expression": "2e-6*x + 1e-6"} | {"kind": "matrix", "parameter": "frequency", "x": [edges],
    "p": [edges], "U": [[…]]}; relative: U is a part of |x|.
    """

    span: Span
    function: Mapping[str, Any]
    conditions: Mapping[str, Span] = field(default_factory=dict)
    relative: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the published scope (CNAS-GL025: instrument, measurand, method, range, U, notes). U at k = 2."""

    code: str
    measurand: str
    instrument: Mapping[str, str]
    method: str
    unit: str
    rows: Sequence[Row]
    units_of_conditions: Mapping[str, str] = field(default_factory=dict)
    place: str = ""
    accreditation: str = ""
    valid_from: date = date.min
    valid_to: date = date.max
    state: str = "recognised"

    def in_force(self, day: date) -> bool:
        return self.state == "recognised" and self.valid_from <= day <= self.valid_to


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a span of values can be measured. U: smallest and largest over it; missing: parts outside the scope."""

    entry: Entry | None
    least: float | None
    most: float | None
    missing: tuple[Span, ...] = ()

    @property
    def ok(self) -> bool:
        return self.entry is not None and not self.missing


def read(data: Mapping[str, Any]) -> Entry:
    """An entry from plain data, checked. Raises UnusableValue naming the field, the row and what would be right."""
    try:
        units.parse(data["unit"])
        rows = [_row(row, f"rows.{i}", tuple(data.get("conditions", {}))) for i, row in enumerate(data["rows"])]
        if not rows:
            raise UnusableValue(field="rows", found="0", right="one row or more")
        return Entry(
            code=str(data["code"]),
            measurand=str(data["measurand"]),
            instrument=dict(data.get("instrument", {})),
            method=str(data.get("method", "")),
            unit=str(data["unit"]),
            rows=tuple(rows),
            units_of_conditions=dict(data.get("conditions", {})),
            place=str(data.get("place", "")),
            accreditation=str(data.get("accreditation", "")),
            valid_from=_day(data.get("valid_from"), date.min),
            valid_to=_day(data.get("valid_to"), date.max),
            state=str(data.get("state", "recognised")),
        )
    except KeyError as error:
        raise UnusableValue(field=str(error.args[0]), found="—", right="filled in") from error


def _day(found: Any, otherwise: date) -> date:
    return otherwise if not found else found if isinstance(found, date) else date.fromisoformat(str(found))


def _row(data: Mapping[str, Any], place: str, conditions: tuple[str, ...]) -> Row:
    function = data["U"] if isinstance(data["U"], Mapping) else {"kind": "value", "U": data["U"]}
    row = Row(
        span=_span(data["range"], f"{place}.range"),
        function=function,
        conditions={name: _span(span, f"{place}.{name}") for name, span in data.get("conditions", {}).items()},
        relative=bool(data.get("relative", False)),
    )
    unknown = set(row.conditions) - set(conditions)
    if unknown:
        raise UnusableValue(field=f"{place}.{min(unknown)}", found=min(unknown), right=", ".join(conditions) or "—")
    _check(row, place, conditions)
    return row


def _span(found: Any, place: str) -> Span:
    """Both ends: a scope has no open interval."""
    if not isinstance(found, Sequence) or len(found) != 2 or not all(_number(end) for end in found):
        raise UnusableValue(field=place, found=str(found), right="[low, high], both ends")
    low, high = map(float, found)
    if low > high:
        raise UnusableValue(field=place, found=str(found), right="the lower end first")
    return Span(low, high)


def _number(found: Any) -> bool:
    return isinstance(found, int | float) and not isinstance(found, bool) and isfinite(found)


def _check(row: Row, place: str, conditions: tuple[str, ...]) -> None:
    """The function gives a U above 0 at both ends of the row, whatever its conditions."""
    kind = row.function.get("kind")
    if kind not in KINDS:
        raise UnusableValue(field=f"{place}.U.kind", found=str(kind), right=", ".join(KINDS))
    if kind == "interpolation":
        points: Sequence[Sequence[float]] = row.function.get("points") or []
        if len(points) < 2 or points[0][0] > row.span.low or points[-1][0] < row.span.high:
            raise UnusableValue(field=f"{place}.U.points", found=str(points), right="points from one end to the other")
        if any(a[0] >= b[0] for a, b in pairwise(points)):
            raise UnusableValue(field=f"{place}.U.points", found=str(points), right="values that rise")
    if kind == "matrix":
        _check_matrix(row, place)
    if kind == "formula":
        model.parse(str(row.function.get("expression", "")), [VALUE, *conditions], f"{place}.U.expression")
    at = {name: (span.low + span.high) / 2 for name, span in row.conditions.items()}
    for value in (row.span.low, row.span.high):
        found = U_of(row, value, at)
        if not (isfinite(found) and found > 0):
            raise UnusableValue(field=f"{place}.U", found=f"{found:g}", right="above 0 over the whole range")


def _check_matrix(row: Row, place: str) -> None:
    xs, ps, table = row.function.get("x", ()), row.function.get("p", ()), row.function.get("U", ())
    if len(table) != len(xs) - 1 or any(len(line) != len(ps) - 1 for line in table):
        right = f"{len(xs) - 1} × {len(ps) - 1}"
        raise UnusableValue(field=f"{place}.U.U", found=f"{len(table)} × {len(table[0]) if table else 0}", right=right)
    if row.function.get("parameter") not in row.conditions:
        raise UnusableValue(
            field=f"{place}.U.parameter",
            found=str(row.function.get("parameter")),
            right=", ".join(row.conditions) or "—",
        )


def U_of(row: Row, value: float, at: Mapping[str, float]) -> float:
    """U of a row at a value, absolute, in the entry's unit."""
    return float(U_over(row, np.array([value]), at)[0])


def U_over(row: Row, values: FloatArray, at: Mapping[str, float]) -> FloatArray:
    """U of a row at many values (n,) and one set of conditions; no check of the span."""
    function = row.function
    match function["kind"]:
        case "value":
            U: FloatArray = np.full_like(values, float(function["U"]), dtype=float)
        case "interpolation":
            points = np.asarray(function["points"], dtype=float)
            U = np.interp(values, points[:, 0], points[:, 1])
        case "formula":
            names = [VALUE, *at]
            expression = model.parse(function["expression"], names, "U")
            given = {name: np.asarray(each, dtype=float) for name, each in at.items()} | {VALUE: values}
            U = np.broadcast_to(expression.values(given)[-1], values.shape).astype(float)
        case _:
            U = np.array([_cell(function, float(value), at[function["parameter"]]) for value in values])
    return np.asarray(U * np.abs(values) if row.relative else U)


def _cell(function: Mapping[str, Any], value: float, parameter: float) -> float:
    """The cell of a matrix; on an edge between cells the larger U."""
    rows, columns = _places(function["x"], value), _places(function["p"], parameter)
    return max(float(function["U"][i][j]) for i in rows for j in columns)


def _places(edges: Sequence[float], value: float) -> list[int]:
    last = len(edges) - 2
    upper = min(bisect_right(edges, value) - 1, last)
    return [upper - 1, upper] if upper > 0 and edges[upper] == value else [max(upper, 0)]


def rows_for(entry: Entry, at: Mapping[str, float]) -> list[Row]:
    """The rows whose conditions hold; a condition that is not stated fits only rows that do not ask for it."""
    return [
        row for row in entry.rows if all(name in at and span.holds(at[name]) for name, span in row.conditions.items())
    ]


def U_at(entry: Entry, value: float, at: Mapping[str, float] | None = None) -> float | None:
    """The smallest U the entry states for a value, in its unit; None outside the scope."""
    found = [U_of(row, value, at or {}) for row in rows_for(entry, at or {}) if row.span.holds(value)]
    return min(found) if found else None


def can_measure(
    entries: Iterable[Entry],
    measurand: str,
    low: float,
    high: float,
    unit: str,
    day: date,
    at: Mapping[str, float] | None = None,
) -> Answer:
    """The entry that covers most of a span of values on a day, the U over it, and what is left uncovered."""
    best = Answer(None, None, None, (Span(low, high),))
    for entry in entries:
        if entry.measurand != measurand or not entry.in_force(day):
            continue
        scale = units.convert(1.0, unit, entry.unit)
        found = _over(entry, low * scale, high * scale, at or {})
        if best.entry is None or _rank(found) < _rank(best):
            best = found
    return best


def _rank(answer: Answer) -> tuple[float, float]:
    return sum(span.high - span.low for span in answer.missing) + len(answer.missing), answer.most or 0.0


def _over(entry: Entry, low: float, high: float, at: Mapping[str, float]) -> Answer:
    rows = sorted(rows_for(entry, at), key=lambda row: row.span.low)
    reached, missing, found = low, [], []
    for row in rows:
        begin, end = max(low, row.span.low), min(high, row.span.high)
        if begin > end:
            continue
        if begin > reached:
            missing.append(Span(reached, begin))
        found += [float(each) for each in U_over(row, np.linspace(begin, end, 33), at)]
        reached = max(reached, end)
    if not found:
        return Answer(None, None, None, (Span(low, high),))
    if reached < high:
        missing.append(Span(reached, high))
    return Answer(entry, min(found), max(found), tuple(missing))


def printed_not_below(printed: str, capability: float) -> bool:
    """Whether a printed U is not smaller than the CMC, both as people read them (ILAC P14, 5.4): two digits of the CMC."""
    return Decimal(printed) >= Decimal(report.round_U(capability))
