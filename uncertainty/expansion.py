"""A document without its shorthand: complex quantities by their parts, functions by their coefficients.

A complex quantity z becomes the quantities z.re and z.im (or z.abs and z.phase); the coefficient a of a function f
becomes the quantity f.a. Each keeps its own identity, and their correlations are stated with the others.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from .dependence import Dependence
from .distributions import FloatArray
from .document import number, only, show
from .errors import N_, DocumentError
from .model import OWN, Called, Scope
from .thermometry import in_budget

RECTANGULAR, POLAR = ("re", "im"), ("abs", "phase")
SHARED = ("unit", "source", "id", "title", "k", "p", "dof", "exact")
SPLIT = ("value", "u", "U", "readings")


@dataclass(slots=True)
class Expanded:
    """quantities: plain entries. together: parts of complex quantities of finite ν: (part, part, ν, r).

    fits: coefficients that share one estimate of variance: (quantities, ν).
    """

    quantities: dict[str, Any] = field(default_factory=dict)
    correlations: list[Any] = field(default_factory=list)
    observed: list[Any] = field(default_factory=list)
    complexes: dict[str, tuple[str, str, bool]] = field(default_factory=dict)
    functions: list[Called] = field(default_factory=list)
    together: list[tuple[str, str, int, float]] = field(default_factory=list)
    fits: list[tuple[tuple[str, ...], float]] = field(default_factory=list)

    def scope(self, names: tuple[str, ...]) -> Scope:
        """What the models may name."""
        return Scope(names, tuple((z, a, b, p) for z, (a, b, p) in self.complexes.items()), tuple(self.functions))

    def bind(self, dependence: Dependence, names: list[str]) -> Dependence:
        """With the parts of complex quantities and the coefficients of fits that share their degrees of freedom."""
        if not self.together and not self.fits:
            return dependence
        groups, pairs = list(dependence.groups), list(dependence.pairs)
        declared = {i for pair in dependence.declared for i in pair}
        for a, b, dof, r in self.together:
            i, j = names.index(a), names.index(b)
            if declared & {i, j}:
                right = N_("a finite dof or a correlation with others, not both")
                raise DocumentError(place=f"quantities.{a.partition('.')[0]}", found=f"dof = {dof:g}", right=right)
            s, t = dependence.of[i][0], dependence.of[j][0]
            groups.append(((s, t), dof + 1))
            pairs.append((s, t, r))
        fits = tuple((tuple(dependence.of[names.index(name)][0] for name in some), dof) for some, dof in self.fits)
        return replace(dependence, groups=tuple(groups), pairs=tuple(pairs), fits=fits)


def expand(data: Mapping[str, Any]) -> Expanded:
    """The document's quantities, correlations and functions in plain form. Raises DocumentError."""
    found = Expanded()
    for key, entry in data["quantities"].items():
        name = str(key)
        if not name.isidentifier():
            raise DocumentError(
                place=f"quantities.{name}", found=show(name), right=N_("a name of letters, digits and _")
            )
        if _is_complex(entry):
            _complex(found, name, entry)
        else:
            found.quantities[name] = entry
    found.correlations = list(data.get("correlations") or [])
    together = [_parts_of(found, group) for group in data.get("observed_together") or []]
    listed = {name for group in together if isinstance(group, list) for name in group if isinstance(name, str)}
    found.observed = together + [group for group in found.observed if group[0] not in listed]
    for name, (a, b, _) in found.complexes.items():
        _correlated(found, name, a, b, data["quantities"][name])
    _functions(found, data.get("functions") or {}, data["quantities"])
    return found


def _is_complex(entry: Any) -> bool:
    return isinstance(entry, Mapping) and any(isinstance(entry.get(f), Mapping) for f in ("value", "readings"))


def _parts_of(found: Expanded, group: Any) -> Any:
    """A complex quantity in a group read together stands for both of its parts."""
    if not isinstance(group, list | tuple):
        return group
    return [
        part
        for name in group
        for part in (found.complexes.get(name, (name,))[:2] if isinstance(name, str) else (name,))
    ]


def _complex(found: Expanded, name: str, entry: Mapping[str, Any]) -> None:
    place = f"quantities.{name}"
    only(entry, (*SHARED, *SPLIT, "r", "covariance"), place)
    stated = "value" if isinstance(entry.get("value"), Mapping) else "readings"
    parts = POLAR if stated == "value" and "abs" in entry["value"] else RECTANGULAR
    if set(entry[stated]) != set(parts):
        raise DocumentError(
            place=f"{place}.{stated}", found=show(dict(entry[stated])), right="{re: 1, im: 0}, {abs: 1, phase: 0}"
        )
    spread = _covariance(entry, place) if "covariance" in entry else None
    for i, part in enumerate(parts):
        one = {key: entry[key] for key in SHARED if key in entry}
        for key in SPLIT:
            if key in entry:
                one[key] = _part(entry[key], part, parts, f"{place}.{key}")
        if spread is not None:
            one["u"] = math.sqrt(spread[i, i])
        if part == "phase":
            one["unit"] = "rad"
        if "id" in one:
            one["id"] = f"{one['id']}.{part}"
        if one.get("title"):
            one["title"] = f"{one['title']} ({part})"
        found.quantities[f"{name}.{part}"] = one
    found.complexes[name] = (f"{name}.{parts[0]}", f"{name}.{parts[1]}", parts == POLAR)
    if stated == "readings":
        found.observed.append([f"{name}.re", f"{name}.im"])


def _part(given: Any, part: str, parts: tuple[str, str], place: str) -> Any:
    if not isinstance(given, Mapping):
        if parts == POLAR or place.endswith((".value", ".readings")):
            raise DocumentError(place=place, found=show(given), right=f"{{{parts[0]}: 1, {parts[1]}: 1}}")
        return given
    if set(given) != set(parts):
        raise DocumentError(place=place, found=show(dict(given)), right=f"{{{parts[0]}: 1, {parts[1]}: 1}}")
    return given[part]


def _covariance(entry: Mapping[str, Any], place: str) -> FloatArray:
    for other in ("u", "U", "r", "readings", "exact"):
        if other in entry:
            raise DocumentError(place=f"{place}.{other}", found=f"covariance + {other}", right=N_("one of both"))
    return matrix(entry["covariance"], 2, f"{place}.covariance")


def matrix(found: Any, size: int, place: str) -> FloatArray:
    """A covariance matrix (size, size) of the document. Raises DocumentError where it is none."""
    right = N_("a covariance matrix: symmetric, with variances above 0")
    try:
        V = np.array([[number(x, place) for x in row] for row in found], dtype=float)
    except (TypeError, ValueError) as error:
        if isinstance(error, DocumentError):
            raise
        raise DocumentError(place=place, found=show(found), right=right) from error
    if V.shape != (size, size) or not np.allclose(V, V.T, rtol=1e-9, atol=0) or not np.all(np.diagonal(V) > 0):
        raise DocumentError(place=place, found=show(found), right=right)
    u = np.sqrt(np.diagonal(V))
    if float(np.linalg.eigvalsh(V / np.outer(u, u))[0]) < -1e-9:
        raise DocumentError(place=place, found=N_("a matrix that is no correlation"), right=right)
    return V


def _correlated(found: Expanded, name: str, a: str, b: str, entry: Mapping[str, Any]) -> None:
    """The correlation of the parts: of finite ν as one group, else declared with the others."""
    place = f"quantities.{name}"
    r = 0.0
    if "covariance" in entry:
        V = _covariance(entry, place)
        r = float(V[0, 1] / math.sqrt(V[0, 0] * V[1, 1]))
    elif entry.get("r") is not None:
        if "readings" in entry or "exact" in entry:
            raise DocumentError(place=f"{place}.r", found=show(entry["r"]), right=N_("no r beside readings or exact"))
        r = number(entry["r"], f"{place}.r", N_("from -1 to 1"))
        if not -1 <= r <= 1:
            raise DocumentError(place=f"{place}.r", found=f"{r:g}", right=N_("from -1 to 1"))
    if entry.get("dof") is not None and "readings" not in entry:
        dof = number(entry["dof"], f"{place}.dof", N_("a whole number from 2"))
        if dof < 2 or dof != int(dof):
            raise DocumentError(place=f"{place}.dof", found=f"{dof:g}", right=N_("a whole number from 2"))
        found.together.append((a, b, int(dof), r))
    elif r:
        found.correlations.append({"between": [a, b], "r": r})


def _functions(found: Expanded, entries: Any, quantities: Mapping[Any, Any]) -> None:
    if not isinstance(entries, Mapping):
        raise DocumentError(place="functions", found=show(entries), right=N_("a mapping of names"))
    for key, entry in entries.items():
        name, place = str(key), f"functions.{key}"
        if not name.isidentifier() or name in quantities or name in OWN:
            raise DocumentError(place=place, found=show(name), right=N_("a name of its own"))
        if not isinstance(entry, Mapping):
            raise DocumentError(place=place, found=show(entry), right='{expression: "a + b*x", argument: x}')
        if "thermometer" in entry:
            entry = in_budget.of_document(entry, place)
        only(
            entry,
            ("expression", "argument", "coefficients", "correlations", "covariance", "dof", "title", "source"),
            place,
        )
        if not isinstance(entry.get("expression"), str):
            raise DocumentError(place=f"{place}.expression", found=show(entry.get("expression")), right='"a + b*x"')
        coefficients = _coefficients(found, name, entry, place)
        arguments = _arguments(entry.get("argument"), coefficients, place)
        pairs = tuple((short, f"{name}.{short}") for short in coefficients)
        found.functions.append(Called(name, entry["expression"], arguments, pairs, len(found.functions)))


def _arguments(given: Any, coefficients: tuple[str, ...], place: str) -> tuple[str, ...]:
    listed = [given] if isinstance(given, str) else given
    if not isinstance(listed, list | tuple) or not listed or len(set(map(str, listed))) != len(listed):
        raise DocumentError(place=f"{place}.argument", found=show(given), right="x")
    for one in listed:
        if not isinstance(one, str) or not one.isidentifier() or one in coefficients:
            raise DocumentError(place=f"{place}.argument", found=show(one), right=N_("a name of its own"))
    return tuple(listed)


def _coefficients(found: Expanded, name: str, entry: Mapping[str, Any], place: str) -> tuple[str, ...]:
    """The coefficients as quantities f.a, with their covariance or correlations and one ν of the fit."""
    given = entry.get("coefficients") or {}
    if not isinstance(given, Mapping) or any(not isinstance(one, Mapping) for one in given.values()):
        raise DocumentError(place=f"{place}.coefficients", found=show(given), right="{a: {value: 1, u: 0.1}}")
    names = tuple(str(one) for one in given)
    known = [not one.get("exact") for one in given.values()]
    fitted = tuple(one for one, free in zip(names, known, strict=True) if free)
    V = None
    if entry.get("covariance") is not None:
        if entry.get("correlations") is not None:
            raise DocumentError(place=f"{place}.covariance", found="covariance + correlations", right=N_("one of both"))
        V = matrix(entry["covariance"], len(fitted), f"{place}.covariance")
    for short, one in zip(names, given.values(), strict=True):
        at = f"{place}.coefficients.{short}"
        if not short.isidentifier():
            raise DocumentError(place=at, found=show(short), right=N_("a name of letters, digits and _"))
        plain = {"source": entry.get("source", "")} | dict(one)
        if short in fitted:
            stated = {"u": V is not None, "dof": entry.get("dof") is not None}
            for key in ("u", "dof"):
                if stated[key] and key in plain:
                    raise DocumentError(place=f"{at}.{key}", found=show(plain[key]), right=N_("one of both"))
            if V is not None:
                plain["u"] = math.sqrt(V[fitted.index(short), fitted.index(short)])
            if entry.get("dof") is not None:
                plain["dof"] = entry["dof"]
        found.quantities[f"{name}.{short}"] = plain
    _related(found, name, fitted, entry, V, place)
    if entry.get("dof") is not None:
        dof = number(entry["dof"], f"{place}.dof", N_("a number from 1"))
        if dof < 1 or not fitted:
            raise DocumentError(place=f"{place}.dof", found=show(entry["dof"]), right=N_("a number from 1"))
        found.fits.append((tuple(f"{name}.{one}" for one in fitted), dof))
    return names


def _related(
    found: Expanded, name: str, names: tuple[str, ...], entry: Mapping[str, Any], V: FloatArray | None, place: str
) -> None:
    if V is not None:
        u = np.sqrt(np.diagonal(V))
        for i in range(len(names)):
            for j in range(i):
                if V[i, j]:
                    between = [f"{name}.{names[j]}", f"{name}.{names[i]}"]
                    found.correlations.append({"between": between, "r": float(V[i, j] / (u[i] * u[j]))})
    for c, one in enumerate(entry.get("correlations") or []):
        at = f"{place}.correlations.{c}"
        ends = one.get("between") if isinstance(one, Mapping) else None
        if not isinstance(ends, list | tuple) or len(ends) != 2 or not set(map(str, ends)) <= set(names):
            raise DocumentError(place=at, found=show(one), right="{between: [a, b], r: 0.5}")
        found.correlations.append(dict(one) | {"between": [f"{name}.{short}" for short in ends]})
