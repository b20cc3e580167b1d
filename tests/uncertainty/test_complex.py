"""Complex quantities: stated by parts or by size and phase, complex models, their covariance and degrees of freedom."""

from __future__ import annotations

import cmath
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import uncertainty
from uncertainty.complex_results import region_factor
from uncertainty.errors import UncertaintyError

A, B = 1.3 - 0.7j, -0.4 + 2.1j


def quantity(value: complex, **more: Any) -> dict[str, Any]:
    stated = {"value": {"re": value.real, "im": value.imag}}
    return stated | (more or {"u": {"re": 0.01, "im": 0.02}, "r": 0.5})


def budget(model: str, **quantities: Any) -> dict[str, Any]:
    return {"budget": 1, "quantities": quantities, "measurands": {"y": {"expression": model}}}


@pytest.mark.parametrize(
    ("model", "function"),
    [
        ("a + b", lambda a, b: a + b),
        ("a - 2*b", lambda a, b: a - 2 * b),
        ("a*b/(a + 1)", lambda a, b: a * b / (a + 1)),
        ("1/b - 2j*a", lambda a, b: 1 / b - 2j * a),
        ("-a**3/b**-2", lambda a, b: -(a**3) / b**-2),
        ("a**0.3", lambda a, b: a**0.3),
        ("a**b", lambda a, b: a**b),
        ("conj(a)*b", lambda a, b: a.conjugate() * b),
        ("exp(a) + log(b) + sqrt(a)", lambda a, b: cmath.exp(a) + cmath.log(b) + cmath.sqrt(a)),
        ("sin(a) + cos(b)*tan(a)", lambda a, b: cmath.sin(a) + cmath.cos(b) * cmath.tan(a)),
        ("sinh(a) + cosh(b)*tanh(a)", lambda a, b: cmath.sinh(a) + cmath.cosh(b) * cmath.tanh(a)),
        ("log10(a)", lambda a, b: cmath.log10(a)),
        ("where(abs(a) < 5, a, b)", lambda a, b: a),
        ("complex(real(a), abs(b)) + polar(2, arg(b))", lambda a, b: complex(a.real, abs(b)) + cmath.rect(2, cmath.phase(b))),
    ],
)  # fmt: skip
def test_value_and_covariance_of_a_complex_model(model: str, function: Any) -> None:
    """The value of cmath; J V Jᵀ with central differences of cmath as J (JCGM 102:2011, 6.2)."""
    found = uncertainty.evaluate(budget(model, a=quantity(A), b=quantity(B))).complexes["y"]
    assert cmath.isclose(found.value, function(A, B), rel_tol=1e-12)
    h, columns = 1e-5, []
    for da, db in ((h, 0), (1j * h, 0), (0, h), (0, 1j * h)):
        change = (function(A + da, B + db) - function(A - da, B - db)) / (2 * h)
        columns.append([change.real, change.imag])
    J = np.array(columns).T
    one = np.array([[1e-4, 1e-4], [1e-4, 4e-4]])
    V = np.kron(np.eye(2), one)
    assert np.allclose(found.covariance, J @ V @ J.T, rtol=1e-6, atol=1e-12)


def test_real_outputs_of_complex_quantities_and_chained_models() -> None:
    document = budget("a*b", a=quantity(A), b=quantity(B))
    document["measurands"] |= {"size": {"expression": "abs(y)"}, "angle": {"expression": "arg(y)"}}
    found = uncertainty.evaluate(document)
    assert math.isclose(found.results["size"].value, abs(A * B))
    assert math.isclose(found.results["angle"].value, cmath.phase(A * B))
    assert math.isclose(found.results["y.im"].value, (A * B).imag)
    V = found.complexes["y"].covariance
    e = np.array([math.cos(cmath.phase(A * B)), math.sin(cmath.phase(A * B))])
    assert math.isclose(found.results["size"].u, math.sqrt(e @ V @ e), rel_tol=1e-12)


def test_size_and_phase_state_the_same_as_the_parts() -> None:
    """J = [[cos φ, −ρ sin φ], [sin φ, ρ cos φ]]."""
    entry = {"value": {"abs": 2.0, "phase": "30 degree"}, "u": {"abs": 0.01, "phase": 0.02}, "r": 0.4, "unit": "ohm"}
    document = budget("1*z", z=entry)
    document["measurands"]["y"]["unit"] = "mohm"
    found = uncertainty.evaluate(document).complexes["y"]
    phi = math.pi / 6
    assert cmath.isclose(found.value, 1000 * cmath.rect(2, phi), rel_tol=1e-12)
    J = np.array([[math.cos(phi), -2 * math.sin(phi)], [math.sin(phi), 2 * math.cos(phi)]])
    V = np.array([[1e-4, 0.8e-4], [0.8e-4, 4e-4]])
    assert np.allclose(found.covariance, 1e6 * J @ V @ J.T, rtol=1e-12)


def test_units_of_an_impedance_with_an_exact_imaginary_factor() -> None:
    """Z = R + jωL: 50 Ω + j·2π·1 kHz·2 mH."""
    document = budget(
        "R + 1j*w*L",
        R={"value": 50, "u": 0.1, "unit": "ohm"},
        w={"value": 2000 * math.pi, "exact": True, "unit": "rad/s"},
        L={"value": 2, "u": 0.01, "unit": "mH"},
    )
    document["measurands"]["y"]["unit"] = "ohm"
    found = uncertainty.evaluate(document)
    assert cmath.isclose(found.complexes["y"].value, 50 + 4j * math.pi, rel_tol=1e-12)
    assert math.isclose(found.results["y.im"].u, 2000 * math.pi * 1e-5, rel_tol=1e-9)
    assert found.correlation.tolist() == [[1.0, 0.0], [0.0, 1.0]]


def test_a_complex_difference_with_itself_is_nothing() -> None:
    found = uncertainty.evaluate(budget("z - z", z=quantity(A)))
    assert (found.results["y.re"].u, found.results["y.im"].u) == (0.0, 0.0)


def test_monte_carlo_has_the_covariance_of_a_linear_complex_model() -> None:
    document = budget(
        "2j*a + b", a=quantity(A, u={"re": 1, "im": 2}, r=0.5), b=quantity(B, u={"re": 1, "im": 1}, dof=50)
    )
    found = uncertainty.evaluate(document, method="both", trials=200_000, seed=3)
    assert found.monte_carlo is not None
    drawn, V = found.monte_carlo, found.complexes["y"].covariance
    spread = [drawn["measurands"][name]["u"] for name in ("y.re", "y.im")]
    # the part of ν = 50 is drawn as a bivariate t of ν − 1: its variance is 50/47 of u² (JCGM 102:2011, 5.3.2)
    assert math.isclose(spread[0], math.sqrt(V[0, 0] - 1 + 50 / 47), rel_tol=0.01)
    assert math.isclose(spread[1], math.sqrt(V[1, 1] - 1 + 50 / 47), rel_tol=0.01)
    r = V[0, 1] / math.sqrt(V[0, 0] * V[1, 1])
    assert abs(drawn["correlation"]["matrix"][0][1] - r) < 0.01


@settings(max_examples=25, deadline=None)
@given(st.floats(-10, 10), st.floats(-3, 3), st.floats(0.01, 3))
def test_turning_the_phase_reference_leaves_the_size_of_u(re: float, im: float, u: float) -> None:
    """A product with exp(jφ) turns the covariance; its trace and its degrees of freedom stay."""
    z = {"value": {"re": re, "im": im}, "u": {"re": u, "im": 2 * u}, "r": 0.3, "dof": 7}
    plain = uncertainty.evaluate(budget("1*z", z=z)).complexes["y"]
    turned = uncertainty.evaluate(budget("z*exp(0.7j)", z=z)).complexes["y"]
    assert math.isclose(np.trace(turned.covariance), np.trace(plain.covariance), rel_tol=1e-9)
    assert math.isclose(plain.dof, 7, rel_tol=1e-9)
    assert math.isclose(turned.dof, 7, rel_tol=1e-9)


def test_region_factor_is_that_of_f_and_chi_squared() -> None:
    """JCGM 102:2011, table 1: k = 2.45 in two dimensions; F from scipy.special as another way to it."""
    from scipy.special import fdtri

    assert round(region_factor(0.95, math.inf) or 0, 2) == 2.45
    for nu in (3.0, 7.5, 40.0):
        assert math.isclose(
            region_factor(0.95, nu) or 0, math.sqrt(2 * nu / (nu - 1) * fdtri(2, nu - 1, 0.95)), rel_tol=1e-9
        )
    assert region_factor(0.95, 1.0) is None


def test_a_batch_of_complex_budgets_is_its_single_budgets() -> None:
    values = np.array([0.5, 1.0, 2.0])
    document = budget("z*z", z=quantity(A, u={"re": "1 %", "im": 0.02}))
    found = uncertainty.evaluate_batch(document, {"z": {"value.re": values}})
    for i, value in enumerate(values):
        one = uncertainty.evaluate(
            budget("z*z", z=quantity(complex(value, A.imag), u={"re": 0.01 * value, "im": 0.02}))
        )
        assert math.isclose(found.results["y.im"].u[i], one.results["y.im"].u, rel_tol=1e-12)


@pytest.mark.parametrize(
    ("entry", "model", "place"),
    [
        ({"value": {"re": 1}, "u": 1}, "z", "quantities.z.value"),
        ({"value": {"re": 1, "im": 1}, "u": {"re": 1}}, "z", "quantities.z.u"),
        ({"value": {"abs": 1, "phase": 1}, "u": 0.1}, "z", "quantities.z.u"),
        ({"value": {"re": 1, "im": 1}, "u": 1, "r": 2}, "z", "quantities.z.r"),
        ({"value": {"re": 1, "im": 1}, "u": 1, "dof": 1.5}, "z", "quantities.z.dof"),
        ({"value": {"re": 1, "im": 1}, "covariance": [[1, 2], [2, 1]]}, "z", "quantities.z.covariance"),
        ({"value": {"re": 1, "im": 1}, "covariance": [[1, 0], [0, 1]], "u": 1}, "z", "quantities.z.u"),
        ({"value": {"re": 1, "im": 1}, "u": -1}, "z", "quantities.z.re.u"),
        ({"value": {"re": 1, "im": 1}, "u": 1, "resolution": 1}, "z", "quantities.z.resolution"),
        ({"value": {"re": 1, "im": 1}, "u": 1}, "z < 1", "measurands.y.expression"),
        ({"value": {"re": 1, "im": 1}, "u": 1}, "asin(z)", "measurands.y.expression"),
        ({"value": {"re": 1, "im": 1}, "u": 1}, "max(z, 1)", "measurands.y.expression"),
    ],
)
def test_wrong_complex_quantities_are_refused_with_their_place(entry: dict[str, Any], model: str, place: str) -> None:
    with pytest.raises(UncertaintyError) as refused:
        uncertainty.evaluate(budget(model, z=entry))
    assert refused.value.facts["place"] == place
