"""The reference functions of letter-designated thermocouples: E(t90), t90(E) by exact inversion, Seebeck coefficient.

E in mV with the reference junction at 0 °C, t in °C. Types B, C, E, J, K, N, R, S, T.
Source: IEC 60584-1:2013 (= NIST Monograph 175); the coefficients and where they were read are in iec60584.json.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.polynomial.polynomial import polyder, polyval
from numpy.typing import ArrayLike

from ..distributions import FloatArray
from ..errors import N_, DocumentError
from ..numbers import numbers
from .checks import inside, plain

TYPES = ("B", "C", "E", "J", "K", "N", "R", "S", "T")
RISING = {"B": 42.2}
"""°C from which E > 0 and one E has one t: type B falls to −2.6 µV at 21 °C first. Other types rise from their start."""
STEP = 1.0  # °C between the nodes from which Newton's method starts


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """One polynomial: low to high in °C, coefficients of mV from the constant on, a0, a1, a2 of the exponential of K."""

    low: float
    high: float
    c: FloatArray
    exponential: tuple[float, float, float] | None

    def emf(self, t: FloatArray) -> FloatArray:
        E = polyval(t, self.c)
        if self.exponential:
            a0, a1, a2 = self.exponential
            E = E + a0 * np.exp(a1 * (t - a2) ** 2)
        return np.asarray(E)

    def slope(self, t: FloatArray) -> FloatArray:
        S = polyval(t, polyder(self.c))
        if self.exponential:
            a0, a1, a2 = self.exponential
            S = S + 2 * a0 * a1 * (t - a2) * np.exp(a1 * (t - a2) ** 2)
        return np.asarray(S)


@cache
def pieces(letter: str) -> tuple[Piece, ...]:
    """The polynomials of a type in the order of their ranges. Raises DocumentError for another letter."""
    if letter not in TYPES:
        raise DocumentError(
            place="type", found=str(letter), right=N_("a thermocouple type: B, C, E, J, K, N, R, S or T")
        )
    rows = json.loads(files("uncertainty.thermometry").joinpath("iec60584.json").read_text("utf-8"))["types"][letter]
    return tuple(
        Piece(p["low"], p["high"], np.array(p["c"]), tuple(p["exponential"]) if "exponential" in p else None)
        for p in rows
    )


def span(letter: str) -> tuple[float, float]:
    """°C from and to that the reference function is defined for."""
    found = pieces(letter)
    return found[0].low, found[-1].high


def emf(letter: str, t: ArrayLike, reference: ArrayLike = 0.0) -> FloatArray:
    """E in mV at t in °C, any shape, with the reference junction at `reference` °C: E(t) − E(reference).

    Raises OutOfRange outside the range of the type.
    """
    E = _evaluate(letter, inside("t", t, *span(letter), "°C"))
    return plain(E - _evaluate(letter, inside("reference", reference, *span(letter), "°C")))


def seebeck(letter: str, t: ArrayLike) -> FloatArray:
    """Seebeck coefficient dE/dt in mV/°C at t in °C."""
    t = inside("t", t, *span(letter), "°C")
    return plain(_evaluate(letter, t, slope=True))


def temperature(letter: str, E: ArrayLike, reference: ArrayLike = 0.0) -> FloatArray:
    """t in °C from E in mV measured against a reference junction at `reference` °C; any shapes that go together.

    The reference function itself is solved for E + E(reference), by Newton's method within a cell of 1 °C; the
    approximate inverse polynomials, which err by up to 0.06 °C, are not used. Raises OutOfRange.
    """
    at = inside("reference", reference, *span(letter), "°C")
    whole = np.asarray(numbers("E", E) + _evaluate(letter, at))
    nodes, values = _table(letter)
    whole = inside("E", whole, float(values[0]), float(values[-1]), "mV", 1e-9)
    cell = np.clip(np.searchsorted(values, whole, side="right") - 1, 0, len(nodes) - 2)
    left, right = nodes[cell], nodes[cell + 1]
    share = (whole - values[cell]) / (values[cell + 1] - values[cell])
    t = left + share * (right - left)
    for _ in range(12):
        before, S = t, _evaluate(letter, t, slope=True)
        t = np.clip(t - (_evaluate(letter, t) - whole) / S, left, right)
        if float(np.max(np.abs(t - before), initial=0.0)) < 1e-10:
            break
    return plain(t)


def _evaluate(letter: str, t: FloatArray, slope: bool = False) -> FloatArray:
    """E or dE/dt: each t by the polynomial of its range; a boundary belongs to the lower one."""
    found, flat = pieces(letter), np.ravel(t)
    index = np.searchsorted([p.high for p in found[:-1]], flat)
    values = np.empty_like(flat)
    for k, p in enumerate(found):
        own = index == k
        values[own] = p.slope(flat[own]) if slope else p.emf(flat[own])
    return values.reshape(np.shape(t))


@cache
def _table(letter: str) -> tuple[FloatArray, FloatArray]:
    """Rising nodes (°C) and E (mV) there; the ends of the pieces are nodes, so no cell spans two polynomials."""
    low, high = span(letter)
    low = RISING.get(letter, low)
    ends = [p.high for p in pieces(letter)]
    nodes = np.unique(np.concatenate([np.arange(low, high, STEP), ends]))
    return nodes, _evaluate(letter, nodes)
