"""Input quantities: what a document states of each becomes a value and independent components about it.

Type A (JCGM 100:2008, 4.2) and Type B (4.3). A component has a standard uncertainty, degrees of freedom, an identity,
and the distribution it is drawn from (JCGM 101:2008, 6.4). Values may be arrays: one number a budget of a batch.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from .autocorrelation import FEWEST, inflation
from .distributions import PARAMETERS, FloatArray, Number, Shape
from .document import show
from .errors import N_, DocumentError
from .limits import expectation_and_shape
from .reading import Reader, unit_of
from .units import Unit

STATEMENTS = ("u", "U", "readings", "resolution", "distribution", "exact", "components")
COMMON = ("value", "unit", "source", "id", "title")
RANGE = {2: (1.13, 0.9), 3: (1.69, 1.8), 4: (2.06, 2.7), 5: (2.33, 3.6), 6: (2.53, 4.5), 7: (2.70, 5.3), 8: (2.85, 6.0), 9: (2.97, 6.8)}  # fmt: skip
"""Range method: n → (C, ν). JJF 1059.1-2012, 4.3.2.3, table 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Component:
    """One independent part about a quantity's value: u in coherent SI units, ν, and how it is drawn."""

    id: str
    u: Number
    dof: Number
    shape: Shape
    place: str = ""


@dataclass(frozen=True, eq=False)
class Quantity:
    """A quantity with its value in coherent SI units (degC on its own scale) and its components."""

    name: str
    unit: Unit
    value: Number
    components: tuple[Component, ...] = ()
    source: str = ""
    readings: FloatArray | None = None
    type_a: int | None = None  # which component the readings give, where s/√n and n − 1 are its own
    id: str = ""

    @cached_property
    def u(self) -> Number:
        if len(self.components) == 1:
            return self.components[0].u
        return np.sqrt(sum((part.u**2 for part in self.components), 0.0))

    @cached_property
    def dof(self) -> Number:
        """Effective degrees of freedom of the components together (JCGM 100:2008, G.4.1)."""
        if len(self.components) == 1:
            return self.components[0].dof
        below: Number = 0.0
        for part in self.components:
            below = below + part.u**4 / part.dof
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.where(np.asarray(below) > 0, self.u**4 / np.asarray(below), np.inf)
        return found if found.ndim else float(found)


def quantity(name: str, entry: Any, prefix: str) -> Quantity:
    """The quantity that an entry of the document states. Raises DocumentError, UnitError."""
    place = f"quantities.{name}"
    if not name.replace(".", "_").isidentifier():  # z.re, the part of a complex z; f.a, a coefficient
        raise DocumentError(place=place, found=show(name), right=N_("a name of letters, digits and _"))
    if not isinstance(entry, Mapping):
        raise DocumentError(place=place, found=show(entry), right="{value: 1, u: 0.1, unit: V}")
    unit = unit_of(entry, place)
    identity = str(entry.get("id") or f"{prefix}:{name}")
    reader = Reader(entry, place, unit)
    source = str(entry.get("source", ""))
    way = _way(reader)
    if way == "exact":
        reader.only(*COMMON, "exact")
        if entry["exact"] is not True:
            raise reader.refuse("exact", entry["exact"], "true")
        return Quantity(name, unit, _value(reader, None), (), source, id=identity)
    if way == "components":
        return _composed(name, reader, identity, source)
    if "value" in entry:
        reader.relative_to = reader.number("value")
    middle, part, readings, own = _statement(reader, way, identity)
    value = _value(reader, middle)
    return Quantity(name, unit, value, (part,), source, readings, 0 if own else None, identity)


def _way(reader: Reader) -> str:
    """How the uncertainty is stated: one of STATEMENTS; u and U may stand together, and beside normal or t."""
    ways = [name for name in STATEMENTS if name in reader.entry]
    if len(ways) > 1 and "u" in ways and "U" in ways:
        ways.remove("U")
    if len(ways) == 2 and ways[0] in ("u", "U") and ways[1] == "distribution":
        ways = ["distribution"] if reader.entry["distribution"] in ("normal", "t") else ways
    if len(ways) != 1:
        found = " + ".join(ways) if ways else N_("no uncertainty")
        raise reader.refuse("", found, ", ".join(STATEMENTS))
    return ways[0]


def _value(reader: Reader, middle: Number | None) -> Number:
    """The value stated, or the expectation; a value off the expectation is refused."""
    if reader.entry.get("value") is None:
        if middle is None:
            raise reader.refuse("value", N_("nothing"), N_("the estimate of the quantity"))
        return middle
    stated = reader.number("value")
    if middle is not None and np.any(np.abs(stated - middle) > 1e-9 * np.maximum(np.abs(stated), np.abs(middle))):
        raise reader.refuse("value", reader.entry["value"], f"{float(np.ravel(middle)[0]) / reader.unit.size:.12g}")
    return stated


def _composed(name: str, reader: Reader, identity: str, source: str) -> Quantity:
    """A quantity of several independent components about one value; each is counted once."""
    reader.only(*COMMON, "components")
    listed = reader.entry["components"]
    if not isinstance(listed, list | tuple) or not listed:
        raise reader.refuse("components", listed, N_("a list"))
    value = reader.number("value") if reader.entry.get("value") is not None else None
    readers = []
    for i, component in enumerate(listed):
        place = f"{reader.place}.components.{i}"
        if not isinstance(component, Mapping):
            raise DocumentError(place=place, found=show(component), right="{u: 0.1}")
        inner = Reader(component, place, unit_of(component, place, reader.unit.text))
        if inner.unit.dimension != reader.unit.dimension or inner.unit.point != reader.unit.point:
            raise inner.refuse("unit", inner.unit.text, reader.unit.text)
        readers.append(inner)
    parts: list[Component] = [None] * len(listed)  # type: ignore[list-item]
    readings, own = None, None
    for i in sorted(range(len(listed)), key=lambda i: "readings" not in listed[i]):  # the mean comes first
        inner = readers[i]
        inner.relative_to = value
        way = _way(inner)
        if way in ("exact", "components"):
            raise inner.refuse(way, show(inner.entry[way]), ", ".join(s for s in STATEMENTS[:5]))
        middle, part, some, mine = _statement(inner, way, str(inner.entry.get("id") or f"{identity}.{i}"))
        stated = inner.number("value") if inner.entry.get("value") is not None else middle
        if way == "readings":
            if readings is not None:
                raise inner.refuse("readings", N_("readings twice"), N_("readings in one component only"))
            readings, own = some, (i if mine else None)
            mean: Number = middle
            if value is None:
                value = stated
            elif reader.entry.get("value") is not None and np.any(np.abs(value - mean) > 1e-9 * np.abs(value)):
                raise reader.refuse(
                    "value", reader.entry["value"], f"{float(np.ravel(mean)[0]) / reader.unit.size:.12g}"
                )
        elif stated is not None and not _about(stated, value):
            raise inner.refuse(
                "value",
                f"{float(np.ravel(stated)[0]) / inner.unit.size:.12g}",
                N_("limits about 0, or about the value"),
            )
        parts[i] = part
    return Quantity(name, reader.unit, 0.0 if value is None else value, tuple(parts), source, readings, own, identity)


def _about(stated: Number, value: Number | None) -> bool:
    small = 1e-9 * np.abs(stated)
    return bool(np.all(np.abs(stated) == 0) or (value is not None and np.all(np.abs(stated - value) <= small)))


def _statement(reader: Reader, way: str, identity: str) -> tuple[Number | None, Component, FloatArray | None, bool]:
    """(expectation where the statement has one, component, readings, whether s and ν are the readings' own)."""
    entry = reader.entry
    if way == "readings":
        return _readings(reader, identity)
    dof = reader.dof()
    match way:
        case "u" | "U":
            reader.only(*COMMON, "u", "U", "k", "p", "dof")
            if "U" not in entry and ("k" in entry or "p" in entry):
                raise reader.refuse("k" if "k" in entry else "p", N_("u with k or p"), N_("U with its k, or with p"))
            return None, _normal(reader, identity, reader.u(dof), dof), None, False
        case "resolution":
            reader.only(*COMMON, "resolution", "dof")
            width = reader.positive(reader.number("resolution", difference=True), "resolution") / 2
            part = Component(identity, width / math.sqrt(3), dof, Shape("rectangular", width), reader.place)
            return None, part, None, False
    name = entry["distribution"]
    if name not in PARAMETERS:
        raise reader.refuse("distribution", name, ", ".join(PARAMETERS))
    if name in ("normal", "t"):
        reader.only(*COMMON, "distribution", "u", "U", "k", "p", "dof")
        if name == "t" and not np.all(np.isfinite(dof)):
            raise reader.refuse("dof", entry.get("dof"), N_("a number from 1"))
        if "u" not in entry and "U" not in entry:
            raise reader.refuse("u", N_("nothing"), N_("a number above 0"))
        return None, _normal(reader, identity, reader.u(dof), dof), None, False
    middle, u, shape = expectation_and_shape(reader, name, COMMON)
    return middle, Component(identity, u, dof, shape, reader.place), None, False


def _normal(reader: Reader, identity: str, u: Number, dof: Number) -> Component:
    """A normal, or a t of scale u where ν is finite (JCGM 101:2008, 6.4.9)."""
    return Component(identity, u, dof, Shape("t" if np.any(np.isfinite(dof)) else "normal", u), reader.place)


def _readings(reader: Reader, identity: str) -> tuple[Number, Component, FloatArray, bool]:
    """Mean, s/√n and n − 1 (JCGM 100:2008, 4.2.3), a pooled s/√m (4.2.4), or the range method (JJF 1059.1, 4.3.2.3)."""
    reader.only(*COMMON, "readings", "pooled", "type_a", "autocorrelated")
    entry = reader.entry
    values = _values(reader, entry["readings"])
    n = values.shape[-1]
    mean = values.mean(axis=-1)
    value: Number = mean if mean.ndim else float(mean)
    reader.relative_to = value
    method = entry.get("type_a", "bessel")
    if method not in ("bessel", "range"):
        raise reader.refuse("type_a", method, "bessel, range")
    if entry.get("autocorrelated", False) is not False:
        return value, _autocorrelated(reader, identity, values), values, False
    if entry.get("pooled") is not None:
        return value, _pooled(reader, identity, n), values, False
    if n < 2:
        raise reader.refuse("readings", N_("one reading"), N_("two readings or more, or a pooled s"))
    if method == "range":
        if n not in RANGE:
            raise reader.refuse("readings", n, N_("2 to 9 readings for the range method"))
        C, nu = RANGE[n]
        s: Any = np.ptp(values, axis=-1) / C
    else:
        s, nu = values.std(axis=-1, ddof=1), n - 1.0
    u = s / math.sqrt(n)
    part = _normal(reader, identity, u if u.ndim else float(u), nu)
    return value, part, values, method == "bessel"


def _autocorrelated(reader: Reader, identity: str, values: FloatArray) -> Component:
    """s/√n_eff and n_eff − 1, where n_eff = n/(1 + 2 Σ (1 − k/n) ρ_k) readings are worth the n (JCGM 100:2008, 4.2.7)."""
    entry, n = reader.entry, values.shape[-1]
    if entry["autocorrelated"] is not True:
        raise reader.refuse("autocorrelated", entry["autocorrelated"], "true, false")
    for other in ("pooled", "type_a"):
        if entry.get(other) is not None:
            raise reader.refuse(other, f"autocorrelated + {other}", N_("one of both"))
    if n < FEWEST:
        raise reader.refuse("readings", n, N_("ten readings or more, where they are autocorrelated"))
    worth = n / inflation(values)
    u = values.std(axis=-1, ddof=1) / np.sqrt(worth)
    nu = worth - 1
    return _normal(reader, identity, u if u.ndim else float(u), nu if nu.ndim else float(nu))


def _values(reader: Reader, found: Any) -> FloatArray:
    if isinstance(found, np.ndarray):
        values = np.asarray(reader.number("readings", found=found))
        if values.ndim < 1 or values.shape[-1] < 1:
            raise reader.refuse("readings", str(values.shape), N_("a list of numbers"))
        return values
    if not isinstance(found, list | tuple) or not found:
        raise reader.refuse("readings", found, N_("a list of numbers"))
    return np.array([reader.number(f"readings.{i}", found=x) for i, x in enumerate(found)], dtype=float)


def _pooled(reader: Reader, identity: str, n: int) -> Component:
    found = reader.entry["pooled"]
    if not isinstance(found, Mapping):
        raise reader.refuse("pooled", found, "{s: 0.1, dof: 20}")
    inner = Reader(found, f"{reader.place}.pooled", reader.unit)
    inner.relative_to = reader.relative_to
    inner.only("s", "dof")
    s = inner.positive(inner.number("s", difference=True), "s")
    return _normal(reader, identity, s / math.sqrt(n), inner.dof())
