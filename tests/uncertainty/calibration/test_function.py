"""The calibration function as a value: forward, backward, its range, and stored without a change of a digit."""

from __future__ import annotations

import json
import math
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import uncertainty
from lims.words import sentence
from uncertainty import DocumentError, EvaluationError, UncertaintyError
from uncertainty.calibration import About, CalibrationFunction, OutsideCalibration, fit_line, fit_polynomial

ABOUT = About(unit_argument="degC", unit_result="mV", valid_from=date(2026, 1, 5), valid_to=date(2027, 1, 4))


def thermometer() -> CalibrationFunction:
    x = np.array([0.0, 20.0, 40.0, 60.0, 80.0, 100.0])
    return fit_polynomial(x, [0.001, 0.789, 1.610, 2.467, 3.357, 4.279], 2, 0.002, about=ABOUT).function


def test_what_is_stored_comes_back_without_a_change_of_a_digit() -> None:
    here = thermometer()
    there = CalibrationFunction.from_dict(json.loads(json.dumps(here.to_dict())))

    assert there.to_dict() == here.to_dict()
    assert there.coefficients.tobytes() == here.coefficients.tobytes()
    assert there.covariance.tobytes() == here.covariance.tobytes()
    assert there.evaluate(33.3, 0.1).value == here.evaluate(33.3, 0.1).value
    assert there.invert(2.0, 0.01).u == here.invert(2.0, 0.01).u
    assert there.is_valid_on(date(2027, 1, 4))
    assert not there.is_valid_on(date(2027, 1, 5))


def test_dof_of_residuals_is_kept_and_infinite_ones_too() -> None:
    known = fit_line([1, 2, 3, 4], [1, 2, 3, 4.1], 0.1).function
    found = fit_line([1, 2, 3, 4], [1, 2, 3, 4.1]).function

    assert math.isinf(CalibrationFunction.from_dict(known.to_dict()).dof)
    assert CalibrationFunction.from_dict(found.to_dict()).dof == 2
    assert known.to_dict()["dof"] is None


def test_a_budget_of_the_coefficients_finds_the_same_y_and_u() -> None:
    """The law of propagation over a, b and x with r(a, b), as a laboratory would write it without this function."""
    line = fit_line([1, 2, 3, 4, 5, 6], [3.3, 5.6, 7.1, 9.3, 10.7, 12.1], 0.5).function
    (a, b), (u_a, u_b) = line.coefficients, line.u
    quantities = {
        "a": {"value": float(a), "u": float(u_a)},
        "b": {"value": float(b), "u": float(u_b)},
        "x": {"value": 3.5, "u": 0.2},
        "y": {"value": 10.5, "u": 0.5},
    }
    document = {
        "budget": 1,
        "quantities": quantities,
        "correlations": [{"between": ["a", "b"], "r": float(line.correlation[0, 1])}],
        "measurands": {"forward": {"expression": "a + b*x"}, "x0": {"expression": "(y - a)/b"}},
        "coverage": {"k": 2},
    }
    wanted = uncertainty.evaluate(document).results
    forward, back = line.evaluate(3.5, 0.2), line.invert(10.5, 0.5)

    assert (forward.value, forward.u) == pytest.approx((wanted["forward"].value, wanted["forward"].u), rel=1e-12)
    assert (back.value, back.u) == pytest.approx((wanted["x0"].value, wanted["x0"].u), rel=1e-12)


def test_several_at_once_share_the_coefficients() -> None:
    """Covariance of two inverse predictions by differences of the coefficients, independent y."""
    function = thermometer()
    y = np.array([1.0, 3.0])
    found = function.invert(y, 0.005)
    whole = function.to_dict()

    def moved(k, h):
        coefficients = dict(whole["coefficients"])
        coefficients[function.names[k]] += h
        return CalibrationFunction.from_dict(whole | {"coefficients": coefficients}).invert(y).value

    h = 1e-5
    J = np.array([(moved(k, h) - moved(k, -h)) / (2 * h) for k in range(3)]).T
    slope = np.diag(function.sensitivities(found.value).argument)
    wanted = J @ function.covariance @ J.T + np.linalg.inv(slope) ** 2 * 0.005**2

    assert found.covariance == pytest.approx(wanted, rel=1e-5)
    assert found.u == pytest.approx(np.sqrt(np.diag(wanted)), rel=1e-5)
    assert found.u**2 == pytest.approx(found.own**2 + found.shared**2)


def test_correlated_arguments_count_as_such() -> None:
    """One common error of both x: the difference of both y loses it on a line."""
    line = fit_line([0, 1, 2, 3], [0, 2, 4.1, 6], 0.001).function
    V = line.evaluate([1.0, 1.0], np.full((2, 2), 0.01)).covariance

    assert V[0, 0] + V[1, 1] - 2 * V[0, 1] == pytest.approx(0, abs=1e-12)
    assert V[0, 0] == pytest.approx(0.01 * line.coefficients[1] ** 2, rel=1e-3)


@given(st.floats(0.0, 100.0))
@settings(max_examples=60, deadline=None)
def test_backward_of_forward_is_where_it_began(x: float) -> None:
    function = thermometer()

    assert function.invert(function.evaluate(x).value).value == pytest.approx(x, abs=1e-9)


@given(st.lists(st.floats(0.5, 3.5), min_size=1, max_size=6))
@settings(max_examples=30, deadline=None)
def test_one_by_one_or_together_is_the_same(y: list[float]) -> None:
    function = thermometer()
    together = function.invert(y, 0.01)

    assert together.value == pytest.approx([function.invert(one).value for one in y], abs=1e-10)
    assert together.u == pytest.approx([function.invert(one, 0.01).u for one in y], rel=1e-9)


def test_the_shape_asked_for_is_the_shape_given() -> None:
    function = thermometer()

    assert np.shape(function.evaluate(10.0).value) == ()
    assert function.evaluate([[10.0, 20.0], [30.0, 40.0]], np.full((2, 2), 0.1)).u.shape == (2, 2)
    assert function.evaluate(np.linspace(0, 100, 20_000), 0.1).u.shape == (20_000,)


def test_beyond_the_range_is_refused_and_says_which_way() -> None:
    function = thermometer()
    with pytest.raises(
        OutsideCalibration, match=r"x: 100\.5 degC lies above the calibrated range of 0 degC to 100 degC"
    ):
        function.evaluate([50.0, 100.5])
    with pytest.raises(OutsideCalibration, match=r"y: -1 mV lies below"):
        function.invert(-1.0)
    with pytest.raises(OutsideCalibration) as refused:
        function.evaluate(-1.0)
    assert "低于" in sentence(refused.value, "zh")


def test_extrapolation_that_was_asked_for_solves_the_same_equation() -> None:
    function = thermometer()
    for y in (-0.3, 5.5, 9.0):
        x = function.invert(y, 0.01, extrapolate=True).value
        assert function.evaluate(x, extrapolate=True).value == pytest.approx(y, rel=1e-12)
    # the parabola has its lowest point at t where its slope is zero: nothing lies below
    with pytest.raises(OutsideCalibration, match="below"):
        function.invert(-1e3, extrapolate=True)


def test_a_function_that_turns_has_no_inverse_and_a_falling_one_has() -> None:
    x = np.linspace(-2, 2, 9)
    with pytest.raises(EvaluationError, match="only rises or only falls"):
        fit_polynomial(x, x**2, 2, 0.1).function.invert(1.0)
    falling = fit_line(x, 3 - 2 * x, 0.1).function
    assert falling.invert(1.0).value == pytest.approx(1.0)
    with pytest.raises(OutsideCalibration, match="above"):
        falling.invert(8.0)


def test_a_budget_can_take_the_value_and_every_derivative() -> None:
    """Against differences of the plain polynomial."""
    function = thermometer()
    found = function.sensitivities(33.0)
    h = 1e-4
    up, down = (function.evaluate(33.0 + s).value for s in (h, -h))

    assert found.value == pytest.approx([function.evaluate(33.0).value])
    assert found.argument == pytest.approx([(up - down) / (2 * h)], rel=1e-8)
    t = (33.0 - 50.0) / 50.0
    assert found.coefficients == pytest.approx(np.array([[1.0, t, t**2]]), rel=1e-12)


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"schema": "suyuan.calibration_function/2"}, "schema"),
        ({"coefficients": [1, 2]}, "coefficients"),
        ({"coefficients": {"b0": 1.0, "b1": "x", "b2": 0.0}}, "coefficients"),
        ({"covariance": [[1.0]]}, "covariance"),
        ({"covariance": (-np.eye(3)).tolist()}, "covariance"),
        ({"limits": [5, 5]}, "limits"),
        ({"limits": [0]}, "limits"),
        ({"dof": 0}, "dof"),
        ({"dof": "many"}, "dof"),
        ({"expression": 3}, "expression"),
        ({"expression": "b0 + b1*q + b2*x"}, "expression"),
        ({"expression": "b0 + b1*x"}, "names"),
        ({"expression": "b0 + b1*log(x) + b2*x"}, "limits"),
        ({"unit_result": "parsec"}, "unit_result"),
        ({"valid_from": "soon"}, "valid_from"),
        ({"valid_to": "2020-01-01"}, "valid_to"),
    ],
)
def test_an_archive_that_is_wrong_is_refused_at_its_field(changed: dict[str, object], place: str) -> None:
    with pytest.raises(UncertaintyError) as refused:
        CalibrationFunction.from_dict(thermometer().to_dict() | changed)
    assert refused.value.facts["place"] == place


def test_a_field_that_is_missing_is_named() -> None:
    data = thermometer().to_dict()
    del data["limits"]
    with pytest.raises(DocumentError) as refused:
        CalibrationFunction.from_dict(data)
    assert refused.value.facts["place"] == "limits"


def test_numbers_that_are_none_are_refused() -> None:
    function = thermometer()
    for call in (
        lambda: function.evaluate(float("nan")),
        lambda: function.invert(1.0, -0.1),
        lambda: function.evaluate([1.0, 2.0], [0.1, 0.1, 0.1]),
    ):
        with pytest.raises(DocumentError):
            call()
