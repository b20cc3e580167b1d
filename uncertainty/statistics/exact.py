"""Mean, standard deviation and autocorrelation of lag 1, correct to the last digit that a float holds.

Readings come as decimal text from an instrument; the float nearest to 1000000000000.4 is 1000000000000.40002…, and the
differences from the mean would carry that. So each float is taken as its shortest decimal, all of them as integers
of one power of ten, and sums are exact. The certified values of NIST StRD are met to all their digits.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import pairwise
from typing import TypeGuard

import numpy as np
from numpy.typing import ArrayLike

from ..errors import N_, EvaluationError
from .checks import column


@dataclass(frozen=True, slots=True)
class Integers:
    """A series as integers times 10**place."""

    values: tuple[int, ...]
    place: int


@dataclass(frozen=True, slots=True)
class Summary:
    """n readings: mean, experimental standard deviation s (n − 1), s of the mean, autocorrelation of lag 1, ends.

    s, u: None for one reading. r1: None where all readings are equal, there being no variance to share.
    Source: JCGM 100:2008, 4.2.1 to 4.2.3; NIST StRD, univariate summary statistics, definition of r(1).
    """

    n: int
    mean: float
    s: float | None
    u: float | None
    r1: float | None
    low: float
    high: float


def integers(place: str, given: ArrayLike | Sequence[Decimal], fewest: int = 1) -> Integers:
    """A series of finite numbers as integers of one power of ten; Decimals are taken as they stand."""
    readings = list(given) if isinstance(given, Sequence) else given
    found = column(place, np.asarray(readings, float) if _decimals(readings) else readings, fewest)
    decimals = readings if _decimals(readings) else [Decimal(repr(float(value))) for value in found]
    lowest = min(int(value.as_tuple().exponent) for value in decimals)
    values = []
    for value in decimals:
        sign, digits, exponent = value.as_tuple()
        whole = int("".join(map(str, digits))) * 10 ** (int(exponent) - lowest)
        values.append(-whole if sign else whole)
    return Integers(tuple(values), lowest)


def _decimals(given: object) -> TypeGuard[list[Decimal]]:
    return isinstance(given, list) and bool(given) and all(isinstance(value, Decimal) for value in given)


def summary(readings: ArrayLike | Sequence[Decimal]) -> Summary:
    """Summary of (N,) readings. About 3 µs a reading; a batch of series goes faster through numpy, less exactly."""
    series = integers("readings", readings)
    values, n = series.values, len(series.values)
    total = sum(values)
    centred = [n * value - total for value in values]  # n times the deviations from the mean: still integers
    squares = sum(value * value for value in centred)
    s = root(Fraction(squares, n * n * (n - 1)), series.place) if n > 1 else None
    r1 = Fraction(sum(a * b for a, b in pairwise(centred)), squares) if squares else None
    u = root(Fraction(squares, n * n * n * (n - 1)), series.place) if n > 1 else None
    mean, low, high = (scaled(Fraction(v), series.place) for v in (Fraction(total, n), min(values), max(values)))
    return Summary(n, mean, s, u, None if r1 is None else float(r1), low, high)


def root(square: Fraction, place: int) -> float:
    """√square·10**place, rounded once."""
    with localcontext() as context:
        context.prec, context.Emax, context.Emin = 60, 999_999, -999_999
        value = (Decimal(square.numerator) / Decimal(square.denominator)).sqrt()
        return _finite(float(value.scaleb(place)))


def scaled(value: Fraction, place: int) -> float:
    """value·10**place, rounded once."""
    power = Fraction(10) ** place
    try:
        return _finite(float(value * power))
    except OverflowError as error:
        raise EvaluationError(where="readings", found="∞", right=N_("a finite number")) from error


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise EvaluationError(where="readings", found="∞", right=N_("a finite number"))
    return value
