"""From text to steps, without eval: arithmetic of the names given, conditions, complex parts, functions of a document."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..errors import N_, ExpressionError
from .complexes import ALWAYS, OF_COMPLEX, Pair, Writer
from .references import REFERENCES
from .steps import COMPARISONS, CONSTANTS, FUNCTIONS, LOGIC, TWO, Expression

LONGEST, DEEPEST, MOST = 10_000, 100, 20_000
OWN = frozenset([*FUNCTIONS, *REFERENCES, *TWO, *OF_COMPLEX, "where", "complex", "polar"])
"""Names of functions that are always there."""
Node = int | Pair


@dataclass(frozen=True, slots=True)
class Called:
    """A function of the document: y = expression of its argument and its coefficients.

    coefficients: (name in the expression, name of the quantity). earlier: how many functions before it it may call.
    """

    name: str
    text: str
    arguments: tuple[str, ...]
    coefficients: tuple[tuple[str, str], ...]
    earlier: int = 0


@dataclass(frozen=True, slots=True)
class Scope:
    """What a model may name: real names, complex names by the names of their parts, functions of the document.

    complexes: (name, part, part, whether the parts are size and phase).
    """

    names: tuple[str, ...]
    complexes: tuple[tuple[str, str, str, bool], ...] = ()
    functions: tuple[Called, ...] = ()


def parse(text: str, names: Sequence[str], place: str) -> Expression:
    """The expression of a text. Raises ExpressionError for anything outside arithmetic of the names given."""
    found = read(text, Scope(tuple(names)), place)
    if isinstance(found, tuple):
        raise ExpressionError(
            place=place, found=text[:80], right=N_("a real expression: real(), imag(), abs() or arg()")
        )
    return found


def read(text: str, scope: Scope, place: str) -> Expression | tuple[Expression, Expression]:
    """The expression of a text, or those of its real and its imaginary part. Raises ExpressionError."""
    whole = Expression(text, place)
    walk = _Walk(whole, scope)
    found = walk.node(_tree(text, place), 0)
    if isinstance(found, Pair):
        walk.only_complex(found)
        re, im = walk.write.real(found), walk.write.imaginary(found)
        return whole.part(re), whole.part(im)
    if whole.steps[found].op in COMPARISONS or whole.steps[found].op in LOGIC:
        raise walk.wrong(text, N_("a number: where(condition, a, b)"))
    return whole if found == len(whole.steps) - 1 else whole.part(found)


def refused(found: object, place: str) -> ExpressionError:
    """The error of what is no expression at all."""
    return ExpressionError(place=place, found=repr(found)[:60], right=N_("an expression such as a*b - c"))


def _tree(text: str, place: str) -> ast.expr:
    if not text.strip() or len(text) > LONGEST:
        raise refused(text, place)
    try:
        return ast.parse(text.replace("^", "**").strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ExpressionError(place=place, found=text[:80], right=N_("an expression such as a*b - c")) from error


_OPERATORS: dict[type, str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}
_COMPARED: dict[type, str] = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}


@dataclass(slots=True)
class _Walk:
    """One walk over the syntax tree; inside a function of the document its argument and coefficients are the names."""

    into: Expression
    scope: Scope
    bound: Mapping[str, Node] = field(default_factory=dict)
    visited: list[int] = field(default_factory=lambda: [0])  # shared by the walks of the functions that are called
    write: Writer = field(init=False)

    def __post_init__(self) -> None:
        self.write = Writer(self.into)

    def wrong(self, found: str, right: str) -> ExpressionError:
        return ExpressionError(place=self.into.place, found=found[:80], right=right)

    def node(self, node: ast.AST, depth: int) -> Node:
        if depth > DEEPEST:
            raise self.wrong(self.into.text, N_("an expression nested less than 100 deep"))
        self.visited[0] += 1
        if max(self.visited[0], len(self.into.steps)) > MOST:
            raise self.wrong(self.into.text, N_("an expression of fewer steps"))
        match node:
            case ast.Constant(value=complex() as value):
                return Pair(self.write.number(value.real) if value.real else None, self.write.number(value.imag))
            case ast.Constant(value=value) if isinstance(value, int | float) and not isinstance(value, bool):
                return self.write.number(float(value))
            case ast.Name(id=name):
                return self._name(name)
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return self._negative(self.node(inner, depth + 1))
            case ast.UnaryOp(op=ast.UAdd(), operand=inner):
                return self.node(inner, depth + 1)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                a = self.node(left, depth + 1)
                return self._two(_OPERATORS[type(op)], a, self.node(right, depth + 1))
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                return self._call(node, name, args, depth)
            case ast.Compare() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
                return self._condition(node, depth)
        raise self._outside(node)

    def _outside(self, node: ast.AST) -> ExpressionError:
        functions = [called.name for called in self.scope.functions]
        known = [*FUNCTIONS, *sorted(TWO), "where", *ALWAYS, "complex", "polar", *functions]
        return self.wrong(ast.unparse(node), "+ - * / **, < <= > >= and or not, " + ", ".join(known))

    def _name(self, name: str) -> Node:
        if name in self.bound:
            return self.bound[name]
        if name in self.scope.names:
            return self.write.name(name)
        for known, first, second, polar in self.scope.complexes:
            if known == name:
                a, b = self.write.name(first), self.write.name(second)
                return self.write.polar(a, b) if polar else Pair(a, b)
        if name in CONSTANTS:
            return self.write.number(CONSTANTS[name])
        known_names = [*self.scope.names, *(one[0] for one in self.scope.complexes), *self.bound]
        raise self.wrong(name, ", ".join(sorted(n for n in known_names if "." not in n)))

    def _negative(self, a: Node) -> Node:
        if isinstance(a, int):
            return self.write.put("neg", a)
        return Pair(self.write.minus(None, a.re), self.write.minus(None, a.im))

    def _two(self, op: str, a: Node, b: Node) -> Node:
        if isinstance(a, int) and isinstance(b, int):
            return self.write.put(op, self.number(a), self.number(b))
        left, right = self._pair(a), self._pair(b)
        match op:
            case "+":
                return self.write.add(left, right)
            case "-":
                return self.write.subtract(left, right)
            case "*":
                return self.write.multiply(left, right)
            case "/":
                return self.write.divide(left, right)
        return self.write.power(left, right, self._constant(b))

    def _pair(self, a: Node) -> Pair:
        return a if isinstance(a, Pair) else Pair(self.number(a), None)

    def _constant(self, a: Node) -> float | None:
        if not isinstance(a, int):
            return None
        step = self.into.steps[a]
        if step.op == "neg":
            inner = self._constant(step.args[0])
            return None if inner is None else -inner
        return step.value if step.op == "number" else None

    def only_complex(self, a: Pair) -> None:
        for part in (a.re, a.im):
            if part is not None:
                self.number(part)

    def number(self, a: int) -> int:
        """A step that is a number, not a condition."""
        if self.into.steps[a].op in COMPARISONS or self.into.steps[a].op in LOGIC:
            raise self.wrong(self.into.text, N_("a number: where(condition, a, b)"))
        return a

    def _real(self, node: ast.expr, depth: int) -> int:
        found = self.node(node, depth + 1)
        if isinstance(found, Pair):
            raise self.wrong(ast.unparse(node), N_("a real expression: real(), imag(), abs() or arg()"))
        return self.number(found)

    def _call(self, node: ast.AST, name: str, args: list[ast.expr], depth: int) -> Node:
        called = next((one for one in self.scope.functions if one.name == name), None)
        if called and len(args) == len(called.arguments):
            return self._document(called, [self.node(arg, depth + 1) for arg in args], depth)
        if len(args) == 3 and name == "where":
            return self._where(args, depth)
        if len(args) == 2 and name in ("complex", "polar"):
            a, b = self._real(args[0], depth), self._real(args[1], depth)
            return Pair(a, b) if name == "complex" else self.write.polar(a, b)
        if len(args) == 2 and name in TWO:
            a = self._real(args[0], depth)
            return self.write.put(name, a, self._real(args[1], depth))
        if len(args) == 1 and (name in FUNCTIONS or name in REFERENCES or name in ALWAYS):
            return self._one(node, name, self.node(args[0], depth + 1))
        raise self._outside(node)

    def _one(self, node: ast.AST, name: str, a: Node) -> Node:
        if isinstance(a, int) and name not in ALWAYS:
            return self.write.put(name, self.number(a))
        if name not in OF_COMPLEX:
            raise self.wrong(ast.unparse(node), ", ".join(OF_COMPLEX))
        if name in ("real", "conj") and isinstance(a, int):
            return self.number(a)
        return OF_COMPLEX[name](self.write, self._pair(a))

    def _document(self, called: Called, given: list[Node], depth: int) -> Node:
        """The function written out where it is called: its derivatives are those of the expression."""
        arguments = dict(zip(called.arguments, given, strict=True))
        coefficients = {name: self.write.name(quantity) for name, quantity in called.coefficients}
        inner = _Walk(
            self.into, Scope((), (), self.scope.functions[: called.earlier]), arguments | coefficients, self.visited
        )
        return inner.node(_tree(called.text, self.into.place), depth + 1)

    def _where(self, args: list[ast.expr], depth: int) -> Node:
        condition = self._truth(args[0], depth + 1)
        a, b = self.node(args[1], depth + 1), self.node(args[2], depth + 1)
        if isinstance(a, int) and isinstance(b, int):
            return self.write.put("where", condition, self.number(a), self.number(b))
        left, right = self._pair(a), self._pair(b)
        parts = [(f(left), f(right)) for f in (self.write.real, self.write.imaginary)]
        return Pair(*(self.write.put("where", condition, x, y) for x, y in parts))

    def _truth(self, node: ast.expr, depth: int) -> int:
        found = self.node(node, depth)
        if isinstance(found, Pair) or not self._is_condition(found):
            raise self.wrong(ast.unparse(node), N_("a condition such as x < 1 and y >= 0"))
        return found

    def _is_condition(self, a: int) -> bool:
        return self.into.steps[a].op in COMPARISONS or self.into.steps[a].op in LOGIC

    def _condition(self, node: ast.AST, depth: int) -> int:
        match node:
            case ast.UnaryOp(operand=inner):
                return self.write.put("not", self._truth(inner, depth + 1))
            case ast.BoolOp(op=op, values=values):
                parts = [self._truth(value, depth + 1) for value in values]
                return self._all("and" if isinstance(op, ast.And) else "or", parts)
            case ast.Compare(left=left, ops=ops, comparators=rights) if all(type(op) in _COMPARED for op in ops):
                sides = [self._real(side, depth) for side in (left, *rights)]
                pairs = zip(ops, sides, sides[1:], strict=False)
                return self._all("and", [self.write.put(_COMPARED[type(op)], a, b) for op, a, b in pairs])
        raise self._outside(node)

    def _all(self, op: str, parts: list[int]) -> int:
        found = parts[0]
        for part in parts[1:]:
            found = self.write.put(op, found, part)
        return found
