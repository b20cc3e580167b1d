"""Tolerance limits, the interval of acceptance inside or around them, and how well a measurement can tell.

Source: JCGM 106:2012, 3.3 (terms), 5 (tolerance limits), 7.6 (measurement capability index), 8.1 (acceptance limits).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real
from typing import TypeGuard

from ..errors import N_, DocumentError


def is_number(value: object) -> TypeGuard[float]:
    """A real number of Python or numpy; True and False are none."""
    return isinstance(value, Real) and not isinstance(value, bool)


def positive(value: float, place: str) -> float:
    """The number itself. Raises DocumentError where it is not finite or not above 0."""
    if not is_number(value) or not 0 < value < math.inf:
        raise DocumentError(place=place, found=str(value), right=N_("a number above 0"))
    return float(value)


def finite(value: float, place: str) -> float:
    """The number itself. Raises DocumentError where it is not finite."""
    if not is_number(value) or not math.isfinite(value):
        shown = "NaN" if value != value else str(value)
        raise DocumentError(place=place, found=shown, right=N_("a finite number"))
    return float(value)


def share(value: float, place: str) -> float:
    """A probability between 0 and 1, neither of them. Raises DocumentError otherwise."""
    if not is_number(value) or not 0 < value < 1:
        raise DocumentError(place=place, found=str(value), right=N_("a probability above 0 and below 1"))
    return float(value)


@dataclass(frozen=True, slots=True)
class Limits:
    """Lower and upper tolerance limit in one unit; None where a side has none.

    Raises DocumentError for two limits that are missing, not finite, or not in order.
    """

    low: float | None
    high: float | None

    def __post_init__(self) -> None:
        if self.low is None and self.high is None:
            raise DocumentError(place="limits", found=N_("nothing"), right=N_("a lower limit, an upper limit, or both"))
        for limit in (self.low, self.high):
            if limit is not None:
                finite(limit, "limits")
        if self.low is not None and self.high is not None and not self.low < self.high:
            raise DocumentError(place="limits", found=f"{self.low:g}, {self.high:g}", right=N_("a number above lower"))

    @property
    def ends(self) -> tuple[float, float]:
        """(low, high) with −∞ and +∞ where a side has no limit."""
        return (-math.inf if self.low is None else self.low, math.inf if self.high is None else self.high)

    @property
    def tolerance(self) -> float | None:
        """T = T_U − T_L; None for one limit (JCGM 106:2012, 5)."""
        return None if self.low is None or self.high is None else self.high - self.low

    @property
    def middle(self) -> float | None:
        return None if self.low is None or self.high is None else self.low + (self.high - self.low) / 2

    def acceptance(self, w: float | tuple[float, float]) -> tuple[float, float]:
        """Acceptance limits for guard bands of width w: inside for w > 0, outside for w < 0; a pair: (lower, upper).

        The lower one is above the upper one where nothing can be accepted. Source: JCGM 106:2012, 8.3.2, 8.3.3.
        """
        below, above = w if isinstance(w, tuple) else (w, w)
        return self.ends[0] + finite(below, "w"), self.ends[1] - finite(above, "w")

    def tur(self, U: float) -> float | None:
        """Test uncertainty ratio T/(2 U), U for 95 %; None for one limit. Source: ANSI/NCSL Z540.3-2006, 3.11."""
        T = self.tolerance
        return None if T is None else T / (2 * positive(U, "U"))

    def capability(self, u: float) -> float | None:
        """Measurement capability index C_m = T/(4 u); None for one limit. Source: JCGM 106:2012, 7.6.3."""
        T = self.tolerance
        return None if T is None else T / (4 * positive(u, "u"))
