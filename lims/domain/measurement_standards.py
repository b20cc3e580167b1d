"""Tests of a measurement standard, and the documents of its file (JJF 1033). Figures marked (m) are data with a default.

The rules of repeatability and stability are those of uncertainty.stability.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import hypot, isfinite
from types import MappingProxyType
from typing import Any

from lims.domain.errors import UnusableValue
from lims.domain.intervals import months_after
from lims.words import N_, both
from uncertainty import stability
from uncertainty.statistics import summary

TESTS = MappingProxyType(
    {
        "repeatability": N_("repeatability of the results"),
        "stability": N_("stability of the measurement standard"),
        "intermediate_check": N_("intermediate check of the standard"),
        "capability": N_("confirmation of the measurement capability"),
    }
)
FEWEST = 10
"""Readings of a repeatability test, and of a group of a stability check (m)."""
MOST = 1000
MONTHS = 12
"""Between two tests, where the plan of the standard says nothing else (m)."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What a test gave. ok None: there is nothing yet that it could be held to."""

    outcome: Mapping[str, Any]
    ok: bool | None


def judge(
    kind: str,
    readings: Sequence[float],
    plan: Mapping[str, Any],
    before: Sequence[Sequence[float]] = (),
    given: Mapping[str, float] | None = None,
) -> Judged:
    """A test by its criterion. plan: of that kind; before: earlier groups, oldest first; given: U, reference, U_reference.

    repeatability: s(y) not above plan["s"], the s of the approved evaluation of uncertainty. stability: the mean has
    changed since the group before by less than plan["U"] or |plan["mpe"]|. intermediate_check: the mean is within
    plan["limit"] of plan["reference"]. capability: |y − y_ref| ≤ √(U² + U_ref²), the comparison with a higher standard.
    """
    if kind not in TESTS:
        raise UnusableValue(field="kind", found=kind or "—", right=", ".join(TESTS))
    fewest = FEWEST if kind in ("repeatability", "stability") else 1
    if not fewest <= len(readings) <= MOST or not all(isfinite(each) for each in readings):
        right = both("{low} to {high} readings", low=fewest, high=MOST)
        raise UnusableValue(field="readings", found=str(len(readings)), right=right)
    found = summary(list(readings))
    facts: dict[str, Any] = {"n": found.n, "mean": found.mean, "s": found.s}
    more, ok = _JUDGES[kind](_Case(list(readings), found.mean, plan, before, given or {}))
    return Judged(facts | more, ok)


@dataclass(frozen=True, slots=True)
class _Case:
    readings: Sequence[float]
    mean: float
    plan: Mapping[str, Any]
    before: Sequence[Sequence[float]]
    given: Mapping[str, float]


Verdict = tuple[dict[str, Any], bool | None]


def _repeatability(case: _Case) -> Verdict:
    if not case.plan.get("s"):
        return {}, None
    tested = stability.repeatability(list(case.readings), float(case.plan["s"]), FEWEST)
    return {"s_approved": tested.s_approved}, tested.kept


def _stability(case: _Case) -> Verdict:
    U, mpe = case.plan.get("U"), case.plan.get("mpe")
    if not case.before or (not U and not mpe):
        return {}, None
    groups = [list(case.before[-1]), list(case.readings)]
    tested = stability.stability_in_service(groups, U=float(U) if U else None, mpe=None if U else float(mpe or 0))
    return {"change": tested.change, "limit": tested.limit, "basis": tested.basis}, tested.kept


def _intermediate(case: _Case) -> Verdict:
    if case.plan.get("reference") is None or not case.plan.get("limit"):
        return {}, None
    reference, limit = float(case.plan["reference"]), float(case.plan["limit"])
    change = abs(case.mean - reference)
    return {"change": change, "limit": limit, "reference": reference}, change <= limit


def _capability(case: _Case) -> Verdict:
    for name in ("U", "reference", "U_reference"):
        if name not in case.given or (name != "reference" and not case.given[name] > 0):
            found = str(case.given.get(name, "—"))
            raise UnusableValue(field=name, found=found, right=N_("a number above zero"))
    reference, limit = case.given["reference"], hypot(case.given["U"], case.given["U_reference"])
    change = abs(case.mean - reference)
    return {**case.given, "change": change, "limit": limit, "En": (case.mean - reference) / limit}, change <= limit


_JUDGES = {
    "repeatability": _repeatability,
    "stability": _stability,
    "intermediate_check": _intermediate,
    "capability": _capability,
}


def due(plan: Mapping[str, Any], last: Mapping[str, date], entered: date) -> dict[str, date]:
    """Kind → the day by which it is due again: repeatability and stability always, the others where the plan has them."""
    kinds = ["repeatability", "stability", *(kind for kind in ("intermediate_check", "capability") if kind in plan)]
    found = {}
    for kind in kinds:
        months = int(plan.get(kind, {}).get("months", MONTHS))
        found[kind] = months_after(last.get(kind, entered), months)
    return found


DOCUMENTS = (
    ("certificate", N_("examination certificate of the measurement standard")),
    ("public_certificate", N_("certificate of the public measurement standard")),
    ("application", N_("application for examination or re-examination")),
    ("report", N_("technical report of the measurement standard")),
    ("repeatability", N_("record of the repeatability test")),
    ("stability", N_("record of the stability check")),
    ("replacement", N_("declaration of a replacement")),
    ("sealing", N_("declaration of sealing or revocation")),
    ("life", N_("life history of the measurement standard")),
    ("scheme", N_("national verification scheme")),
    ("procedure", N_("verification regulation or calibration specification")),
    ("operation", N_("operating procedure of the measurement standard")),
    ("manuals", N_("manuals of the standard and its main equipment")),
    ("calibrations", N_("certificates of the standard and its main equipment")),
    ("people", N_("proof of competence of its people")),
    ("rules", N_("rules of the laboratory")),
    ("records", N_("original records and copies of certificates")),
    ("capability", N_("other proof of the measurement capability")),
)
"""The file set (文件集) of JJF 1033, 18 documents (m): the list is as commonly cited and has not been read in its source."""
ELSEWHERE = ("application", "replacement", "sealing", "scheme", "operation", "manuals", "rules")
"""Documents that live on paper or in another system."""
