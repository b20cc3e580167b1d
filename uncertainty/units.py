"""Legal units: read by pint after NFKC, from a list; a degC is a point on the scale, a K a difference."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Any

from .errors import N_, UnitError

Dimension = tuple[tuple[str, float], ...]

ALIASES = {"%RH": "percent", "%rh": "percent", "%": "percent", "℃": "degC", "°C": "degC", "Ω": "ohm", "r/min": "rpm"}
LEGAL = frozenset(
    [
        "meter",
        "gram",
        "kilogram",
        "second",
        "ampere",
        "kelvin",
        "mole",
        "candela",
        "volt",
        "ohm",
        "watt",
        "hertz",
        "pascal",
        "newton",
        "joule",
        "coulomb",
        "farad",
        "henry",
        "siemens",
        "tesla",
        "weber",
        "lumen",
        "lux",
        "becquerel",
        "gray",
        "sievert",
        "radian",
        "steradian",
        "liter",
        "tonne",
        "minute",
        "hour",
        "day",
        "degree",
        "arcminute",
        "arcsecond",
        "percent",
        "ppm",
        "electron_volt",
        "revolutions_per_minute",
        "degree_Celsius",
        "delta_degree_Celsius",
        "dimensionless",
    ]
)
"""Units of GB 3100 and the SI brochure, as pint names them, each with any SI prefix."""

CARRIERS = frozenset({"one_argument", "zero_argument", "one_result", "one_kelvin", "zero_celsius", "one_signal"})
"""Exact coefficients of a fitted function that carry its units and nothing else: no table of a budget lists them."""


ROTATION = ("revolutions_per_minute",)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: its text, its dimension, and its size in coherent SI units. degC keeps its own scale (size 1)."""

    text: str
    dimension: Dimension
    size: float
    point: bool = False  # a point on the Celsius scale


ONE = Unit("1", (), 1.0)


@cache
def _registry() -> Any:
    import pint

    return pint.UnitRegistry(autoconvert_offset_to_baseunit=False)


@cache
def parse(text: str, place: str = "unit") -> Unit:
    """The unit that a text means. Raises UnitError for what is not read or not legal."""
    folded = unicodedata.normalize("NFKC", text).strip().replace("·", "*").replace("µ", "u").replace("μ", "u")
    if folded in ("", "1"):
        return ONE
    folded = ALIASES.get(text.strip(), ALIASES.get(folded, folded)).replace("^", "**")
    folded = folded.replace("Ω", "ohm").replace("°C", "degC").replace("%", "percent")
    if folded in ("degC", "celsius"):
        return Unit(text, (("[temperature]", 1.0),), 1.0, point=True)
    if folded == "percent":
        return Unit(text, (), 0.01)
    if folded == "ppm":
        return Unit(text, (), 1e-6)
    import pint

    try:
        found = _registry().parse_units(folded)
        base = (1 * found).to_base_units()
    except (
        pint.errors.PintError,
        AttributeError,
        TypeError,
        ValueError,
        AssertionError,
        SyntaxError,
        KeyError,
    ) as error:
        raise UnitError(place=place, found=text, right=N_("a legal unit such as mV, kΩ, 1/K or degC")) from error
    for name in found._units:
        if _registry().parse_unit_name(name) and not any(
            part[1] in LEGAL for part in _registry().parse_unit_name(name)
        ):
            raise UnitError(place=place, found=text, right=N_("a legal unit such as mV, kΩ, 1/K or degC"))
    powers = {str(k): float(v) for k, v in base.dimensionality.items()}
    turns = sum(float(power) for name, power in found._units.items() if name in ROTATION)
    if turns:  # a rotation is no cycle: Hz and rpm are never converted into each other silently
        powers["[rotation]"] = turns
    dimension = tuple(sorted(powers.items()))
    return Unit(text, dimension, float(base.magnitude))


def convert(value: float, source: str, target: str, place: str = "unit") -> float:
    """A value in another unit of the same dimension. Raises UnitError otherwise; degC goes to degC alone."""
    a, b = parse(source, place), parse(target, place)
    if a.dimension != b.dimension or a.point != b.point:
        raise UnitError(place=place, found=source, right=target)
    return value if a.size == b.size else value * a.size / b.size
