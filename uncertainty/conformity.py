"""Decision rules: does a measured value meet its limits, U being what it is?

Rules agreed in a request: "none" (results only), "simple" (simple acceptance), "third" (U ≤ MPE/3, otherwise a value
whose interval straddles a limit is undetermined), "guarded" (guard band w = r·U).
Sources: JCGM 106:2012, 8.2, 8.3; ILAC-G8:09/2019, 4.2; JJF 1094-2002, 5.3.1.4, 5.3.1.5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

from .errors import N_, DocumentError

RULES = ("none", "simple", "third", "guarded")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome: pass, fail, undetermined or none; guard band w, TUR, and the interval of acceptance."""

    verdict: str
    w: float
    tur: float | None
    accept_low: float | None
    accept_high: float | None


def decide(value: float, U: float, low: float | None, high: float | None, rule: Mapping[str, Any]) -> Verdict:
    """The verdict on `value` (all four numbers in one unit) under a rule {"rule": …, "r": …}.

    low, high: limits; None where a side has none. Raises DocumentError for an unknown rule or U not above 0.
    """
    name = str(rule.get("rule", "none"))
    if name not in RULES:
        raise DocumentError(place="rule", found=name, right=", ".join(RULES))
    if low is not None and high is not None and not low < high:
        raise DocumentError(place="limits", found=f"{low:g}, {high:g}", right=N_("a number above lower"))
    if value != value:  # NaN
        raise DocumentError(place="value", found="NaN", right=N_("a finite number"))
    if low is None and high is None:
        return Verdict("none", 0.0, None, None, None)
    if not U > 0:
        raise DocumentError(place="U", found=str(U), right=N_("a number above 0"))
    tur = None if low is None or high is None else (high - low) / (2 * U)
    if name == "none":
        return Verdict("none", 0.0, tur, low, high)
    r = rule.get("r", 1.0)
    if isinstance(r, bool) or not isinstance(r, int | float) or not 0 < r < inf:
        raise DocumentError(place="rule.r", found=str(r), right=N_("a number above 0"))
    w = float(r) * U if name == "guarded" else 0.0
    accept_low = None if low is None else low + w
    accept_high = None if high is None else high - w
    inside = (low is None or value >= low) and (high is None or value <= high)
    if name == "simple":
        return Verdict("pass" if inside else "fail", w, tur, low, high)
    accepted = (low is None or value >= low + w) and (high is None or value <= high - w)
    if name == "third":
        if tur is not None and tur >= 3:
            return Verdict("pass" if inside else "fail", w, tur, low, high)
        surely = (low is None or value - U >= low) and (high is None or value + U <= high)
        outside = (low is not None and value + U < low) or (high is not None and value - U > high)
        return Verdict("pass" if surely else "fail" if outside else "undetermined", w, tur, low, high)
    rejected = (low is not None and value < low - w) or (high is not None and value > high + w)
    return Verdict("pass" if accepted else "fail" if rejected else "undetermined", w, tur, accept_low, accept_high)


def statement(rule: Mapping[str, Any]) -> dict[str, str]:
    """What a certificate says of the rule applied, in both languages (ISO/IEC 17025:2017, 7.8.6.2)."""
    name = str(rule.get("rule", "none"))
    r = float(rule.get("r", 1.0))
    return {
        "none": {"zh": "未作符合性判定。", "en": "No statement of conformity is made."},
        "simple": {
            "zh": "判定规则：简单接受（ILAC-G8:09/2019，4.2.1）。示值误差不超出最大允许误差即判为合格；结果恰在限值处时误判概率可达 50 %。",
            "en": "Decision rule: simple acceptance (ILAC-G8:09/2019, 4.2.1). A result within its limits passes; at a limit "
            "the probability of a wrong verdict is up to 50 %.",
        },
        "third": {
            "zh": "判定规则：U ≤ MPE/3 时直接与最大允许误差比较（JJF 1094-2002，5.3.1.4）；否则区间跨越限值的结果为待定。",
            "en": "Decision rule: where U ≤ MPE/3 the result is compared with its limits directly (JJF 1094-2002, 5.3.1.4); "
            "otherwise a result whose interval straddles a limit is undetermined.",
        },
        "guarded": {
            "zh": f"判定规则：保护带 w = {r:g} U（ILAC-G8:09/2019，4.2.2；JCGM 106:2012，8.3）。限值内缩 w 为合格，外扩 w 之外为不合格，其间为待定。",
            "en": f"Decision rule: guard band w = {r:g} U (ILAC-G8:09/2019, 4.2.2; JCGM 106:2012, 8.3). Inside the limits by w "
            "passes, outside by w fails, between is undetermined.",
        },
    }[name]
