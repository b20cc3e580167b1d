"""Figures with units as technicians write them: `100 mV`, `23±2 °C`, `30..70 %RH`, `60 min`, `15 ppm`.

A small closed list: enough for set points, limits and columns. Budgets have their own, fuller reader of units.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation

from instruments.specifications.phrase import Phrase

PREFIXES = {
    "p": Decimal("1e-12"), "n": Decimal("1e-9"), "u": Decimal("1e-6"), "µ": Decimal("1e-6"), "μ": Decimal("1e-6"),
    "m": Decimal("1e-3"), "": Decimal(1), "k": Decimal("1e3"), "M": Decimal("1e6"), "G": Decimal("1e9"),
}  # fmt: skip
_BASES = {"V": "V", "A": "A", "ohm": "ohm", "Ω": "ohm", "Hz": "Hz", "s": "s", "W": "W", "F": "F", "H": "H", "Pa": "Pa",
          "m": "m", "g": "g", "N": "N", "K": "K", "rad": "rad"}  # fmt: skip
_PLAIN: dict[str, tuple[str, Decimal]] = {
    "": ("1", Decimal(1)), "1": ("1", Decimal(1)),
    "%": ("1", Decimal("0.01")), "ppm": ("1", Decimal("1e-6")),
    "min": ("s", Decimal(60)), "h": ("s", Decimal(3600)),
    "degC": ("degC", Decimal(1)), "°C": ("degC", Decimal(1)),
    "%RH": ("%RH", Decimal(1)), "deg": ("deg", Decimal(1)), "°": ("deg", Decimal(1)),
}  # fmt: skip
_NUMBER = r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
_QUANTITY = re.compile(rf"({_NUMBER})\s*(\S*)")
_AROUND = re.compile(rf"({_NUMBER})\s*(?:±|\+/-)\s*({_NUMBER})\s*(\S*)")
_BETWEEN = re.compile(rf"({_NUMBER})\s*(?:\.\.|…|to)\s*({_NUMBER})\s*(\S*)")


class UnitError(ValueError):
    """Text that is no figure with a known unit; `right` says what was expected."""

    def __init__(self, right: str) -> None:
        super().__init__(right)
        self.right = right if isinstance(right, Phrase) else Phrase(right)


def tidy(text: str) -> str:
    """Compatibility forms folded: ℃ becomes °C, full-width digits and signs become plain ones, − becomes -."""
    return unicodedata.normalize("NFKC", text).replace("−", "-").strip()


def unit(text: str) -> tuple[str, Decimal]:
    """(base unit, factor) of a unit text: `mV` is ("V", 0.001). Raises UnitError for one that is not on the list."""
    text = tidy(text)
    if text in _PLAIN:
        return _PLAIN[text]
    for base, name in _BASES.items():
        if text.endswith(base) and text[: -len(base)] in PREFIXES:
            return name, PREFIXES[text[: -len(base)]]
    raise UnitError("a unit such as mV, V, kV, mA, ohm, Hz, s, min, °C, %RH, %, ppm")


def quantity(text: str, base: str, *, default: str | None = None) -> Decimal:
    """A figure in its base unit: quantity("100 mV", "V") is 0.1.

    default: the unit of a bare number; without it a bare number is refused.
    """
    match = _QUANTITY.fullmatch(tidy(text))
    if not match:
        raise UnitError(Phrase("a number with a unit of {base}", base=base))
    return _scaled(match[1], match[2] or (default if default is not None else ""), base)


def span(text: str, base: str) -> tuple[Decimal, Decimal]:
    """(low, high) of `23±2 °C` or `30..70 %RH`, in the base unit."""
    text = tidy(text)
    if match := _AROUND.fullmatch(text):
        middle, half = _scaled(match[1], match[3], base), _scaled(match[2], match[3], base)
        low, high = middle - abs(half), middle + abs(half)
    elif match := _BETWEEN.fullmatch(text):
        low, high = _scaled(match[1], match[3], base), _scaled(match[2], match[3], base)
    else:
        raise UnitError(Phrase("limits such as 23±2 {base} or 20..26 {base}", base=base))
    if low >= high:
        raise UnitError("the lower limit first, and below the upper one")
    return low, high


def plain(value: Decimal) -> str:
    """Decimal text without exponent and without trailing zeros that nobody wrote: 1E+1 is "10"."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _scaled(number: str, unit_text: str, base: str) -> Decimal:
    name, factor = unit(unit_text)
    if name != base:
        if base == "1":
            raise UnitError(Phrase("a bare number, %, or ppm, not {unit}", unit=unit_text))
        if not unit_text:
            raise UnitError(Phrase("a unit of {base} after the number", base=base))
        raise UnitError(Phrase("a unit of {base}, not {unit}", base=base, unit=unit_text))
    try:
        return Decimal(number) * factor
    except InvalidOperation as error:  # pragma: no cover - the pattern admits numbers only
        raise UnitError("a number") from error
