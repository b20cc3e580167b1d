"""Rounding and reporting: GB/T 8170 on decimal strings, at most two digits of U, y to the same place as U."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, ROUND_UP, Decimal

GUARD = 15  # significant digits of a float that are digits of the number, not of its binary neighbour


def decimal_of(number: float) -> Decimal:
    """The decimal that a float stands for: 15 significant digits, so that 0.15 is a tie and 0.1499999999999999 is one."""
    return Decimal(f"{number:.{GUARD - 1}e}")


def round_U(U: float, digits: int = 2, rule: str = "even") -> str:
    """U to at most two significant digits. rule: "even" (GB/T 8170, round half to even) or "up".

    With rule "up" a part below 5 % of the last place is dropped, so that 0.12000001 stays 0.12. ILAC P14, 5.3.
    Raises ValueError for U not above 0 or digits other than 1 and 2.
    """
    if digits not in (1, 2) or not U > 0 or not math.isfinite(U):
        raise ValueError(f"U {U} to {digits} digits: U above 0 and one or two digits are needed")
    exact = decimal_of(U)
    place = exact.adjusted() - digits + 1
    rounded = _at(exact, place, rule)
    if rounded.adjusted() > exact.adjusted():  # 0.0996 → 0.10: still two digits
        rounded = _at(exact, place + 1, rule)
    return _text(rounded, min(place + (rounded.adjusted() > exact.adjusted()), place + 1))


def _at(exact: Decimal, place: int, rule: str) -> Decimal:
    unit = Decimal(1).scaleb(place)
    if rule == "up":
        return ((exact - unit * Decimal("0.05")) / unit).to_integral_value(ROUND_UP) * unit
    return (exact / unit).to_integral_value(ROUND_HALF_EVEN) * unit


def place_of(text: str) -> int:
    """The power of ten of the last digit of a decimal text: 0.012 → −3, 12 → 0, 1.2e3 → 2."""
    exponent = Decimal(text).as_tuple().exponent
    assert isinstance(exponent, int)
    return exponent


def round_to(value: float, place: int) -> str:
    """A value rounded half to even at a power of ten, as text without exponent; −0 is written 0. GB/T 8170, 3.2."""
    unit = Decimal(1).scaleb(place)
    return _text((decimal_of(value) / unit).to_integral_value(ROUND_HALF_EVEN) * unit, place)


def _text(number: Decimal, place: int) -> str:
    shown = number.quantize(Decimal(1).scaleb(min(place, 0)))
    if place > 0:
        shown = number.quantize(Decimal(1))
    text = format(shown, "f")
    return text.removeprefix("-") if not number else text


def y_and_U(value: float, U: float, digits: int = 2, rule: str = "even") -> tuple[str, str]:
    """(y, U) as printed: U to at most two digits, y to the same place. U = 0 gives y as it is and "0"."""
    if not U > 0:
        return plain(value), "0"
    rounded = round_U(U, digits, rule)
    place, power = place_of(rounded), Decimal(rounded).adjusted()
    if place == 0 and power >= digits:
        place = power - digits + 1  # 1200: the last two digits are no digits of U
    return round_to(value, place), rounded


def k_text(k: float) -> str:
    """k as printed: two decimals, none where it is whole (JCGM 100:2008, 7.2.3)."""
    return plain(round(k, 2))


def plain(number: float | str) -> str:
    """A number as people write it: no exponent, no zeros at the end."""
    text = format(decimal_of(float(number)).normalize(), "f")
    return "0" if text in ("-0", "0") else text


def state(
    value: float,
    U: float,
    unit: str,
    k: float,
    p: float | None = None,
    dof: float | None = None,
    *,
    digits: int = 2,
    rule: str = "even",
) -> dict[str, str]:
    """The sentence of a result in both languages (JCGM 100:2008, 7.2; JJF 1059.1, 5.3).

    digits, rule: how the laboratory rounds U, as in round_U. A pure number has no unit.
    """
    y, printed = y_and_U(value, U, digits, rule)
    factor = k_text(k)
    nu = _whole(dof)
    measured = f"({y} ± {printed}) {unit}" if unit != "1" else f"{y} ± {printed}"
    zh, en = f"{measured}，k = {factor}", f"{measured}, k = {factor}"
    if p is not None:
        zh, en = f"{zh}，p = {100 * p:.4g} %", f"{en}, p = {100 * p:.4g} %"
        if nu:
            zh, en = f"{zh}，ν_eff = {nu}", f"{en}, ν_eff = {nu}"
    return {"zh": zh, "en": en}


def state_in_full(
    name: str,
    value: float,
    U: float,
    unit: str,
    k: float,
    p: float | None = None,
    dof: float | None = None,
    *,
    digits: int = 2,
    rule: str = "even",
) -> dict[str, str]:
    """The result with what U is and where k comes from, in both languages (JCGM 100:2008, 7.2.4; JJF 1059.1, 5.3)."""
    y, printed = y_and_U(value, U, digits, rule)
    factor, nu = k_text(k), _whole(dof)
    measured = f"{name} = ({y} ± {printed}) {unit}" if unit != "1" else f"{name} = {y} ± {printed}"
    zh = f"{measured}，其中 ± 后的数值为扩展不确定度 U = k·u_c，包含因子 k = {factor}"
    en = f"{measured}, where the number after ± is the expanded uncertainty U = k·u_c with the coverage factor k = {factor}"
    if p is not None:
        zh += f"，{f'由 t 分布和有效自由度 ν_eff = {nu} ' if nu else '由正态分布'}得到，包含概率 {100 * p:.4g} %"
        drawn = f"the t distribution with ν_eff = {nu} degrees of freedom" if nu else "the normal distribution"
        en += f" from {drawn} for a coverage probability of {100 * p:.4g} %"
    return {"zh": f"{zh}。", "en": f"{en}."}


def relative(value: float, U: float, digits: int = 2, rule: str = "even") -> str | None:
    """U_rel = U/|y| in percent as printed, at most two digits (JJF 1059.1, 5.3.3); None for y = 0."""
    return f"{round_U(100 * U / abs(value), digits, rule)} %" if value and U > 0 else None


def _whole(dof: float | None) -> str:
    """ν_eff as printed: the whole number below (JCGM 100:2008, G.4.1); nothing where it is infinite."""
    return "" if dof is None or not math.isfinite(dof) else str(math.floor(dof + 1e-9))
