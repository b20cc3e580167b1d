"""Numbers of one entry of a budget document, in coherent SI units; arrays for a batch of budgets."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from .coverage import coverage_factor
from .distributions import Number
from .document import only, show
from .errors import N_, DocumentError, Term
from .units import Unit, convert, parse

_NUMBER = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(.*)", re.DOTALL)
RELATIVE = {"%": 0.01, "%rel": 0.01, "ppm": 1e-6}
PERCENT_UNITS = ("%", "%RH", "%rh", "percent", "ppm")
AGREE = 0.01  # u and U/k, each printed to two or three digits
K_AND_P = 0.05  # certificates say k = 2 and 95 %, which is 1.96


class Reader:
    """Reads the fields of one quantity or component; place: its way in the document."""

    def __init__(self, entry: Mapping[str, Any], place: str, unit: Unit) -> None:
        self.entry, self.place, self.unit = entry, place, unit
        self.relative_to: Number | None = None

    def refuse(self, name: str, found: Any, right: str) -> DocumentError:
        said = found if isinstance(found, Term) else show(found)
        return DocumentError(place=f"{self.place}.{name}".rstrip("."), found=said, right=right)

    def number(self, name: str, *, difference: bool = False, found: Any = None, plain: bool = False) -> Number:
        """The field in coherent SI units: a number, a text of number and unit, or an array of numbers.

        difference: u, U, widths; of a degC they are in K. plain: a pure number that has no unit.
        """
        found = self.entry.get(name) if found is None else found
        size = 1.0 if plain else self.unit.size
        if isinstance(found, np.ndarray):
            values = np.asarray(found, dtype=float)
            if not np.all(np.isfinite(values)):
                raise self.refuse(name, "NaN", N_("a finite number"))
            return values * size
        if isinstance(found, bool) or found is None:
            raise self.refuse(name, found, N_("a number"))
        if isinstance(found, int | float):
            return self._finite(found, name) * size
        match = _NUMBER.fullmatch(found) if isinstance(found, str) else None
        if not match or (plain and match[2].strip()):
            raise self.refuse(
                name, found, N_("a number") if plain else N_("a number, with a unit if it is another one")
            )
        value, text = self._finite(float(match[1]), name), match[2].strip()
        if not text:
            return value * size
        if difference and text in RELATIVE:
            return self._relative(value, text, name)
        if self.unit.point and difference:
            if text in ("K", "delta_degC"):
                return value
            return convert(value, text, "K", f"{self.place}.{name}")
        return convert(value, text, self.unit.text, f"{self.place}.{name}") * size

    def _finite(self, found: float, name: str) -> float:
        if not math.isfinite(found):
            raise self.refuse(name, str(found), N_("a finite number"))
        return float(found)

    def _relative(self, value: float, text: str, name: str) -> Number:
        if text != "%rel" and self.unit.text in PERCENT_UNITS:
            raise self.refuse(name, f"{value:g} {text}", N_("a bare number for absolute, or %rel for relative"))
        if self.unit.point:
            raise self.refuse(name, f"{value:g} {text}", N_("an absolute number in K"))
        if self.relative_to is None:
            raise self.refuse(name, f"{value:g} {text}", N_("an absolute number, as there is no value"))
        return value * RELATIVE[text] * np.abs(self.relative_to)

    def positive(self, number: Number, name: str) -> Number:
        if not np.all(np.asarray(number) > 0):
            raise self.refuse(name, self.entry.get(name), N_("a number above 0"))
        return number

    def width(self, name: str = "half_width") -> Number:
        """A half-width, or the sum of a list of them, as specifications state limits."""
        given = self.entry[name]
        parts = given if isinstance(given, list | tuple) else [given]
        if not parts:
            raise self.refuse(name, given, N_("a number"))
        total: Number = 0.0
        for part in parts:
            total = total + self.positive(self.number(name, difference=True, found=part), name)
        return total

    def dof(self, name: str = "dof") -> Number:
        """Degrees of freedom: at least 1; infinite when not stated."""
        found = self.entry.get(name)
        if found is None:
            return math.inf
        if isinstance(found, np.ndarray):
            values = np.asarray(found, dtype=float)
        elif isinstance(found, int | float) and not isinstance(found, bool):
            values = np.asarray(float(found))
        else:
            raise self.refuse(name, found, N_("a number from 1"))
        if not np.all(values >= 1):
            raise self.refuse(name, found, N_("a number from 1"))
        return values if isinstance(found, np.ndarray) else float(values)

    def k(self, dof: Number) -> Number:
        """Coverage factor of U: as stated, or from p; both have to agree."""
        entry = self.entry
        stated = self.positive(self.number("k", plain=True), "k") if entry.get("k") is not None else None
        if entry.get("p") is None:
            if stated is None:
                raise self.refuse("U", N_("U without k or p"), N_("U with its k, or with p"))
            return stated
        p = self.number("p", plain=True)
        if not np.all((np.asarray(p) > 0) & (np.asarray(p) < 1)):
            raise self.refuse("p", entry["p"], N_("a probability such as 0.95"))
        k = coverage_factor(p, dof)
        if stated is not None and np.any(np.abs(stated / k - 1) > K_AND_P):
            raise self.refuse("k", entry["k"], f"{float(np.ravel(k)[0]):.4g} (p)")
        return k if stated is None else stated

    def u(self, dof: Number) -> Number:
        """Standard uncertainty from u, from U, or from both where they agree."""
        entry = self.entry
        if "U" not in entry:
            return self.positive(self.number("u", difference=True), "u")
        expanded = self.positive(self.number("U", difference=True), "U")
        from_U = expanded / self.k(dof)
        if "u" not in entry:
            return from_U
        u = self.positive(self.number("u", difference=True), "u")
        if np.any(np.abs(from_U / u - 1) > AGREE):
            size = self.unit.size
            found = f"u = {float(np.ravel(u)[0]) / size:.6g}, U/k = {float(np.ravel(from_U)[0]) / size:.6g}"
            raise self.refuse("U", found, N_("one statement, or two that agree"))
        return u

    def only(self, *known: str) -> None:
        """Refuse fields that do not belong to the way the uncertainty is stated."""
        only(self.entry, known, self.place)


def unit_of(entry: Mapping[str, Any], place: str, default: str = "1") -> Unit:
    """The unit of an entry. Raises UnitError."""
    text = entry.get("unit", default)
    if not isinstance(text, str):
        raise DocumentError(place=f"{place}.unit", found=show(text), right=N_("a unit in quotes"))
    return parse(text, f"{place}.unit")
