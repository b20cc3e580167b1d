"""Measurement models: arithmetic of names, parsed without eval, with values and derivatives on arrays.

Derivatives are exact (reverse accumulation over the parsed expression), for one estimate or a whole batch at once.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .errors import N_, ExpressionError
from .units import ONE, Unit

FloatArray = NDArray[np.float64]
CONSTANTS = {"pi": math.pi, "e": math.e}
Function = tuple[Callable[[FloatArray], FloatArray], Callable[[FloatArray, FloatArray], FloatArray]]
# name → (value, derivative from argument and value)
FUNCTIONS: dict[str, Function] = {
    "sqrt": (np.sqrt, lambda x, y: 0.5 / y),
    "exp": (np.exp, lambda x, y: y),
    "log": (np.log, lambda x, y: 1 / x),
    "ln": (np.log, lambda x, y: 1 / x),
    "log10": (np.log10, lambda x, y: 1 / (x * math.log(10))),
    "sin": (np.sin, lambda x, y: np.cos(x)),
    "cos": (np.cos, lambda x, y: -np.sin(x)),
    "tan": (np.tan, lambda x, y: 1 + y * y),
    "asin": (np.arcsin, lambda x, y: 1 / np.sqrt(1 - x * x)),
    "acos": (np.arccos, lambda x, y: -1 / np.sqrt(1 - x * x)),
    "atan": (np.arctan, lambda x, y: 1 / (1 + x * x)),
    "sinh": (np.sinh, lambda x, y: np.cosh(x)),
    "cosh": (np.cosh, lambda x, y: np.sinh(x)),
    "tanh": (np.tanh, lambda x, y: 1 - y * y),
    "abs": (np.abs, lambda x, y: np.sign(x)),
}
TWO = {"atan2", "hypot"}
LONGEST, DEEPEST = 10_000, 100


@dataclass(frozen=True, slots=True)
class Step:
    """One operation on earlier steps: its name, the places of its arguments, a constant, and the place in the text."""

    op: str
    args: tuple[int, ...] = ()
    value: float = 0.0
    name: str = ""


@dataclass(slots=True)
class Expression:
    """A parsed expression: steps in order, the last one the result."""

    text: str
    place: str
    steps: list[Step] = field(default_factory=list)

    @property
    def linear(self) -> bool:
        """Is it a sum of names, each times a number at most? Then it has no second order."""
        fixed: list[bool] = []
        for step in self.steps:
            if step.op in ("*", "/", "**"):
                a, b = step.args
                if not (fixed[b] if step.op in ("/", "**") else fixed[a] or fixed[b]):
                    return False
                if step.op == "**" and not fixed[a]:
                    return False
            elif step.op not in ("number", "name", "+", "-", "neg") and not all(fixed[i] for i in step.args):
                return False
            fixed.append(step.op == "number" or (step.op != "name" and all(fixed[i] for i in step.args)))
        return True

    @property
    def names(self) -> list[str]:
        """Names used, in order of first use."""
        return list(dict.fromkeys(step.name for step in self.steps if step.op == "name"))

    def values(self, at: Mapping[str, FloatArray]) -> list[FloatArray]:
        """The value of every step; arrays broadcast."""
        found: list[FloatArray] = []
        for step in self.steps:
            a = [found[i] for i in step.args]
            found.append(np.asarray(_value(step, a, at), dtype=float))
        return found

    def gradient(self, values: Sequence[FloatArray]) -> dict[str, FloatArray]:
        """∂result/∂name for every name used, from the values of the steps."""
        slope: list[FloatArray | float] = [0.0] * len(self.steps)
        slope[-1] = np.ones_like(values[-1])
        answer: dict[str, FloatArray] = {}
        for i in range(len(self.steps) - 1, -1, -1):
            step = self.steps[i]
            if step.op == "name":
                answer[step.name] = np.asarray(answer.get(step.name, 0.0) + slope[i], dtype=float)
                continue
            for j, partial in zip(step.args, _partials(step, [values[k] for k in step.args], values[i]), strict=True):
                slope[j] = slope[j] + slope[i] * partial
        return answer


def _value(step: Step, a: list[FloatArray], at: Mapping[str, FloatArray]) -> FloatArray | float:
    match step.op:
        case "number":
            return step.value
        case "name":
            return at[step.name]
        case "+":
            return a[0] + a[1]
        case "-":
            return a[0] - a[1]
        case "*":
            return a[0] * a[1]
        case "/":
            return a[0] / a[1]
        case "**":
            return a[0] ** a[1]
        case "neg":
            return -a[0]
        case "atan2":
            return np.arctan2(a[0], a[1])
        case "hypot":
            return np.hypot(a[0], a[1])
        case _:
            return FUNCTIONS[step.op][0](a[0])


def _partials(step: Step, a: list[FloatArray], y: FloatArray) -> list[FloatArray | float]:
    match step.op:
        case "number":
            return []
        case "+":
            return [1.0, 1.0]
        case "-":
            return [1.0, -1.0]
        case "*":
            return [a[1], a[0]]
        case "/":
            return [1 / a[1], -y / a[1]]
        case "**":
            base = a[1] * a[0] ** (a[1] - 1)
            with np.errstate(all="ignore"):
                exponent = np.where(a[0] > 0, y * np.log(np.where(a[0] > 0, a[0], 1.0)), 0.0)
            return [base, exponent]
        case "neg":
            return [-1.0]
        case "atan2":
            square = a[0] ** 2 + a[1] ** 2
            return [a[1] / square, -a[0] / square]
        case "hypot":
            return [a[0] / y, a[1] / y]
        case _:
            return [FUNCTIONS[step.op][1](a[0], y)]


def parse(text: str, names: Sequence[str], place: str) -> Expression:
    """The expression of a text. Raises ExpressionError for anything outside arithmetic of the names given."""
    if not text.strip() or len(text) > LONGEST:
        raise refused(text, place)
    try:
        tree = ast.parse(text.replace("^", "**").strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ExpressionError(place=place, found=text[:80], right=N_("an expression such as a*b - c")) from error
    expression = Expression(text, place)
    _walk(tree, expression, frozenset(names), 0)
    return expression


def refused(found: object, place: str) -> ExpressionError:
    """The error of what is no expression at all."""
    return ExpressionError(place=place, found=repr(found)[:60], right=N_("an expression such as a*b - c"))


_OPERATORS: dict[type, str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}


def _walk(node: ast.AST, into: Expression, names: frozenset[str], depth: int) -> int:
    def put(step: Step) -> int:
        into.steps.append(step)
        return len(into.steps) - 1

    if depth > DEEPEST:
        raise ExpressionError(
            place=into.place, found=into.text[:80], right=N_("an expression nested less than 100 deep")
        )
    match node:
        case ast.Constant(value=value) if isinstance(value, int | float) and not isinstance(value, bool):
            return put(Step("number", value=float(value)))
        case ast.Name(id=name) if name in names:
            return put(Step("name", name=name))
        case ast.Name(id=name) if name in CONSTANTS:
            return put(Step("number", value=CONSTANTS[name]))
        case ast.Name(id=name):
            raise ExpressionError(place=into.place, found=name, right=", ".join(sorted(names)))
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return put(Step("neg", (_walk(inner, into, names, depth + 1),)))
        case ast.UnaryOp(op=ast.UAdd(), operand=inner):
            return _walk(inner, into, names, depth + 1)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            a = _walk(left, into, names, depth + 1)
            b = _walk(right, into, names, depth + 1)
            return put(Step(_OPERATORS[type(op)], (a, b)))
        case ast.Call(func=ast.Name(id=name), args=[one], keywords=[]) if name in FUNCTIONS:
            return put(Step(name, (_walk(one, into, names, depth + 1),)))
        case ast.Call(func=ast.Name(id=name), args=[one, two], keywords=[]) if name in TWO:
            a = _walk(one, into, names, depth + 1)
            return put(Step(name, (a, _walk(two, into, names, depth + 1))))
    allowed = "+ - * / **, " + ", ".join([*FUNCTIONS, *sorted(TWO)])
    raise ExpressionError(place=into.place, found=ast.unparse(node)[:80], right=allowed)


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
