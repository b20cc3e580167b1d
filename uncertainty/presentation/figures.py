"""Numbers as people read them: few digits, powers of ten written out, ∞ and percent; never a float's own exponent."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..report import decimal_of, round_to

UP = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
PLAIN = range(-4, 7)  # powers of ten that are written as zeros
SMALLEST, LARGEST = -9, 9  # places of an estimate that are written as zeros: its digits are all its own


def figure(number: float, digits: int = 4) -> str:
    """A number to so many significant digits: 0.0123, −4.5, 1.15×10⁻⁵. GB/T 8170 rounding on the decimal digits."""
    if not number:
        return "0"
    exact = decimal_of(number)
    power = exact.adjusted()
    if power in PLAIN:
        return minus(round_to(number, power - digits + 1))
    mantissa = round_to(float(exact.scaleb(-power)), 1 - digits)
    if abs(float(mantissa)) >= 10:
        mantissa, power = round_to(float(mantissa) / 10, 1 - digits), power + 1
    return f"{minus(mantissa)}×10{str(power).translate(UP)}"


def estimate(value: float, u: float) -> str:
    """A value to the place of the second digit of its u; an exact value with the digits it has."""
    if not u > 0:
        return short(value, 15)
    place, power = decimal_of(u).adjusted() - 1, decimal_of(value).adjusted() if value else 0
    if place >= SMALLEST and power <= LARGEST:
        return minus(round_to(value, place))
    return figure(value, max(2, min(15, power - place + 1)))


def short(number: float, digits: int) -> str:
    """As `figure`, without zeros at the end of the decimals: 1, 0.5, 1.15×10⁻⁵."""
    mantissa, times, power = figure(number, digits).partition("×")
    return (mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa) + times + power


def minus(text: str) -> str:
    """The text with a true minus sign."""
    return text.replace("-", "−")


def dof(number: float) -> str:
    """Degrees of freedom: ∞, or to three digits."""
    return "∞" if not math.isfinite(number) else short(number, 3)


def percent(share: float | None) -> str:
    """A share of the variance to a tenth of a percent; a dash where there is none."""
    return "—" if share is None else f"{minus(round_to(100 * share, -1))} %"


def interval(ends: Sequence[float]) -> str:
    """Both ends to the second digit of a quarter of their distance, about one standard uncertainty."""
    low, high = (float(end) for end in ends)
    return "[{}, {}]".format(*(estimate(end, (high - low) / 4) for end in (low, high)))
