"""The verdict on one measured value, U being what it is, under the rule agreed.

Sources: JCGM 106:2012, 8.2, 8.3; ILAC-G8:09/2019, 4.2; JJF 1094-2002, 5.3.1.4, 5.3.1.5; the rest in rules.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ..errors import N_, DocumentError
from .guard_bands import METHODS, managed_risk_multiplier, width_for_global, width_for_specific
from .limits import Limits, finite, positive
from .populations import Population, normal, prior_from_reliability
from .rules import Rule, checked
from .specific import posterior, specific_risk


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome: pass, fail, undetermined, conditional_pass, conditional_fail or none.

    w: guard band, below 0 where it lies outside the limits. accept_low, accept_high: the interval of acceptance, None
    where a side has no limit or the rule draws no interval; low above high where nothing could be accepted.
    p_conforming: conformance probability, where the rule asks for it.
    """

    verdict: str
    w: float
    tur: float | None
    accept_low: float | None
    accept_high: float | None
    p_conforming: float | None = None


def decide(value: float, U: float, low: float | None, high: float | None, rule: Mapping[str, Any]) -> Verdict:
    """The verdict on `value` (all four numbers in one unit) under a rule of rules.py: {"rule": …, "r": …}.

    low, high: limits; None where a side has none, and the verdict is none without any.
    Raises DocumentError for a rule that is wrong, limits out of order, a value that is no number, or U not above 0.
    """
    agreed = checked(rule)
    if low is None and high is None:
        finite(value, "value")
        return Verdict("none", 0.0, None, None, None)
    limits = Limits(low, high)
    value, tur = finite(value, "value"), limits.tur(positive(U, "U"))
    match agreed.name:
        case "none":
            return Verdict("none", 0.0, tur, low, high)
        case "third":
            return _third(value, U, limits, tur)
        case "iso14253" | "probability":
            return _by_probability(value, U, limits, agreed)
        case "z540":
            return _z540(value, U, limits, agreed)
    return _by_zone(value, U, limits, agreed)


def _within(value: float, limits: Limits, w: float) -> bool:
    """Inside the limits by w (outside by −w); at the acceptance limit still inside."""
    return (limits.low is None or value >= limits.low + w) and (limits.high is None or value <= limits.high - w)


def _verdict(name: str, limits: Limits, w: float, tur: float | None, p: float | None = None) -> Verdict:
    low = None if limits.low is None else limits.low + w
    high = None if limits.high is None else limits.high - w
    return Verdict(name, w, tur, low, high, p)


def _third(value: float, U: float, limits: Limits, tur: float | None) -> Verdict:
    """JJF 1094-2002, 5.3.1.4: U ≤ MPE/3, that is TUR ≥ 3, compares directly; 5.3.1.5: otherwise undetermined."""
    if tur is not None and tur >= 3:
        name = "pass" if _within(value, limits, 0.0) else "fail"
    else:
        low, high = limits.ends
        surely, outside = value - U >= low and value + U <= high, value + U < low or value - U > high
        name = "pass" if surely else "fail" if outside else "undetermined"
    return _verdict(name, limits, 0.0, tur)


def _by_zone(value: float, U: float, limits: Limits, rule: Rule) -> Verdict:
    """Rules whose zones are bounded by w = r·U (ILAC-G8:09/2019, 4.2.1 to 4.2.3; JCGM 106:2012, 8.3.2, 8.3.3)."""
    tur, w = limits.tur(U), 0.0 if rule.name == "simple" else rule.r * U
    if rule.name == "guarded_rejection":
        w = -w
    if rule.name in ("simple", "guarded_acceptance", "guarded_rejection"):
        return _verdict("pass" if _within(value, limits, w) else "fail", limits, w, tur)
    if _within(value, limits, w):
        name = "pass"
    elif not _within(value, limits, -w):
        name = "fail"
    elif rule.name == "guarded":
        name = "undetermined"
    else:
        name = "conditional_pass" if _within(value, limits, 0.0) else "conditional_fail"
    return _verdict(name, limits, w, tur)


def _by_probability(value: float, U: float, limits: Limits, rule: Rule) -> Verdict:
    """A conformance probability of p or more passes; ISO 14253-1 fails only where non-conformance is as sure."""
    u, tur = U / rule.k, limits.tur(U)
    sure = specific_risk(value, u, limits)
    if rule.name == "iso14253" and rule.form == "width":
        w = width_for_specific(1 - rule.p, u, Limits(None, 0.0))  # one limit: z·u, however near the other one is
        name = "pass" if _within(value, limits, w) else "undetermined" if _within(value, limits, -w) else "fail"
        return _verdict(name, limits, w, tur, sure.p_conforming)
    w = _narrow(1 - rule.p, u, limits)
    if sure.p_conforming >= rule.p:
        name = "pass"
    else:
        name = "undetermined" if rule.name == "iso14253" and sure.p_out < rule.p else "fail"
    return _verdict(name, limits, w, tur, sure.p_conforming)


@lru_cache(maxsize=1024)
def _narrow(risk: float, u: float, limits: Limits) -> float:
    """Guard band of a specific risk; T, an empty interval of acceptance, where no result could keep it."""
    try:
        return width_for_specific(risk, u, limits)
    except DocumentError:
        assert limits.tolerance is not None  # with one limit every risk can be kept
        return limits.tolerance


def _z540(value: float, U: float, limits: Limits, rule: Rule) -> Verdict:
    """ANSI/NCSL Z540.3-2006, 5.3 b: accepted where the risk of a false acceptance is kept, otherwise not."""
    u, tur = U / rule.k, limits.tur(U)
    if rule.method == 3:
        assert rule.prior is not None
        known = posterior(value, u, rule.prior, limits)
        return Verdict("pass" if known.p_out <= rule.pfa else "fail", 0.0, tur, None, None, known.p_conforming)
    if rule.method == 4:
        sure = specific_risk(value, u, limits)
        name = "pass" if sure.p_out <= rule.pfa else "fail"
        return _verdict(name, limits, _narrow(rule.pfa, u, limits), tur, sure.p_conforming)
    if rule.method == "4:1" and (tur is None or tur < 4):
        return _verdict("undetermined", limits, 0.0, tur)
    w = _width(U, u, limits, rule)
    return _verdict("pass" if _within(value, limits, w) else "fail", limits, w, tur)


def _width(U: float, u: float, limits: Limits, rule: Rule) -> float:
    """The guard band of a method that has one before the item is measured."""
    match rule.method:
        case "4:1":
            return 0.0
        case 1:
            assert rule.prior is not None
            return _of_population(u, limits, rule.prior, rule.pfa)
        case 2:
            assert rule.itp is not None
            return _of_reliability(u, limits, rule.itp, rule.mean, rule.pfa)
        case 5:
            return U
    T, tur = limits.tolerance, limits.tur(U)
    if T is None or tur is None:
        raise DocumentError(place="limits", found=N_("one limit"), right=N_("two limits"))
    if rule.method == 6:
        return managed_risk_multiplier(tur) * U
    return (1 - METHODS[str(rule.method)][0](tur)) * T / 2


@lru_cache(maxsize=1024)
def _of_population(u: float, limits: Limits, prior: Population, pfa: float) -> float:
    return width_for_global(prior, normal(0.0, u), limits, pfa)


@lru_cache(maxsize=1024)
def _of_reliability(u: float, limits: Limits, itp: float, mean: float | None, pfa: float) -> float:
    return width_for_global(prior_from_reliability(limits, itp, mean), normal(0.0, u), limits, pfa)
