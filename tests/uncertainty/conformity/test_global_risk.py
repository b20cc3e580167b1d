"""PFA and PFR against double quadrature, bivariate normal probabilities (Owen's T), Monte Carlo and counting."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import dblquad, quad
from scipy.special import owens_t

from uncertainty.conformity import (
    GlobalRisk,
    Limits,
    Population,
    global_risk,
    normal,
    population,
    risk_curve,
    risk_of_pairs,
    samples,
)
from uncertainty.errors import DocumentError


def gauss(x: float, mean: float, sd: float) -> float:
    return math.exp(-(((x - mean) / sd) ** 2) / 2) / (sd * math.sqrt(2 * math.pi))


def phi(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2))


def both_below(h: float, k: float, r: float) -> float:
    """P(Z1 ≤ h, Z2 ≤ k), correlation r, h and k above 0: D. B. Owen, Ann. Math. Stat. 27 (1956) 1075."""
    s = math.sqrt(1 - r * r)
    return 0.5 * (phi(h) + phi(k)) - owens_t(h, (k / h - r) / s) - owens_t(k, (h / k - r) / s)


@pytest.mark.parametrize(
    ("mean", "sd", "u", "low", "high", "a", "b"),
    [
        (0.0, 1.0, 0.25, -2.0, 2.0, -2.0, 2.0),
        (0.3, 1.0, 0.4, -1.0, 2.5, -0.7, 2.0),  # asymmetric, with unequal guard bands
        (0.0, 0.5, 1.0, -1.0, 1.0, -1.4, 1.4),  # guarded rejection, a poor measurement
    ],
)
def test_two_limits_against_double_quadrature(
    mean: float, sd: float, u: float, low: float, high: float, a: float, b: float
) -> None:
    def joint(x: float, y: float) -> float:
        return gauss(y, mean, sd) * gauss(x, y, u)

    found = global_risk(normal(mean, sd), normal(0.0, u), Limits(low, high), accept=(a, b))
    far_low, far_high = mean - 10 * sd, mean + 10 * sd
    pfa = sum(dblquad(joint, *items, a, b, epsabs=1e-13)[0] for items in ((far_low, low), (high, far_high)))
    lowest, highest = far_low - 10 * u, far_high + 10 * u
    pfr = sum(dblquad(joint, low, high, *seen, epsabs=1e-13)[0] for seen in ((lowest, a), (b, highest)))

    assert found.pfa == pytest.approx(pfa, abs=1e-10)
    assert found.pfr == pytest.approx(pfr, abs=1e-10)


def test_a_rectangular_population_and_a_triangular_error_against_double_quadrature() -> None:
    """Kinks of the densities fall inside the limits: ±1.2 about 0 of items on −1…1.5."""
    prior = population({"dist": "rectangular", "low": -1.0, "high": 1.5})
    error = population({"dist": "triangular", "low": -0.5, "high": 0.5})

    def joint(e: float, _y: float) -> float:
        return (0.5 - abs(e)) / 0.25 / 2.5

    def accepted(y0: float, y1: float) -> float:
        """Readings −0.7…1.1 of items y0…y1, in two halves of e, so that the quadrature meets no kink at e = 0."""
        return sum(
            dblquad(
                joint, y0, y1, lambda y, c=c, d=d: min(max(-0.7 - y, c), d), lambda y, c=c, d=d: max(min(1.1 - y, d), c)
            )[0]
            for c, d in ((-0.5, 0.0), (0.0, 0.5))
        )

    found = global_risk(prior, error, Limits(-0.8, 1.2), w=0.1)
    pfa = accepted(-1.0, -0.8) + accepted(1.2, 1.5)
    assert found.pfa == pytest.approx(pfa, abs=1e-8)


@pytest.mark.parametrize("w", [-0.3, 0.0, 0.2])
def test_one_limit_against_the_bivariate_normal(w: float) -> None:
    """PFA = P(x ≤ A) − P(y ≤ T, x ≤ A) with correlation sd/√(sd² + u²)."""
    sd, u, T = 1.0, 0.5, 1.5
    spread = math.hypot(sd, u)
    below = both_below(T / sd, (T - w) / spread, sd / spread)
    found = global_risk(normal(0.0, sd), normal(0.0, u), Limits(None, T), w)

    assert found.pfa == pytest.approx(phi((T - w) / spread) - below, abs=1e-13)
    assert found.pfr == pytest.approx(phi(T / sd) - below, abs=1e-13)
    assert found.p_accept == pytest.approx(phi((T - w) / spread), abs=1e-14)
    lower = global_risk(normal(0.0, sd), normal(0.0, u), Limits(-T, None), w)
    assert (lower.pfa, lower.pfr) == pytest.approx((found.pfa, found.pfr), rel=1e-12)


def test_a_biased_error_with_sharp_ends_against_its_integral() -> None:
    """Readings 0.25 to 0.35 too high: P(accepted | y) is a ramp, integrated in pieces over normal items."""
    error = population({"dist": "rectangular", "low": 0.25, "high": 0.35}, "measurement")
    found = global_risk(normal(0.0, 0.8), error, Limits(-1.0, 1.0))

    def density(y: float) -> float:
        return gauss(y, 0.0, 0.8)

    ramp = quad(lambda y: (y + 1.35) / 0.1 * density(y), -1.35, -1.25, epsabs=1e-14)[0]
    assert found.pfa == pytest.approx(ramp + phi(-1 / 0.8) - phi(-1.25 / 0.8), abs=1e-13)
    ramp = quad(lambda y: (y - 0.65) / 0.1 * density(y), 0.65, 0.75, epsabs=1e-14)[0]
    assert found.pfr == pytest.approx(ramp + phi(1 / 0.8) - phi(0.75 / 0.8), abs=1e-13)


def test_bounded_and_skew_populations_against_quadrature_of_the_other_form() -> None:
    """Arcsine items as sin φ with φ even on ±π/2; gamma items (shape 3, rate 2) by their polynomial density."""

    def accepted(y: float) -> float:
        return phi((0.7 - y) / 0.2) - phi((-0.9 - y) / 0.2)

    arcsine = population({"dist": "arcsine", "low": -1.0, "high": 1.0})
    found = global_risk(arcsine, normal(0.0, 0.2), Limits(-0.9, 0.7))
    ends = (-math.pi / 2, math.asin(-0.9)), (math.asin(0.7), math.pi / 2)
    pfa = sum(quad(lambda f: accepted(math.sin(f)) / math.pi, *piece, epsabs=1e-14)[0] for piece in ends)
    assert found.pfa == pytest.approx(pfa, abs=1e-12)

    gamma = population({"dist": "gamma", "shape": 3, "rate": 2})
    found = global_risk(gamma, normal(0.0, 0.2), Limits(None, 2.0), w=0.1)
    rejected = quad(lambda y: 4 * y * y * math.exp(-2 * y) * (1 - phi((1.9 - y) / 0.2)), 0.0, 2.0, epsabs=1e-14)[0]
    assert found.pfr == pytest.approx(rejected, abs=1e-12)


def test_a_small_risk_keeps_its_digits() -> None:
    """Items beyond 8 sd, a perfect reading: PFR + rejected is the tail, 1.2442e-15 by erfc, not a rest of 1 − 1."""
    found = global_risk(normal(0.0, 1.0), normal(0.0, 1e-6), Limits(-8.0, 8.0))
    assert found.true_reject == pytest.approx(math.erfc(8 / math.sqrt(2)), rel=1e-4, abs=0)


PRIORS = [
    {"dist": "normal", "mean": 0.2, "sd": 0.8},
    {"dist": "rectangular", "low": -1.5, "high": 1.5},
    {"dist": "triangular", "low": -1.5, "high": 2.0},
    {"dist": "arcsine", "low": -1.3, "high": 1.3},
    {"dist": "gamma", "shape": 2.0, "rate": 2.5},
    {"dist": "t", "mean": 0.0, "scale": 0.6, "dof": 3},
]


def drawn(data: dict, stream: np.random.Generator, n: int) -> np.ndarray:
    """The same distributions by numpy's own generators."""
    match data["dist"]:
        case "normal":
            return stream.normal(data["mean"], data["sd"], n)
        case "rectangular":
            return stream.uniform(data["low"], data["high"], n)
        case "triangular":
            return stream.triangular(data["low"], (data["low"] + data["high"]) / 2, data["high"], n)
        case "arcsine":
            return data["low"] + (data["high"] - data["low"]) * stream.beta(0.5, 0.5, n)
        case "gamma":
            return stream.gamma(data["shape"], 1 / data["rate"], n)
    return data["mean"] + data["scale"] * stream.standard_t(data["dof"], n)


@pytest.mark.parametrize("prior", PRIORS, ids=lambda d: d["dist"])
@pytest.mark.parametrize("error", [PRIORS[0], PRIORS[1], PRIORS[3], PRIORS[5]], ids=lambda d: d["dist"])
def test_every_pair_of_distributions_against_monte_carlo(prior: dict, error: dict) -> None:
    """500,000 pairs drawn by numpy; five standard deviations of counting."""
    stream, limits, n = np.random.default_rng(106), Limits(-1.0, 1.2), 500_000
    y = drawn(prior, stream, n)
    e = 0.3 * drawn(error, stream, n)
    measurement = _shrunk(error, 0.3)
    exact = global_risk(population(prior), measurement, limits, w=0.1)
    counted = risk_of_pairs(y, y + e, limits, w=0.1)

    assert abs(exact.pfa - counted.pfa) < 5 * counted.u_pfa
    assert abs(exact.pfr - counted.pfr) < 5 * counted.u_pfr
    assert exact.u_pfa == 0
    assert 0 < counted.u_pfa < 1e-3


def _shrunk(data: dict, by: float) -> Population:
    scaled = {name: by * value for name, value in data.items() if name in ("mean", "sd", "low", "high", "scale")}
    return population(data | scaled, "measurement")


@pytest.mark.parametrize("which", ["prior", "error", "both"])
def test_samples_of_a_monte_carlo_stand_for_their_distribution(which: str) -> None:
    stream, limits = np.random.default_rng(7), Limits(-1.5, 2.0)
    exact = global_risk(normal(0.0, 1.0), normal(0.0, 0.3), limits, w=0.1)
    prior = normal(0.0, 1.0) if which == "error" else samples(stream.normal(0.0, 1.0, 40_000))
    error = normal(0.0, 0.3) if which == "prior" else samples(stream.normal(0.0, 0.3, 40_000))
    found = global_risk(prior, error, limits, w=0.1)

    assert found.u_pfa > 0
    assert abs(found.pfa - exact.pfa) < 5 * found.u_pfa
    assert abs(found.pfr - exact.pfr) < 5 * found.u_pfr
    assert found.pfa + found.pfr + found.true_accept + found.true_reject == pytest.approx(1, abs=1e-12)


def test_few_samples_are_counted_exactly() -> None:
    """Items −2, 0, 2 with errors −1.5, 1.5 about ±1.6: the six readings −3.5, −0.5, −1.5, 1.5, 0.5, 3.5 by hand."""
    found = global_risk(samples([-2.0, 0.0, 2.0]), samples([-1.5, 1.5]), Limits(-1.6, 1.6))
    assert (found.pfa, found.pfr) == pytest.approx((2 / 6, 0.0))
    assert (found.true_accept, found.true_reject) == pytest.approx((2 / 6, 2 / 6))
    smooth = global_risk(population({"dist": "rectangular", "low": -2, "high": 2}), samples([-1.5, 1.5]), Limits(-1, 1))
    # error −1.5 accepts 0.5…2 cut to 2: 1 outside 1…2, inside −1…1 accepted 0.5…1; mirrored for 1.5
    assert (smooth.pfa, smooth.pfr) == pytest.approx((0.25, 0.375))


def test_pairs_are_counted_with_their_conditions() -> None:
    """Ten pairs by hand: limits ±1, items outside 3, accepted of those 1; inside 7, rejected of those 2."""
    true = [2.0, 2.0, -2.0, 0.0, 0.1, 0.2, 0.3, 0.4, 0.9, -1.0]
    readings = [0.9, 1.9, -2.1, 0.1, 0.1, 0.2, 0.3, 0.4, 1.1, -1.2]
    found = risk_of_pairs(true, readings, Limits(-1.0, 1.0))

    assert (found.pfa, found.pfr) == pytest.approx((0.1, 0.2))
    assert (found.p_accept, found.p_conforming) == pytest.approx((0.6, 0.7))
    assert found.cpfa == pytest.approx(1 / 6)
    assert found.cpfr == pytest.approx(2 / 4)
    assert found.missed == pytest.approx(1 / 3)
    assert found.false_alarm == pytest.approx(2 / 7)
    assert found.u_pfa == pytest.approx(math.sqrt(0.1 * 0.9 / 10))


def test_nothing_accepted_has_no_conditional_risk() -> None:
    found = global_risk(normal(0.0, 1.0), normal(0.0, 0.1), Limits(-1.0, 1.0), w=1.1)
    assert (found.pfa, found.p_accept, found.cpfa) == (0.0, 0.0, None)
    assert found.pfr == pytest.approx(math.erf(1 / math.sqrt(2)))
    assert GlobalRisk(0.0, 0.0, 1.0, 0.0).cpfr is None


@settings(max_examples=40, deadline=None)
@given(
    sd=st.floats(0.2, 3),
    u=st.floats(0.05, 2),
    bias=st.floats(-0.5, 0.5),
    w=st.floats(-0.5, 0.8),
    scale=st.sampled_from([1e-6, 0.1, 1e6]),
)
def test_outcomes_sum_to_one_and_neither_unit_nor_sign_matters(
    sd: float, u: float, bias: float, w: float, scale: float
) -> None:
    found = global_risk(normal(bias, sd), normal(0.0, u), Limits(-1.0, 1.3), w)
    scaled = global_risk(
        normal(scale * bias, scale * sd), normal(0.0, scale * u), Limits(-scale, 1.3 * scale), scale * w
    )
    mirrored = global_risk(normal(-bias, sd), normal(0.0, u), Limits(-1.3, 1.0), w)

    assert found.pfa + found.pfr + found.true_accept + found.true_reject == pytest.approx(1, abs=1e-12)
    assert (scaled.pfa, scaled.pfr) == pytest.approx((found.pfa, found.pfr), rel=1e-9, abs=1e-14)
    assert (mirrored.pfa, mirrored.pfr) == pytest.approx((found.pfa, found.pfr), rel=1e-9, abs=1e-14)


def test_a_curve_falls_for_the_consumer_and_rises_for_the_producer() -> None:
    prior, error, limits = normal(0.0, 0.6), normal(0.0, 0.2), Limits(-1.0, 1.0)
    data = risk_curve(prior, error, limits).data()
    assert data["w"][0] == pytest.approx(-0.4)
    assert data["w"][-1] == pytest.approx(0.4)
    assert np.all(np.diff(np.array(data["pfa"], float)) < 0)
    assert np.all(np.diff(np.array(data["pfr"], float)) > 0)
    middle = global_risk(prior, error, limits)
    assert data["pfa"][20] == pytest.approx(middle.pfa)
    given_widths = risk_curve(prior, error, limits, [0.0, 1.5]).data()
    assert given_widths["cpfa"] == [pytest.approx(middle.cpfa), None]


def test_what_cannot_be_integrated_is_refused() -> None:
    with pytest.raises(DocumentError, match=r"^readings: "):
        risk_of_pairs([1.0, 2.0], [1.0], Limits(0.0, 1.0))
    with pytest.raises(DocumentError, match=r"^readings: "):
        risk_of_pairs([1.0, math.nan], [1.0, 1.0], Limits(0.0, 1.0))
    with pytest.raises(DocumentError, match=r"^accept: "):
        global_risk(normal(0.0, 1.0), normal(0.0, 1.0), Limits(0.0, 1.0), accept=(math.nan, 1.0))
    with pytest.raises(DocumentError, match=r"^w: "):
        global_risk(normal(0.0, 1.0), normal(0.0, 1.0), Limits(0.0, 1.0), w=math.nan)
