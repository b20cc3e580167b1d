"""Polynomials: NIST's hardest, exact normal equations in fractions, and the order that the points ask for."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from scipy.optimize import curve_fit, least_squares

from uncertainty import DocumentError
from uncertainty.calibration import fit_line, fit_polynomial, powers, regress, select_order

FILIP_Y = """0.8116 0.9072 0.9052 0.9039 0.8053 0.8377 0.8667 0.8809 0.7975 0.8162 0.8515 0.8766 0.8885 0.8859 0.8959 0.8913
0.8959 0.8971 0.9021 0.909 0.9139 0.9199 0.8692 0.8872 0.89 0.891 0.8977 0.9035 0.9078 0.7675 0.7705 0.7713 0.7736 0.7775
0.7841 0.7971 0.8329 0.8641 0.8804 0.7668 0.7633 0.7678 0.7697 0.77 0.7749 0.7796 0.7897 0.8131 0.8498 0.8741 0.8061 0.846
0.8751 0.8856 0.8919 0.8934 0.894 0.8957 0.9047 0.9129 0.9209 0.9219 0.7739 0.7681 0.7665 0.7703 0.7702 0.7761 0.7809 0.7961
0.8253 0.8602 0.8809 0.8301 0.8664 0.8834 0.8898 0.8964 0.8963 0.9074 0.9119 0.9228"""
FILIP_X = """-6.860120914 -4.324130045 -4.358625055 -4.358426747 -6.955852379 -6.661145254 -6.355462942 -6.118102026
-7.115148017 -6.815308569 -6.519993057 -6.204119983 -5.853871964 -6.109523091 -5.79832982 -5.482672118 -5.171791386
-4.851705903 -4.517126416 -4.143573228 -3.709075441 -3.499489089 -6.300769497 -5.953504836 -5.642065153 -5.031376979
-4.680685696 -4.329846955 -3.928486195 -8.56735134 -8.363211311 -8.107682739 -7.823908741 -7.522878745 -7.218819279
-6.920818754 -6.628932138 -6.323946875 -5.991399828 -8.781464495 -8.663140179 -8.473531488 -8.247337057 -7.971428747
-7.676129393 -7.352812702 -7.072065318 -6.774174009 -6.478861916 -6.159517513 -6.835647144 -6.53165267 -6.224098421
-5.910094889 -5.598599459 -5.290645224 -4.974284616 -4.64454848 -4.290560426 -3.885055584 -3.408378962 -3.13200249
-8.726767166 -8.66695597 -8.511026475 -8.165388579 -7.886056648 -7.588043762 -7.283412422 -6.995678626 -6.691862621
-6.392544977 -6.067374056 -6.684029655 -6.378719832 -6.065855188 -5.752272167 -5.132414673 -4.811352704 -4.098269308
-3.66174277 -3.2644011"""
FILIP_B = [
    -1467.48961422980, -2772.17959193342, -2316.37108160893, -1127.97394098372, -354.478233703349, -75.1242017393757,
    -10.8753180355343, -1.06221498588947, -0.670191154593408e-1, -0.246781078275479e-2, -0.402962525080404e-4,
]  # fmt: skip
FILIP_SD = [
    298.084530995537, 559.779865474950, 466.477572127796, 227.204274477751, 71.6478660875927, 15.2897178747400,
    2.23691159816033, 0.221624321934227, 0.142363763154724e-1, 0.535617408889821e-3, 0.896632837373868e-5,
]  # fmt: skip


def digits(found, certified) -> float:
    return float(-np.log10(max(np.max(np.abs(np.asarray(found) / np.asarray(certified) - 1)), 1e-16)))


def test_filip_keeps_at_least_seven_digits_of_every_coefficient() -> None:
    """NIST StRD Filip: order 10, condition number of the plain columns 1.8e15."""
    x, y = (np.array(text.split(), float) for text in (FILIP_X, FILIP_Y))
    fit = fit_polynomial(x, y, 10)
    b, V = powers(fit.function)

    assert digits(b, FILIP_B) >= 7
    assert digits(np.sqrt(np.diag(V)), FILIP_SD) >= 7
    assert fit.sum_of_squares == pytest.approx(0.795851382172941e-03, rel=1e-9)


def exact(x, y, w, order) -> list[Fraction]:
    """Weighted normal equations in fractions, by elimination."""
    x, y, w = ([Fraction(v) for v in values] for values in (x, y, w))
    n = order + 1
    M = [[sum(wi * xi ** (i + j) for xi, wi in zip(x, w, strict=True)) for j in range(n)] for i in range(n)]
    for i, row in enumerate(M):
        row.append(sum(wi * yi * xi**i for xi, yi, wi in zip(x, y, w, strict=True)))
    for i in range(n):
        M[i] = [value / M[i][i] for value in M[i]]
        for j in range(n):
            if j != i:
                M[j] = [a - M[j][i] * b for a, b in zip(M[j], M[i], strict=True)]
    return [row[-1] for row in M]


@pytest.mark.parametrize("order", [1, 3, 5, 8])
def test_a_weighted_polynomial_agrees_with_exact_fractions(order: int) -> None:
    rng = np.random.default_rng(order)
    x = np.round(np.linspace(100.0, 140.0, 25), 3)
    y = np.round(rng.normal(size=25) + 0.01 * (x - 90) ** 2, 4)
    u = rng.choice([0.5, 1.0, 2.0], 25)
    b, _ = powers(fit_polynomial(x, y, order, u).function)

    assert digits(b, [float(value) for value in exact(x, y, 1 / u**2, order)]) >= 8


def test_the_scaled_function_and_its_plain_powers_say_the_same_with_the_same_u() -> None:
    x = np.linspace(-3, 9, 15)
    fit = fit_polynomial(x, np.sin(x / 4) + 0.01 * np.cos(37 * x), 4, 0.01)
    b, V = powers(fit.function)
    at = np.array([-2.5, 0.0, 3.3, 8.0])
    found, P = fit.function.evaluate(at), at[:, None] ** np.arange(5)

    assert found.value == pytest.approx(P @ b, rel=1e-12)
    assert found.covariance == pytest.approx(P @ V @ P.T, rel=1e-8)


def test_order_one_is_the_straight_line() -> None:
    x, y = [1.0, 2.0, 3.0, 4.0, 6.0], [1.1, 1.9, 3.2, 3.9, 6.1]
    line, first = fit_line(x, y, 0.1, 0.05).function, fit_polynomial(x, y, 1, 0.1, 0.05).function

    b, V = powers(first)
    assert b == pytest.approx(line.coefficients, rel=1e-12)
    assert pytest.approx(line.covariance, rel=1e-11) == V


def test_a_covariance_of_y_is_weighed_as_scipy_weighs_it() -> None:
    x, n = np.linspace(0.0, 5.0, 9), 9
    V = 0.02 * np.exp(-np.abs(np.subtract.outer(x, x))) + 0.01 * np.eye(n)
    y = 1 + 2 * x - 0.3 * x**2 + 0.1 * np.sin(20 * x)
    b, B = powers(fit_polynomial(x, y, 2, V).function)
    wanted, W = curve_fit(lambda x, *c: c[0] + c[1] * x + c[2] * x**2, x, y, [1.0, 1.0, 1.0], V, absolute_sigma=True)

    assert b == pytest.approx(wanted, rel=1e-6)
    assert pytest.approx(W, rel=1e-5) == B


def test_x_and_y_uncertain_is_the_minimum_in_all_unknowns() -> None:
    """ISO/TS 28038:2018: the true x as unknowns of their own, minimised by scipy."""
    x = np.array([0.1, 1.2, 1.9, 3.1, 4.0, 5.2])
    y = np.array([0.3, 1.4, 3.9, 9.3, 16.2, 27.0])
    u_x, u_y = np.full(6, 0.05), np.full(6, 0.2)

    def whitened(p):
        X = p[3:]
        return np.concatenate([(x - X) / u_x, (y - p[0] - p[1] * X - p[2] * X**2) / u_y])

    wanted = least_squares(whitened, np.concatenate([[0, 0, 1], x]), xtol=1e-15, ftol=1e-15, gtol=1e-15)
    fit = fit_polynomial(x, y, 2, u_y, u_x)
    b, V = powers(fit.function)

    assert b == pytest.approx(wanted.x[:3], rel=1e-6)
    assert fit.chi2 == pytest.approx(2 * wanted.cost, rel=1e-8)
    # the information matrix of all unknowns, its part of the coefficients
    assert pytest.approx(np.linalg.inv(wanted.jac.T @ wanted.jac)[:3, :3], rel=1e-4) == V


def test_the_order_asked_for_is_found_and_every_order_is_shown() -> None:
    x = np.linspace(0, 10, 21)
    rng = np.random.default_rng(3)
    y = 2 + 0.5 * x - 0.2 * x**2 + 0.02 * x**3 + rng.normal(scale=0.05, size=21)
    found = select_order(x, y, 0.05)

    assert found.chosen == 3
    assert found.agrees
    assert [one.order for one in found.tried] == [1, 2, 3, 4, 5, 6]
    assert found.fit.function.names == ("b0", "b1", "b2", "b3")


def test_criteria_of_known_u_are_those_of_their_definition() -> None:
    x = np.linspace(0, 5, 8)
    y = 1 + x + 0.1 * x**2 + 0.03 * np.cos(9 * x)
    second = select_order(x, y, 0.03).tried[1]
    chi2 = float(np.sum(np.polynomial.Polynomial.fit(x, y, 2, full=True)[1][0])) / 0.03**2

    assert second.aicc == pytest.approx(chi2 + 2 * 3 + 2 * 3 * 4 / (8 - 3 - 1), rel=1e-9)
    assert second.bic == pytest.approx(chi2 + 3 * np.log(8), rel=1e-9)


def test_the_f_of_an_added_term_is_the_square_of_its_t() -> None:
    """With residuals of unknown u, F of one term is (b/u)² of that term."""
    x = np.linspace(0, 5, 12)
    y = 1 + x + 0.02 * x**2 + 0.1 * np.cos(9 * x)
    second = select_order(x, y).tried[1]
    top, u = second.fit.function.coefficients[-1], second.fit.function.u[-1]

    assert second.statistic == pytest.approx((top / u) ** 2, rel=1e-9)
    assert second.p is not None
    assert 0 < second.p < 1


def test_rules_may_differ_and_that_is_said() -> None:
    x = np.linspace(0, 10, 12)
    y = x + 0.04 * (np.abs(x - 5) - 2.5) ** 3 * 0.1 + 0.05 * np.cos(11 * x)
    for rule in ("aicc", "bic", "test"):
        found = select_order(x, y, 0.04, rule=rule)
        assert found.chosen == found.by_rule[rule]
        assert found.agrees == (len(set(found.by_rule.values())) == 1)


def test_a_regression_on_two_quantities_is_exact_where_the_data_are() -> None:
    rng = np.random.default_rng(8)
    A = np.column_stack([np.ones(10), rng.uniform(0, 5, 10), rng.uniform(20, 24, 10)])
    V = np.diag(rng.uniform(0.1, 1, 10)) + 0.05
    found = regress(A, A @ [1.0, -2.0, 0.5], V)

    assert found.b == pytest.approx([1.0, -2.0, 0.5], rel=1e-12)
    assert found.covariance == pytest.approx(np.linalg.inv(A.T @ np.linalg.inv(V) @ A), rel=1e-9)


@pytest.mark.parametrize(
    ("call", "place"),
    [
        (lambda: fit_polynomial([1, 2, 3], [1, 2, 3], 3, 0.1), "x"),
        (lambda: fit_polynomial([1, 2, 3], [1, 2, 3], 0, 0.1), "order"),
        (lambda: fit_polynomial([1, 2, 3], [1, 2, 3], 1.5, 0.1), "order"),  # type: ignore[arg-type]
        (lambda: fit_polynomial([1, 2, 3], [1, 2, 3], 2), "u_y"),
        (lambda: select_order([1, 2, 3, 4], [1, 2, 3, 4], rule="eye"), "rule"),
        (lambda: select_order([1, 2, 3, 4], [1, 2, 3, 4], highest=3), "highest"),
        (lambda: select_order([1, 2, 3, 4], [1, 2, 3, 4], significance=0), "significance"),
        (lambda: regress([[1, 2], [2, 4], [3, 6]], [1, 2, 3]), "x"),
        (lambda: regress([[1, 2], [2, 4]], [1, 2]), "u_y"),
        (lambda: regress([1, 2], [1, 2]), "A"),
        (lambda: powers(fit_line([1, 2, 3], [1, 2, 3], 0.1).function), "kind"),
    ],
)
def test_what_cannot_be_determined_is_refused_at_its_place(call, place: str) -> None:
    with pytest.raises(DocumentError) as refused:
        call()
    assert refused.value.place == place
