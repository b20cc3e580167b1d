"""Second order: exact moments of polynomials, the cases where the first order is empty, the fourth moments."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import uncertainty
from uncertainty.distributions import Shape, cumulants, draw, quantile
from uncertainty.errors import UncertaintyError

from .published import case, document


def budget(models: dict[str, str] | str, **quantities: Any) -> dict[str, Any]:
    models = {"y": models} if isinstance(models, str) else models
    return {"budget": 1, "quantities": quantities, "measurands": {n: {"expression": m} for n, m in models.items()}}


def second(found: dict[str, Any], name: str = "y") -> uncertainty.Result:
    return uncertainty.evaluate(found, method="gum2").results[name]


def test_a_square_at_zero_has_its_exact_mean_and_u() -> None:
    """x² of a normal at 0: mean σ², u = √2 σ²; the first order has 0 and its warning stays."""
    evaluated = uncertainty.evaluate(budget("x**2", x={"value": 0, "u": 0.3}), method="gum2")
    result = evaluated.results["y"]
    assert math.isclose(result.value, 0.09, rel_tol=1e-9)
    assert math.isclose(result.u, math.sqrt(2) * 0.09, rel_tol=1e-9)
    assert [warning["code"] for warning in evaluated.warnings] == ["weak_first_order"]
    assert evaluated.to_dict()["second_order"]["y"]["u_first_order"] == 0.0


@pytest.mark.parametrize(
    ("entry", "fourth"),
    [
        ({"distribution": "rectangular", "half_width": 0.6}, 0.6**4 / 5),
        ({"distribution": "triangular", "half_width": 0.6}, 0.6**4 / 15),
        ({"distribution": "arcsine", "half_width": 0.6}, 3 * 0.6**4 / 8),
    ],
)
def test_a_square_at_zero_of_other_distributions_by_their_fourth_moment(entry: dict[str, Any], fourth: float) -> None:
    """u² = μ4 − μ2², exact for a square."""
    result = second(budget("x**2", x={"value": 0} | entry))
    square = {"rectangular": 0.12, "triangular": 0.06, "arcsine": 0.18}[entry["distribution"]]
    assert math.isclose(result.value, square, rel_tol=1e-9)
    assert math.isclose(result.u, math.sqrt(fourth - square**2), rel_tol=1e-9)


@settings(max_examples=30, deadline=None)
@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(-0.95, 0.95))
def test_a_product_of_correlated_normals_is_exact(a: float, b: float, r: float) -> None:
    """E[xy] = ab + r, Var = a² + b² + 2abr + 1 + r² for unit variances (Bohrnstedt and Goldberger, JASA 64 (1969) 1439)."""
    one = budget("x*y", x={"value": a, "u": 1}, y={"value": b, "u": 1})
    one["measurands"] = {"z": one["measurands"]["y"]}
    one["correlations"] = [{"between": ["x", "y"], "r": r}]
    result = second(one, "z")
    assert math.isclose(result.value, a * b + r, rel_tol=1e-9, abs_tol=1e-9)
    assert math.isclose(result.u**2, a * a + b * b + 2 * a * b * r + 1 + r * r, rel_tol=1e-9)


def test_the_note_of_the_gum_for_a_third_degree() -> None:
    """x³ at a: the terms ½ f''² u⁴ + f' f''' u⁴ give 18 a² u⁴ + 18 a² u⁴ above 9 a⁴ u²."""
    a, u = 2.0, 0.1
    result = second(budget("x**3", x={"value": a, "u": u}))
    assert math.isclose(result.value, a**3 + 3 * a * u**2, rel_tol=1e-12)
    assert math.isclose(result.u**2, 9 * a**4 * u**2 + 36 * a**2 * u**4, rel_tol=1e-9)


def test_a_skewed_quantity_needs_its_third_moment() -> None:
    """x² of an exponential of mean 1 (μ2 = 1, μ3 = 2, μ4 = 9) at 1: Var x² = 24 − 4 = 20."""
    result = second(budget("x**2", x={"distribution": "exponential", "mean": 1}))
    assert math.isclose(result.value, 2.0, rel_tol=1e-9)
    assert math.isclose(result.u, math.sqrt(20), rel_tol=1e-9)


def test_a_linear_model_is_left_as_it_is() -> None:
    found = document(case("gum_annex_h", "gum-h2-impedance-summary"))
    for entry in found["quantities"].values():
        del entry["dof"]
    found["measurands"] = {"s": {"expression": "V + 2*I - phi"}}
    first, other = uncertainty.evaluate(found).results["s"], second(found, "s")
    assert math.isclose(first.value, other.value, rel_tol=1e-12)
    assert math.isclose(first.u, other.u, rel_tol=1e-9)
    assert len(first.sensitivities) == len(other.sensitivities)


def test_gauge_block_of_gum_h1_with_its_second_order_terms() -> None:
    """JCGM 100:2008, H.1.7: second-order terms add 11.7 nm and 1.7 nm, u_c becomes 34 nm."""
    found = document(case("gum_annex_h", "gum-h1-end-gauge"))
    first, other = uncertainty.evaluate(found).results["y"], second(found)
    assert round(other.u) == 34
    assert abs(math.sqrt(other.u**2 - first.u**2) - math.hypot(11.7, 1.7)) < 0.2
    assert other.dof <= 18


def test_mass_of_jcgm_101_whose_density_terms_the_first_order_misses() -> None:
    """JCGM 101:2008, 9.3, table 6: GUF with higher-order terms 0.0750 mg, beside 0.0539 mg."""
    found = document(case("jcgm101_monte_carlo", "s1-9.3-mass"))
    assert round(uncertainty.evaluate(found).results["y"].u, 4) == 0.0539
    assert abs(second(found).u - 0.0750) < 0.0002


def test_several_measurands_keep_their_covariance_and_an_archive_sums_to_u() -> None:
    """x² and x⁴/… of one normal at 0: x² and 3 x² are fully correlated, also through their archived sources."""
    found = budget({"a": "x**2", "b": "3*x**2 + z"}, x={"value": 0, "u": 1}, z={"value": 0, "u": 1})
    evaluated = uncertainty.evaluate(found, method="gum2")
    a, b = evaluated.results["a"], evaluated.results["b"]
    assert math.isclose(b.u**2, 18 + 1, rel_tol=1e-9)
    r = 6 / math.sqrt(2 * 19)
    assert math.isclose(evaluated.correlation[0, 1], r, rel_tol=1e-9)
    again = [uncertainty.Result.from_dict(one.to_dict()) for one in (a, b)]
    V = uncertainty.covariance(again)
    assert np.allclose(V, [[2, 6], [6, 19]], rtol=1e-9)
    assert uncertainty.combine("d", [(1.0, again[0]), (-1.0, again[0])]).u == 0.0


def test_the_document_asks_for_it_and_monte_carlo_agrees() -> None:
    found = budget("x*y", x={"value": 0.5, "u": 1}, y={"value": 0, "u": 1}) | {"order": 2}
    found["measurands"] = {"z": found["measurands"]["y"]}
    evaluated = uncertainty.evaluate(found, method="both", trials=200_000, seed=1)
    assert evaluated.monte_carlo is not None
    assert math.isclose(evaluated.monte_carlo["measurands"]["z"]["u"], evaluated.results["z"].u, rel_tol=0.01)


def test_degrees_of_freedom_are_no_more_than_those_of_what_bends() -> None:
    assert second(budget("x**2", x={"value": 0, "u": 1, "dof": 5})).dof == 5


SHAPES = [
    Shape("rectangular", 2.0),
    Shape("triangular", 2.0),
    Shape("arcsine", 2.0),
    Shape("trapezoidal", 2.0, (0.3,)),
    Shape("curvilinear_trapezoidal", 2.0, (0.7,)),
    Shape("gamma", 0.0, (2.5, 0.4)),
    Shape("lognormal", 0.0, (2.0, 0.3)),
    Shape("beta", 0.0, (2.0, 5.0, 3.0)),
    Shape("samples", 0.0, (np.array([-2.0, -1.0, 0.5, 2.5]),)),
    Shape("normal", 1.5),
]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda s: s.name)
def test_cumulants_are_those_of_the_distribution_that_is_drawn(shape: Shape) -> None:
    """Against the integral of the quantile function, another way to the moments."""
    p = (np.arange(400_000) + 0.5) / 400_000
    values = quantile(shape, math.inf, p)
    centred = (values - values.mean()) / values.std()
    skewness, kurtosis = cumulants(shape)
    assert abs(float(np.mean(centred**3)) - skewness) < 0.01
    assert abs(float(np.mean(centred**4)) - 3 - kurtosis) < 0.01
    assert abs(float(np.mean(draw(shape, math.inf, np.random.default_rng(1), 100_000)))) < 0.02


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"order": 3}, "order"),
        ({"order": True}, "order"),
        ({"order": "2"}, "order"),
        (
            {
                "order": 2,
                "quantities": {"x": {"value": 0, "u": 1.2}},
                "measurands": {"y": {"expression": "sin(x)"}},
            },
            "measurands.y",
        ),
    ],
)
def test_what_has_no_second_order_is_refused(change: dict[str, Any], place: str) -> None:
    with pytest.raises(UncertaintyError) as refused:
        uncertainty.evaluate(budget("x**2", x={"value": 0.2, "u": 1}) | change)
    assert refused.value.facts["place"] == place


def test_a_batch_of_the_second_order_is_refused() -> None:
    found = budget("x**2", x={"value": 0, "u": 1}) | {"order": 2}
    with pytest.raises(UncertaintyError) as refused:
        uncertainty.evaluate_batch(found, {"x": {"value": [1.0, 2.0]}})
    assert refused.value.facts["place"] == "order"
