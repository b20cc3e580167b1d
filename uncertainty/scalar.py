# ruff: noqa: ARG005 - a table of derivatives: each takes the arguments and the value
"""One budget in plain floats: the law of propagation of a single budget without the cost of small arrays.

numpy spends about a microsecond on an operation of one number, Python a twentieth. The same steps as `Budget.propagate`
and the same figures; what is not plain arithmetic of finite floats is left to it: a batch, an equation, a function of
Python, a value or a derivative that is not finite.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from . import model
from .propagated import ROUNDING, Propagated

if TYPE_CHECKING:
    from .budget import Budget

Operation = tuple[Callable[..., float], Callable[..., tuple[float, ...]]]
"""(value of one or two arguments, derivatives by them from the arguments and the value)."""


def _power_slopes(a: float, b: float, y: float) -> tuple[float, float]:
    return b * math.pow(a, b - 1), y * math.log(a) if a > 0 else 0.0


def _hypot_slopes(a: float, b: float, y: float) -> tuple[float, float]:
    return a / y, b / y


def _atan2_slopes(a: float, b: float, y: float) -> tuple[float, float]:  # noqa: ARG001 - the value is handed to all
    square = a * a + b * b
    return b / square, -a / square


OPERATIONS: dict[str, Operation] = {
    "+": (operator.add, lambda a, b, y: (1.0, 1.0)),
    "-": (operator.sub, lambda a, b, y: (1.0, -1.0)),
    "*": (operator.mul, lambda a, b, y: (b, a)),
    "/": (operator.truediv, lambda a, b, y: (1 / b, -y / b)),
    "**": (math.pow, _power_slopes),
    "neg": (operator.neg, lambda a, y: (-1.0,)),
    "atan2": (math.atan2, _atan2_slopes),
    "hypot": (math.hypot, _hypot_slopes),
    "sqrt": (math.sqrt, lambda a, y: (0.5 / y,)),
    "exp": (math.exp, lambda a, y: (y,)),
    "log": (math.log, lambda a, y: (1 / a,)),
    "ln": (math.log, lambda a, y: (1 / a,)),
    "log10": (math.log10, lambda a, y: (1 / (a * math.log(10)),)),
    "sin": (math.sin, lambda a, y: (math.cos(a),)),
    "cos": (math.cos, lambda a, y: (-math.sin(a),)),
    "tan": (math.tan, lambda a, y: (1 + y * y,)),
    "asin": (math.asin, lambda a, y: (1 / math.sqrt(1 - a * a),)),
    "acos": (math.acos, lambda a, y: (-1 / math.sqrt(1 - a * a),)),
    "atan": (math.atan, lambda a, y: (1 / (1 + a * a),)),
    "sinh": (math.sinh, lambda a, y: (math.cosh(a),)),
    "cosh": (math.cosh, lambda a, y: (math.sinh(a),)),
    "tanh": (math.tanh, lambda a, y: (1 - y * y,)),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One step: the value of `a` (and `b`, −1 where there is none) by `value`; its derivatives by `slopes`."""

    at: int
    a: int
    b: int
    value: Callable[..., float]
    slopes: Callable[..., tuple[float, ...]]


class Program:
    """A model as steps on a list of floats: names and numbers stand in it from the beginning."""

    def __init__(self, expression: model.Expression) -> None:
        self.start = [step.value for step in expression.steps]
        self.named = [(i, step.name) for i, step in enumerate(expression.steps) if step.op == "name"]
        self.lines = [
            Line(i, step.args[0], step.args[1] if len(step.args) == 2 else -1, *OPERATIONS[step.op])
            for i, step in enumerate(expression.steps)
            if step.op not in ("number", "name")
        ]

    def gradient(self, at: dict[str, float]) -> tuple[float, dict[str, float]]:
        """(value, ∂/∂name for every name used). Raises ArithmeticError or ValueError outside the domain."""
        v = self.start.copy()
        for i, name in self.named:
            v[i] = at[name]
        for line in self.lines:
            v[line.at] = line.value(v[line.a]) if line.b < 0 else line.value(v[line.a], v[line.b])
        slope = [0.0] * len(v)
        slope[-1] = 1.0
        for line in reversed(self.lines):
            if s := slope[line.at]:
                if line.b < 0:
                    slope[line.a] += s * line.slopes(v[line.a], v[line.at])[0]
                else:
                    by_a, by_b = line.slopes(v[line.a], v[line.b], v[line.at])
                    slope[line.a] += s * by_a
                    slope[line.b] += s * by_b
        answer: dict[str, float] = {}
        for i, name in self.named:
            answer[name] = answer.get(name, 0.0) + slope[i]
        return v[-1], answer


class Single:
    """A budget of single numbers, prepared once. Raises ValueError for one that has to be evaluated on arrays."""

    def __init__(self, budget: Budget) -> None:
        dependence = budget.dependence
        self.names = [measurand.name for measurand in budget.measurands]
        self.programs = [_program(measurand.expression) for measurand in budget.measurands]
        self.at = {name: _float(q.value) for name, q in budget.quantities.items()}
        self.place = {name: i for i, name in enumerate(budget.names)}
        self.of = [[(s, _float(dependence.sources[s].u)) for s in mine] for mine in dependence.of]
        self.pairs = [(s, t, _float(rho)) for s, t, rho in dependence.pairs]
        self.count = len(dependence.sources)
        groups = [(tuple(group), float(n - 1)) for group, n in dependence.groups]
        groups += [(tuple(group), float(dof)) for group, dof in dependence.fits]
        together = {s for group, _ in groups for s in group}
        dofs = [(s, _float(source.dof)) for s, source in enumerate(dependence.sources) if s not in together]
        self.groups = groups + [((s,), dof) for s, dof in dofs if math.isfinite(dof)]

    def propagate(self) -> Propagated | None:
        """As `Budget.propagate`; None where the arrays have to say what is wrong."""
        try:
            values, c = self._gradient()
        except (ArithmeticError, ValueError):
            return None
        if not all(map(math.isfinite, values)) or not all(math.isfinite(x) for row in c for x in row.values()):
            return None
        w, wr = self._weighted(c)
        parts = [[a * b for a, b in zip(*rows, strict=True)] for rows in zip(w, wr, strict=True)]
        V = [[sum(map(operator.mul, a, b)) for b in wr] for a in w]
        for row, mine in enumerate(w):
            if not V[row][row] > ROUNDING * sum(x * x for x in mine):
                V[row][row] = 0.0
        dof = [self._dof(row, V[i][i]) for i, row in enumerate(parts)]
        shape = (len(w), self.count)
        return Propagated(
            np.array(values), c, np.array(w).reshape(shape), np.array(parts).reshape(shape), np.array(V), np.array(dof)
        )

    def _gradient(self) -> tuple[list[float], tuple[dict[int, float], ...]]:
        known, values = dict(self.at), []
        slopes: dict[str, dict[int, float]] = {}
        for name, program in zip(self.names, self.programs, strict=True):
            value, gradient = program.gradient(known)
            c: dict[int, float] = {}
            for used, slope in gradient.items():
                inner = slopes.get(used)
                for i, further in ((self.place[used], 1.0),) if inner is None else inner.items():
                    c[i] = c.get(i, 0.0) + slope * further
            known[name], slopes[name] = value, c
            values.append(value)
        return values, tuple(slopes[name] for name in self.names)

    def _weighted(self, c: tuple[dict[int, float], ...]) -> tuple[list[list[float]], list[list[float]]]:
        """w_s = c·u and w_s + Σ_t ρ_st w_t of every source."""
        w = []
        for row in c:
            mine = [0.0] * self.count
            for i, slope in row.items():
                for s, u in self.of[i]:
                    mine[s] += slope * u
            w.append(mine)
        if not self.pairs:
            return w, w
        wr = [mine.copy() for mine in w]
        for mine, with_ in zip(w, wr, strict=True):
            for s, t, rho in self.pairs:
                with_[s] += rho * mine[t]
                with_[t] += rho * mine[s]
        return w, wr

    def _dof(self, parts: list[float], variance: float) -> float:
        below = 0.0
        for group, dof in self.groups:
            part = parts[group[0]] if len(group) == 1 else sum(parts[s] for s in group)
            below += part * part / dof
        return variance * variance / below if below > 0 and variance > 0 else math.inf


def single(budget: Budget) -> Single | None:
    """The budget in plain floats; None for a batch, an equation, a function of Python."""
    try:
        return Single(budget)
    except ValueError:
        return None


def _program(expression: model.Expression) -> Program:
    if type(expression) is not model.Expression or not {s.op for s in expression.steps} <= {
        *OPERATIONS,
        "number",
        "name",
    }:
        raise ValueError(expression.text)
    return Program(expression)


def _float(found: Any) -> float:
    if np.ndim(found):
        raise ValueError("a batch")
    return float(found)
