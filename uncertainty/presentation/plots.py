"""Drawings of an evaluation as SVG text: shares of a budget, the distribution of Monte Carlo, and series in time.

Each gives one SVG element with title and description in the language asked for; `identity` prefixes its ids and has to
be its own on a page. Numbers are plain sequences; what cannot be drawn raises DocumentError.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..distributions import FloatArray
from ..errors import N_, DocumentError
from ..montecarlo.pictures import histogram as counted_in
from . import figures
from .svg import (
    FAINT,
    INK,
    LIMIT,
    MAIN,
    PALE,
    WIDTH,
    Frame,
    axes,
    diamond,
    disc,
    legend,
    line,
    path,
    picture,
    reach,
    text,
)  # fmt: skip
from .table import BudgetTable
from .wording import word

HEIGHT = 300
MOST_BARS = 24
BINS = 80


def series(name: str, values: ArrayLike, length: int | None = None, fewest: int = 1) -> FloatArray:
    """Finite numbers (n,) to be drawn. Raises DocumentError."""
    found = np.asarray(values, dtype=float)
    if found.ndim != 1 or len(found) < fewest or (length is not None and len(found) != length):
        right = N_("columns of one length") if length is not None else N_("a list of numbers")
        raise DocumentError(place=name, found=str(found.shape), right=right)
    if not np.all(np.isfinite(found)):
        raise DocumentError(place=name, found="NaN", right=N_("a finite number"))
    return found


def contributions_height(table: BudgetTable) -> float:
    return 46.0 + 20 * min(len(table.rows), MOST_BARS + 1)


def contributions(table: BudgetTable, lang: str = "zh", identity: str = "contributions") -> str:
    """Shares of the quantities in the variance of a measurand, the largest first; negative ones are hollow bars."""
    rows = sorted(table.rows, key=lambda row: -abs(row.share or 0.0))
    bars = [(row.symbol, row.share or 0.0) for row in rows[:MOST_BARS]]
    if rows[MOST_BARS:]:
        bars.append((f"… +{len(rows) - MOST_BARS}", math.fsum(row.share or 0.0 for row in rows[MOST_BARS:])))
    low, high = min(0.0, *(share for _, share in bars)), max(1e-9, *(share for _, share in bars))
    frame = Frame(150, 30, WIDTH - 150 - 70, 20 * len(bars), (low, high), (0, 1))
    parts = []
    for i, (symbol, share) in enumerate(bars):
        y, left, right = frame.top + 20 * i, frame.x(min(share, 0)), frame.x(max(share, 0))
        parts.append(text(frame.left - 8, y + 13, symbol if len(symbol) < 22 else f"{symbol[:20]}…", anchor="end"))
        fill = MAIN if share >= 0 else "#ffffff"
        parts.append(
            f'<rect class="bar {"negative" if share < 0 else "positive"}" x="{left:g}" y="{y + 3:g}" '
            f'width="{max(right - left, 0.4):g}" height="13" fill="{fill}" stroke="{MAIN}" stroke-width="1"/>'
        )
        parts.append(text(max(right, frame.x(0)) + 6, y + 13, figures.percent(share), kind="share"))
    parts.append(line(frame.x(0), frame.top, frame.x(0), frame.bottom, kind="axis", width=0.8))
    title = word("contributions_title", lang, name=table.measurand)
    about = word("contributions_text", lang, count=len(rows), largest=bars[0][0], share=figures.percent(bars[0][1]))
    return picture("contributions", title, about, contributions_height(table), parts, identity)


def histogram(
    samples: ArrayLike,
    found: Mapping[str, Any],
    table: BudgetTable,
    *,
    trials: int,
    lang: str = "zh",
    identity: str = "histogram",
) -> str:
    """The distribution of a measurand: draws, both intervals of Monte Carlo, the normal curve of the first order.

    samples: (n,) draws in the measurand's unit; found: its entry of `monte_carlo.measurands`; trials: of that entry.
    """
    drawn = series("samples", samples, fewest=100)
    counted = counted_in(drawn, bins=BINS)
    density, edges = counted.density, counted.edges
    low, high = float(edges[0]), float(edges[-1])
    x = np.linspace(low, high, 241)
    u = table.u_c
    normal = np.exp(-0.5 * ((x - table.y) / u) ** 2) / (u * math.sqrt(2 * math.pi)) if u > 0 else np.zeros(0)
    top = float(max(density.max(), min(normal.max(initial=0.0), 3 * density.max()))) * 1.05
    frame = Frame(24, 62, WIDTH - 40, HEIGHT - 132, (low, high), (0, top))
    parts = axes(frame, _named(table), word("density", lang), y_ticks=False)
    steps = [(frame.x(low), frame.y(0))]
    for i, height in enumerate(density):
        steps += [(frame.x(edges[i]), frame.y(float(height))), (frame.x(edges[i + 1]), frame.y(float(height)))]
    parts.append(path([*steps, (frame.x(high), frame.y(0))], kind="histogram", stroke=FAINT, width=0.8, fill=PALE))
    if len(normal):
        curve = [(frame.x(float(a)), frame.y(min(float(b), top))) for a, b in zip(x, normal, strict=True)]
        parts.append(path(curve, kind="first-order", stroke=INK, dash="2 3"))
    for kind, dash, below in (("symmetric", "", 34), ("shortest", "7 4", 48)):
        parts += _interval(frame, found[f"interval_{kind}"], kind, dash, frame.bottom + below)
    parts += legend(
        [
            (line(0, 0, 22, 0, kind="symmetric", stroke=LIMIT, width=1.6), word("symmetric", lang)),
            (line(0, 0, 22, 0, kind="shortest", stroke=LIMIT, width=1.6, dash="7 4"), word("shortest", lang)),
            (line(0, 0, 22, 0, kind="first-order", width=1.4, dash="2 3"), word("first_order", lang)),
        ],
        34,
    )
    about = word(
        "histogram_text", lang, trials=trials, symmetric=figures.interval(found["interval_symmetric"]),
        shortest=figures.interval(found["interval_shortest"]),
    )  # fmt: skip
    return picture("histogram", word("histogram_title", lang, name=table.measurand), about, HEIGHT, parts, identity)


def _interval(frame: Frame, ends: Sequence[float], kind: str, dash: str, y: float) -> list[str]:
    """Two lines down through the drawing, joined below it."""
    left, right = (frame.x(float(end)) for end in ends)
    return [
        line(left, frame.top + 14, left, y, kind=kind, stroke=LIMIT, width=1.2, dash=dash),
        line(right, frame.top + 14, right, y, kind=kind, stroke=LIMIT, width=1.2, dash=dash),
        line(left, y, right, y, kind=kind, stroke=LIMIT, width=1.6, dash=dash),
    ]


def _named(table: BudgetTable) -> str:
    return table.measurand if table.unit == "1" else f"{table.measurand} / {table.unit}"


def residuals(
    x: ArrayLike,
    values: ArrayLike,
    u: ArrayLike | None = None,
    *,
    x_label: str = "x",
    y_label: str = "",
    lang: str = "zh",
    identity: str = "residuals",
) -> str:
    """Residuals of a fit against x, with ± 2u where u is given; those further than 2u from zero are diamonds."""
    at, found = series("x", x), series("residuals", values, length=len(series("x", x)))
    half = np.zeros(len(at)) if u is None else 2 * series("u", u, length=len(at))
    out = (np.abs(found) > half) & (u is not None)
    frame = Frame(76, 48, WIDTH - 92, HEIGHT - 96, reach(at), reach([*(found - half), *(found + half), 0.0]))
    parts = axes(frame, x_label, y_label or word("residual", lang))
    parts.append(line(frame.left, frame.y(0), frame.right, frame.y(0), kind="zero", width=1))
    parts += _points(frame, at, found, half, out)
    s = float(np.std(found, ddof=1)) if len(found) > 1 else 0.0
    about = word("residuals_text", lang, count=len(found), s=figures.figure(s, 3), outside=int(out.sum()))
    return picture("residuals", word("residuals_title", lang), about, HEIGHT, parts, identity)


def _points(frame: Frame, at: FloatArray, values: FloatArray, half: FloatArray, out: Any) -> list[str]:
    """Points with whiskers; those out of bounds are diamonds, so that they differ in grey too."""
    parts = []
    for x, y, w, outside in zip(at, values, half, np.broadcast_to(out, len(at)), strict=True):
        px, py = frame.x(float(x)), frame.y(float(y))
        if w > 0:
            top, bottom = frame.y(float(y + w)), frame.y(float(y - w))
            parts.append(
                f'<path class="whisker" d="M{px:g} {top:g}V{bottom:g}M{px - 3.5:g} {top:g}h7M{px - 3.5:g} {bottom:g}h7" '
                f'fill="none" stroke="{MAIN}" stroke-width="1.1"/>'
            )
        parts.append(diamond(px, py, kind="mark outside") if outside else disc(px, py, kind="mark"))
    return parts


def control_chart(
    values: ArrayLike,
    centre: float,
    limits: tuple[float, float],
    warning: tuple[float, float] | None = None,
    *,
    y_label: str = "",
    lang: str = "zh",
    identity: str = "control-chart",
) -> str:
    """Values in their order about a centre, with control limits (dashed) and warning limits (dotted)."""
    found = series("values", values)
    low, high = (float(end) for end in series("limits", limits, length=2))
    if not low < high:
        raise DocumentError(place="limits", found=f"{low:g}, {high:g}", right=N_("a number above lower"))
    frame = Frame(
        76, 62, WIDTH - 92, HEIGHT - 110, (0.5, len(found) + 0.5), reach([*found, low, high, *(warning or ())])
    )
    parts = axes(frame, word("number", lang), y_label)
    drawn = [("limit", (low, high), LIMIT, "7 4"), ("centre", (centre,), INK, "")]
    drawn += [("warning", warning, FAINT, "2 3")] if warning else []
    samples = []
    for kind, levels, stroke, dash in drawn:
        for level in levels:
            y = frame.y(float(level))
            parts.append(line(frame.left, y, frame.right, y, kind=kind, stroke=stroke, width=1.2, dash=dash))
        samples.append((line(0, 0, 22, 0, kind=kind, stroke=stroke, width=1.4, dash=dash), word(kind, lang)))
    at = np.arange(1.0, len(found) + 1)
    parts.append(
        path(
            [(frame.x(a), frame.y(float(b))) for a, b in zip(at, found, strict=True)],
            kind="run",
            stroke=MAIN,
            width=0.8,
        )
    )
    out = (found < low) | (found > high)
    parts += _points(frame, at, found, np.zeros(len(at)), out)
    parts += legend(samples, 34)
    said = {name: figures.short(value, 6) for name, value in (("centre", centre), ("low", low), ("high", high))}
    about = word("chart_text", lang, count=len(found), outside=int(out.sum()), **said)
    return picture("control-chart", word("chart_title", lang), about, HEIGHT, parts, identity)


def drift(
    x: ArrayLike,
    values: ArrayLike,
    U: ArrayLike,
    band: tuple[ArrayLike, ArrayLike, ArrayLike, ArrayLike],
    *,
    x_label: str = "",
    y_label: str = "",
    lang: str = "zh",
    identity: str = "drift",
) -> str:
    """Calibrations with their U, the fitted line and its prediction band. band: (x, fit, low, high), also beyond them."""
    at = series("x", x)
    found, half = series("values", values, length=len(at)), series("U", U, length=len(at))
    grid = series("band", band[0], fewest=2)
    fit, low, high = (series("band", part, length=len(grid)) for part in band[1:])
    frame = Frame(
        76,
        62,
        WIDTH - 92,
        HEIGHT - 110,
        reach([*at, *grid], 0.03),
        reach([*(found - half), *(found + half), *low, *high]),
    )
    edge = [(frame.x(float(a)), frame.y(float(b))) for a, b in zip(grid, high, strict=True)]
    edge += [(frame.x(float(a)), frame.y(float(b))) for a, b in zip(grid[::-1], low[::-1], strict=True)]
    parts = [path(edge, kind="band", stroke=FAINT, width=0.8, dash="2 3", fill=PALE)]
    parts += axes(frame, x_label, y_label)
    parts.append(path([(frame.x(float(a)), frame.y(float(b))) for a, b in zip(grid, fit, strict=True)], kind="fit"))
    parts += _points(frame, at, found, half, np.zeros(len(at), dtype=bool))
    swatch = f'<rect class="band" x="0" y="-5" width="22" height="10" fill="{PALE}" stroke="{FAINT}" stroke-dasharray="2 3"/>'
    parts += legend(
        [(line(0, 0, 22, 0, kind="fit", width=1.4), word("fit", lang)), (swatch, word("prediction", lang))], 34
    )
    about = word("drift_text", lang, count=len(at), until=figures.short(float(grid.max()), 6))
    return picture("drift", word("drift_title", lang), about, HEIGHT, parts, identity)
