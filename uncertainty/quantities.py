"""Input quantities: what a document states of each becomes a value and independent components about it.

Type A (JCGM 100:2008, 4.2) and Type B (4.3). A component has a standard uncertainty, degrees of freedom, an identity,
and the distribution it is drawn from (JCGM 101:2008, 6.4).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .coverage import coverage_factor
from .errors import DocumentError
from .units import Unit, convert, parse

DISTRIBUTIONS = ("normal", "t", "rectangular", "triangular", "arcsine", "trapezoidal")
STATEMENTS = ("u", "U", "readings", "resolution", "distribution", "exact", "components")
FIELDS = {
    "value", "unit", "u", "U", "k", "p", "dof", "readings", "resolution", "distribution", "exact", "components",
    "lower", "upper", "half_width", "top", "source", "id", "pooled", "type_a", "title",
}  # fmt: skip
_NUMBER = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(.*)")


@dataclass(frozen=True, slots=True)
class Component:
    """One independent part about a quantity's value: standard uncertainty in coherent SI units, and how it is drawn.

    shape: distribution and its parameters relative to 0, scale `width` (half-width of limits, scale of a t or normal).
    """

    id: str
    u: float
    dof: float
    shape: str
    width: float
    top: float = 0.0


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity with its value in coherent SI units (degC on its own scale) and its components."""

    name: str
    unit: Unit
    value: float
    components: tuple[Component, ...] = ()
    source: str = ""
    readings: tuple[float, ...] = field(default=())

    @property
    def u(self) -> float:
        return math.sqrt(math.fsum(part.u**2 for part in self.components))

    @property
    def dof(self) -> float:
        """Effective degrees of freedom of the components together."""
        below = math.fsum(part.u**4 / part.dof for part in self.components if math.isfinite(part.dof) and part.u)
        return math.inf if below == 0 else self.u**4 / below


def quantity(name: str, entry: Any, prefix: str) -> Quantity:
    """The quantity that an entry of the document states. Raises DocumentError, UnitError."""
    place = f"quantities.{name}"
    if not name.isidentifier():
        raise DocumentError(place=place, found=name, right="a name of letters, digits and _")
    if not isinstance(entry, Mapping):
        raise DocumentError(place=place, found=repr(entry)[:60], right="a mapping such as {value: 1, u: 0.1, unit: V}")
    unknown = set(entry) - FIELDS
    if unknown:
        raise DocumentError(place=f"{place}.{min(unknown)}", found="an unknown field", right=", ".join(sorted(FIELDS)))
    unit = parse(str(entry.get("unit", "1")), f"{place}.unit")
    read = _Reader(place, unit)
    identity = str(entry.get("id") or f"{prefix}:{name}")
    if entry.get("exact"):
        return Quantity(name, unit, read.value(entry, None), (), str(entry.get("source", "")))
    if "components" in entry:
        return _composed(name, entry, unit, read, identity)
    middle, parts, readings = read.statement(entry, identity, place)
    return Quantity(name, unit, read.value(entry, middle), parts, str(entry.get("source", "")), readings)


def _composed(name: str, entry: Mapping[str, Any], unit: Unit, read: _Reader, identity: str) -> Quantity:
    parts: list[Component] = []
    middles = []
    if not isinstance(entry["components"], list) or not entry["components"]:
        raise DocumentError(place=f"{read.place}.components", found=repr(entry["components"])[:60], right="a list")
    for i, component in enumerate(entry["components"]):
        place = f"{read.place}.components.{i}"
        if not isinstance(component, Mapping):
            raise DocumentError(place=place, found=repr(component)[:60], right="a mapping such as {u: 0.1}")
        inner = _Reader(place, parse(str(component["unit"]), place) if "unit" in component else unit)
        inner.relative_to = read.number(entry["value"], "value") if "value" in entry else None
        middle, some, _ = inner.statement(component, str(component.get("id") or f"{identity}.{i}"), place)
        if "value" in component:
            middle = inner.number(component["value"], "value")
        if middle is not None and "readings" in component:
            middles.append(middle)
        parts += some
    return Quantity(
        name, unit, read.value(entry, middles[0] if middles else 0.0), tuple(parts), str(entry.get("source", ""))
    )


class _Reader:
    """Reads the numbers of one entry, in coherent SI units."""

    def __init__(self, place: str, unit: Unit) -> None:
        self.place, self.unit = place, unit
        self.relative_to: float | None = None

    def number(self, found: Any, field_: str, *, difference: bool = False) -> float:
        """A number, or a text of number and unit; in coherent SI units. difference: u, U, widths of a degC are in K."""
        place = f"{self.place}.{field_}"
        if isinstance(found, bool) or found is None:
            raise DocumentError(place=place, found=str(found), right="a number")
        if isinstance(found, int | float):
            return self._finite(float(found), place) * self.unit.size
        match = _NUMBER.fullmatch(str(found))
        if not match:
            raise DocumentError(place=place, found=str(found), right="a number, with a unit if it is another one")
        number, text = self._finite(float(match[1]), place), match[2].strip()
        if not text:
            return number * self.unit.size
        if (
            text in ("%", "%rel", "ppm")
            and difference
            and (text == "%rel" or self.unit.text not in ("%", "ppm", "1", "%RH"))
        ):
            if self.relative_to is None:
                raise DocumentError(place=place, found=str(found), right="an absolute number, as there is no value")
            return number * {"%": 0.01, "%rel": 0.01, "ppm": 1e-6}[text] * abs(self.relative_to)
        wanted = "K" if self.unit.point and difference else self.unit.text
        if wanted == "K" and text in ("K", "delta_degC"):
            return number
        return convert(number, text, wanted) * self.unit.size

    def _finite(self, number: float, place: str) -> float:
        if not math.isfinite(number):
            raise DocumentError(place=place, found=str(number), right="a finite number")
        return number

    def value(self, entry: Mapping[str, Any], middle: float | None) -> float:
        if "value" in entry:
            stated = self.number(entry["value"], "value")
            if (
                middle is not None
                and "distribution" in entry
                and "lower" in entry
                and abs(stated - middle) > 1e-9 * max(abs(stated), abs(middle))
            ):
                raise DocumentError(
                    place=f"{self.place}.value", found=str(entry["value"]), right="the middle of the limits"
                )
            return stated
        if middle is None:
            raise DocumentError(place=f"{self.place}.value", found="nothing", right="the estimate of the quantity")
        return middle

    def statement(
        self, entry: Mapping[str, Any], identity: str, place: str
    ) -> tuple[float | None, tuple[Component, ...], tuple[float, ...]]:
        """(expectation stated, components, readings) of one way of stating an uncertainty."""
        ways = [name for name in STATEMENTS if name in entry]
        if ways == ["u", "U"] or ways == ["u", "U", "distribution"]:
            ways = self._agree(entry, place)
        if "distribution" in ways and ("u" in ways or "U" in ways) and entry["distribution"] in ("normal", "t"):
            ways.remove("distribution")
        if len(ways) != 1:
            raise DocumentError(
                place=place, found=" and ".join(ways) or "no uncertainty", right="one of " + ", ".join(STATEMENTS)
            )
        if self.relative_to is None and "value" in entry:
            self.relative_to = self.number(entry["value"], "value")
        dof = self._dof(entry, place)
        match ways[0]:
            case "u":
                u = self._positive(self.number(entry["u"], "u", difference=True), f"{place}.u", entry["u"])
                return None, (self._normal(identity, u, dof),), ()
            case "U":
                U = self._positive(self.number(entry["U"], "U", difference=True), f"{place}.U", entry["U"])
                return None, (self._normal(identity, U / self._k(entry, dof, place), dof),), ()
            case "readings":
                return self._readings(entry, identity, place)
            case "resolution":
                width = self.number(entry["resolution"], "resolution", difference=True) / 2
                self._positive(width, f"{place}.resolution", entry["resolution"])
                return 0.0, (Component(identity, width / math.sqrt(3), dof, "rectangular", width),), ()
        return self._limits(entry, identity, place, dof)

    def _agree(self, entry: Mapping[str, Any], place: str) -> list[str]:
        u, U = self.number(entry["u"], "u", difference=True), self.number(entry["U"], "U", difference=True)
        k = self._k(entry, self._dof(entry, place), place)
        if abs(U / k - u) > 0.01 * u:
            raise DocumentError(
                place=f"{place}.U",
                found=f"u {entry['u']} and U/k {U / k / self.unit.size:.6g}",
                right="one statement, or two that agree",
            )
        return ["u"]

    def _normal(self, identity: str, u: float, dof: float) -> Component:
        return Component(identity, u, dof, "t" if math.isfinite(dof) else "normal", u)

    def _k(self, entry: Mapping[str, Any], dof: float, place: str) -> float:
        if "k" in entry:
            return self._positive(float(entry["k"]), f"{place}.k", entry["k"])
        if "p" in entry:
            p = float(entry["p"])
            if not 0 < p < 1:
                raise DocumentError(place=f"{place}.p", found=str(entry["p"]), right="a probability such as 0.95")
            return coverage_factor(p, dof)
        raise DocumentError(place=f"{place}.U", found="U without k or p", right="U with its k, or with p")

    def _dof(self, entry: Mapping[str, Any], place: str) -> float:
        if entry.get("dof") is None:
            return math.inf
        return self._positive(float(entry["dof"]), f"{place}.dof", entry["dof"])

    def _positive(self, number: float, place: str, found: Any) -> float:
        if not number > 0:
            raise DocumentError(place=place, found=str(found), right="a number above 0")
        return number

    def _readings(
        self, entry: Mapping[str, Any], identity: str, place: str
    ) -> tuple[float, tuple[Component, ...], tuple[float, ...]]:
        """Mean, s/√n and n − 1 (JCGM 100:2008, 4.2.3), or a pooled s (4.2.4)."""
        found = entry["readings"]
        if not isinstance(found, list | tuple) or not found:
            raise DocumentError(place=f"{place}.readings", found=repr(found)[:60], right="a list of numbers")
        values = [self.number(x, f"readings.{i}") for i, x in enumerate(found)]
        n, mean = len(values), float(np.mean(values))
        pooled = entry.get("pooled")
        if pooled is not None:
            s = self.number(pooled["s"], "pooled.s", difference=True)
            nu = self._positive(float(pooled.get("dof", math.inf)), f"{place}.pooled.dof", pooled.get("dof"))
            return mean, (self._normal(identity, s / math.sqrt(n), nu),), tuple(values)
        if n < 2:
            raise DocumentError(place=f"{place}.readings", found="one reading", right="two or more, or a pooled s")
        u = float(np.std(values, ddof=1)) / math.sqrt(n)
        return mean, (self._normal(identity, u, n - 1.0),) if u else (), tuple(values)

    def _limits(
        self, entry: Mapping[str, Any], identity: str, place: str, dof: float
    ) -> tuple[float | None, tuple[Component, ...], tuple[float, ...]]:
        shape = str(entry["distribution"])
        if shape not in DISTRIBUTIONS:
            raise DocumentError(place=f"{place}.distribution", found=shape, right="one of " + ", ".join(DISTRIBUTIONS))
        if "lower" in entry and "upper" in entry:
            low, high = self.number(entry["lower"], "lower"), self.number(entry["upper"], "upper")
            middle, width = (low + high) / 2, (high - low) / 2
        elif "half_width" in entry:
            given = entry["half_width"]
            parts = given if isinstance(given, list | tuple) else [given]
            middle, width = None, math.fsum(self.number(x, "half_width", difference=True) for x in parts)
        else:
            raise DocumentError(place=place, found="no limits", right="lower and upper, or half_width")
        self._positive(width, place, width)
        top = float(entry.get("top", 0.0))
        divisor = {"rectangular": 3.0, "triangular": 6.0, "arcsine": 2.0, "trapezoidal": 6 / (1 + top * top)}[shape]
        u = width / math.sqrt(divisor)
        return (
            (middle if "value" in entry or "lower" in entry else 0.0),
            (Component(identity, u, dof, shape, width, top),),
            (),
        )
