"""Limits, ratios and populations: figures of closed forms; documents that are wrong."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest

from uncertainty.conformity import Limits, normal, population, prior_from_reliability, samples
from uncertainty.errors import DocumentError


def test_ratios_of_two_limits() -> None:
    """T = 0.4: TUR = T/(2 U) = 4 at U = 0.05; C_m = T/(4 u) = 4 at u = 0.025 (JCGM 106:2012, 7.6.3)."""
    limits = Limits(9.8, 10.2)
    assert limits.tur(0.05) == pytest.approx(4.0)
    assert limits.capability(0.025) == pytest.approx(4.0)
    assert limits.acceptance(0.05) == pytest.approx((9.85, 10.15))
    assert limits.acceptance((0.1, -0.05)) == pytest.approx((9.9, 10.25))
    assert (Limits(None, 1.0).tur(0.1), Limits(1.0, None).capability(0.1)) == (None, None)
    assert Limits(None, 1.0).acceptance(0.1) == (-math.inf, pytest.approx(0.9))


@pytest.mark.parametrize("ends", [(None, None), (1.0, 1.0), (2.0, 1.0), (math.nan, 1.0), (0.0, math.inf), ("0", 1.0)])
def test_limits_that_are_none(ends: tuple[float, float]) -> None:
    with pytest.raises(DocumentError, match=r"^limits: "):
        Limits(*ends)


@pytest.mark.parametrize("U", [0.0, -1.0, math.nan, math.inf, True, "1"])
def test_no_ratio_of_a_U_that_is_none(U: float) -> None:
    with pytest.raises(DocumentError, match=r"^U: "):
        Limits(0.0, 1.0).tur(U)


@pytest.mark.parametrize(
    ("data", "mean", "variance"),
    [
        ({"dist": "normal", "mean": 1.0, "sd": 2.0}, 1.0, 4.0),
        ({"dist": "t", "mean": 1.0, "scale": 2.0, "dof": 5}, 1.0, 20 / 3),
        ({"dist": "rectangular", "low": -1.0, "high": 3.0}, 1.0, 16 / 12),
        ({"dist": "triangular", "low": -1.0, "high": 3.0}, 1.0, 4 / 6),
        ({"dist": "arcsine", "low": -1.0, "high": 3.0}, 1.0, 2.0),
        ({"dist": "gamma", "shape": 4, "rate": 2}, 2.0, 1.0),
        ({"dist": "gamma", "shape": 0.5, "rate": 1}, 0.5, 0.5),
        ({"dist": "samples", "values": [3.0, 1.0, 2.0]}, 2.0, 2 / 3),
    ],
)
def test_nodes_give_the_moments_of_textbooks(data: dict, mean: float, variance: float) -> None:
    held = population(data)
    y, weight = held.nodes([0.3, 1.1])
    assert weight.sum() == pytest.approx(1, abs=1e-12)
    assert weight @ y == pytest.approx(mean, rel=1e-10)
    assert weight @ (y - mean) ** 2 == pytest.approx(variance, rel=1e-9)
    assert (held.mean, held.sd**2) == pytest.approx((mean, variance))


def test_probabilities_between_and_beyond() -> None:
    """Closed forms; an interval in the wrong order holds nothing."""
    triangle = population({"dist": "triangular", "low": -1, "high": 1})
    assert triangle.inside(-0.5, 0.5) == pytest.approx(0.75)
    assert triangle.outside(-0.5, 2.0) == pytest.approx(0.125)
    arcsine = population({"dist": "arcsine", "low": -1, "high": 1})
    assert arcsine.inside(-0.5, 0.5) == pytest.approx(1 / 3)
    gamma = population({"dist": "gamma", "shape": 1, "rate": 2})  # exponential
    assert gamma.outside(0.0, [1.0, 20.0]) == pytest.approx([math.exp(-2), math.exp(-40)], rel=1e-10)
    three = samples([1.0, 2.0, 2.0, 5.0])
    assert three.inside([2.0, 2.1, 0.0], [2.0, 4.9, 9.0]) == pytest.approx([0.5, 0.0, 1.0])
    for held in (triangle, three, normal(0.0, 1.0)):
        assert (held.inside(1.0, -1.0), held.outside(1.0, -1.0)) == (0.0, 1.0)
    assert population({"dist": "t", "mean": 0, "scale": 1, "dof": 2}).sd == math.inf


@pytest.mark.parametrize("itp", [0.3, 0.9, 0.999])
def test_population_of_an_in_tolerance_probability(itp: float) -> None:
    assert prior_from_reliability(Limits(-1.0, 3.0), itp).scale == pytest.approx(
        2 / NormalDist().inv_cdf((1 + itp) / 2)
    )
    aside = prior_from_reliability(Limits(-1.0, 3.0), itp, mean=0.0)
    known = NormalDist(0.0, aside.scale)
    assert known.cdf(3.0) - known.cdf(-1.0) == pytest.approx(itp, rel=1e-9)


def test_population_at_one_limit_needs_its_mean() -> None:
    assert prior_from_reliability(Limits(None, 2.0), 0.9, mean=0.0).scale == pytest.approx(
        2 / NormalDist().inv_cdf(0.9)
    )
    with pytest.raises(DocumentError, match=r"^mean: "):
        prior_from_reliability(Limits(None, 2.0), 0.9)
    with pytest.raises(DocumentError, match=r"^mean: "):
        prior_from_reliability(Limits(-1.0, 1.0), 0.9, mean=1.5)
    with pytest.raises(DocumentError, match=r"^itp: "):
        prior_from_reliability(Limits(None, 2.0), 0.4, mean=0.0)
    with pytest.raises(DocumentError, match=r"^itp: "):
        prior_from_reliability(Limits(-1.0, 1.0), 95)


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ({"dist": "cauchy"}, "prior.dist"),
        ({}, "prior.dist"),
        ("normal", "prior.dist"),
        ({"dist": "normal", "mean": 0.0}, "prior.sd"),
        ({"dist": "normal", "mean": 0.0, "sd": 0.0}, "prior.sd"),
        ({"dist": "normal", "mean": math.nan, "sd": 1.0}, "prior.mean"),
        ({"dist": "rectangular", "low": 1.0, "high": 0.0}, "prior.high"),
        ({"dist": "t", "mean": 0.0, "scale": 1.0, "dof": 0}, "prior.dof"),
        ({"dist": "gamma", "shape": 0.1, "rate": 1}, "prior.shape"),
        ({"dist": "samples", "values": [1.0]}, "samples"),
        ({"dist": "samples", "values": [1.0, math.inf]}, "samples"),
        ({"dist": "samples", "values": ["a", "b"]}, "samples"),
    ],
)
def test_a_population_that_is_none(data: dict, place: str) -> None:
    with pytest.raises(DocumentError, match=rf"^{place}: "):
        population(data)


def test_equal_populations_are_equal() -> None:
    assert normal(0.0, 1.0) == normal(0.0, 1.0) != normal(0.0, 2.0)
    assert samples([1.0, 2.0]) == samples([2.0, 1.0]) != samples([1.0, 3.0])
    assert len({normal(0.0, 1.0), normal(0.0, 1.0), samples(np.arange(3.0))}) == 2
