"""The risk of one result against the normal distribution of the standard library and conjugate closed forms."""

from __future__ import annotations

import math
from statistics import NormalDist

import pytest

from uncertainty.conformity import Limits, normal, population, posterior, samples, specific_risk
from uncertainty.errors import DocumentError, EvaluationError


def test_a_breakdown_voltage_below_its_upper_limit() -> None:
    """A diode of −5.47 V, u = 0.05 V, that must not exceed −5.40 V conforms with 92 % (JCGM 106:2012, 7.3, example)."""
    found = specific_risk(-5.47, 0.05, Limits(None, -5.40))
    assert round(found.p_conforming, 2) == 0.92
    assert (found.p_low, found.p_out) == (0.0, pytest.approx(NormalDist().cdf(-1.4)))


@pytest.mark.parametrize(
    ("value", "low", "high"), [(0.0, -1.0, 1.0), (0.9, -1.0, 1.0), (1.3, -0.2, 1.0), (-3.0, -1.0, 5.0)]
)
def test_two_limits_of_any_place(value: float, low: float, high: float) -> None:
    found, known = specific_risk(value, 0.4, Limits(low, high)), NormalDist(value, 0.4)
    assert found.p_low == pytest.approx(known.cdf(low), rel=1e-12)
    assert found.p_high == pytest.approx(1 - known.cdf(high), abs=1e-15)
    assert found.p_conforming == pytest.approx(known.cdf(high) - known.cdf(low), abs=1e-15)
    assert found.wrong(accepted=True) == found.p_out
    assert found.wrong(accepted=False) == found.p_conforming


def test_a_tail_far_out_keeps_its_digits() -> None:
    """Ten u inside: erfc(10/√2)/2 = 7.62e-24, where 1 − Φ would give 0; on either side."""
    tail = math.erfc(10 / math.sqrt(2)) / 2
    assert specific_risk(0.0, 0.1, Limits(None, 1.0)).p_out == pytest.approx(tail, rel=1e-12, abs=0)
    assert specific_risk(0.0, 0.1, Limits(-1.0, None)).p_out == pytest.approx(tail, rel=1e-12, abs=0)
    assert specific_risk(2.0, 0.1, Limits(0.0, 1.0)).p_conforming == pytest.approx(tail, rel=1e-9, abs=0)


def test_other_distributions_of_the_error() -> None:
    rectangular = population({"dist": "rectangular", "low": -0.5, "high": 0.5}, "measurement")
    assert specific_risk(0.8, rectangular, Limits(-1.0, 1.0)).p_out == pytest.approx(0.3)
    arcsine = population({"dist": "arcsine", "low": -0.5, "high": 0.5}, "measurement")
    assert specific_risk(0.75, arcsine, Limits(-1.0, 1.0)).p_out == pytest.approx(1 / 3)  # P(sin φ > 1/2)
    cauchy = population({"dist": "t", "mean": 0, "scale": 0.1, "dof": 1}, "measurement")
    assert specific_risk(0.9, cauchy, Limits(None, 1.0)).p_out == pytest.approx(0.25)
    drawn = samples([-0.3, -0.1, 0.1, 0.3])
    assert specific_risk(0.8, drawn, Limits(None, 1.0)).p_out == pytest.approx(0.25)


def test_a_reading_with_a_bias_is_read_without_it() -> None:
    """Readings are 0.2 too high: a reading of 1.1 means 0.9."""
    found = specific_risk(1.1, normal(0.2, 0.1), Limits(-1.0, 1.0))
    assert found.mean == pytest.approx(0.9)
    assert found.p_high == pytest.approx(NormalDist().cdf(-1.0))
    assert found.cpk == pytest.approx(0.1 / 0.3)


def test_knowledge_of_the_items_of_a_normal_population() -> None:
    """Conjugate: weights 1/u² and 1/u0² (JCGM 106:2012, 6.2 with normal densities)."""
    x, u, y0, u0, limits = 1.05, 0.3, 0.1, 0.5, Limits(-1.0, 1.0)
    precision = 1 / u**2 + 1 / u0**2
    known = NormalDist((x / u**2 + y0 / u0**2) / precision, precision**-0.5)
    found = posterior(x, u, normal(y0, u0), limits)

    assert (found.mean, found.sd) == pytest.approx((known.mean, known.stdev), rel=1e-11)
    assert found.p_high == pytest.approx(1 - known.cdf(1.0), rel=1e-10)
    assert found.p_low == pytest.approx(known.cdf(-1.0), rel=1e-8)


def test_knowledge_of_the_items_of_a_bounded_population() -> None:
    """A rectangular prior cuts the normal: items never beyond 1.2."""
    found = posterior(1.0, 0.2, population({"dist": "rectangular", "low": -1.2, "high": 1.2}), Limits(-1.0, 1.0))
    known = NormalDist(1.0, 0.2)
    within = known.cdf(1.2) - known.cdf(-1.2)
    assert found.p_out == pytest.approx((known.cdf(1.2) - known.cdf(1.0)) / within, rel=1e-11)


def test_knowledge_of_the_items_from_samples() -> None:
    """20,000 quantiles of the prior at equal steps of probability."""
    spread = NormalDist(0.0, 0.5)
    drawn = [spread.inv_cdf((i + 0.5) / 20_000) for i in range(20_000)]
    exact = posterior(0.9, 0.2, normal(0.0, 0.5), Limits(-1.0, 1.0))
    found = posterior(0.9, 0.2, samples(drawn), Limits(-1.0, 1.0))
    assert found.p_out == pytest.approx(exact.p_out, rel=2e-3)


def test_what_has_no_risk_is_refused() -> None:
    with pytest.raises(DocumentError, match=r"^value: NaN "):
        specific_risk(math.nan, 0.1, Limits(-1.0, 1.0))
    with pytest.raises(DocumentError, match=r"^sd: "):
        specific_risk(0.0, 0.0, Limits(-1.0, 1.0))
    with pytest.raises(EvaluationError, match="prior"):
        posterior(5.0, 0.1, population({"dist": "rectangular", "low": -1, "high": 1}), Limits(-1.0, 1.0))
    with pytest.raises(DocumentError, match="density"):
        posterior(0.5, samples([0.1, 0.2]), normal(0.0, 1.0), Limits(-1.0, 1.0))
