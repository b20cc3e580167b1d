"""The budget template of a procedure: which named quantities its measurands are made of.

The laboratory binds them for each point; the names say what each one is:

reading     the item's readings at the point (their mean, and s/sqrt(n) with n - 1)
resolution  the item's resolution, value 0
source      what the standard gave: certificate mode: set value plus correction, with the certificate's U;
            specification mode: the set value, exact
drift       the standard's change since its certificate, a source of its own (certificate mode only)
spec        the standard's specification, value 0 (specification mode only)
ambient     the effect of the room's temperature on the standard, value 0

The item's own specification has no name here: it is what the result is compared with, never part of it.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Literal

from instruments.faults import InstrumentError
from instruments.specifications.lines import Node, Source
from instruments.specifications.phrase import Phrase
from instruments.specifications.units import UnitError, quantity
from instruments.specifications.units import unit as unit_of

BOUND_NAMES = ("reading", "resolution", "source", "drift", "spec", "ambient")
FUNCTIONS = frozenset(
    [
        "sqrt",
        "exp",
        "log",
        "log10",
        "sin",
        "cos",
        "tan",
        "asin",
        "acos",
        "atan",
        "atan2",
        "sinh",
        "cosh",
        "tanh",
        "hypot",
        "abs",
        "min",
        "max",
        "pi",
        "e",
    ]
)
SOURCE_MODES = ("certificate", "specification")
COMBINE_RULES = ("both", "larger")
UNIT_OF_POINT = "point"

SourceMode = Literal["certificate", "specification"]
CombineRule = Literal["both", "larger"]


class BudgetNotBound(InstrumentError, ValueError):
    """The quantities offered are not the quantities the template names."""

    code: ClassVar[str] = "budget_not_bound"
    sentence: ClassVar[str] = "The budget of {procedure} needs exactly {needed}: found {found}."


@dataclass(frozen=True, slots=True)
class Ambient:
    """Temperature effect of the standard: half width = (reading · |value| + range · range) for each kelvin away from `reference`.

    reading, range: ratios per kelvin; reference: degC. The laboratory multiplies by |mean temperature − reference|
    widened by the uncertainty of the room's sensor.
    """

    reference: Decimal
    reading: Decimal
    range: Decimal

    def half_width(self, value: Decimal, range_: Decimal, away: Decimal) -> Decimal:
        """Half width in the unit of value and range, `away` kelvin from the reference."""
        return (self.reading * abs(value) + self.range * range_) * abs(away)


@dataclass(frozen=True, slots=True)
class BudgetTemplate:
    """Measurands, extra quantities, coverage, and the rules of how standard and resolution enter."""

    source_mode: SourceMode | None
    combine: CombineRule | None
    ambient: Ambient | None
    quantities: Mapping[str, Mapping[str, object]]
    measurands: Mapping[str, Mapping[str, object]]
    coverage: object
    names: tuple[str, ...]

    def to_dict(self) -> dict[str, object]:
        """The template as plain data, for a record."""
        return {
            "source": self.source_mode,
            "combine": self.combine,
            "ambient": None
            if self.ambient is None
            else {key: str(getattr(self.ambient, key)) for key in ("reference", "reading", "range")},
            "quantities": {name: dict(entry) for name, entry in self.quantities.items()},
            "measurands": {name: dict(entry) for name, entry in self.measurands.items()},
            "coverage": self.coverage,
            "names": list(self.names),
        }

    def document(
        self, bound: Mapping[str, Mapping[str, object]], *, procedure: str, title: str, unit: str | None = None
    ) -> dict[str, object]:
        """A budget document (the form `uncertainty.evaluate` takes) with these quantities in their places.

        bound: one entry for each of `names`, as a budget document states quantities.
        unit: what a measurand declared with `unit: point` gets, e.g. mV.
        Raises BudgetNotBound when names are missing or not asked for.
        """
        if set(bound) != set(self.names):
            raise BudgetNotBound(procedure=procedure, needed=", ".join(self.names), found=", ".join(bound) or "none")
        measurands = {
            name: {key: entry[key] for key in ("expression", "unit")} for name, entry in self.measurands.items()
        }
        for entry in measurands.values():
            if entry.get("unit") == UNIT_OF_POINT:
                if unit is None:
                    raise BudgetNotBound(procedure=procedure, needed="the unit of the point", found="none")
                entry["unit"] = unit
        quantities = {name: dict(bound[name]) for name in self.names}
        quantities |= {name: dict(entry) for name, entry in self.quantities.items()}
        return {
            "budget": 1,
            "title": title,
            "quantities": quantities,
            "measurands": measurands,
            "coverage": self.coverage,
        }


def counted(rule: CombineRule, u_repeatability: float, u_resolution: float) -> tuple[bool, bool]:
    """(repeatability counts, resolution counts) by the declared rule; both u in one unit.

    `both` takes the two; `larger` takes the larger one alone, the repeatability where they are equal.
    They overlap: readings are already rounded to the resolution, so that taking both counts the rounding twice.
    """
    if rule == "both":
        return True, True
    return (True, False) if u_repeatability >= u_resolution else (False, True)


def read_budget(source: Source, node: Node, columns: tuple[str, ...] | None) -> BudgetTemplate:
    """The template at a node; columns: the names of a procedure for files of readings, else None."""
    known = {"quantities", "measurands", "coverage"} | (set() if columns else {"source", "combine", "ambient"})
    required = ("measurands",) if columns else ("source", "combine", "measurands")
    fields = source.mapping(node, known=known, required=required)
    mode: SourceMode | None = None
    rule: CombineRule | None = None
    if not columns:
        mode = "certificate" if source.choice(fields["source"], SOURCE_MODES) == "certificate" else "specification"
        rule = "both" if source.choice(fields["combine"], COMBINE_RULES) == "both" else "larger"
    quantities = _quantities(source, fields.get("quantities"), columns or BOUND_NAMES)
    ambient = _ambient(source, fields["ambient"]) if "ambient" in fields else None
    available = tuple(columns or BOUND_NAMES)
    used: set[str] = set()
    measurands: dict[str, dict[str, object]] = {}
    nodes = source.mapping(fields["measurands"])
    if not nodes:
        raise source.wrong(fields["measurands"], "at least one measurand")
    for name, entry in nodes.items():
        if not name.isidentifier() or name in available or name in quantities:
            raise source.wrong(entry, "a name of its own, letters, digits and _", found=name)
        parts = source.mapping(entry, known={"expression", "unit", "title"}, required=("expression", "unit"))
        names = {*available, *quantities, *measurands}
        found = _names(source, parts["expression"], names)
        used |= found
        if mode is not None and source.text_of(parts["unit"]) != UNIT_OF_POINT:
            _check_unit(source, parts["unit"])
        measurands[name] = {"expression": source.text_of(parts["expression"]), "unit": source.text_of(parts["unit"])}
        if "title" in parts:
            measurands[name]["title"] = source.bilingual(parts["title"])
    bound = used & set(available)
    if mode is not None:
        _check_source_mode(source, fields, mode, bound, ambient)
    return BudgetTemplate(
        source_mode=mode,
        combine=rule,
        ambient=ambient,
        quantities=quantities,
        measurands=measurands,
        coverage=source.plain(fields["coverage"]) if "coverage" in fields else {"k": 2},
        names=tuple(name for name in available if name in bound),
    )


def _check_source_mode(
    source: Source, fields: Mapping[str, Node], mode: str, bound: set[str], ambient: Ambient | None
) -> None:
    other, own = ("spec", "drift") if mode == "certificate" else ("drift", "spec")
    needed = ("reading", "resolution", "source", own)
    if other in bound:
        raise source.wrong(
            fields["measurands"],
            Phrase(
                "source: {mode} without {other}: the standard enters once, by certificate and drift or by specification",
                mode=mode,
                other=other,
            ),
            found=Phrase("{name} in an expression", name=other),
        )
    for name in needed:
        if name not in bound:
            raise source.wrong(
                fields["measurands"],
                Phrase("{name} as well, because source is {mode}", name=name, mode=mode),
                found=", ".join(sorted(bound)),
            )
    if ("ambient" in bound) != (ambient is not None):
        raise source.wrong(
            fields.get("ambient", fields["measurands"]),
            "ambient both as a field of the budget, with its coefficients, and in an expression",
            found="only one of the two",
        )


def _ambient(source: Source, node: Node) -> Ambient:
    fields = source.mapping(node, known={"reference", "reading", "range"}, required=("reference", "reading"))

    def of(key: str, unit: str) -> Decimal:
        try:
            return quantity(source.text_of(fields[key]), unit)
        except UnitError as error:
            raise source.wrong(fields[key], error.right) from None

    return Ambient(of("reference", "degC"), of("reading", "1"), of("range", "1") if "range" in fields else Decimal(0))


def _quantities(source: Source, node: Node | None, taken: tuple[str, ...]) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    for name, entry in ({} if node is None else source.mapping(node)).items():
        if name in taken or not name.isidentifier():
            raise source.wrong(
                entry, Phrase("a name of its own, not one of {taken}", taken=", ".join(taken)), found=name
            )
        source.mapping(entry)
        plain = source.plain(entry)
        assert isinstance(plain, dict)
        found[name] = plain
    return found


def _check_unit(source: Source, node: Node) -> None:
    try:
        unit_of(source.text_of(node))
    except UnitError as error:
        raise source.wrong(node, Phrase("point, or a unit such as mV, V, kV, mA, ohm, Hz")) from error


_ALLOWED = (
    ast.Expression, ast.BinOp, ast.UnaryOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.USub, ast.UAdd,
    ast.Name, ast.Load, ast.Call, ast.Constant,
)  # fmt: skip


def _names(source: Source, node: Node, names: set[str]) -> set[str]:
    """Names an expression uses; it is only looked at here, never computed."""
    text = source.text_of(node)
    right = Phrase("arithmetic of {names}", names=", ".join(sorted(names)))
    try:
        tree = ast.parse(text.replace("^", "**"), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise source.wrong(node, right) from None
    used: set[str] = set()
    for part in ast.walk(tree):
        if not isinstance(part, _ALLOWED) or (
            isinstance(part, ast.Constant) and not isinstance(part.value, (int, float))
        ):
            raise source.wrong(node, right)
        if isinstance(part, ast.Call) and not (isinstance(part.func, ast.Name) and part.func.id in FUNCTIONS):
            raise source.wrong(node, right)
        if isinstance(part, ast.Name) and part.id not in FUNCTIONS:
            if part.id not in names:
                raise source.wrong(node, right, found=Phrase("the unknown name {name}", name=part.id))
            used.add(part.id)
    return used
