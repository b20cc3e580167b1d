"""Straight lines of ISO/TS 28037:2010 in all its cases, against the published examples and a minimiser of its own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import least_squares

from uncertainty import DocumentError
from uncertainty.calibration import About, fit_line, propagated_covariance

X10 = [50.4, 99.0, 149.9, 200.4, 248.5, 299.7, 349.1]
Y10 = [52.3, 97.8, 149.7, 200.1, 250.4, 300.9, 349.2]
UX10 = np.array(
    [
        [0.50, 0.00, 0.25, 0.00, 0.25, 0.00, 0.25],
        [0.00, 1.25, 1.00, 0.00, 0.00, 1.00, 1.00],
        [0.25, 1.00, 1.50, 0.00, 0.25, 1.00, 1.25],
        [0.00, 0.00, 0.00, 1.25, 1.00, 1.00, 1.00],
        [0.25, 0.00, 0.25, 1.00, 1.50, 1.00, 1.25],
        [0.00, 1.00, 1.00, 1.00, 1.00, 2.25, 2.00],
        [0.25, 1.00, 1.25, 1.00, 1.25, 2.00, 2.50],
    ]
)
UY10 = np.ones((7, 7)) + 4 * np.eye(7)
X7 = np.array([1.2, 1.9, 2.9, 4.0, 4.7, 5.9])
Y7 = np.array([3.4, 4.4, 7.2, 8.5, 10.8, 13.5])
U_Y7 = np.array([0.2, 0.2, 0.2, 0.4, 0.4, 0.4])


def in_all_unknowns(x, y, U):
    """a, b, their covariance and χ² with all true x as unknowns: whitened residuals of 2N numbers, minimised by scipy."""
    n, L = len(x), np.linalg.cholesky(U)

    def whitened(p):
        X = p[2:]
        return np.linalg.solve(L, np.concatenate([x - X, y - p[0] - p[1] * X]))

    slope, level = np.polyfit(x, y, 1)
    found = least_squares(whitened, np.concatenate([[level, slope], x]), xtol=1e-15, ftol=1e-15, gtol=1e-15)
    full = np.linalg.inv(found.jac.T @ found.jac)
    return found.x[:2], full[:2, :2], 2 * found.cost, found.x[2 : 2 + n]


def test_clause_10_example_with_covariance_of_x_and_of_y() -> None:
    """ISO/TS 28037:2010, clause 10, table 25."""
    fit = fit_line(X10, Y10, UY10, UX10)
    line = fit.function

    assert np.round(line.coefficients, 4).tolist() == [0.3424, 1.0012]
    assert np.round(line.u, 4).tolist() == [2.0569, 0.0090]
    assert round(line.covariance[0, 1], 4) == -0.0129
    assert fit.chi2 is not None
    assert round(fit.chi2, 3) == 1.772
    limit = fit.chi2_critical()
    assert limit is not None
    assert round(limit, 3) == 11.070
    assert fit.is_consistent


@pytest.mark.parametrize("case", ["7: x and y", "8: x_i with y_i", "9: of y", "10: of all"])
def test_every_clause_agrees_with_the_minimum_in_all_unknowns(case: str) -> None:
    x, y, n = X7, Y7, len(X7)
    Ux, Uy, Uxy = np.diag(np.full(n, 0.04)), np.diag(U_Y7**2), np.zeros((n, n))
    u_x, u_y, cov_xy = np.full(n, 0.2), U_Y7, np.zeros(n)
    if case.startswith("8"):
        Uxy = np.diag(0.5 * u_x * u_y)
        cov_xy = np.diag(Uxy).copy()
    elif case.startswith("9"):
        Ux, u_x = np.eye(n) * 1e-12, np.full(n, 1e-6)
        Uy = u_y = Uy + 0.03
    elif case.startswith("10"):
        rng = np.random.default_rng(5)
        M = rng.normal(size=(2 * n, 2 * n)) * 0.15
        U = M @ M.T + 0.01 * np.eye(2 * n)
        Ux, Uy, Uxy = U[:n, :n], U[n:, n:], U[:n, n:]
        u_x, u_y, cov_xy = Ux, Uy, Uxy
    b, V, chi2, true_x = in_all_unknowns(x, y, np.block([[Ux, Uxy], [Uxy.T, Uy]]))
    fit = fit_line(x, y, u_y, u_x, cov_xy)

    assert fit.function.coefficients == pytest.approx(b, rel=1e-6)
    assert fit.function.covariance == pytest.approx(V, rel=1e-4)
    assert fit.chi2 == pytest.approx(chi2, rel=1e-8)
    assert fit.adjusted == pytest.approx(true_x, abs=1e-6)


def test_independent_u_and_their_diagonal_matrices_are_one_fit() -> None:
    plain = fit_line(X7, Y7, U_Y7, 0.2).function
    full = fit_line(X7, Y7, np.diag(U_Y7**2), np.eye(6) * 0.04, np.zeros((6, 6))).function

    assert full.coefficients == pytest.approx(plain.coefficients, rel=1e-13)
    assert full.covariance == pytest.approx(plain.covariance, rel=1e-12)


def test_the_law_of_propagation_through_the_fit_is_found_by_moving_each_point() -> None:
    """Central differences of the fit itself, clause 8: every x_i and y_i moved, with cov(x_i, y_i)."""
    u_x, cov = np.full(6, 0.2), 0.5 * 0.2 * U_Y7

    def ab(x, y):
        return fit_line(x, y, U_Y7, u_x, cov).function.coefficients

    h = 1e-4
    steps = np.eye(6) * h
    J = np.array(
        [(ab(X7 + s, Y7) - ab(X7 - s, Y7)) / (2 * h) for s in steps]
        + [(ab(X7, Y7 + s) - ab(X7, Y7 - s)) / (2 * h) for s in steps]
    ).T
    U = np.block([[np.diag(u_x**2), np.diag(cov)], [np.diag(cov), np.diag(U_Y7**2)]])
    a, b = ab(X7, Y7)

    assert propagated_covariance(a, b, X7, Y7, U_Y7, u_x, cov) == pytest.approx(J @ U @ J.T, rel=1e-5)


def test_a_line_about_another_origin_is_the_same_line() -> None:
    here, there = fit_line(X7, Y7, U_Y7, 0.2).function, fit_line(X7, Y7, U_Y7, 0.2, at=100.0).function

    assert there.evaluate(3.3).value == pytest.approx(here.evaluate(3.3).value, rel=1e-12)
    assert there.evaluate(3.3).u == pytest.approx(here.evaluate(3.3).u, rel=1e-9)
    assert "100.0" in there.expression


@given(
    st.lists(st.floats(-5, 5), min_size=5, max_size=5),
    st.floats(0.1, 1e6),
    st.floats(0.1, 1e6),
)
@settings(max_examples=40, deadline=None)
def test_the_units_of_x_and_y_do_not_change_the_line(noise: list[float], p: float, q: float) -> None:
    x = np.array([1.0, 2.0, 3.5, 4.0, 6.0])
    y = 10 + 8 * x + np.array(noise) * 0.2
    one = fit_line(x, y, 0.3, 0.1)
    other = fit_line(p * x, q * y, 0.3 * q, 0.1 * p)

    assert other.function.coefficients == pytest.approx(one.function.coefficients * [q, q / p], rel=1e-8)
    assert other.function.u == pytest.approx(one.function.u * [q, q / p], rel=1e-8)
    assert other.chi2 == pytest.approx(one.chi2, rel=1e-7, abs=1e-9)


def test_weights_alone_take_u_from_the_residuals() -> None:
    known = fit_line(X7, Y7, U_Y7)
    alone = fit_line(X7, Y7, 7 * U_Y7, weights_only=True)
    assert known.s is not None

    assert alone.function.dof == 4
    assert alone.chi2 is None
    assert alone.is_consistent is None
    assert alone.function.u == pytest.approx(known.function.u * known.s, rel=1e-12)


def test_unknown_weights_of_the_published_example() -> None:
    """Data of ISO/TS 28037:2010, clause 6, without stated u: b 1.964, a 1.172, sum of squares 0.116 (NPL scripts)."""
    fit = fit_line([1, 2, 3, 4, 5, 6], [3.014, 5.225, 7.004, 9.061, 11.201, 12.762])

    assert np.round(fit.function.coefficients, 3).tolist() == [1.172, 1.964]
    assert round(fit.sum_of_squares, 3) == 0.116
    assert fit.function.dof == 4


def test_points_off_their_line_are_said_to_be_inconsistent() -> None:
    assert fit_line(X7, [3.4, 4.4, 7.2, 8.5, 10.8, 23.5], U_Y7, 0.2).is_consistent is False


@pytest.mark.parametrize(
    ("given_", "place"),
    [
        ({"x": [1, 2, float("nan")]}, "x"),
        ({"x": [1, 2]}, "y"),
        ({"x": [2, 2, 2]}, "x"),
        ({"u_y": [0.1, 0.1]}, "u_y"),
        ({"u_y": [0.1, -0.1, 0.1]}, "u_y"),
        ({"u_y": [0.1, 0.0, 0.1]}, "u_y"),
        ({"u_y": None, "u_x": 0.1}, "u_y"),
        ({"u_y": [[1, 2, 0], [2, 1, 0], [0, 0, 1]]}, "u_y"),
        ({"u_y": [[1, 0.5, 0], [0.2, 1, 0], [0, 0, 1]]}, "u_y"),
        ({"u_x": 0.1, "cov_xy": 0.02}, "cov_xy"),
        ({"u_x": 0.1, "cov_xy": [0.001, 0.001]}, "cov_xy"),
        ({"u_x": 0.1, "cov_xy": np.full((3, 3), 0.01)}, "cov_xy"),
        ({"x": [1, 2], "y": [1, 2], "u_y": None}, "u_y"),
        ({"about": About(unit_argument="furlong")}, "unit_argument"),
        ({"about": About(argument="a")}, "names"),
        ({"about": About(limits=(3, 1))}, "limits"),
    ],
)
def test_what_cannot_be_fitted_is_refused_at_its_place(given_: dict[str, object], place: str) -> None:
    whole: dict[str, object] = {"x": [1, 2, 3], "y": [1, 2, 3.1], "u_y": 0.1} | given_
    with pytest.raises((DocumentError, ValueError)) as refused:
        fit_line(**whole)  # type: ignore[arg-type]
    assert refused.value.place == place  # type: ignore[attr-defined]
