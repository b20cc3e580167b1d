"""A measurement model as a list of in-place numpy calls: nothing is allocated while trials are evaluated.

Equal steps are computed once, constants beforehand, and a buffer is used again as soon as its value has been read.
An operation that is not known here is left to `Expression.values`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from .. import model
from ..distributions import FloatArray

Value = FloatArray | float
Call = tuple[Callable[..., Any], tuple[Any, ...]]
Evaluator = Callable[[Mapping[str, FloatArray]], Sequence[FloatArray]]


def _out(function: np.ufunc, a: Value, b: Value, out: FloatArray) -> None:
    """numpy takes the buffer of a minimum or a maximum by its name alone."""
    function(a, b, out=out)


BINARY: dict[str, Callable[..., Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "**": np.power,
    "atan2": np.arctan2,
    "hypot": np.hypot,
    "min": partial(_out, np.minimum),
    "max": partial(_out, np.maximum),
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "and": np.logical_and,
    "or": np.logical_or,
}
UNARY: dict[str, np.ufunc] = {"neg": np.negative, "not": np.logical_not}
POWERS: dict[float, np.ufunc] = {2.0: np.square, 0.5: np.sqrt, -1.0: np.reciprocal}
"""Exponents that numpy takes faster by a function of their own."""


class Room:
    """Buffers of one length for one thread; those handed back are handed out again.

    Models bound one after the other in one room are run in that order: a later one may work in what an earlier one left.
    """

    def __init__(self, width: int) -> None:
        self.width = width
        self.free: list[FloatArray] = []

    def take(self) -> FloatArray:
        return self.free.pop() if self.free else np.empty(self.width)

    def give(self, buffer: FloatArray) -> None:
        self.free.append(buffer)


def run(calls: Sequence[Call]) -> None:
    for function, arguments in calls:
        function(*arguments)


def bind(expression: model.Expression, at: Mapping[str, Value], out: FloatArray, room: Room) -> list[Call]:
    """The calls that leave the value of the expression in `out`, from the numbers and buffers of `at`.

    The buffers of `at` are read, never written. Broadcasts a constant result over `out`.
    """
    names = {step.op for step in expression.steps} - {"number", "name"}
    if type(expression) is not model.Expression or any(_function(name) is None for name in names):
        return [(_by_values, (expression.values, at, out))]
    return _Binding(expression, at, out, room).calls


def _function(op: str) -> Callable[..., Any] | None:
    """What writes the value of an operation into a buffer, its last argument."""
    if op == "where":
        return _where
    known = model.FUNCTIONS.get(op, (None,))[0]
    return BINARY.get(op) or UNARY.get(op) or (known if isinstance(known, np.ufunc) else None)


def _where(condition: Value, a: Value, b: Value, out: FloatArray) -> None:
    np.copyto(out, np.where(np.not_equal(condition, 0), a, b))


def _by_values(values: Evaluator, at: Mapping[str, Value], out: FloatArray) -> None:
    np.copyto(out, values({name: np.asarray(value, dtype=float) for name, value in at.items()})[-1])


class _Binding:
    """One walk over the steps: which call writes which buffer."""

    def __init__(self, expression: model.Expression, at: Mapping[str, Value], out: FloatArray, room: Room) -> None:
        self.at, self.room, self.calls = at, room, list[Call]()
        self.held: dict[int, FloatArray] = {}  # step → the buffer that is ours
        steps, same = _numbered(expression)
        last = {argument: i for i, step in enumerate(steps) for argument in step.args}
        values: list[Value] = []
        for i, step in enumerate(steps):
            values.append(self._step(i, step, [values[a] for a in step.args], last, out if i == same else None))
        if values[same] is not out:
            self.calls.append((np.copyto, (out, values[same])))
        for buffer in self.held.values():
            room.give(buffer)

    def _step(self, i: int, step: model.Step, a: list[Value], last: Mapping[int, int], out: FloatArray | None) -> Value:
        if step.op == "number":
            return step.value
        if step.op == "name":
            return self.at[step.name]
        function = _function(step.op)
        assert function is not None
        if not any(isinstance(value, np.ndarray) for value in a):
            return _constant(function, a)
        for argument in set(step.args):  # read for the last time: its buffer may take the result
            if last[argument] == i and argument in self.held:
                self.room.give(self.held.pop(argument))
        if out is None:
            out = self.held[i] = self.room.take()
        if step.op == "**" and isinstance(a[1], float) and a[1] in POWERS:
            function, a = POWERS[a[1]], a[:1]
        self.calls.append((function, (*a, out)))
        return out


def _constant(function: Callable[..., Any], a: list[Value]) -> float:
    out = np.empty(())
    with np.errstate(all="ignore"):
        function(*a, out)
    return float(out)


def _numbered(expression: model.Expression) -> tuple[list[model.Step], int]:
    """(steps without repeated ones, the place of the result)."""
    steps: list[model.Step] = []
    place: dict[model.Step, int] = {}
    new: list[int] = []
    for step in expression.steps:
        moved = model.Step(step.op, tuple(new[i] for i in step.args), step.value, step.name)
        if moved not in place:
            place[moved] = len(steps)
            steps.append(moved)
        new.append(place[moved])
    return steps, new[-1]
