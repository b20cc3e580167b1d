"""Straight lines and polynomials, in every case of ISO/TS 28037:2010 and ISO/TS 28038:2018.

Fitted in Chebyshev polynomials of t = (x − middle)/half by QR, so that a high order keeps its digits. A line is stated
as a + b·(x − at); a polynomial in powers of t, whose coefficients are well conditioned: `powers` gives those of x.
"""

from __future__ import annotations

import re
from fractions import Fraction
from math import comb
from typing import Any

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import ArrayLike

from ..distributions import FloatArray
from ..errors import N_, DocumentError
from .checks import points
from .curves import Chebyshev
from .fit import About, Fit, fitted, spread_of
from .function import CalibrationFunction
from .least_squares import Solution, Spread, qr_solve, solve

HIGHEST = 20
T_OF_X = re.compile(r"\(\(\w+ (?P<sign>[+-]) (?P<middle>[^()\s]+)\)/(?P<half>[^()\s]+)\)")


def fit_line(
    x: ArrayLike,
    y: ArrayLike,
    u_y: ArrayLike | None = None,
    u_x: ArrayLike = 0.0,
    cov_xy: ArrayLike = 0.0,
    *,
    at: float = 0.0,
    weights_only: bool = False,
    about: About | None = None,
) -> Fit:
    """The straight line a + b·(x − at) through N points, with u(a), u(b), cov(a, b), χ².

    u_x, u_y: standard uncertainties, one or (N,), or (N, N) covariances; cov_xy: (N,) cov(x_i, y_i), or (N, N). Without
    u_y, and with weights_only, u comes from the residuals with ν = N − 2.
    Source: ISO/TS 28037:2010, clause 6 (u in y), 7 (x and y), 8 (cov(x_i, y_i)), 9 (covariance of y), 10 (of x and y).
    """
    about = about or About()
    across, spread, solution, curve = _solved(x, y, u_y, u_x, cov_xy, 1)
    T = np.array([[1.0, (at - curve.middle) / curve.half], [0.0, 1 / curve.half]])
    text = f"a + b*{about.argument}" if at == 0 else f"a + b*{_less(about.argument, at)}"
    known = u_y is not None and not weights_only
    return fitted("line", text, ("a", "b"), across, _turned(solution, T), spread, known=known, about=about)


def fit_polynomial(
    x: ArrayLike,
    y: ArrayLike,
    order: int,
    u_y: ArrayLike | None = None,
    u_x: ArrayLike = 0.0,
    cov_xy: ArrayLike = 0.0,
    *,
    weights_only: bool = False,
    about: About | None = None,
) -> Fit:
    """The polynomial of an order through N points, b0 + b1·t + b2·t² + ..., t = (x − middle)/half; u as in fit_line."""
    about = about or About()
    across, spread, solution, curve = _solved(x, y, u_y, u_x, cov_xy, order)
    names = tuple(f"b{k}" for k in range(order + 1))
    T = np.zeros((order + 1, order + 1))
    for k in range(order + 1):
        T[: k + 1, k] = chebyshev.cheb2poly(np.eye(order + 1)[k][: k + 1])
    text = _horner(names, f"({_less(about.argument, curve.middle)}/{curve.half!r})")
    known = u_y is not None and not weights_only
    return fitted("polynomial", text, names, across, _turned(solution, T), spread, known=known, about=about)


def powers(function: CalibrationFunction) -> tuple[FloatArray, FloatArray]:
    """(K,) coefficients of a fitted polynomial in plain powers of x, and their (K, K) covariance.

    Expanded in exact fractions and rounded once, as these coefficients largely cancel. Raises DocumentError for another
    kind of function.
    """
    middle, half = _scale(function)
    count = len(function.names)
    T = [[_binomial(k, j, middle, half) for k in range(count)] for j in range(count)]
    b = [Fraction(float(value)) for value in function.coefficients]
    V = [[Fraction(float(value)) for value in row] for row in function.covariance]
    half_way = _product(T, V)
    turned = _product(half_way, [list(row) for row in zip(*T, strict=True)])
    plain = [sum((t * c for t, c in zip(row, b, strict=True)), Fraction(0)) for row in T]
    return np.array([float(c) for c in plain]), np.array([[float(c) for c in row] for row in turned])


def _solved(
    x: ArrayLike, y: ArrayLike, u_y: ArrayLike | None, u_x: ArrayLike, cov_xy: ArrayLike, order: int
) -> tuple[FloatArray, Spread, Solution, Chebyshev]:
    if isinstance(order, bool) or not isinstance(order, int) or not 1 <= order <= HIGHEST:
        raise DocumentError(place="order", found=str(order), right=N_("a whole number from 1 to 20"))
    across, up = points(x, y, order + 1)
    spread = spread_of(len(across), u_x, u_y, cov_xy)
    low, high = float(across.min()), float(across.max())
    curve = Chebyshev(order, low / 2 + high / 2, high / 2 - low / 2)
    start, _ = qr_solve(curve.jacobian(across, np.zeros(order + 1)), up)
    return across, spread, solve(curve, across, up, spread, start), curve


def _turned(solution: Solution, T: FloatArray) -> Solution:
    """The same solution in other coefficients, T b."""
    V = T @ solution.covariance @ T.T
    return Solution(T @ solution.b, (V + V.T) / 2, solution.X, solution.residuals, solution.whitened)


def _less(argument: str, amount: float) -> str:
    """(x − amount) as text, read again to the same number."""
    return f"({argument} - {amount!r})" if amount >= 0 else f"({argument} + {-amount!r})"


def _horner(names: tuple[str, ...], t: str) -> str:
    text = names[-1]
    for i, name in enumerate(reversed(names[:-1])):
        text = f"{name} + {t}*{text if i == 0 else f'({text})'}"
    return text


def _scale(function: CalibrationFunction) -> tuple[Fraction, Fraction]:
    """middle and half of t, as the expression of a fitted polynomial states them."""
    stated = T_OF_X.search(function.expression)
    if function.kind != "polynomial" or stated is None:
        raise DocumentError(place="kind", found=function.kind, right=N_("a polynomial"))
    middle = Fraction(float(stated["middle"]))
    return (middle if stated["sign"] == "-" else -middle), Fraction(float(stated["half"]))


def _binomial(k: int, j: int, middle: Fraction, half: Fraction) -> Fraction:
    """The part of x**j in ((x − middle)/half)**k."""
    return comb(k, j) * (-middle) ** (k - j) / half**k if k >= j else Fraction(0)


def _product(A: list[list[Any]], B: list[list[Any]]) -> list[list[Any]]:
    columns = list(zip(*B, strict=True))
    return [[sum((a * b for a, b in zip(row, col, strict=True)), Fraction(0)) for col in columns] for row in A]
