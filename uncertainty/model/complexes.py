"""Complex arithmetic written as real steps: each complex part of a model is a pair of steps, real and imaginary.

So derivatives, batches and Monte Carlo need nothing new. None in a pair is an exact zero, which has no dimension.
Source: JCGM 102:2011, 6.4 (complex quantities by their parts).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from .steps import Expression, Step

Maybe = int | None


@dataclass(frozen=True, slots=True)
class Pair:
    """The steps of the real and the imaginary part."""

    re: Maybe
    im: Maybe


class Writer:
    """Appends steps to an expression; sums and products of pairs."""

    def __init__(self, into: Expression) -> None:
        self.into = into

    def put(self, op: str, *args: int) -> int:
        self.into.steps.append(Step(op, args))
        return len(self.into.steps) - 1

    def number(self, value: float) -> int:
        self.into.steps.append(Step("number", value=value))
        return len(self.into.steps) - 1

    def name(self, name: str) -> int:
        self.into.steps.append(Step("name", name=name))
        return len(self.into.steps) - 1

    def plus(self, a: Maybe, b: Maybe) -> Maybe:
        return b if a is None else a if b is None else self.put("+", a, b)

    def minus(self, a: Maybe, b: Maybe) -> Maybe:
        if b is None:
            return a
        return self.put("neg", b) if a is None else self.put("-", a, b)

    def times(self, a: Maybe, b: Maybe) -> Maybe:
        return None if a is None or b is None else self.put("*", a, b)

    def over(self, a: Maybe, b: int) -> Maybe:
        return None if a is None else self.put("/", a, b)

    def add(self, a: Pair, b: Pair) -> Pair:
        return Pair(self.plus(a.re, b.re), self.plus(a.im, b.im))

    def subtract(self, a: Pair, b: Pair) -> Pair:
        return Pair(self.minus(a.re, b.re), self.minus(a.im, b.im))

    def multiply(self, a: Pair, b: Pair) -> Pair:
        re = self.minus(self.times(a.re, b.re), self.times(a.im, b.im))
        return Pair(re, self.plus(self.times(a.re, b.im), self.times(a.im, b.re)))

    def divide(self, a: Pair, b: Pair) -> Pair:
        if b.im is None:
            below = self.real(b)
            return Pair(self.over(a.re, below), self.over(a.im, below))
        above = self.multiply(a, self.conjugate(b))
        square = self.plus(self.times(b.re, b.re), self.times(b.im, b.im))
        assert square is not None
        return Pair(self.over(above.re, square), self.over(above.im, square))

    def conjugate(self, a: Pair) -> Pair:
        return Pair(a.re, self.minus(None, a.im))

    def real(self, a: Pair) -> int:
        """The real part as a step; an exact zero gets the dimension of the other part."""
        return self._filled(a.re, a.im)

    def imaginary(self, a: Pair) -> int:
        return self._filled(a.im, a.re)

    def _filled(self, a: Maybe, other: Maybe) -> int:
        if a is not None:
            return a
        return self.number(0.0) if other is None else self.put("*", self.number(0.0), other)

    def modulus(self, a: Pair) -> int:
        if a.im is None or a.re is None:
            return self.put("abs", self.real(a) if a.im is None else self.imaginary(a))
        return self.put("hypot", a.re, a.im)

    def phase(self, a: Pair) -> int:
        return self.put("atan2", self.imaginary(a), self.real(a))

    def polar(self, size: int, phase: int) -> Pair:
        return Pair(self.times(size, self.put("cos", phase)), self.times(size, self.put("sin", phase)))

    def power(self, a: Pair, b: Pair, exponent: float | None) -> Pair:
        """a^b: by multiplication for a whole number, by size and phase for another, else exp(b·log a)."""
        if exponent is not None and exponent == int(exponent) and 0 < abs(exponent) <= 64:
            whole = self._whole(a, abs(int(exponent)))
            return whole if exponent > 0 else self.divide(Pair(self.number(1.0), None), whole)
        if b.im is None:
            n = self.real(b)
            return self.polar(self.put("**", self.modulus(a), n), self.put("*", n, self.phase(a)))
        return self.exponential(self.multiply(b, self.logarithm(a)))

    def _whole(self, a: Pair, n: int) -> Pair:
        if n == 1:
            return a
        half = self._whole(a, n // 2)
        square = self.multiply(half, half)
        return self.multiply(square, a) if n % 2 else square

    def exponential(self, a: Pair) -> Pair:
        size = self.number(1.0) if a.re is None else self.put("exp", a.re)
        return self.polar(size, self.imaginary(a))

    def logarithm(self, a: Pair) -> Pair:
        return Pair(self.put("log", self.modulus(a)), self.phase(a))

    def common_logarithm(self, a: Pair) -> Pair:
        return self.divide(self.logarithm(a), Pair(self.number(math.log(10)), None))

    def root(self, a: Pair) -> Pair:
        """The principal square root."""
        return self.polar(self.put("sqrt", self.modulus(a)), self.put("/", self.phase(a), self.number(2.0)))

    def _crossed(self, a: Pair, f: str, g: str, sign: str) -> Pair:
        """(f(re) cosh(im), ± g(re) sinh(im)), for sin and cos."""
        x, y = self.real(a), self.imaginary(a)
        im = self.put("*", self.put(g, x), self.put("sinh", y))
        return Pair(self.put("*", self.put(f, x), self.put("cosh", y)), self.put("neg", im) if sign == "-" else im)

    def sine(self, a: Pair) -> Pair:
        return self._crossed(a, "sin", "cos", "+")

    def cosine(self, a: Pair) -> Pair:
        return self._crossed(a, "cos", "sin", "-")

    def hyperbolic_sine(self, a: Pair) -> Pair:
        """sinh z = −j sin(jz)."""
        turned = self.sine(self._turned(a))
        return Pair(turned.im, self.minus(None, turned.re))

    def hyperbolic_cosine(self, a: Pair) -> Pair:
        return self.cosine(self._turned(a))

    def _turned(self, a: Pair) -> Pair:
        return Pair(self.put("neg", self.imaginary(a)), self.real(a))

    def tangent(self, a: Pair) -> Pair:
        return self.divide(self.sine(a), self.cosine(a))

    def hyperbolic_tangent(self, a: Pair) -> Pair:
        return self.divide(self.hyperbolic_sine(a), self.hyperbolic_cosine(a))


OF_COMPLEX: dict[str, Callable[[Writer, Pair], Pair | int]] = {
    "real": Writer.real,
    "imag": Writer.imaginary,
    "conj": Writer.conjugate,
    "arg": Writer.phase,
    "phase": Writer.phase,
    "abs": Writer.modulus,
    "sqrt": Writer.root,
    "exp": Writer.exponential,
    "log": Writer.logarithm,
    "ln": Writer.logarithm,
    "log10": Writer.common_logarithm,
    "sin": Writer.sine,
    "cos": Writer.cosine,
    "tan": Writer.tangent,
    "sinh": Writer.hyperbolic_sine,
    "cosh": Writer.hyperbolic_cosine,
    "tanh": Writer.hyperbolic_tangent,
}
"""Functions of a complex argument; real, imag, conj, arg and phase take a real one too."""
ALWAYS = ("real", "imag", "conj", "arg", "phase")
