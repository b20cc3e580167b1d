"""Buoyancy against the physics of two bodies in air; designs against the NIST/SEMATECH e-Handbook; drift."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from uncertainty import environment as env
from uncertainty.errors import DocumentError
from uncertainty.thermometry import OutOfRange


def test_conventional_mass_by_its_definition() -> None:
    """OIML D 28: 1 kg of 8000 kg/m³ is its own conventional mass; aluminium weighs 294 mg less."""
    assert env.conventional_from_mass(1.0, 8000.0) == 1.0
    exact = (1 - Fraction(12, 10) / 2700) / (1 - Fraction(12, 10) / 8000)
    assert env.conventional_from_mass(1.0, 2700.0) == pytest.approx(float(exact), abs=1e-15)
    assert env.mass_from_conventional(env.conventional_from_mass(1.234, 2700.0), 2700.0) == pytest.approx(
        1.234, abs=1e-15
    )


def test_mass_with_u_is_that_of_finite_differences() -> None:
    found = env.mass_with_u(1.0, 7950.0, 1e-8, 70.0)
    by_rho = (env.mass_from_conventional(1.0, 7951.0) - env.mass_from_conventional(1.0, 7949.0)) / 2
    assert found.u == pytest.approx(np.hypot(1e-8 * found.value, by_rho * 70), rel=1e-6)
    assert found.contributions["density"] == pytest.approx(by_rho * 70, rel=1e-6)


@settings(deadline=None)
@given(st.floats(1.0, 1.3), st.floats(2500, 20000), st.floats(7000, 9000))
def test_the_correction_is_what_two_bodies_in_air_do(air: float, test: float, reference: float) -> None:
    m_r, m_t = 1.0, 1.0002
    force = (m_t * (1 - air / test) - m_r * (1 - air / reference)) / (1 - air / 8000)  # indicated by a comparator
    wanted = env.conventional_from_mass(m_t, test) - env.conventional_from_mass(m_r, reference) - force
    found = env.buoyancy_correction(m_r, env.Bodies(test, reference, air))
    assert found.value == pytest.approx(float(wanted), abs=7e-8)  # R 111 leaves out terms of second order


def test_uncertainty_of_the_correction_by_r_111() -> None:
    bodies = env.Bodies(7800.0, 8006.0, 1.1, 100.0, 50.0, 0.01)
    found = env.buoyancy_correction(1.0, bodies)

    def value(**change: float) -> float:
        return float(env.buoyancy_correction(1.0, replace(bodies, **change)).value)

    by_air = (value(rho_air=1.11) - value(rho_air=1.09)) / 0.02 * 0.01
    by_test = (value(rho_test=7801.0) - value(rho_test=7799.0)) / 2 * 100
    by_reference = (value(rho_reference=8007.0) - value(rho_reference=8005.0)) / 2 * 50
    # calibrated in air of 1.2 the reference's density counts in full
    assert found.u == pytest.approx(np.sqrt(by_air**2 + by_test**2 + by_reference**2), rel=1e-5)
    # calibrated in the air of today it does not count at all: (C.6.3-1) would go below zero
    again = env.buoyancy_correction(1.0, replace(bodies, rho_air_calibration=1.1))
    assert again.contributions["reference"] == 0


def test_a_balance_adjusted_with_steel_reads_water_too_light() -> None:
    # 1 g of indication, 1.2/998.2 − 1.2/8000: NIST SOP 2 gives 1.0010541 for a body of 998.2 kg/m³
    assert env.balance_correction(1.0, 998.2, 1.2) == pytest.approx((1 - 1.2 / 8000) / (1 - 1.2 / 998.2), abs=1e-15)


DESIGNS = {
    # e-Handbook 2.3.4.1.1: design, restraint, divisor, solution matrix (rows are observations), factors K1
    "1,1,1": ([[1, -1, 0], [1, 0, -1], [0, 1, -1]], [1, 0, 0], 3, [[0, -2, -1], [0, -1, -2], [0, 1, -1]], [3, 3, 3],
              [0.0, 0.8165, 0.8165]),
    # 2.3.4.1.7
    "2,2,2,1,1": ([[1, -1, 0, 0, 0], [1, 0, -1, 0, 0], [0, 1, -1, 0, 0], [1, 0, 0, -1, -1], [0, 1, 0, -1, -1],
                   [0, 0, 1, -1, -1], [0, 0, 0, 1, -1]], [1, 1, 0, 0, 0], 16,
                  [[4, -4, 0, 0, 0], [2, -2, -6, -1, -1], [-2, 2, -6, -1, -1], [2, -2, -2, -3, -3], [-2, 2, -2, -3, -3],
                   [0, 0, 4, -2, -2], [0, 0, 0, 8, -8]], [8, 8, 8, 4, 4], [0.3536, 0.3536, 0.6124, 0.5863, 0.5863]),
    # 2.3.4.1.12
    "5,3,2,2,1,1,1": ([[1, -1, -1, 0, 0, 0, 0], [1, -1, 0, -1, 0, 0, 0], [1, 0, -1, -1, -1, 0, 0], [1, 0, -1, -1, 0, -1, 0],
                       [1, 0, -1, -1, 0, 0, -1], [0, 1, 0, -1, -1, 0, 0], [0, 1, 0, -1, 0, -1, 0], [0, 1, 0, -1, 0, 0, -1],
                       [0, 1, 0, 0, -1, -1, -1], [0, 0, 0, 0, 1, -1, 0], [0, 0, 0, 0, 0, 1, -1], [0, 0, 0, 0, -1, 0, 1]],
                      [1, 1, 1, 0, 0, 0, 0], 10,
                      [[2, 0, -2, 2, 0, 0, 0], [0, -6, 6, -4, -2, -2, -2], [1, 1, -2, 0, -1, 1, 1], [1, 1, -2, 0, 1, -1, 1],
                       [1, 1, -2, 0, 1, 1, -1], [-1, 1, 0, -2, -1, 1, 1], [-1, 1, 0, -2, 1, -1, 1], [-1, 1, 0, -2, 1, 1, -1],
                       [0, -2, 2, 2, -4, -4, -4], [0, 0, 0, 0, 2, -2, 0], [0, 0, 0, 0, 0, 2, -2], [0, 0, 0, 0, -2, 0, 2]],
                      [5, 3, 2, 2, 1, 1, 1], [0.3162, 0.6782, 0.7483]),
}  # fmt: skip


@pytest.mark.parametrize("name", DESIGNS)
def test_solution_matrix_and_repeatability_factors_of_the_handbook(name: str) -> None:
    X, restraint, divisor, solution, share, K1 = DESIGNS[name]
    for row, expected in zip(np.eye(len(X)), solution, strict=True):
        found = env.solve_design(X, row, restraint, 0.0, s_pooled=1.0)
        np.testing.assert_allclose(found.masses * divisor, expected, atol=1e-9)
    found = env.solve_design(X, np.zeros(len(X)), restraint, 1.0, s_pooled=1.0)
    np.testing.assert_allclose(found.masses * divisor, share, atol=1e-9)
    np.testing.assert_allclose(found.u[: len(K1)], K1, atol=5.1e-5)
    assert found.dof == len(X) - len(restraint) + 1


def test_sums_of_weights_have_the_factors_of_the_handbook() -> None:
    """2.3.4.1.7: K1 of 2 + 1 + 1 (the third to fifth weight) is 1.0000."""
    X, restraint, *_ = DESIGNS["2,2,2,1,1"]
    found = env.solve_design(X, np.arange(7.0), restraint, 4.0, s_pooled=1.0)
    assert found.combined([0, 0, 1, 1, 1])[1] == pytest.approx(1.0, abs=5e-5)
    assert found.combined([1, 1, 0, 0, 0]) == (pytest.approx(4.0), pytest.approx(0.0, abs=1e-7))


def random_design() -> tuple[np.ndarray, np.ndarray]:
    X = np.array(DESIGNS["2,2,2,1,1"][0], float)
    y = np.random.default_rng(3).normal(0, 1e-3, len(X))
    return X, y


def test_masses_and_covariance_are_those_of_elimination_by_hand() -> None:
    X, y = random_design()
    found = env.solve_design(X, y, np.eye(5)[:2], [2.0, 2.001], np.array([[4e-8, 1e-8], [1e-8, 9e-8]]))
    rest, known = X[:, 2:], X[:, :2]
    inverse = np.linalg.inv(rest.T @ rest) @ rest.T
    beta = inverse @ (y - known @ [2.0, 2.001])
    r = y - known @ [2.0, 2.001] - rest @ beta
    s2 = r @ r / (7 - 3)
    H = inverse @ -known
    V_m = np.array([[4e-8, 1e-8], [1e-8, 9e-8]])
    np.testing.assert_allclose(found.masses, [2.0, 2.001, *beta], atol=1e-12)
    np.testing.assert_allclose(found.covariance[2:, 2:], s2 * np.linalg.inv(rest.T @ rest) + H @ V_m @ H.T, rtol=1e-9)
    np.testing.assert_allclose(found.covariance[:2, 2:], V_m @ H.T, rtol=1e-7, atol=1e-18)
    assert (found.s, found.dof) == (pytest.approx(np.sqrt(s2)), 4)


def test_observations_of_unequal_weight_and_scale() -> None:
    X, y = random_design()
    V = np.diag(np.linspace(1, 2, 7) ** 2) * 1e-6 + 2e-7
    found = env.solve_design(X, y, [1, 1, 0, 0, 0], 4.0, V=V)
    free = np.delete(X, 1, axis=1) - X[:, [1]] * np.array([1.0, 0, 0, 0])  # β2 = 4 − β1
    C = np.linalg.inv(free.T @ np.linalg.inv(V) @ free)
    beta = C @ free.T @ np.linalg.inv(V) @ (y - X[:, 1] * 4.0)
    np.testing.assert_allclose(np.delete(found.masses, 1), beta, atol=1e-9)
    np.testing.assert_allclose(np.delete(np.delete(found.covariance, 1, 0), 1, 1), C, rtol=1e-6)
    equal = env.solve_design(X, y * 1e6, [1, 1, 0, 0, 0], 4e6)  # milligrams and kilograms alike
    np.testing.assert_allclose(equal.u / 1e6, env.solve_design(X, y, [1, 1, 0, 0, 0], 4.0).u, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize(
    ("dof", "pooled", "limit"), [(1, np.inf, 3.841), (10, np.inf, 1.8307), (4, 10, 3.478), (3, 20, 3.098)]
)
def test_a_run_is_compared_with_the_accepted_scatter(dof: int, pooled: float, limit: float) -> None:
    """Upper 5 % points of F and of χ²/dof, from the tables of the e-Handbook, 1.3.6.7."""
    found = env.compare_with_pooled(1.0, dof, 1.0, pooled)
    assert found.limit == pytest.approx(limit, abs=6e-4) and found.is_consistent
    assert not env.compare_with_pooled(np.sqrt(limit) * 1.001, dof, 1.0, pooled).is_consistent


READINGS = [[22.1, 743.7, 3080.4, 4003.4], [18.3, 739.2, 3075.5, 3998.2], [14.2, 734.7, 3071.6, 3994.8]]


def test_covariance_of_the_drift_paper() -> None:
    """Diagonal of the covariance and two residuals as MSL's own program prints them, quadratic drift."""
    found = env.circular_weighing(READINGS, 2)
    expected = [1.18881699e-01, 1.40691246e-01, 1.55595165e-01, 1.63593455e-01, 1.72203637e-02, 1.31119521e-04]
    np.testing.assert_allclose(np.diag(found.covariance), expected, rtol=1e-8)
    assert found.covariance[0, 1] == pytest.approx(7.10376425e-02, rel=1e-8)
    np.testing.assert_allclose(found.residuals[0, :2], [-0.46263441, 0.17204301], atol=1e-8)


@settings(deadline=None)
@given(st.floats(-5, 5), st.floats(-0.1, 0.1), st.floats(-100, 100))
def test_a_drift_of_the_order_that_is_fitted_leaves_the_differences_alone(b: float, c: float, start: float) -> None:
    t = np.arange(12.0).reshape(3, 4)
    drifted = np.array(READINGS) + start + b * t + c * t**2
    one, other = env.circular_weighing(READINGS, 2), env.circular_weighing(drifted, 2)
    np.testing.assert_allclose(other.differences, one.differences, atol=1e-8)
    assert other.s == pytest.approx(one.s, abs=1e-9)


def test_times_in_seconds_say_the_same_as_the_index() -> None:
    times = 36000.0 + 45.0 * np.arange(12.0).reshape(3, 4)
    np.testing.assert_allclose(env.circular_weighing(READINGS, 1, times).differences, env.circular_weighing(READINGS, 1).differences, atol=1e-7)  # fmt: skip


def test_abba_and_aba_by_their_formulas() -> None:
    y = np.array([[10.0, 12.1, 12.4, 10.5], [10.6, 12.6, 12.9, 11.2]])
    found = env.substitution(y)
    by_hand = (y[:, 1] + y[:, 2] - y[:, 0] - y[:, 3]) / 2
    np.testing.assert_allclose(found.cycles, by_hand, atol=1e-12)
    assert (found.mean, found.dof) == (pytest.approx(by_hand.mean()), 1)
    assert found.u == pytest.approx(abs(by_hand[0] - by_hand[1]) / np.sqrt(2) / np.sqrt(2))
    aba = env.substitution([[10.0, 12.1, 10.5]], "ABA", s_pooled=0.02)
    assert (aba.mean, aba.u, aba.drift[0]) == (pytest.approx(12.1 - 10.25), 0.02, pytest.approx(0.25))
    drifting = np.array([0, 2, 0]) + 3.0 * np.arange(3)
    assert env.substitution([drifting], "ABA", 1.0).mean == pytest.approx(2.0)


def test_what_is_wrong_is_refused() -> None:
    X, y = random_design()
    for call in (
        lambda: env.solve_design(X, y, [0, 0, 0, 0, 0], 1.0),
        lambda: env.solve_design(X[:2], y[:2], [1, 0, 0, 0, 0], 1.0),
        lambda: env.solve_design(X, y[:3], [1, 0, 0, 0, 0], 1.0),
        lambda: env.solve_design(X, y, np.eye(5)[:2], [1.0, 1.0], np.array([[1, 2], [2, 1]])),
        lambda: env.solve_design([[1, -1]], [0.1], [1, 0], 1.0),
        lambda: env.solve_design(X, [np.nan] * 7, [1, 0, 0, 0, 0], 1.0),
        lambda: env.solve_design(X, y, [1, 0, 0, 0, 0], 1.0, s_pooled=1.0, V=1.0),
        lambda: env.compare_with_pooled(1.0, 0, 1.0),
        lambda: env.circular_weighing(READINGS[:1], 1),
        lambda: env.circular_weighing(READINGS, 4),
        lambda: env.circular_weighing([1.0, 2.0], 0),
        lambda: env.circular_weighing(READINGS, 1, np.zeros((3, 4))),
        lambda: env.substitution(READINGS, "AABB" * 2),
        lambda: env.substitution(READINGS[:1]),
        lambda: env.substitution([[1.0, 2, 3]], "ABX", 1.0),
        lambda: env.buoyancy_correction(-1.0, env.Bodies(8000, 8000, 1.2)),
    ):
        with pytest.raises(DocumentError):
            call()
    for outside in (
        lambda: env.conventional_from_mass(1.0, 8.0),  # g/cm³ for kg/m³
        lambda: env.buoyancy_correction(1.0, env.Bodies(8000, 8000, 0.0012 * 1e4)),
    ):
        with pytest.raises(OutOfRange):
            outside()
