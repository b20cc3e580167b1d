"""Control charts of check standards: spans of points, the baseline that each was judged by, the rules a point breaks.

Judging is uncertainty.stability's; here is what of a chart's history goes into it. ISO/IEC 17025:2017, 7.7.1.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Protocol

from lims.words import N_
from uncertainty import UnitError, stability, units

from .errors import UnusableValue

CHARTS = {
    "shewhart": N_("Shewhart chart of single values"),
    "ewma": N_("EWMA chart (weighted moving average)"),
    "cusum": N_("CUSUM chart (cumulative sums)"),
}
METHODS = {
    "moving_range": N_("mean moving range ÷ 1.128"),
    "standard_deviation": N_("standard deviation of the points"),
    "stated": N_("centre and s stated beforehand"),
}
SETS = {
    "limits": N_("limits alone (3 s)"),
    "western_electric": N_("Western Electric zone rules"),
    "nelson": N_("Nelson's eight tests"),
}
SIGNALS = {
    "beyond_3_sigma": N_("beyond 3 s"),
    "2_of_3_beyond_2_sigma": N_("2 of 3 beyond 2 s on one side"),
    "4_of_5_beyond_1_sigma": N_("4 of 5 beyond 1 s on one side"),
    "8_on_one_side": N_("8 in a row on one side of the centre"),
    "9_on_one_side": N_("9 in a row on one side of the centre"),
    "6_rising_or_falling": N_("6 in a row rising or falling"),
    "14_alternating": N_("14 in a row up and down in turn"),
    "15_within_1_sigma": N_("15 in a row within 1 s"),
    "8_beyond_1_sigma_both_sides": N_("8 in a row beyond 1 s, on both sides"),
    "ewma_beyond_limits": N_("moving average beyond its limits"),
    "cusum_beyond_h": N_("cumulative sum beyond h"),
}
"""Name of a rule → how it is said; the names are uncertainty.stability's."""
FEWEST, MOST = 10, 100
"""Points that a baseline may be asked to have; 20 to 30 are usual for a first baseline (ISO 7870-2:2013, unverified)."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How a chart judges. rules: a set of SETS (Shewhart). weight λ, width L: EWMA. k, h in units of s: CUSUM.

    least: how many points a baseline has to have.
    """

    rules: str = "western_electric"
    weight: float = 0.2
    width: float = 2.962
    k: float = 0.5
    h: float = 5.0
    least: int = 20


def read_rules(data: Mapping[str, Any]) -> Rules:
    """Rules from data; what is not given has its default. Raises UnusableValue."""
    known = {each.name for each in fields(Rules)}
    for name in data:
        if name not in known:
            raise UnusableValue(field="rules", found=name, right=", ".join(sorted(known)))
    found = Rules(**data)
    if found.rules not in SETS:
        raise UnusableValue(field="rules", found=str(found.rules), right=", ".join(SETS))
    if not 0 < found.weight <= 1:
        raise UnusableValue(field="weight", found=f"{found.weight:g}", right=N_("above 0, at most 1"))
    for name in ("width", "k", "h"):
        value = getattr(found, name)
        if not (math.isfinite(value) and value > 0):
            raise UnusableValue(field=name, found=f"{value:g}", right=N_("a number above 0"))
    if not FEWEST <= found.least <= MOST:
        raise UnusableValue(field="least", found=str(found.least), right=N_("a whole number from 10 to 100"))
    return found


def require_unit(text: str) -> None:
    """Nothing, when the text is a unit. Raises UnusableValue."""
    try:
        units.parse(text)
    except UnitError as error:
        raise UnusableValue(field="unit", found=text or "—", right=N_("a unit such as V, mΩ or degC")) from error


class Kept(Protocol):
    """What of a stored point is looked at."""

    @property
    def id(self) -> int: ...

    @property
    def value(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Fixed:
    """A baseline in force. last: the last point it was taken from; n: how many (0 where it was stated)."""

    centre: float
    s: float
    method: str
    n: int
    last: int
    at: str
    by: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """The points between two new beginnings, without those left out. number: from 1."""

    number: int
    after: int
    rules: Rules
    reason: str
    opened: str
    fixed: Fixed | None
    points: tuple[Kept, ...]

    @property
    def base(self) -> tuple[Kept, ...]:
        """Points of the baseline, or what has been collected for it."""
        return tuple(p for p in self.points if self.fixed is None or p.id <= self.fixed.last)

    @property
    def later(self) -> tuple[Kept, ...]:
        """Points that are watched."""
        return tuple(p for p in self.points if self.fixed is not None and p.id > self.fixed.last)


def begin(rules: Rules, after: int, opened: str, by: str, reason: str = "") -> dict[str, Any]:
    """A new span as it is kept."""
    return {"after": after, "rules": asdict(rules), "opened": opened, "by": by, "reason": reason, "fixed": None}


def spans(baseline: Mapping[str, Any], points: Sequence[Kept]) -> list[Span]:
    """The spans of a chart, oldest first; points in the order in which they were entered."""
    kept, out = baseline["spans"], baseline.get("left_out", {})
    ends = [each["after"] for each in kept[1:]] + [math.inf]
    return [
        Span(
            number=i,
            after=each["after"],
            rules=read_rules(each["rules"]),
            reason=each["reason"],
            opened=each["opened"],
            fixed=None if each["fixed"] is None else Fixed(**each["fixed"]),
            points=tuple(p for p in points if each["after"] < p.id <= end and str(p.id) not in out),
        )
        for i, (each, end) in enumerate(zip(kept, ends, strict=True), 1)
    ]


@dataclass(frozen=True, slots=True)
class Judged:
    """What is drawn: values (and for CUSUM the lower sums), centre and limits of each, rules broken at each index."""

    values: tuple[float, ...]
    lower_sums: tuple[float, ...] | None
    centre: float
    low: tuple[float, ...]
    high: tuple[float, ...]
    broken: Mapping[int, tuple[str, ...]]


def judge(chart: str, values: Sequence[float], centre: float, s: float, rules: Rules) -> Judged:
    """Values (N,) against a fixed centre and standard deviation, in the chart's unit. Raises DocumentError."""
    match chart:
        case "ewma":
            ewma = stability.ewma(values, centre, s, rules.weight, rules.width)
            out = {signal.at: ("ewma_beyond_limits",) for signal in ewma.signals}
            return Judged(ewma.points, None, centre, ewma.lower, ewma.upper, out)
        case "cusum":
            sums = stability.cusum(values, centre, s, rules.k, rules.h)
            n, below = len(sums.upper), tuple(-value for value in sums.lower)
            far = dict.fromkeys(sums.signals, ("cusum_beyond_h",))
            return Judged(sums.upper, below, 0.0, (-sums.h,) * n, (sums.h,) * n, far)
        case _:
            found = stability.against(values, centre, s, rules.rules)
            broken: dict[int, tuple[str, ...]] = {}
            for signal in found.signals:
                broken[signal.at] = (*broken.get(signal.at, ()), signal.rule)
            return Judged(found.points, None, centre, found.lower, found.upper, broken)


def watched(chart: str, span: Span) -> tuple[tuple[Kept, ...], Judged] | None:
    """The points that a span's chart is made of, judged; None without a baseline or without points.

    Runs of a Shewhart chart look back into the baseline; the sums and averages begin anew behind it.
    """
    points = span.points if chart == "shewhart" else span.later
    if span.fixed is None or not points:
        return None
    return points, judge(chart, [p.value for p in points], span.fixed.centre, span.fixed.s, span.rules)


def signals_of_next(chart: str, span: Span, value: float) -> tuple[str, ...]:
    """The rules that one more value would break."""
    if span.fixed is None:
        return ()
    before = span.points if chart == "shewhart" else span.later
    values = [*(p.value for p in before), value]
    return judge(chart, values, span.fixed.centre, span.fixed.s, span.rules).broken.get(len(values) - 1, ())


def centre_and_s(values: Sequence[float], method: str, least: int) -> tuple[float, float]:
    """Centre and standard deviation of one point from the collected values. Raises UnusableValue.

    Source: GB/T 17989.2 (ISO 7870-2:2013), individuals (moving range); NIST/SEMATECH e-Handbook 2.2.2 (s).
    """
    if method not in ("moving_range", "standard_deviation"):
        raise UnusableValue(field="method", found=method or "—", right=", ".join(METHODS))
    if len(values) < least:
        raise UnusableValue(field="points", found=str(len(values)), right=str(least))
    if len(set(values)) == 1:
        raise UnusableValue(field="points", found=f"{values[0]:g}", right=N_("readings that differ"))
    if method == "moving_range":
        chart = stability.individuals(values, "limits")[0]
        return chart.centre, chart.sigma
    return statistics.fmean(values), statistics.stdev(values)


def outside_of_own(values: Sequence[float], centre: float, s: float) -> list[int]:
    """Indexes of baseline values that lie beyond 3 s of their own baseline."""
    return sorted(judge("shewhart", values, centre, s, Rules("limits")).broken)
