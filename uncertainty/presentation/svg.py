"""Native SVG without dependencies: a picture with its title and description, axes with round ticks, a legend.

Presentation attributes and class names only (no style attribute, no script), so that a picture stands under a strict
CSP, a page's stylesheet may recolour it, and it stays readable in grey: kinds differ by shape and dash, not by colour.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

from ..report import round_to
from . import figures

WIDTH = 720
INK, FAINT, MAIN, LIMIT, PALE = "#1b1f24", "#8a929b", "#0b4f8a", "#a4262c", "#c7d6e6"
FONT = "Noto Sans SC, Noto Sans CJK SC, sans-serif"
UNPRINTABLE = {code: "�" for code in range(32) if code not in (9, 10, 13)}


@dataclass(frozen=True, slots=True)
class Frame:
    """The field of a drawing in the picture, and the ranges of its axes."""

    left: float
    top: float
    width: float
    height: float
    xs: tuple[float, float]
    ys: tuple[float, float]

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def x(self, value: float) -> float:
        low, high = self.xs
        return round(self.left + self.width * (value - low) / (high - low), 2)

    def y(self, value: float) -> float:
        low, high = self.ys
        return round(self.bottom - self.height * (value - low) / (high - low), 2)


def picture(kind: str, title: str, about: str, height: float, parts: Iterable[str], identity: str) -> str:
    """One SVG element with role img; its title stands above the drawing too. identity: prefix of its ids."""
    name = escape(printable(title))
    return "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="uncertainty-plot {kind}" viewBox="0 0 {WIDTH} {height:g}" '
            f'width="{WIDTH}" height="{height:g}" role="img" '
            f'aria-labelledby="{identity}-title {identity}-desc" font-family={quoteattr(FONT)} font-size="10">',
            f'<title id="{identity}-title">{name}</title>',
            f'<desc id="{identity}-desc">{escape(printable(about))}</desc>',
            f'<text class="heading" x="8" y="16" font-size="12" fill="{INK}">{name}</text>',
            *parts,
            "</svg>",
        ]
    )


def stacked(pictures: Sequence[tuple[str, float]], title: str, about: str, identity: str) -> str:
    """Several pictures of (SVG, height) one below the other in one file."""
    parts, top = [], 0.0
    for drawn, height in pictures:
        parts.append(drawn.replace("<svg ", f'<svg y="{top:g}" ', 1))
        top += height
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="uncertainty-plots" viewBox="0 0 {WIDTH} {top:g}" '
        f'width="{WIDTH}" height="{top:g}" role="group" aria-labelledby="{identity}-title {identity}-desc">'
        f'<title id="{identity}-title">{escape(printable(title))}</title>'
        f'<desc id="{identity}-desc">{escape(printable(about))}</desc>{"".join(parts)}</svg>'
    )


def printable(text: str) -> str:
    """The text without control characters, which XML has no way to hold."""
    return text.translate(UNPRINTABLE)


def text(x: float, y: float, said: str, *, anchor: str = "start", kind: str = "label", size: float = 10) -> str:
    return (
        f'<text class="{kind}" x="{x:g}" y="{y:g}" text-anchor="{anchor}" font-size="{size:g}" fill="{INK}">'
        f"{escape(printable(said))}</text>"
    )


def line(
    x1: float, y1: float, x2: float, y2: float, *, kind: str, stroke: str = INK, width: float = 1, dash: str = ""
) -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line class="{kind}" x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" stroke="{stroke}" '
        f'stroke-width="{width:g}"{dashed}/>'
    )


def path(
    points: Iterable[tuple[float, float]],
    *,
    kind: str,
    stroke: str = INK,
    width: float = 1.4,
    dash: str = "",
    fill: str = "none",
) -> str:
    """A line through points of the picture; closed where it is filled."""
    drawn = "M" + "L".join(f"{x:g} {y:g}" for x, y in points) + ("" if fill == "none" else "Z")
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<path class="{kind}" d="{drawn}" fill="{fill}" stroke="{stroke}" stroke-width="{width:g}"{dashed}/>'


def disc(x: float, y: float, *, kind: str, hollow: bool = False, colour: str = MAIN) -> str:
    inside = "#ffffff" if hollow else colour
    return (
        f'<circle class="{kind}" cx="{x:g}" cy="{y:g}" r="3.4" fill="{inside}" stroke="{colour}" stroke-width="1.3"/>'
    )


def diamond(x: float, y: float, *, kind: str) -> str:
    return f'<path class="{kind}" d="M{x:g} {y - 5.5:g}l5.5 5.5l-5.5 5.5l-5.5 -5.5z" fill="{LIMIT}"/>'


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round numbers (1, 2, 5 times a power of ten) between two limits, at most `most` + 1."""
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * m for m in (1, 2, 5, 10) if power * m >= rough * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [i * step for i in range(first, last + 1)]


def tick_texts(values: Sequence[float]) -> list[str]:
    """The ticks to the place of their step, so that they are told apart; with a power of ten where that is too long."""
    if len(values) < 2:
        return [figures.short(value, 12) for value in values]
    step = min(b - a for a, b in pairwise(values))
    most = max(abs(value) for value in values)
    place = math.floor(math.log10(step) + 1e-9)
    if place >= -6 and 1e-3 <= most < 1e9 and most * 10.0 ** -min(place, 0) < 1e9:
        return [figures.minus(round_to(value, place)) for value in values]
    digits = min(15, max(1, math.floor(math.log10(most)) - place + 1))
    return ["0" if abs(value) < step / 2 else figures.short(value, digits) for value in values]


def axes(frame: Frame, x_label: str, y_label: str, *, y_ticks: bool = True) -> list[str]:
    """Grid, ticks and names of both axes."""
    parts = []
    if y_ticks:
        marks = ticks(*frame.ys, most=5)
        for value, said in zip(marks, tick_texts(marks), strict=True):
            parts.append(
                line(frame.left, frame.y(value), frame.right, frame.y(value), kind="grid", stroke=FAINT, width=0.3)
            )
            parts.append(text(frame.left - 6, frame.y(value) + 3.5, said, anchor="end", kind="tick"))
    marks = ticks(*frame.xs, most=6)
    for value, said in zip(marks, tick_texts(marks), strict=True):
        parts.append(
            line(frame.x(value), frame.bottom, frame.x(value), frame.bottom + 4, kind="grid", stroke=INK, width=0.8)
        )
        anchor = "end" if frame.x(value) + 3.2 * len(said) > WIDTH - 4 else "middle"
        parts.append(text(frame.x(value), frame.bottom + 15, said, anchor=anchor, kind="tick"))
    parts.append(line(frame.left, frame.bottom, frame.right, frame.bottom, kind="axis", width=0.8))
    parts.append(text(frame.right, frame.bottom + 29, x_label, anchor="end", kind="axis"))
    parts.append(text(8, frame.top - 8, y_label, kind="axis"))
    return parts


def legend(entries: Sequence[tuple[str, str]], y: float) -> list[str]:
    """Samples and words side by side at the right above the drawing; a sample is drawn about (0, 0), 22 wide."""
    parts, right = [], WIDTH - 12.0
    for sample, said in reversed(entries):
        right -= sum(10 if ord(sign) > 0x2E80 else 5.6 for sign in said)
        parts.append(text(right, y + 3.5, said, kind="legend"))
        parts.append(f'<g class="legend" transform="translate({right - 28:g} {y:g})">{sample}</g>')
        right -= 42
    return parts


def reach(values: Iterable[float], share: float = 0.06) -> tuple[float, float]:
    """The range of the values with a margin; a single value gets one of its own size."""
    found = list(values)
    low, high = min(found), max(found)
    margin = share * (high - low) or abs(high) * 1e-3 or 1.0
    return low - margin, high + margin
