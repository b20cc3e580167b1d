"""Geometry of the small figures: where a bar, a whisker or a band lies, in the figure's own length units.

No styles are computed here, only numbers for SVG attributes: the content policy forbids inline styles.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

WIDTH = 200.0
"""Length of an inline bar; its middle is error zero when the limits are symmetric."""


@dataclass(frozen=True, slots=True)
class PointBar:
    """Error against its limits: band from `low` to `high`, guard bands inside it, dot at `at`, whisker ± U."""

    low: float | None
    high: float | None
    accept_low: float | None
    accept_high: float | None
    zero: float
    at: float
    left: float
    right: float
    outside: bool
    cut_left: bool
    cut_right: bool


def number(value: object) -> float | None:
    """A decimal string as a number; None for nothing and for what is no number."""
    try:
        found = float(str(value))
    except (TypeError, ValueError):
        return None
    return found if isfinite(found) else None


def point_bar(row: Mapping[str, Any], guard: float | None = None) -> PointBar | None:
    """Bar of one result row (strings as printed). guard: w as a multiple of U where the rule has a guard band."""
    error, U = number(row.get("error", row.get("value"))), number(row.get("U"))
    if error is None:
        return None
    low, high = number(row.get("low")), number(row.get("high"))
    spread = U or 0.0
    if low is not None and high is not None and high > low:
        margin = 0.25 * (high - low)
        start, stop = low - margin, high + margin
    else:
        reach = max(abs(error) + spread, 1e-300) * 1.25
        low = high = None
        start, stop = -reach, reach

    def place(value: float) -> float:
        return round((value - start) / (stop - start) * WIDTH, 2)

    def inside(value: float) -> float:
        return min(max(place(value), 1.0), WIDTH - 1.0)

    w = None if guard is None or low is None or high is None else guard * spread
    return PointBar(
        low=None if low is None else place(low),
        high=None if high is None else place(high),
        accept_low=None if w is None or low is None or high is None else place(min(low + w, (low + high) / 2)),
        accept_high=None if w is None or low is None or high is None else place(max(high - w, (low + high) / 2)),
        zero=inside(0.0),
        at=inside(error),
        left=inside(error - spread),
        right=inside(error + spread),
        outside=low is not None and high is not None and not low <= error <= high,
        cut_left=place(error - spread) < 0,
        cut_right=place(error + spread) > WIDTH,
    )


@dataclass(frozen=True, slots=True)
class Share:
    """One line of a budget: its contribution |c|·u in the measurand's unit and its share of u_c²."""

    name: str
    text: str
    contribution: float
    share: float
    width: float
    u: float
    sensitivity: float
    dof: float | None
    kind: str


def shares(
    contributions: Iterable[Mapping[str, Any]], names: Mapping[str, Mapping[str, Any]] | None = None
) -> list[Share]:
    """Contributions of a budget, greatest first; widths in per cent of the greatest share.

    names: description of each quantity, with `text` and `type` ("A" or "B") where known.
    """
    known = names or {}
    rows = sorted(contributions, key=lambda row: -abs(float(row.get("share") or 0.0)))
    top = max((abs(float(row.get("share") or 0.0)) for row in rows), default=0.0) or 1.0
    return [
        Share(
            name=str(row["quantity"]),
            text=str(known.get(row["quantity"], {}).get("text") or row.get("source") or row["quantity"]),
            contribution=float(row.get("contribution") or 0.0),
            share=float(row.get("share") or 0.0),
            width=round(abs(float(row.get("share") or 0.0)) / top * 100, 2),
            u=float(row.get("u") or 0.0),
            sensitivity=float(row.get("sensitivity") or 0.0),
            dof=None if row.get("dof") is None else float(row["dof"]),
            kind=str(known.get(row["quantity"], {}).get("type") or ""),
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Plot:
    """A small error plot: relative error (error over its limit) against the points in order."""

    width: float
    height: float
    dots: list[dict[str, Any]] = field(default_factory=list)
    band_top: float = 0.0
    band_bottom: float = 0.0
    zero: float = 0.0
    groups: list[dict[str, Any]] = field(default_factory=list)


def error_plot(rows: Sequence[Mapping[str, Any]], width: float = 640, height: float = 220) -> Plot | None:
    """Error ÷ limit for each point, so that ranges of different size share one axis; None without limits.

    The axis runs from −1.5 to +1.5 of the limit; what lies beyond is drawn at the edge and marked.
    """
    left, right, top, bottom = 44.0, 12.0, 10.0, 34.0
    inner, tall = width - left - right, height - top - bottom

    def y(ratio: float) -> float:
        return round(top + (1.5 - max(-1.5, min(1.5, ratio))) / 3.0 * tall, 2)

    dots: list[dict[str, Any]] = []
    groups: list[dict[str, Any]] = []
    step = inner / max(len(rows), 1)
    for i, row in enumerate(rows):
        error, U = number(row.get("error")), number(row.get("U")) or 0.0
        low, high = number(row.get("low")), number(row.get("high"))
        if error is None or low is None or high is None or high <= low:
            continue
        middle, half = (low + high) / 2, (high - low) / 2
        x = round(left + step * (i + 0.5), 2)
        ratio = (error - middle) / half
        dots.append(
            {
                "x": x,
                "y": y(ratio),
                "top": y((error + U - middle) / half),
                "bottom": y((error - U - middle) / half),
                "row": row,
                "ratio": ratio,
                "beyond": abs(ratio) > 1.5,
            }
        )
        if groups and groups[-1]["name"] == row.get("range"):
            groups[-1]["to"] = round(left + step * (i + 1), 2)
        else:
            groups.append(
                {"name": row.get("range"), "from": round(left + step * i, 2), "to": round(left + step * (i + 1), 2)}
            )
    if not dots:
        return None
    return Plot(width, height, dots, y(1.0), y(-1.0), y(0.0), groups)


@dataclass(frozen=True, slots=True)
class Strip:
    """A dot for each item on a line of WIDTH: (serial, value, place, stands out). low, high: places of the limits."""

    dots: Sequence[tuple[str, float, float, bool]]
    low: float | None
    high: float | None
    outside: int


def strip(values: Sequence[tuple[str, float, bool]], low: object, high: object) -> Strip:
    """Where the dots of a batch lie, with the limits of error where there are any.

    values: (serial, value, stands out), at least one. low, high: limits of error as texts, None before the evaluation.
    """
    numbers = [value for _, value, _ in values]
    bottom, top = number(low), number(high)
    edges = [each for each in (bottom, top) if each is not None]
    start, stop = min(*numbers, *edges, numbers[0]), max(*numbers, *edges, numbers[0])
    margin = 0.08 * (stop - start) or max(abs(stop), 1e-300)

    def place(value: float) -> float:
        return round((value - start + margin) / (stop - start + 2 * margin) * WIDTH, 2)

    return Strip(
        dots=[(serial, value, place(value), marked) for serial, value, marked in values],
        low=None if bottom is None else place(bottom),
        high=None if top is None else place(top),
        outside=sum(marked for _, _, marked in values),
    )
