"""The measurands of a document: an expression, an equation solved for the measurand, or a Python function.

A complex expression gives two measurands, y.re and y.im; later models may use y.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np

from . import model
from .document import number, only, show
from .errors import N_, DocumentError, ExpressionError, UnitError
from .expansion import Expanded
from .model.callables import Computed
from .model.implicit import Implicit
from .quantities import Quantity
from .reading import unit_of
from .units import Unit, convert

Units = tuple[tuple[str, Unit], ...]


@dataclass(frozen=True, slots=True)
class Measurand:
    """text, title: as people read them, where the model is no plain expression of the document."""

    name: str
    unit: Unit
    expression: model.Expression
    text: str = ""
    title: str = ""


@dataclass(slots=True)
class Measurands:
    """complexes: name of a complex measurand → the names of its parts."""

    listed: list[Measurand]
    complexes: dict[str, tuple[str, str]]


def measurands(entries: Mapping[Any, Any], quantities: Mapping[str, Quantity], found: Expanded) -> Measurands:
    """The models in order; a later one may use an earlier one by its name. Raises DocumentError, ExpressionError."""
    units = {name: q.unit for name, q in quantities.items()}
    answer = Measurands([], {})
    taken = set(units) | set(found.complexes) | {called.name for called in found.functions}
    for name, entry in entries.items():
        place = f"measurands.{name}"
        if name in taken or not isinstance(name, str) or not name.isidentifier():
            raise DocumentError(place=place, found=show(name), right=N_("a name of its own"))
        if not isinstance(entry, Mapping) or not {"expression", "implicit", "function"} & set(entry):
            raise DocumentError(place=place, found=show(entry), right='{expression: "a*b", unit: V}')
        parts = _one(name, entry, units, quantities, found)
        if len(parts) == 2:
            found.complexes[name] = (parts[0].name, parts[1].name, False)
            answer.complexes[name] = (parts[0].name, parts[1].name)
        for one in parts:
            answer.listed.append(one)
            units[one.name] = one.unit
        taken.add(name)
    return answer


def _one(
    name: str, entry: Mapping[str, Any], units: dict[str, Unit], quantities: Mapping[str, Quantity], found: Expanded
) -> list[Measurand]:
    place = f"measurands.{name}"
    unit = unit_of(entry, place)
    if "function" in entry:
        return [_function(name, entry, unit, units, quantities)]
    scope = found.scope(tuple(units))
    if "implicit" in entry:
        return [_implicit(name, entry, unit, units, scope)]
    only(entry, ("expression", "unit", "title"), place)
    text, at = entry["expression"], f"{place}.expression"
    if not isinstance(text, str):
        raise model.refused(text, at)
    read, reached = _checked(text, tuple(units.items()), scope, at)
    for one in reached:
        if one.dimension != unit.dimension or one.point != unit.point:
            right = one.text or "·".join(f"{n.strip('[]')}^{p:g}" for n, p in one.dimension) or "1"
            raise DocumentError(place=f"{place}.unit", found=unit.text, right=right)
    if len(read) == 1:
        return [Measurand(name, unit, read[0])]
    title = str(entry.get("title", ""))
    said = ((f"{name}.{part}", part, f"{f}({text})") for part, f in (("re", "real"), ("im", "imag")))
    return [
        Measurand(whole, unit, one, shown, f"{title} ({part})".strip() if title else "")
        for one, (whole, part, shown) in zip(read, said, strict=True)
    ]


@lru_cache(maxsize=1024)
def _checked(
    text: str, units: Units, scope: model.Scope, place: str
) -> tuple[tuple[model.Expression, ...], tuple[Unit, ...]]:
    """The expressions of a text and the units of their results; the points of a procedure share one."""
    found = model.read(text, scope, place)
    parts = found if isinstance(found, tuple) else (found,)
    return parts, tuple(model.check_units(part, dict(units)) for part in parts)


def _implicit(name: str, entry: Mapping[str, Any], unit: Unit, units: dict[str, Unit], scope: model.Scope) -> Measurand:
    """{implicit: "f(y, x)", start: y0 or [low, high], unit}: f = 0 solved for the measurand's own name."""
    place = f"measurands.{name}"
    only(entry, ("implicit", "start", "unit", "title"), place)
    text, at = entry["implicit"], f"{place}.implicit"
    if not isinstance(text, str):
        raise model.refused(text, at)
    scope = model.Scope((*scope.names, name), scope.complexes, scope.functions)
    read, _ = _checked(text, (*units.items(), (name, unit)), scope, at)
    if len(read) == 2:
        raise ExpressionError(place=at, found=text[:80], right=N_("a real expression: real(), imag(), abs() or arg()"))
    if name not in read[0].names:
        raise ExpressionError(place=at, found=text[:80], right=name)
    given = entry.get("start")
    between: tuple[float, float] | None
    if isinstance(given, list | tuple):
        ends = tuple(_number(one, unit, f"{place}.start") for one in given)
        if len(ends) != 2 or not ends[0] < ends[1]:
            raise DocumentError(place=f"{place}.start", found=show(given), right=N_("a number, or [low, high]"))
        start, between = (ends[0] + ends[1]) / 2, (ends[0], ends[1])
    else:
        start, between = _number(given, unit, f"{place}.start"), None
    solved = Implicit(text, at, equation=read[0], own=name, start=start, ends=between)
    return Measurand(name, unit, solved, f"{text} = 0", str(entry.get("title", "")))


def _number(found: Any, unit: Unit, place: str) -> float:
    if isinstance(found, str):
        value, _, text = found.strip().partition(" ")
        try:
            return convert(float(value), text.strip() or unit.text, unit.text, place) * unit.size
        except ValueError as error:
            if isinstance(error, UnitError):
                raise
            raise DocumentError(place=place, found=show(found), right=N_("a number, or [low, high]")) from error
    return number(found, place, N_("a number, or [low, high]")) * unit.size


def _function(
    name: str, entry: Mapping[str, Any], unit: Unit, units: dict[str, Unit], quantities: Mapping[str, Quantity]
) -> Measurand:
    """{function: a Python callable, arguments: [names], unit}; only from Python, a text never names code."""
    place = f"measurands.{name}"
    only(entry, ("function", "arguments", "unit", "title"), place)
    function: Callable[..., Any] = entry["function"]
    if not callable(function):
        raise DocumentError(
            place=f"{place}.function", found=show(function), right=N_("a Python function, given from Python")
        )
    arguments = entry.get("arguments")
    if not isinstance(arguments, list | tuple) or not arguments:
        raise DocumentError(place=f"{place}.arguments", found=show(arguments), right=N_("a list"))
    for one in arguments:
        if one not in units:
            right = ", ".join(n for n in units if "." not in n)
            raise DocumentError(place=f"{place}.arguments", found=show(one), right=right)
    widths = [float(np.max(quantities[one].u)) / units[one].size if one in quantities else 0.0 for one in arguments]
    called = getattr(function.func if isinstance(function, partial) else function, "__name__", "f")
    text = f"{called}({', '.join(arguments)})"
    computed = Computed(
        text, place, function=function, arguments=tuple(arguments), sizes=tuple(units[one].size for one in arguments),
        size=unit.size, widths=tuple(widths),
    )  # fmt: skip
    return Measurand(name, unit, computed, text, str(entry.get("title", "")))
