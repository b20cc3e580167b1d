"""Geometry of control charts: the large drawing, the small one of a list, and En over the years.

What is judged comes from lims.domain.charts; here is only where it lies. Scales and ticks are those of
uncertainty.presentation, so that the drawing of a page and that of a document agree.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any

from lims.domain import charts
from lims.queries.charts import Line
from lims.queries.proficiency import Scored
from lims.records import ChartPoint
from uncertainty.presentation.svg import Frame, reach, tick_texts, ticks
from web.speech import day

WIDTH, HEIGHT = 960.0, 340.0
MOST = 200
"""Points of one drawing; the table and the file behind it have the rest."""
SPARK = (160.0, 36.0)
LIMIT_Z = 3.0


@dataclass(frozen=True, slots=True)
class Dot:
    """One point to focus. kind: base | later | signal. n: its number in the span; value: as drawn."""

    x: float
    y: float
    kind: str
    n: int
    value: float
    point: ChartPoint


@dataclass(frozen=True, slots=True)
class Drawing:
    """Lines as SVG path data, ticks as (place, text), dots; levels: the limits with their words at the right end."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    dots: Sequence[Dot]
    runs: Sequence[str]
    y_ticks: Sequence[tuple[float, str]]
    x_ticks: Sequence[tuple[float, str]]
    band: str = ""
    edges: Sequence[str] = ()
    levels: Sequence[tuple[float, str]] = field(default_factory=tuple)
    centre: float | None = None
    raw: Sequence[tuple[float, float]] = ()
    split: float | None = None


def drawing(chart: str, span: charts.Span, points: Mapping[int, ChartPoint]) -> Drawing | None:
    """The newest points of a span with its centre and limits; None where nothing is to be drawn yet."""
    judged = charts.watched(chart, span)
    if judged is None:
        if span.fixed is not None or not span.points:
            return None
        shown = span.points[-MOST:]
        return _drawn(shown, [p.value for p in shown], None, None, span, points, len(span.points) - len(shown))
    kept, found = judged
    skipped = max(0, len(kept) - MOST)
    return _drawn(kept[skipped:], found.values[skipped:], found, chart, span, points, skipped)


def _drawn(
    shown: Sequence[charts.Kept],
    values: Sequence[float],
    judged: charts.Judged | None,
    chart: str | None,
    span: charts.Span,
    points: Mapping[int, ChartPoint],
    skipped: int,
) -> Drawing:
    n = len(shown)
    low = judged.low[skipped:] if judged else ()
    high = judged.high[skipped:] if judged else ()
    sums = judged.lower_sums[skipped:] if judged and judged.lower_sums else ()
    raw = [p.value for p in shown] if chart == "ewma" else []
    frame = Frame(92, 18, WIDTH - 92 - 96, HEIGHT - 62, (0.5, n + 0.5), reach([*values, *low, *high, *sums, *raw]))
    at = [frame.x(i + 1) for i in range(n)]
    dots = [
        Dot(at[i], frame.y(values[i]), _kind(points[p.id], p, span), skipped + i + 1, values[i], points[p.id])
        for i, p in enumerate(shown)
    ]
    if sums:  # a signal of the lower sum stands on the lower line
        dots = [
            Dot(dot.x, frame.y(s), dot.kind, dot.n, s, dot.point) if dot.kind == "signal" and -s > dot.value else dot
            for dot, s in zip(dots, sums, strict=True)
        ]
    base = sum(dot.kind == "base" for dot in dots)
    return Drawing(
        WIDTH, HEIGHT, frame.left, frame.right, frame.top, frame.bottom,
        dots=dots,
        runs=[_path(at, [frame.y(v) for v in line]) for line in (values, sums) if line],
        y_ticks=_ticks(frame),
        x_ticks=_days(at, [points[p.id] for p in shown]),
        band=_band(frame, at, low, high),
        edges=[_path(*_steps(frame, at, line)) for line in (low, high) if line],
        levels=_levels(frame, judged, low, high),
        centre=None if judged is None else frame.y(judged.centre),
        raw=[(x, frame.y(v)) for x, v in zip(at, raw, strict=False)],
        split=(at[base - 1] + at[base]) / 2 if 0 < base < n else None,
    )  # fmt: skip


def _kind(point: ChartPoint, kept: charts.Kept, span: charts.Span) -> str:
    if point.signals:
        return "signal"
    return "base" if span.fixed is None or kept.id <= span.fixed.last else "later"


def _ticks(frame: Frame) -> list[tuple[float, str]]:
    marks = ticks(*frame.ys, most=6)
    return [(frame.y(mark), said) for mark, said in zip(marks, tick_texts(marks), strict=True)]


def _days(at: Sequence[float], points: Sequence[ChartPoint]) -> list[tuple[float, str]]:
    """At most seven days along the axis."""
    step = max(1, -(-len(points) // 7))
    return [(at[i], day(points[i].at)) for i in range(0, len(points), step)]


def _steps(frame: Frame, at: Sequence[float], values: Sequence[float]) -> tuple[list[float], list[float]]:
    """A limit from edge to edge: each value holds half-way to its neighbours."""
    middles = [frame.left, *((a + b) / 2 for a, b in pairwise(at)), frame.right]
    xs = [x for a, b in pairwise(middles) for x in (a, b)]
    return xs, [frame.y(value) for value in values for _ in (0, 1)]


def _band(frame: Frame, at: Sequence[float], low: Sequence[float], high: Sequence[float]) -> str:
    if not low:
        return ""
    xs, top = _steps(frame, at, high)
    below = _steps(frame, at, low)[1]
    return _path([*xs, *reversed(xs)], [*top, *reversed(below)]) + "Z"


def _levels(
    frame: Frame, judged: charts.Judged | None, low: Sequence[float], high: Sequence[float]
) -> list[tuple[float, str]]:
    """Centre and last limits with their figures, written at the right end."""
    if judged is None:
        return []
    places = max(0, 2 - math.floor(math.log10(high[-1] - low[-1])))
    ends = (high[-1], judged.centre, low[-1])
    return [(frame.y(value), f"{value:.{places}f}".replace("-", "\u2212")) for value in ends]


def _path(xs: Sequence[float], ys: Sequence[float]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in zip(xs, ys, strict=True))


@dataclass(frozen=True, slots=True)
class Spark:
    """A small chart: run, band of ± 3 s, the last point, and those with signals."""

    run: str
    band: tuple[float, float] | None
    last: tuple[float, float]
    out: Sequence[tuple[float, float]]


def spark(line: Line) -> Spark | None:
    """The newest points of a chart of a list as they were entered, whatever the chart makes of them."""
    recent = line.recent
    if not recent:
        return None
    fixed = line.fixed
    ends = [] if fixed is None else [fixed.centre - LIMIT_Z * fixed.s, fixed.centre + LIMIT_Z * fixed.s]
    width, height = SPARK
    frame = Frame(4, 4, width - 8, height - 8, (0, max(1, len(recent) - 1)), reach([*(p.value for p in recent), *ends]))
    places = [(frame.x(i), frame.y(point.value)) for i, point in enumerate(recent)]
    return Spark(
        run=_path([x for x, _ in places], [y for _, y in places]),
        band=(frame.y(ends[1]), frame.y(ends[0])) if ends else None,
        last=places[-1],
        out=[place for place, point in zip(places, recent, strict=True) if point.signals],
    )


def en_by_year(scores: Sequence[Scored]) -> dict[str, Any] | None:
    """En of every point against the day of its round; the band is |En| ≤ 1."""
    if not scores:
        return None
    days = [score.day.toordinal() for score in scores]
    first, last = date(min(s.day for s in scores).year, 1, 1), date(max(s.day for s in scores).year + 1, 1, 1)
    far = max(1.5, *(abs(score.En) * 1.1 for score in scores))
    frame = Frame(56, 14, WIDTH - 56 - 16, 220, (first.toordinal(), last.toordinal()), (-far, far))
    return {
        "width": WIDTH,
        "height": 262.0,
        "frame": frame,
        "band": (frame.y(1), frame.y(-1)),
        "zero": frame.y(0),
        "y_ticks": _ticks(frame),
        "years": [
            (frame.x(date(year, 1, 1).toordinal()), frame.x(date(year, 7, 1).toordinal()), year)
            for year in range(first.year, last.year)
        ],
        "dots": [
            {"x": frame.x(at), "y": frame.y(score.En), "score": score, "out": abs(score.En) > 1}
            for at, score in zip(days, scores, strict=True)
        ],
    }
