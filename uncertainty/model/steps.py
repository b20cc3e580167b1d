# ruff: noqa: ARG005 - a table of derivatives: each takes the argument and the value
"""Operations on arrays: the value of each, and its exact derivatives by reverse accumulation."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .references import REFERENCES

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
TWO = {"atan2", "hypot", "min", "max"}
COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}
LOGIC: dict[str, Callable[..., Any]] = {"and": np.logical_and, "or": np.logical_or, "not": np.logical_not}
BRANCHES = ("min", "max", "where")
"""What takes one of its arguments: all of one dimension."""


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
    def branches(self) -> bool:
        """Does it choose between branches, so that it may jump?"""
        return any(step.op == "where" for step in self.steps)

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
        guarded = self.branches
        for i in range(len(self.steps) - 1, -1, -1):
            step = self.steps[i]
            if step.op == "name":
                answer[step.name] = np.asarray(answer.get(step.name, 0.0) + slope[i], dtype=float)
                continue
            for j, partial in zip(step.args, _partials(step, [values[k] for k in step.args], values[i]), strict=True):
                part = slope[i] * partial
                # the branch that is not taken has no slope, even where it is no number: sqrt(x) of a negative x
                slope[j] = slope[j] + (np.where(np.asarray(slope[i]) == 0, 0.0, part) if guarded else part)
        return answer

    def part(self, at: int) -> Expression:
        """The expression whose result is the step at `at`, without the steps it does not need."""
        needed = {at}
        for i in range(at, -1, -1):
            if i in needed:
                needed |= set(self.steps[i].args)
        place = {old: new for new, old in enumerate(sorted(needed))}
        steps = [self.steps[old] for old in sorted(needed)]
        moved = [Step(step.op, tuple(place[i] for i in step.args), step.value, step.name) for step in steps]
        return Expression(self.text, self.place, moved)


def _value(step: Step, a: list[FloatArray], at: Mapping[str, FloatArray]) -> Any:
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
        case "min":
            return np.minimum(a[0], a[1])
        case "max":
            return np.maximum(a[0], a[1])
        case "where":
            return np.where(a[0] != 0, a[1], a[2])
    known = COMPARISONS.get(step.op) or LOGIC.get(step.op)
    return known(*a) if known else _known(step.op)[0](a[0])


def _known(op: str) -> Function:
    return FUNCTIONS.get(op) or REFERENCES[op]


def _partials(step: Step, a: list[FloatArray], y: FloatArray) -> list[Any]:
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
        case "min":
            return [1.0 * (a[0] <= a[1]), 1.0 * (a[0] > a[1])]
        case "max":
            return [1.0 * (a[0] >= a[1]), 1.0 * (a[0] < a[1])]
        case "where":
            return [0.0, 1.0 * (a[0] != 0), 1.0 * (a[0] == 0)]
    if step.op in COMPARISONS or step.op in LOGIC:
        return [0.0] * len(a)
    return [_known(step.op)[1](a[0], y)]
