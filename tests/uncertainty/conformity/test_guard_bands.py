"""Guard bands: closed forms, and widths solved for a risk, checked by formulas that the solver does not use."""

from __future__ import annotations

import math
from statistics import NormalDist

import pytest
from scipy.special import owens_t

from uncertainty.conformity import (
    METHODS,
    Limits,
    factor,
    global_risk,
    managed_risk_multiplier,
    normal,
    population,
    prior_from_reliability,
    width_for_global,
    width_for_specific,
    worst_pfa,
)
from uncertainty.errors import DocumentError

TWO = Limits(-1.0, 1.0)


def test_multiplier_of_the_managed_risk() -> None:
    """M = 0.2816 at TUR 2 (1.04 − exp(0.38 ln 2 − 0.54)); from TUR 4.6 on no guard band (M. Dobbert, 2008)."""
    assert managed_risk_multiplier(2.0) == pytest.approx(0.281645, abs=5e-7)
    assert managed_risk_multiplier(4.5) > 0
    assert managed_risk_multiplier(4.6) == pytest.approx(0.0, abs=2e-3)
    assert managed_risk_multiplier(10.0) == 0.0


@pytest.mark.parametrize("tur", [1.0, 1.5, 2.0, 3.0, 4.0, 4.6])
def test_managed_risk_keeps_two_percent_whatever_the_population(tur: float) -> None:
    """What method 6 promises, and no more than needed: the worst population comes near 2 %."""
    u = 1 / (2 * tur)
    worst = worst_pfa(normal(0.0, u), TWO, managed_risk_multiplier(tur) / tur)
    assert 0.019 < worst <= 0.02
    for itp in (0.3, 0.6, 0.75, 0.9, 0.99):
        prior = prior_from_reliability(TWO, itp)
        assert global_risk(prior, normal(0.0, u), TWO, managed_risk_multiplier(tur) / tur).pfa <= worst + 1e-9


def test_factors_of_closed_forms_at_large_and_small_ratios() -> None:
    assert factor("rss", 1.25) == pytest.approx(0.6)  # 1.25² − 1 = 0.75²
    assert factor("rp10", 4.0) == 1.0
    assert factor("rp10", 10.0) == 1.0
    assert factor("iso14253", 2.0) == pytest.approx(1 - NormalDist().inv_cdf(0.95) / 4)
    assert factor("none", 0.5) == 1.0
    for method in METHODS:
        assert 0 < factor(method, 2.0) <= factor(method, 5.0) <= 1


@pytest.mark.parametrize(
    ("method", "tur", "place"),
    [("best", 4.0, "method"), ("U95", 1.0, "tur"), ("rss", 0.9, "tur"), ("rss", math.nan, "tur"), ("m2", 0.0, "tur")],
)
def test_a_factor_that_is_none_is_refused(method: str, tur: float, place: str) -> None:
    with pytest.raises(DocumentError, match=f"^{place}: "):
        factor(method, tur)


@pytest.mark.parametrize("risk", [0.001, 0.025, 0.05, 0.2])
def test_width_for_the_risk_of_one_result_at_one_limit(risk: float) -> None:
    """w = z·u (JCGM 106:2012, 8.3.2); above and below the same."""
    wanted = NormalDist().inv_cdf(1 - risk) * 0.3
    assert width_for_specific(risk, 0.3, Limits(None, 2.0)) == pytest.approx(wanted, rel=1e-9)
    assert width_for_specific(risk, 0.3, Limits(2.0, None)) == pytest.approx(wanted, rel=1e-9)


def test_width_for_the_risk_of_one_result_between_near_limits() -> None:
    """T = 4 u: both tails count, and the guard band is wider than z·u."""
    u, risk = 0.5, 0.05
    w = width_for_specific(risk, u, TWO)
    known = NormalDist(1.0 - w, u)
    assert known.cdf(-1.0) + 1 - known.cdf(1.0) == pytest.approx(risk, rel=1e-9)
    assert w > NormalDist().inv_cdf(0.95) * u


def test_width_for_other_errors() -> None:
    rectangular = population({"dist": "rectangular", "low": -0.5, "high": 0.5}, "measurement")
    assert width_for_specific(0.1, rectangular, TWO) == pytest.approx(0.4)
    assert width_for_specific(
        0.25, population({"dist": "t", "mean": 0, "scale": 0.1, "dof": 1}), Limits(None, 0.0)
    ) == (pytest.approx(0.1))
    # readings 1.5 too high, more than half the tolerance: below, 1.5 + z·u
    assert width_for_specific(0.05, normal(1.5, 0.01), TWO) == pytest.approx(
        1.5 + 0.01 * NormalDist().inv_cdf(0.95), rel=1e-9
    )
    # readings 0.1 too high: above, less is needed; below, more, and the wider one is given
    assert width_for_specific(0.05, normal(0.1, 0.01), TWO) == pytest.approx(
        0.1 + 0.01 * NormalDist().inv_cdf(0.95), rel=1e-9
    )


def test_width_for_a_global_risk_at_one_limit_against_owens_t() -> None:
    """PFA(w) = Φ(A/s) − P(y ≤ T, x ≤ A); at the width found it is the target."""
    sd, u, T, target = 1.0, 0.5, 1.5, 0.005
    w = width_for_global(normal(0.0, sd), normal(0.0, u), Limits(None, T), target)
    s = math.hypot(sd, u)
    h, k, r = T / sd, (T - w) / s, sd / s
    root = math.sqrt(1 - r * r)
    phi = NormalDist().cdf
    together = 0.5 * (phi(h) + phi(k)) - owens_t(h, (k / h - r) / root) - owens_t(k, (h / k - r) / root)
    assert phi(k) - together == pytest.approx(target, rel=1e-9)
    assert w > 0


@pytest.mark.parametrize("risk", ["pfa", "cpfa", "pfr", "cpfr"])
def test_every_global_risk_is_met_at_its_width(risk: str) -> None:
    prior, error = normal(0.1, 0.6), population({"dist": "triangular", "low": -0.5, "high": 0.5}, "measurement")
    target = {"pfa": 0.004, "cpfa": 0.005, "pfr": 0.01, "cpfr": 0.15}[risk]
    w = width_for_global(prior, error, TWO, target, risk)
    assert getattr(global_risk(prior, error, TWO, w), risk) == pytest.approx(target, rel=1e-8)


def test_no_guard_band_where_the_risk_is_kept_without_one_unless_it_may_be_relaxed() -> None:
    prior, error = normal(0.0, 0.5), normal(0.0, 0.1)
    assert width_for_global(prior, error, TWO, 0.02) == 0.0
    relaxed = width_for_global(prior, error, TWO, 0.02, relax=True)
    assert relaxed < 0
    assert global_risk(prior, error, TWO, relaxed).pfa == pytest.approx(0.02)


def test_a_risk_that_no_guard_band_keeps_is_refused() -> None:
    with pytest.raises(DocumentError, match=r"^risk: 0.01 "):
        width_for_specific(0.01, 1.0, TWO)
    with pytest.raises(DocumentError, match=r"^target: 0.0001 "):
        width_for_global(normal(0.0, 5.0), normal(0.0, 1.0), TWO, 0.0001, "cpfa")
    with pytest.raises(DocumentError, match=r"^target: 0.99 "):
        width_for_global(normal(0.0, 1.0), normal(0.0, 0.1), TWO, 0.99, "pfr")
    for wrong in (0.0, 1.0, math.nan, True):
        with pytest.raises(DocumentError, match=r"^target: "):
            width_for_global(normal(0.0, 1.0), normal(0.0, 0.1), TWO, wrong)
    with pytest.raises(DocumentError, match=r"^risk: "):
        width_for_global(normal(0.0, 1.0), normal(0.0, 0.1), TWO, 0.02, "rate")
    with pytest.raises(DocumentError, match=r"^risk: 0.5 "):
        width_for_specific(0.5, 0.1, TWO)
    with pytest.raises(DocumentError, match=r"^limits: one limit"):
        worst_pfa(normal(0.0, 0.1), Limits(None, 1.0))
