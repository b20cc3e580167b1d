"""Draws against the distribution functions of scipy.special and of the standard's own formulas."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import special

from uncertainty.distributions import Shape
from uncertainty.montecarlo.drawing import fill, standard_normals

N = 200_000
MIDDLE, W = 3.0, 0.5
Cdf = Callable[[Any], Any]


def triangular(z: Any) -> Any:
    return np.where(z < 0, (1 + z) ** 2 / 2, 1 - (1 - z) ** 2 / 2)


def trapezoidal(z: Any) -> Any:
    """Top half as wide as the base: density 2/3 between ±1/2."""
    lower = np.minimum(-np.abs(z), 0)
    below = np.where(lower < -0.5, (1 + lower) ** 2 * 2 / 3, 1 / 6 + (lower + 0.5) * 2 / 3)
    return np.where(z < 0, below, 1 - below)


def curvilinear(z: Any) -> Any:
    """JCGM 101:2008, 6.4.3.2, eq. (3), integrated; half-width 1, d = 0.2."""
    at = np.linspace(-1.2, 1.2, 480_001)
    density = np.log(1.2 / np.maximum(np.abs(at), 0.8)) / 0.8
    below = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2) * (at[1] - at[0])])
    return np.interp(z, at, below)


CASES: list[tuple[str, Shape, float, Cdf]] = [
    ("normal", Shape("normal", W), math.inf, special.ndtr),
    ("t of infinite dof", Shape("t", W), math.inf, special.ndtr),
    *((f"t {nu}", Shape("t", W), nu, lambda z, nu=nu: special.stdtr(nu, z)) for nu in (1.0, 2.5, 5.0, 18.0, 1e4, 1e8)),
    ("rectangular", Shape("rectangular", W), math.inf, lambda z: (1 + z) / 2),
    ("triangular", Shape("triangular", W), math.inf, triangular),
    ("arcsine", Shape("arcsine", W), math.inf, lambda z: 0.5 + np.arcsin(np.clip(z, -1, 1)) / np.pi),
    ("trapezoidal", Shape("trapezoidal", W, (0.5,)), math.inf, trapezoidal),
    ("curvilinear", Shape("curvilinear_trapezoidal", W, (0.1,)), math.inf, curvilinear),
    ("gamma", Shape("gamma", 0.0, (4.0, W)), math.inf, lambda z: special.gammainc(4.0, np.maximum(z + 4, 0))),
]  # fmt: skip


@pytest.mark.parametrize(("shape", "dof", "cdf"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_draws_follow_their_distribution_function(shape: Shape, dof: float, cdf: Cdf) -> None:
    """Kolmogorov's distance: √N·D is above 2.2 once in 8,000 seeds; this one is fixed."""
    out, spare = np.empty(N), np.empty(N)
    fill(shape, dof, MIDDLE)(np.random.Generator(np.random.SFC64(7)), out, spare)
    p = cdf((np.sort(out) - MIDDLE) / W)
    steps = np.arange(N + 1) / N
    distance = max(float(np.max(p - steps[:-1])), float(np.max(steps[1:] - p)))
    assert math.sqrt(N) * distance < 2.2


def test_the_two_halves_of_normals_are_independent() -> None:
    """One pair of uniforms makes two normals: neither they nor their squares nor their sizes go together."""
    out = np.empty(2 * N)
    standard_normals(np.random.Generator(np.random.SFC64(11)), out, np.empty(2 * N))
    a, b = out[:N], out[N:]
    for f in (lambda x: x, np.square, np.abs, lambda x: x**3):
        assert abs(float(np.corrcoef(f(a), f(b))[0, 1])) < 4.5 / math.sqrt(N)
    assert np.mean(out**4) == pytest.approx(3, abs=5 * math.sqrt(96 / (2 * N)))


def test_normals_of_an_odd_number_are_all_written() -> None:
    out = np.full(7, np.nan)
    standard_normals(np.random.Generator(np.random.SFC64(1)), out, np.empty(7))
    assert np.all(np.isfinite(out))


class Ends:
    """A stream that gives the ends of its interval: 0 and the last number below 1."""

    def __init__(self, *values: float) -> None:
        self.values = list(values)

    def random(self, out: Any) -> None:
        out[:] = self.values.pop(0)


@pytest.mark.parametrize("first", [0.0, 0.5, 1 - 2.0**-53])
@pytest.mark.parametrize("second", [0.0, 0.5, 1 - 2.0**-53])
@pytest.mark.parametrize("name", ["normal", "t", "arcsine", "rectangular", "triangular"])
def test_the_ends_of_the_uniform_give_finite_draws(name: str, first: float, second: float) -> None:
    out = np.empty(4)
    fill(Shape(name, 1.0), 5.0 if name == "t" else math.inf, 0.0)(Ends(first, second), out, np.empty(4))  # type: ignore[arg-type]
    assert np.all(np.isfinite(out))
    assert np.max(np.abs(out)) < (5000 if name == "t" else 9)
