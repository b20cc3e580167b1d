"""Type B evaluations that a document states as a distribution: expectation, standard uncertainty, shape.

Sources: JCGM 100:2008, 4.3.7 to 4.3.9; JCGM 101:2008, 6.4.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .distributions import LIMITED, PARAMETERS, Number, Shape, spread
from .errors import N_
from .reading import Reader


def expectation_and_shape(reader: Reader, name: str, common: Sequence[str]) -> tuple[Number | None, Number, Shape]:
    """(expectation, standard uncertainty, shape about it); a half-width without a value is about 0."""
    if name in LIMITED:
        return _limited(reader, name, common)
    reader.only(*common, "distribution", "dof", *PARAMETERS[name])
    missing = [field for field in PARAMETERS[name] if reader.entry.get(field) is None]
    if missing:
        raise reader.refuse(missing[0], N_("nothing"), N_("a number"))
    if reader.unit.point and name not in ("beta", "samples"):
        raise reader.refuse("distribution", f"{name}, degC", N_("a distribution with limits, or in K"))
    return _OTHERS[name](reader)


def _limited(reader: Reader, name: str, common: Sequence[str]) -> tuple[Number | None, Number, Shape]:
    reader.only(*common, "distribution", "dof", "lower", "upper", "half_width", *PARAMETERS[name])
    entry = reader.entry
    middle: Number | None
    if ("lower" in entry or "upper" in entry) and "half_width" in entry:
        raise reader.refuse("half_width", "lower + upper + half_width", N_("lower and upper, or half_width"))
    if "lower" in entry and "upper" in entry:
        low, high = reader.number("lower"), reader.number("upper")
        middle, width = (low + high) / 2, (high - low) / 2
        if not np.all(np.asarray(width) > 0):
            raise reader.refuse("upper", entry["upper"], N_("a number above lower"))
    elif "half_width" in entry:
        middle, width = (None if "value" in entry else 0.0), reader.width()
    else:
        raise reader.refuse("", N_("no limits"), N_("lower and upper, or half_width"))
    extra: tuple[Any, ...] = ()
    if name == "trapezoidal":
        top = reader.number("top", plain=True)
        if not np.all((np.asarray(top) >= 0) & (np.asarray(top) <= 1)):
            raise reader.refuse("top", entry["top"], N_("from 0 (triangular) to 1 (rectangular)"))
        extra = (top,)
    elif name == "curvilinear_trapezoidal":
        d = reader.positive(reader.number("d", difference=True), "d")
        if not np.all(np.asarray(d) < width):
            raise reader.refuse("d", entry["d"], N_("smaller than the half-width"))
        extra = (d,)
    return middle, spread(name, width, extra), Shape(name, width, extra)


def _exponential(reader: Reader) -> tuple[Number, Number, Shape]:
    """JCGM 101:2008, 6.4.10: a non-negative quantity known by its estimate alone; u equals the mean."""
    mean = reader.positive(reader.number("mean"), "mean")
    return mean, mean, Shape("gamma", 0.0, (1.0, mean))


def _gamma(reader: Reader) -> tuple[Number, Number, Shape]:
    shape = reader.positive(reader.number("shape", plain=True), "shape")
    scale = reader.positive(reader.number("scale"), "scale")
    return shape * scale, np.sqrt(shape) * scale, Shape("gamma", 0.0, (shape, scale))


def _lognormal(reader: Reader) -> tuple[Number, Number, Shape]:
    median = reader.positive(reader.number("median"), "median")
    gsd = reader.number("gsd", plain=True)
    if not np.all(np.asarray(gsd) > 1):
        raise reader.refuse("gsd", reader.entry["gsd"], N_("a number above 1"))
    sigma = np.log(gsd)
    mean = median * np.exp(sigma * sigma / 2)
    return mean, mean * np.sqrt(np.expm1(sigma * sigma)), Shape("lognormal", 0.0, (median, sigma))


def _beta(reader: Reader) -> tuple[Number, Number, Shape]:
    a = reader.positive(reader.number("a", plain=True), "a")
    b = reader.positive(reader.number("b", plain=True), "b")
    low, high = reader.number("lower"), reader.number("upper")
    if not np.all(np.asarray(high - low) > 0):
        raise reader.refuse("upper", reader.entry["upper"], N_("a number above lower"))
    return _beta_of(a, b, low, high - low)


def _beta_of(a: Number, b: Number, low: Number, span: Number) -> tuple[Number, Number, Shape]:
    u = span * np.sqrt(a * b / (a + b + 1)) / (a + b)
    return low + span * a / (a + b), u, Shape("beta", 0.0, (a, b, span))


def _counted(reader: Reader, name: str) -> Number:
    found = reader.number(name, plain=True)
    if not np.all((np.asarray(found) >= 0) & (np.asarray(found) == np.floor(found))):
        raise reader.refuse(name, reader.entry[name], N_("a whole number from 0"))
    return found


def _poisson(reader: Reader) -> tuple[Number, Number, Shape]:
    """Counts q: gamma(q + 1, 1), expectation and variance q + 1 (JCGM 101:2008, 6.4.11)."""
    size = reader.unit.size
    shape = _counted(reader, "counts") + 1.0
    return shape * size, np.sqrt(shape) * size, Shape("gamma", 0.0, (shape, size))


def _binomial(reader: Reader) -> tuple[Number, Number, Shape]:
    """Proportion from s successes in n trials, nothing known before: beta(s + 1, n − s + 1)."""
    s, n = _counted(reader, "successes"), _counted(reader, "trials")
    if not np.all((np.asarray(n) >= 1) & (np.asarray(s) <= n)):
        raise reader.refuse("successes", reader.entry["successes"], N_("no more than trials"))
    return _beta_of(s + 1.0, n - s + 1.0, 0.0, reader.unit.size)


def _samples(reader: Reader) -> tuple[Number, Number, Shape]:
    """A distribution known by a sample of it: its mean and standard deviation; drawn from with replacement."""
    found = reader.entry["values"]
    if not isinstance(found, list | tuple) or len(found) < 2:
        raise reader.refuse("values", found, N_("a list of two numbers or more"))
    values = np.array([reader.number(f"values.{i}", found=x) for i, x in enumerate(found)], dtype=float)
    mean, u = math.fsum(values) / len(values), float(values.std())
    if not u > 0:
        raise reader.refuse("values", N_("values that are all equal"), N_("exact: true"))
    return mean, u, Shape("samples", 0.0, (values - mean,))


_OTHERS = {
    "exponential": _exponential,
    "gamma": _gamma,
    "lognormal": _lognormal,
    "beta": _beta,
    "poisson": _poisson,
    "binomial": _binomial,
    "samples": _samples,
}
