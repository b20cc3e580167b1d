"""The error plot as native SVG: every point's error against its limits of error, with U as whiskers.

For the certificate and for web pages: role img with title and desc, presentation attributes and class names only (no
style attribute, no script), so it stands under a strict CSP and a page's stylesheet may recolour it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from itertools import groupby
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from .dsi import symbol
from .texts import Text, filled, label

WIDTH, HEIGHT = 720, 248
LEFT, RIGHT, TOP, BOTTOM = 52, 8, 34, 22  # BOTTOM grows where the labels are turned
MOST = Decimal(3)  # three times the limit: what lies beyond is drawn as an arrow at the edge
INK, FAINT, LIMIT, PASS, FAIL, OPEN = "#1b1f24", "#8a929b", "#a4262c", "#0b4f8a", "#a4262c", "#8a5a00"
COLOURS = {"fail": FAIL, "undetermined": OPEN, "conditional_pass": OPEN, "conditional_fail": OPEN}
FONT = "Noto Sans SC, Noto Sans CJK SC, sans-serif"

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Mark:
    """One point, its error and U as parts of its limit (or of its range's scale, where there are no limits)."""

    nominal: str
    span: str
    error: Decimal
    U: Decimal
    verdict: str


def error_plot(
    rows: Sequence[Row],
    *,
    title: Text | None = None,
    languages: Sequence[str] = ("zh", "en"),
    identity: str = "error-plot",
) -> str:
    """One SVG element, or "" when no row has both an error and U.

    languages: of its words; identity: prefix of its ids, unique on a page.
    """
    marks, limited = _marks(rows)
    if not marks:
        return ""
    title = title or label("plot")
    reach = _reach(marks)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="error-plot" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-labelledby="{identity}-title {identity}-desc" font-family={quoteattr(FONT)} font-size="10">',
        f'<title id="{identity}-title">{escape(_said(title, languages))}</title>',
        f'<desc id="{identity}-desc">{escape(_said(description(rows), languages))}</desc>',
    ]
    parts += _axis(reach, limited, languages)
    parts += _bands(marks)
    parts += [line for i, mark in enumerate(marks) for line in _mark(i, mark, len(marks), reach)]
    parts.append("</svg>")
    return "".join(parts)


def description(rows: Sequence[Row]) -> Text:
    """What the plot shows, in words: for people who do not see it."""
    marks, limited = _marks(rows)
    if not marks or not limited:
        return filled("plot_description_absolute", points=len(rows))
    largest = max(marks, key=lambda mark: abs(mark.error))
    return filled(
        "plot_description",
        points=len(marks),
        ranges=len({mark.span for mark in marks}),
        outside=sum(abs(mark.error) > 1 for mark in marks),
        largest=f"{abs(largest.error) * 100:.0f}",
        where=largest.span,
    )


def _marks(rows: Sequence[Row]) -> tuple[list[Mark], bool]:
    """The points to draw, and whether they are scaled by limits."""
    drawn = [row for row in rows if row.get("error") is not None and row.get("U") is not None]
    limited = bool(drawn) and all(_limit(row) for row in drawn)
    scales: dict[str, Decimal] = {}
    if not limited:
        for span, group in groupby(drawn, _span):
            most = max(abs(Decimal(row["error"])) + Decimal(row["U"]) for row in group)
            scales[span] = max(scales.get(span, Decimal(0)), most)
    marks = []
    for row in drawn:
        scale = (_limit(row) if limited else scales[_span(row)]) or Decimal(1)
        error, half = Decimal(row["error"]), Decimal(row["U"])
        marks.append(
            Mark(row.get("nominal") or str(row["point"]), _span(row), error / scale, half / scale, row["verdict"])
        )
    return marks, limited


def _limit(row: Row) -> Decimal | None:
    """The limit that the error's sign meets; None where there is none."""
    low, high = row.get("low"), row.get("high")
    if low is None or high is None:
        return None
    limit = abs(Decimal(low if Decimal(row["error"]) < 0 else high))
    return limit or None


def _span(row: Row) -> str:
    return str(row.get("range") or symbol(row["unit"]))


def _reach(marks: Sequence[Mark]) -> Decimal:
    """Half the height of the drawing in limits: 1.25 or more, in quarters, at most MOST."""
    most = max(abs(mark.error) + mark.U for mark in marks) * Decimal("1.05")
    return min(MOST, max(Decimal("1.25"), (most * 4).to_integral_value(ROUND_CEILING) / 4))


def _y(value: Decimal, reach: Decimal) -> float:
    middle, half = (TOP + HEIGHT - BOTTOM) / 2, (HEIGHT - BOTTOM - TOP) / 2
    return round(middle - half * float(max(-reach, min(reach, value)) / reach), 2)


def _x(i: float, n: int) -> float:
    return round(LEFT + (i + 0.5) * (WIDTH - LEFT - RIGHT) / n, 2)


def _axis(reach: Decimal, limited: bool, languages: Sequence[str]) -> list[str]:
    right = WIDTH - RIGHT
    step = Decimal("0.5") if reach <= Decimal(2) else Decimal(1)
    ticks = [step * i for i in range(int(-reach / step), int(reach / step) + 1)]
    lines = []
    for tick in ticks:
        y = _y(tick, reach)
        if limited and abs(tick) == 1:
            stroke = f'class="limit" stroke="{LIMIT}" stroke-width="1.2" stroke-dasharray="6 3"'
        else:
            stroke = f'class="grid" stroke="{INK if tick == 0 else FAINT}" stroke-width="{0.8 if tick == 0 else 0.3}"'
        lines.append(f'<line x1="{LEFT}" y1="{y}" x2="{right}" y2="{y}" {stroke}/>')
        sign = "+" if tick > 0 else "−" if tick < 0 else ""
        lines.append(
            f'<text class="tick" x="{LEFT - 6}" y="{y + 3.5}" text-anchor="end" fill="{INK}">'
            f"{sign}{abs(tick) * 100:.0f} %</text>"
        )
    name = label("of_limit") if limited else label("error")
    lines.append(f'<text class="axis" x="2" y="11" fill="{INK}">{escape(_said(name, languages))}</text>')
    return lines


def _bands(marks: Sequence[Mark]) -> list[str]:
    """A band for each range, every second one shaded, its name above."""
    lines, start = [], 0
    for number, (span, group) in enumerate(groupby(marks, lambda mark: mark.span)):
        n = len(list(group))
        left, right = _x(start - 0.5, len(marks)), _x(start + n - 0.5, len(marks))
        if number % 2 == 0:
            lines.append(
                f'<rect class="band" x="{left}" y="{TOP}" width="{round(right - left, 2)}" '
                f'height="{HEIGHT - BOTTOM - TOP}" fill="#0b4f8a" fill-opacity="0.06"/>'
            )
        lines.append(
            f'<text class="range" x="{round((left + right) / 2, 2)}" y="{TOP - 6}" text-anchor="middle" '
            f'fill="{INK}">{escape(span)}</text>'
        )
        start += n
    return lines


def _mark(i: int, mark: Mark, n: int, reach: Decimal) -> list[str]:
    x, y = _x(i, n), _y(mark.error, reach)
    top, bottom = _y(mark.error + mark.U, reach), _y(mark.error - mark.U, reach)
    colour = COLOURS.get(mark.verdict, PASS)
    lines = [
        f'<path class="whisker {mark.verdict}" d="M{x} {top}V{bottom}M{x - 3.5} {top}h7M{x - 3.5} {bottom}h7" '
        f'fill="none" stroke="{colour}" stroke-width="1.1"/>',
        _symbol(x, y, mark, colour, beyond=abs(mark.error) > reach),
    ]
    if n <= 40 or i % (n // 40 + 1) == 0:
        turned = f' transform="rotate(-60 {x} {HEIGHT - BOTTOM + 14})"' if n > 24 else ""
        anchor = "end" if n > 24 else "middle"
        lines.append(
            f'<text class="nominal" x="{x}" y="{HEIGHT - BOTTOM + 14}" text-anchor="{anchor}" font-size="8.5" '
            f'fill="{INK}"{turned}>{escape(mark.nominal.replace("-", "−"))}</text>'
        )
    return lines


def _symbol(x: float, y: float, mark: Mark, colour: str, *, beyond: bool) -> str:
    """Verdicts differ by shape as well as by colour: disc, diamond (fail), ring (undetermined), arrow (off the drawing)."""
    if beyond:
        tip = 6 if mark.error < 0 else -6
        return f'<path class="mark beyond {mark.verdict}" d="M{x - 4} {y - tip}h8L{x} {y}z" fill="{colour}"/>'
    if mark.verdict == "fail":
        return f'<path class="mark fail" d="M{x} {y - 5}l5 5l-5 5l-5 -5z" fill="{colour}"/>'
    inside = colour if mark.verdict in ("pass", "none") else "#ffffff"
    return (
        f'<circle class="mark {mark.verdict}" cx="{x}" cy="{y}" r="3.4" fill="{inside}" stroke="{colour}" '
        'stroke-width="1.3"/>'
    )


def _said(text: Text, languages: Sequence[str]) -> str:
    return " ".join(text[lang] for lang in languages)
