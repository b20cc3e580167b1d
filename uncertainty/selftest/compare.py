"""A published figure beside the one found: within its tolerance, or how far apart."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

PASS, NOTE, DIFF = "PASS", "NOTE", "DIFF"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One expected figure. found None: not computed. lre: log relative error, where the case is a certified data set."""

    case: str
    source: str
    name: str
    published: str
    found: str
    status: str
    lre: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What a runner found beside the plain figure: the scatter of a Monte Carlo, a word about the figure.

    scatter: standard deviation of sampling; four of it are added to the tolerance, and the outcome is NOTE then.
    """

    value: Any
    scatter: float = 0.0
    note: str = ""


def compare(case: Mapping[str, Any], name: str, found: Any) -> Outcome:
    """One figure of a case against its expectation. Texts have to be equal; lists are compared place by place."""
    expected = case["expected"][name]
    given = found if isinstance(found, Found) else Found(found)
    source, published = str(case["source"].get("standard", "")), _printed(expected)
    if given.value is None:
        return Outcome(case["id"], source, name, published, "—", DIFF, note=given.note or "not computed")
    value = expected.get("value", expected.get("published"))
    if isinstance(value, str | bool):
        status = PASS if str(given.value) == str(value) else DIFF
        return Outcome(case["id"], source, name, published, str(given.value), status, note=given.note)
    wanted, got = np.asarray(value, dtype=float), np.asarray(given.value, dtype=float)
    shown = _shown(got)
    if wanted.shape != got.shape:
        return Outcome(case["id"], source, name, published, shown, DIFF, note=f"shape {got.shape}, not {wanted.shape}")
    limit = _limit(expected, wanted, str(expected.get("comparison", "")))
    away = np.abs(got - wanted)
    # half a unit of the last digit is itself a rounded decimal: 1e-12 of it is arithmetic
    inside = bool(np.all(away <= limit * (1 + 1e-9) + 1e-12 * np.abs(wanted)))
    status, note = (PASS if inside else DIFF), given.note
    if inside and note:
        status = NOTE
    if not inside and given.scatter and bool(np.all(away <= limit + 4 * given.scatter)):
        status, note = NOTE, (note or "within the sampling of the Monte Carlo")
    lre = _lre(got, wanted) if str(case["kind"]).startswith("strd_") else None
    return Outcome(case["id"], source, name, published, shown, status, lre, note)


def _limit(expected: Mapping[str, Any], wanted: Any, comparison: str) -> Any:
    if "abs_tol" in expected:
        return np.asarray(expected["abs_tol"], dtype=float)
    if "rel_tol" in expected:
        return np.asarray(expected["rel_tol"], dtype=float) * np.abs(wanted)
    return np.zeros_like(wanted) if not comparison else np.full_like(wanted, np.inf)


def _lre(got: Any, wanted: Any) -> float:
    """Log relative error of NIST StRD: digits that agree, at most 15; of several figures the fewest."""
    with np.errstate(all="ignore"):
        error = np.where(wanted == 0, np.abs(got), np.abs(got - wanted) / np.where(wanted == 0, 1, np.abs(wanted)))
        digits = np.where(error > 0, -np.log10(error), 15.0)
    return float(np.clip(np.min(digits), 0, 15))


def _printed(expected: Mapping[str, Any]) -> str:
    published = expected.get("published", expected.get("value"))
    return ", ".join(map(str, published)) if isinstance(published, list) else str(published)


def _shown(found: Any) -> str:
    values = np.ravel(found)
    return ", ".join(f"{v:.9g}" if math.isfinite(v) else str(v) for v in values)
