r"""Units of a snapshot as D-SI text: `mV` → `\milli\volt`, `µV/V` → `\micro\volt\per\volt`, `m/s²` → `\metre\per\second\tothe{2}`.

Source: D-SI 2.2.1 (SI_Format.xsd, unitType) and the BIPM SI brochure, 9th edition, tables 2 to 8.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from .errors import UnknownUnit

PREFIXES = {
    "Q": "quetta", "R": "ronna", "Y": "yotta", "Z": "zetta", "E": "exa", "P": "peta", "T": "tera", "G": "giga",
    "M": "mega", "k": "kilo", "h": "hecto", "da": "deca", "d": "deci", "c": "centi", "m": "milli", "μ": "micro",
    "u": "micro", "n": "nano", "p": "pico", "f": "femto", "a": "atto", "z": "zepto", "y": "yocto",
}  # fmt: skip
PREFIXED = {
    "m": "metre", "g": "gram", "s": "second", "A": "ampere", "K": "kelvin", "mol": "mole", "cd": "candela",
    "Hz": "hertz", "N": "newton", "Pa": "pascal", "J": "joule", "W": "watt", "C": "coulomb", "V": "volt",
    "F": "farad", "Ω": "ohm", "ohm": "ohm", "S": "siemens", "Wb": "weber", "T": "tesla", "H": "henry",
    "lm": "lumen", "lx": "lux", "Bq": "becquerel", "Gy": "gray", "Sv": "sievert", "kat": "katal", "rad": "radian",
    "sr": "steradian", "L": "litre", "l": "litre", "eV": "electronvolt", "bar": "bar", "B": "bel",
}  # fmt: skip
ALONE = {
    "": "one", "1": "one", "%": "percent", "%RH": "percent", "ppm": "ppm", "°C": "degreecelsius",
    "degC": "degreecelsius", "°": "degree", "deg": "degree", "′": "arcminute", "″": "arcsecond", "min": "minute",
    "h": "hour", "d": "day", "t": "tonne", "ha": "hectare", "Np": "neper", "dB": "decibel", "delta_degC": "kelvin",
}  # fmt: skip
SYMBOLS = {"degC": "°C", "delta_degC": "K", "%RH": "%", "ohm": "Ω", "deg": "°", "1": "", "u": "µ"}
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_FACTOR = re.compile(r"(?P<symbol>[^\d\s*·/^⁰¹²³⁴-⁹⁻-]+|1|%RH)(?:\^|\*\*)?(?P<power>-?\d+)?")


@cache
def dsi(unit: str) -> str:
    """The D-SI text of a unit. Raises UnknownUnit."""
    text = normalised(unit)
    if text in ALONE:
        return "\\" + ALONE[text]
    written = ""
    numerator = True
    for part in re.split(r"([*·/])", text.replace("**", "^")):
        if part == "/":
            numerator = False
        elif part not in ("*", "·"):
            written += _factor(part.strip(), unit, below=not numerator)
    return written or "\\one"


def symbol(unit: str) -> str:
    """The unit as a certificate prints it: `degC` → `°C`, `ohm` → `Ω`, `uV` → `µV`, `%RH` → `%`, `1` → nothing."""
    text = normalised(unit)
    return SYMBOLS.get(text, text.replace("ohm", "Ω").replace("μ", "µ").replace("degC", "°C").replace("*", "·"))


def normalised(unit: str) -> str:
    """NFKC without losing superscripts: `℃` → `°C`, `µ` (U+00B5) → `μ` (U+03BC), Ω (ohm sign) → Ω (Greek)."""
    text = unicodedata.normalize("NFKC", unit.translate(_SUPERSCRIPTS)) if unit else ""
    text = re.sub(r"(?<=[A-Za-zΩμ])(-?\d+)", r"^\1", text.strip()) if "^" not in text and "**" not in text else text
    return re.sub(r"^u(?=[A-Za-zΩ])", "μ", text)


def _factor(part: str, unit: str, *, below: bool) -> str:
    match = _FACTOR.fullmatch(part)
    if match is None:
        raise UnknownUnit(unit=unit)
    power = int(match["power"] or 1)
    if match["symbol"] == "1":
        return ""
    if power < 0:
        below, power = not below, -power
    name = _named(match["symbol"], unit)
    return ("\\per" if below else "") + name + (f"\\tothe{{{power}}}" if power != 1 else "")


def _named(text: str, unit: str) -> str:
    if text in ALONE and text not in ("", "1"):
        return "\\" + ALONE[text]
    if text in PREFIXED:
        return "\\" + PREFIXED[text]
    for length in (2, 1):
        prefix, rest = text[:length], text[length:]
        if prefix in PREFIXES and rest in PREFIXED:
            return f"\\{PREFIXES[prefix]}\\{PREFIXED[rest]}"
    raise UnknownUnit(unit=unit)
