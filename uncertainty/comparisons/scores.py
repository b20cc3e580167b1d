"""Scores of proficiency tests: E_n, ζ, z and z′. Arrays (N,) of results or single ones; one unit.

Source: ISO 13528:2022, 9.4 (z), 9.5 (z′), 9.6 (ζ), 9.7 (E_n), 9.4.2 (signals at 2 and 3); GB/T 28043-2019, 9.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..distributions import FloatArray
from ..errors import N_, DocumentError
from ..statistics.checks import column, not_negative, positive

SATISFACTORY, QUESTIONABLE, UNSATISFACTORY = "satisfactory", "questionable", "unsatisfactory"


@dataclass(frozen=True, slots=True)
class Score:
    """One score and what it means. questionable: a warning signal, never of an E_n."""

    name: str
    value: float
    verdict: str


def en_scores(x: ArrayLike, U: ArrayLike, value: float, U_value: float) -> tuple[Score, ...]:
    """E_n = (x − X)/√(U² + U_X²) with expanded uncertainties of one coverage probability; |E_n| ≤ 1 is satisfactory."""
    scores = _away(x, value) / _together("U", x, U, U_value)
    return tuple(Score("En", s, SATISFACTORY if abs(s) <= 1 else UNSATISFACTORY) for s in scores.tolist())


def zeta_scores(x: ArrayLike, u: ArrayLike, value: float, u_value: float) -> tuple[Score, ...]:
    """ζ = (x − X)/√(u² + u_X²) with standard uncertainties."""
    return _judged("zeta", _away(x, value) / _together("u", x, u, u_value))


def z_scores(x: ArrayLike, value: float, sigma: float) -> tuple[Score, ...]:
    """z = (x − X)/σ_pt. Only where u_X < 0.3 σ_pt (`small_enough`); z′ otherwise."""
    return _judged("z", _away(x, value) / positive("sigma", sigma))


def z_prime_scores(x: ArrayLike, value: float, sigma: float, u_value: float) -> tuple[Score, ...]:
    """z′ = (x − X)/√(σ_pt² + u_X²)."""
    below = math.hypot(positive("sigma", sigma), not_negative("u_value", u_value))
    return _judged("z'", _away(x, value) / below)


def small_enough(u_value: float, sigma: float) -> bool:
    """Whether the uncertainty of the assigned value may be neglected: u_X < 0.3 σ_pt (ISO 13528:2022, 9.2.1)."""
    return not_negative("u_value", u_value) < 0.3 * positive("sigma", sigma)


def _away(x: ArrayLike, value: float) -> FloatArray:
    return column("x", x) - float(column("value", [value])[0])


def _together(place: str, x: ArrayLike, u: ArrayLike, u_value: float) -> FloatArray:
    own = column(place, u, length=len(column("x", x)))
    both = np.hypot(own, not_negative(f"{place}_value", u_value))
    if np.any(own < 0) or np.any(both == 0):
        raise DocumentError(place=place, found=f"{float(own.min()):.6g}", right=N_("numbers above zero"))
    return np.asarray(both)


def _judged(name: str, scores: FloatArray) -> tuple[Score, ...]:
    return tuple(Score(name, score, _verdict(abs(score))) for score in scores.tolist())


def _verdict(size: float) -> str:
    return SATISFACTORY if size <= 2 else QUESTIONABLE if size < 3 else UNSATISFACTORY
