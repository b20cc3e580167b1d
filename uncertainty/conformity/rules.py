"""Decision rules as plain data, each field checked: what a request agrees on and a certificate states.

{"rule": "none"}                                results only
{"rule": "simple"}                              simple acceptance: w = 0
{"rule": "third"}                               U ≤ MPE/3 compared directly, otherwise undetermined near a limit
{"rule": "guarded", "r": 1.0}                   w = r·U; pass, fail, undetermined within w of a limit
{"rule": "guarded_acceptance", "r": 1.0}        w = r·U inside the limits; pass, fail
{"rule": "guarded_rejection", "r": 1.0}         w = r·U outside the limits; pass, fail
{"rule": "conditional", "r": 1.0}               w = r·U; pass, conditional pass, conditional fail, fail
{"rule": "iso14253", "p": 0.95, "form": "probability" | "width", "k": 2}   pass, fail, undetermined
{"rule": "probability", "p": 0.95, "k": 2}      pass where the conformance probability is p or more, otherwise fail
{"rule": "z540", "method": 1…6 | "4:1" | "rss" | "rp10", "pfa": 0.02, "k": 2}
    method 1 and 3 with "prior": {"dist": …}; method 2 with "itp": 0.95 and, for one limit, "mean"
k: the coverage factor of the U that the rule is applied to.
Sources: JCGM 106:2012, 8.2, 8.3; ILAC-G8:09/2019, 4.2; JJF 1094-2002, 5.3.1.4, 5.3.1.5; ISO 14253-1:2017;
ANSI/NCSL Z540.3-2006, 5.3 b, and its Handbook (2009), methods 1 to 6, as J. Harben and P. Reese list them (NCSLI Measure,
March 2012).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import N_, DocumentError
from .limits import finite, is_number, positive
from .populations import Population, population

RULES = (
    "none",
    "simple",
    "third",
    "guarded",
    "guarded_acceptance",
    "guarded_rejection",
    "conditional",
    "iso14253",
    "probability",
    "z540",
)
FIELDS: dict[str, tuple[str, ...]] = {
    "iso14253": ("p", "form", "k"),
    "probability": ("p", "k"),
    "z540": ("method", "pfa", "k", "prior", "itp", "mean"),
}
"""Fields of a rule besides its name and r, which a request may leave on any rule."""
FORMS = ("probability", "width")
Z540_METHODS = (1, 2, 3, 4, 5, 6, "4:1", "rss", "rp10")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule whose fields have been checked. p: conformance probability asked for; pfa: the risk allowed."""

    name: str
    r: float = 1.0
    k: float = 2.0
    p: float = 0.95
    form: str = "probability"
    method: int | str = 6
    pfa: float = 0.02
    itp: float | None = None
    mean: float | None = None
    prior: Population | None = None


def checked(rule: Mapping[str, Any]) -> Rule:
    """The rule with its defaults. Raises DocumentError naming the field that is wrong."""
    name = str(rule.get("rule", "none"))
    if name not in RULES:
        raise DocumentError(place="rule", found=name, right=", ".join(RULES))
    known = ("rule", "r", *FIELDS.get(name, ()))
    for field in rule:
        if field not in known:
            raise DocumentError(place=f"rule.{field}", found=str(rule[field]), right=", ".join(known))
    if name == "none":
        return Rule(name)
    r, k = positive(rule.get("r", 1.0), "rule.r"), positive(rule.get("k", 2.0), "rule.k")
    if name in ("iso14253", "probability"):
        return Rule(name, r, k, _probable(rule.get("p", 0.95)), _form(rule.get("form", "probability")))
    return _z540(rule, k) if name == "z540" else Rule(name, r)


def _probable(p: Any) -> float:
    if not is_number(p) or not 0.5 < p < 1:
        raise DocumentError(place="rule.p", found=str(p), right=N_("a probability above 0.5 and below 1"))
    return float(p)


def _form(form: Any) -> str:
    if form not in FORMS:
        raise DocumentError(place="rule.form", found=str(form), right=", ".join(FORMS))
    return str(form)


def _z540(rule: Mapping[str, Any], k: float) -> Rule:
    method = rule.get("method", 6)
    if isinstance(method, bool) or method not in Z540_METHODS:
        raise DocumentError(place="rule.method", found=str(method), right=", ".join(map(str, Z540_METHODS)))
    pfa = rule.get("pfa", 0.02)
    if not is_number(pfa) or not 0 < pfa < 0.5:
        raise DocumentError(place="rule.pfa", found=str(pfa), right=N_("a probability above 0 and below 0.5"))
    if method == 6 and pfa != 0.02:
        raise DocumentError(place="rule.pfa", found=str(pfa), right=N_("0.02, for which method 6 is made"))
    itp, prior, mean = rule.get("itp"), rule.get("prior"), rule.get("mean")
    if method == 2 and not (is_number(itp) and 0 < itp < 1):
        raise DocumentError(place="rule.itp", found=str(itp), right=N_("a probability above 0 and below 1"))
    held = population(prior, "rule.prior") if method in (1, 3) else None  # type: ignore[arg-type]
    middle = None if mean is None else finite(mean, "rule.mean")
    return Rule("z540", 1.0, k, method=method, pfa=float(pfa), itp=itp, mean=middle, prior=held)
