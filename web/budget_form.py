"""A budget as the rows of a form: what a person typed becomes a budget document, and its faults find their field."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, TypeVar

from lims.domain.errors import UnusableValue
from web.forms import Form
from web.speech import N_

WAYS = {
    "u": N_("standard uncertainty u"),
    "U_k": N_("expanded uncertainty U with k"),
    "U_p": N_("expanded uncertainty U with p"),
    "readings": N_("readings (Type A)"),
    "pooled": N_("readings with a pooled s"),
    "range": N_("readings, range method"),
    "resolution": N_("resolution"),
    "rectangular": N_("limits, rectangular"),
    "triangular": N_("limits, triangular"),
    "arcsine": N_("limits, arcsine"),
    "trapezoidal": N_("limits, trapezoidal"),
    "exact": N_("exact"),
}
"""How an uncertainty is stated; the amount is u, U, the readings, the resolution or the half-width."""
LIMITS = ("rectangular", "triangular", "arcsine", "trapezoidal")
MOST = 60
_SECOND = {"k", "p", "top", "s"}


@dataclass(frozen=True, slots=True)
class Quantity:
    """One line of the table. second: k, p, top or the pooled s, as the way asks."""

    name: str = ""
    value: str = ""
    unit: str = ""
    way: str = "u"
    amount: str = ""
    second: str = ""
    dof: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Measurand:
    name: str = ""
    expression: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Correlation:
    a: str = ""
    b: str = ""
    r: str = ""


Line = TypeVar("Line", Quantity, Measurand, Correlation)


@dataclass(frozen=True, slots=True)
class Table:
    """Everything the form holds, as text."""

    title: str = ""
    quantities: Sequence[Quantity] = ()
    measurands: Sequence[Measurand] = ()
    correlations: Sequence[Correlation] = ()
    together: str = ""
    coverage: str = "k=2"


def entered(form: Form) -> Table:
    """The table as it was sent; lines left empty are dropped."""
    return Table(
        title=form.value("title").strip(),
        quantities=_lines(form, "q", Quantity),
        measurands=_lines(form, "m", Measurand),
        correlations=_lines(form, "c", Correlation),
        together=form.value("together").strip(),
        coverage=form.value("coverage") or "k=2",
    )


def _lines(form: Form, letter: str, kind: type[Line]) -> list[Line]:
    found: list[Line] = []
    for i in range(MOST):
        line = kind(**{each.name: form.value(f"{letter}-{i}-{each.name}").strip() for each in fields(kind)})
        if any(value for name, value in asdict(line).items() if name != "way"):
            found.append(line)
    return found


def document(table: Table) -> dict[str, Any]:
    """The budget document of a table; what is wrong in it is refused by the evaluation, at its place.

    Raises UnusableValue for a line without a name, or with the name of another: a document could not hold it.
    """
    _names(table)
    found: dict[str, Any] = {"budget": 1}
    if table.title:
        found["title"] = table.title
    found["quantities"] = {line.name: _entry(line) for line in table.quantities}
    found["measurands"] = {
        line.name: {"expression": line.expression} | ({"unit": line.unit} if line.unit else {})
        for line in table.measurands
    }
    if table.correlations:
        found["correlations"] = [{"between": [c.a, c.b], "r": amount(c.r)} for c in table.correlations]
    if table.together:
        found["observed_together"] = [words(group) for group in table.together.replace("；", ";").split(";")]
    name, _equals, value = table.coverage.partition("=")
    found["coverage"] = {"k": amount(value)} if name == "k" else amount(value)
    return found


def _names(table: Table) -> None:
    taken: set[str] = set()
    named = [(f"q-{i}-name", line.name) for i, line in enumerate(table.quantities)]
    named += [(f"m-{i}-name", line.name) for i, line in enumerate(table.measurands)]
    for field, name in named:
        if not name or name in taken:
            raise UnusableValue(field=field, found=name or "—", right=N_("a name of its own"))
        taken.add(name)


def _entry(line: Quantity) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    if line.value:
        entry["value"] = amount(line.value)
    if line.unit:
        entry["unit"] = line.unit
    entry |= _stated(line)
    if line.source:
        entry["source"] = line.source
    return entry


def _stated(line: Quantity) -> dict[str, Any]:
    dof = {"dof": amount(line.dof)} if line.dof else {}
    match line.way:
        case "U_k" | "U_p":
            return {"U": amount(line.amount), line.way[-1]: amount(line.second)} | dof
        case "readings":
            return {"readings": [amount(each) for each in words(line.amount)]}
        case "range":
            return {"readings": [amount(each) for each in words(line.amount)], "type_a": "range"}
        case "pooled":
            return {
                "readings": [amount(each) for each in words(line.amount)],
                "pooled": {"s": amount(line.second)} | dof,
            }
        case "resolution":
            return {"resolution": amount(line.amount)} | dof
        case "exact":
            return {"exact": True}
        case way if way in LIMITS:
            top = {"top": amount(line.second)} if way == "trapezoidal" else {}
            return {"distribution": way, "half_width": _sum(line.amount)} | top | dof
        case _:
            return {"u": amount(line.amount)} | dof


def amount(text: str) -> float | str | None:
    """A number as people type it, a number with its unit as text, None for nothing."""
    typed = unicodedata.normalize("NFKC", text).replace("\N{MINUS SIGN}", "-").strip()
    try:
        return float(typed.replace(" ", ""))
    except ValueError:
        return text.strip() or None


def words(text: str) -> list[str]:
    for separator in ("，", ",", "、", ";", "\n", "\t"):
        text = text.replace(separator, " ")
    return text.split()


def _sum(text: str) -> Any:
    """A half-width, or several added linearly: `35 ppm, 5 µV`."""
    parts = [amount(part) for part in text.replace("，", ",").split(",")]
    return parts[0] if len(parts) == 1 else parts


def table(found: Mapping[str, Any]) -> Table | None:
    """The rows of a budget document; None where it says more than the table can hold."""
    known = {"budget", "title", "quantities", "measurands", "correlations", "observed_together", "coverage"}
    quantities = {name: _row(str(name), entry) for name, entry in found.get("quantities", {}).items()}
    if set(found) - known or any(row is None for row in quantities.values()) or len(quantities) > MOST:
        return None
    coverage = found.get("coverage", {"k": 2})
    return Table(
        title=str(found.get("title", "")),
        quantities=[row for row in quantities.values() if row is not None],
        measurands=[
            Measurand(str(name), str(entry["expression"]), str(entry.get("unit", "")))
            for name, entry in found["measurands"].items()
            if isinstance(entry, Mapping) and "expression" in entry
        ],
        correlations=[
            Correlation(str(c["between"][0]), str(c["between"][1]), _text(c["r"]))
            for c in found.get("correlations", ())
        ],
        together="; ".join(" ".join(map(str, group)) for group in found.get("observed_together", ())),
        coverage=f"k={_text(coverage['k'])}" if isinstance(coverage, Mapping) else f"p={_text(coverage)}",
    )


def _row(name: str, entry: Any) -> Quantity | None:
    """The line of a quantity; None where the table has no place for what it says."""
    if not isinstance(entry, Mapping):
        return None
    left = dict(entry)
    common = {key: _text(left.pop(key)) for key in ("value", "unit", "source") if key in left}
    dof = {"dof": _text(left.pop("dof"))} if "dof" in left else {}
    way = _way(left)
    if way is None:
        return None
    pooled = left.get("pooled", {})
    if isinstance(pooled, Mapping) and "dof" in pooled:
        dof = {"dof": _text(pooled["dof"])}
    second = next((_text(left[key]) for key in ("k", "p", "top") if key in left), "")
    if way == "pooled":
        second = _text(pooled.get("s"))
    stated = next((left[key] for key in ("u", "U", "readings", "resolution", "half_width") if key in left), "")
    separator = ", " if way in LIMITS else " "
    shown = separator.join(map(_text, stated)) if isinstance(stated, list | tuple) else _text(stated)
    return Quantity(name=name, way=way, amount=shown, second=second, **common, **dof)


def _way(left: Mapping[str, Any]) -> str | None:
    shapes = {
        frozenset({"u"}): "u",
        frozenset({"U", "k"}): "U_k",
        frozenset({"U", "p"}): "U_p",
        frozenset({"readings"}): "readings",
        frozenset({"readings", "pooled"}): "pooled",
        frozenset({"resolution"}): "resolution",
        frozenset({"exact"}): "exact",
    }
    if set(left) == {"readings", "type_a"}:
        return {"range": "range", "bessel": "readings"}.get(left["type_a"])
    if left.get("distribution") in LIMITS and set(left) <= {"distribution", "half_width", "top"}:
        return str(left["distribution"])
    return shapes.get(frozenset(left))


def _text(value: Any) -> str:
    return f"{value:.15g}" if isinstance(value, float) else "" if value is None else str(value)


def field_of(place: str, table: Table) -> str | None:
    """The field of the form that a place of the document stands in: quantities.l_s.u is q-0-amount."""
    head, _dot, rest = place.partition(".")
    name, _dot, last = rest.partition(".")
    match head:
        case "quantities":
            column = _column(last)
            return next((f"q-{i}-{column}" for i, row in enumerate(table.quantities) if row.name == name), None)
        case "measurands":
            column = "unit" if last == "unit" else "expression"
            return next((f"m-{i}-{column}" for i, row in enumerate(table.measurands) if row.name == name), None)
        case "correlations":
            return f"c-{name}-{'a' if last == 'between' else 'r'}" if name.isdigit() else "c-0-r"
        case "observed_together":
            return "together"
        case "coverage":
            return "coverage"
    return None


def _column(last: str) -> str:
    parts = last.split(".")
    if parts[-1] == "dof":
        return "dof"
    if parts[0] in ("value", "unit", "source"):
        return parts[0]
    return "second" if parts[-1] in _SECOND else "amount"
