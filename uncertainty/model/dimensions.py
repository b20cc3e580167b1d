"""The unit of a model: dimensions are checked at every step, degC by its own rules."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import N_, ExpressionError
from ..units import ONE, Unit
from .steps import BRANCHES, COMPARISONS, LOGIC, TWO, Expression, Step


def check_units(expression: Expression, units: Mapping[str, Unit]) -> Unit:
    """The unit of the result, in coherent SI units; dimensions are checked at every step, degC by its own rules.

    degC ± K = degC; degC − degC = K; any other sum or product with degC is refused, but for a weighted mean whose
    weights sum to 1. Raises ExpressionError with the part that does not fit.
    """
    kinds: list[Unit] = []
    constants: list[float | None] = []
    weights: list[float | None] = []  # of degC points in a sum: 1 for a point, w for w*point
    for step in expression.steps:
        a = [kinds[i] for i in step.args]
        c = [constants[i] for i in step.args]
        w = [weights[i] for i in step.args]
        kind, constant, weight = _unit_of(expression, step, a, c, w, units)
        kinds.append(kind)
        constants.append(constant)
        weights.append(weight)
    last = kinds[-1]
    if weights[-1] is not None and abs(weights[-1] - 1) > 1e-12:
        raise _refuse(expression, "degC", N_("a difference in K, or a mean whose weights sum to 1"))
    return last


def _refuse(expression: Expression, found: str, right: str) -> ExpressionError:
    return ExpressionError(place=expression.place, found=f"{found} ({expression.text[:80]})", right=right)


def _unit_of(
    expression: Expression,
    step: Step,
    a: list[Unit],
    c: list[float | None],
    w: list[float | None],
    units: Mapping[str, Unit],
) -> tuple[Unit, float | None, float | None]:
    op = step.op
    if op == "number":
        return ONE, step.value, None
    if op == "name":
        unit = units[step.name]
        return Unit(unit.text, unit.dimension, 1.0, unit.point), None, 1.0 if unit.point else None
    if op in COMPARISONS or op in BRANCHES:
        return _chosen(expression, op, a, c, w)
    if op in ("+", "-"):
        if a[0].dimension != a[1].dimension:
            raise _refuse(expression, f"{_say(a[0])} {op} {_say(a[1])}", N_("a sum of one dimension"))
        return _sum(expression, op, a, c, w)
    if any(unit.point for unit in a):
        if op == "neg":
            return a[0], None, None if w[0] is None else -w[0]
        scale = (c[1] if a[0].point else c[0]) if len(c) == 2 else None
        if op in ("*", "/") and scale is not None and not (op == "/" and a[1].point):
            point = a[0] if a[0].point else a[1]
            weight = w[0] if a[0].point else w[1]
            assert weight is not None
            return point, None, weight * scale if op == "*" else weight / scale
        raise _refuse(expression, f"{op} degC", N_("a difference in K"))
    if op in LOGIC:
        return ONE, None, None
    known = [v for v in c if v is not None]
    constant = _constant(op, known) if len(known) == len(c) else None
    if op == "neg":
        return a[0], constant, None
    if op in ("*", "/"):
        return Unit("", _combine(a[0].dimension, a[1].dimension, 1 if op == "*" else -1), 1.0), constant, None
    if op == "**":
        if a[1].dimension:
            raise _refuse(expression, f"** {_say(a[1])}", N_("a number"))
        if not a[0].dimension:
            return ONE, constant, None
        if c[1] is None:
            raise _refuse(expression, f"{_say(a[0])} ** x", N_("a constant exponent"))
        power = c[1]
        return Unit("", tuple((k, v * power) for k, v in a[0].dimension if v * power), 1.0), constant, None
    if op == "sqrt":
        return Unit("", tuple((k, v / 2) for k, v in a[0].dimension), 1.0), constant, None
    if op == "abs":
        return a[0], constant, None
    if op in TWO:
        if a[0].dimension != a[1].dimension:
            raise _refuse(expression, f"{op}({_say(a[0])}, {_say(a[1])})", N_("two of one dimension"))
        return (a[0] if op == "hypot" else ONE), constant, None
    if a[0].dimension:
        raise _refuse(expression, f"{op}({_say(a[0])})", N_("a dimensionless argument"))
    return ONE, constant, None


def _sum(
    expression: Expression, op: str, a: list[Unit], c: list[float | None], w: list[float | None]
) -> tuple[Unit, float | None, float | None]:
    if not (a[0].point or a[1].point):
        known = [v for v in c if v is not None]
        return a[0], _constant(op, known) if len(known) == 2 else None, None
    left, right = w[0] or 0.0, w[1] or 0.0
    weight = left + right if op == "+" else left - right
    if abs(weight) < 1e-12:
        return Unit("K", a[0].dimension, 1.0), None, None
    if a[1].point and not a[0].point and op == "-":
        raise _refuse(expression, "K − degC", N_("degC − degC, or degC − K"))
    return Unit("degC", a[0].dimension, 1.0, point=True), None, weight


def _chosen(
    expression: Expression, op: str, a: list[Unit], c: list[float | None], w: list[float | None]
) -> tuple[Unit, float | None, float | None]:
    """A comparison, or the choice of one of two: both of one dimension, degC with degC; a plain 0 fits any but degC."""
    first = 1 if op == "where" else 0
    left, right = a[first], a[first + 1]
    if left.point != right.point or (left.point and w[first] != w[first + 1]):
        raise _refuse(expression, f"{_say(left)} {op} {_say(right)}", N_("degC with degC"))
    if left.dimension != right.dimension and c[first] != 0 and c[first + 1] != 0:
        raise _refuse(expression, f"{_say(left)} {op} {_say(right)}", N_("two of one dimension"))
    if op in COMPARISONS:
        return ONE, None, None
    kept = right if c[first] == 0 and not left.dimension else left
    return kept, None, w[first]


def _constant(op: str, known: list[float]) -> float | None:
    if len(known) == 2 and op in ("+", "-", "*", "/", "**"):
        try:
            x, y = known
            return float({"+": x + y, "-": x - y, "*": x * y}[op] if op in "+-*" else x / y if op == "/" else x**y)
        except (ZeroDivisionError, OverflowError, TypeError, KeyError):
            return None
    return -known[0] if op == "neg" and known else None


def _combine(
    a: tuple[tuple[str, float], ...], b: tuple[tuple[str, float], ...], sign: int
) -> tuple[tuple[str, float], ...]:
    powers = dict(a)
    for name, power in b:
        powers[name] = powers.get(name, 0.0) + sign * power
    return tuple(sorted((name, power) for name, power in powers.items() if power))


def _say(unit: Unit) -> str:
    return unit.text or "·".join(f"{name}^{power:g}" for name, power in unit.dimension) or "a number"
