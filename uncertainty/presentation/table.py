"""A budget as a table of values: one row a quantity, at its foot y, u_c, ν_eff, k and U; and the same as CSV.

Source: JCGM 100:2008, 7.2.7 and table H.1; JJF 1059.1-2012, 5.2.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..evaluation import Budget, Evaluation
from ..quantities import Quantity
from ..report import state
from ..units import CARRIERS
from . import figures
from .wording import word

FORMULA = ("=", "+", "-", "@", "\t", "\r")
COLUMNS = (
    "symbol", "title", "estimate", "unit", "u", "dof", "distribution", "sensitivity", "sensitivity_unit",
    "contribution", "share", "source",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One input quantity. estimate and u in `unit`; contribution |c|·u in the measurand's unit; share sums to 1.

    distribution: the shapes of its components; empty for an exact number, whose u and share are 0.
    """

    symbol: str
    title: str
    estimate: float
    unit: str
    u: float
    dof: float
    distribution: tuple[str, ...]
    sensitivity: float
    sensitivity_unit: str
    contribution: float
    share: float | None
    source: str


@dataclass(frozen=True, slots=True)
class BudgetTable:
    """The budget of one measurand; y, u_c and U in its unit. correlations: (symbol, symbol, r) as declared."""

    measurand: str
    title: str
    unit: str
    expression: str
    rows: tuple[Row, ...]
    y: float
    u_c: float
    dof: float
    k: float
    p: float | None
    U: float
    correlations: tuple[tuple[str, str, float], ...] = ()

    def report(self, *, digits: int = 2, rule: str = "even") -> dict[str, str]:
        """The sentence of the result in both languages; digits, rule: how the laboratory rounds U (report.round_U)."""
        return state(self.y, self.U, self.unit, self.k, self.p, self.dof, digits=digits, rule=rule)


def tables(budget: Budget, evaluation: Evaluation) -> dict[str, BudgetTable]:
    """The table of every measurand, with the quantities its model reaches, in the order of the document."""
    answer = {}
    entries: Mapping[str, Any] = budget.document.data["measurands"]
    reached: dict[str, set[str]] = {}
    for measurand in budget.measurands:
        name, result = measurand.name, evaluation.results[measurand.name]
        direct = set(measurand.expression.names)
        reached[name] = direct.union(*(reached[other] for other in direct & reached.keys()))
        rows = tuple(_rows(budget, evaluation, name, reached[name]))
        answer[name] = BudgetTable(
            name, str(entries[name].get("title", "")), result.unit, str(entries[name]["expression"]), rows,
            result.value, result.u, result.dof, result.k, result.p, result.U,
            _correlations(budget, {row.symbol for row in rows}),
        )  # fmt: skip
    return answer


def _rows(budget: Budget, evaluation: Evaluation, measurand: str, reached: set[str]) -> Iterable[Row]:
    contributions = {row["quantity"]: row for row in evaluation.contributions[measurand]}
    entries: Mapping[str, Any] = budget.document.data["quantities"]
    unit = evaluation.results[measurand].unit
    for name, q in budget.quantities.items():
        if name not in reached or name.rpartition(".")[2] in CARRIERS:
            continue
        found = contributions.get(name)
        part = found or {"u": 0.0, "dof": None, "sensitivity": math.nan, "contribution": 0.0, "share": 0.0}
        yield Row(
            name, str(entries[name].get("title", "")), float(q.value) / q.unit.size, q.unit.text, part["u"],
            math.inf if part["dof"] is None else part["dof"], _shapes(q),
            part["sensitivity"] if found else _slope(budget, measurand, name) * q.unit.size / _size(budget, measurand),
            per(unit, q.unit.text), part["contribution"], part["share"], q.source,
        )  # fmt: skip


def _shapes(q: Quantity) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.shape.name for part in q.components))


def _slope(budget: Budget, measurand: str, name: str) -> float:
    """∂y/∂x of an exact number; 0 where the model has no finite one, as nothing is multiplied by it."""
    _, c = budget.gradient({other: q.value for other, q in budget.quantities.items()})
    row = [found.name for found in budget.measurands].index(measurand)
    slope = float(c[row].get(budget.names.index(name), 0.0))
    return slope if math.isfinite(slope) else 0.0


def _size(budget: Budget, measurand: str) -> float:
    return next(found.unit.size for found in budget.measurands if found.name == measurand)


def _correlations(budget: Budget, symbols: set[str]) -> tuple[tuple[str, str, float], ...]:
    declared = budget.document.data.get("correlations") or []
    return tuple(
        (entry["between"][0], entry["between"][1], float(entry["r"]))
        for entry in declared
        if symbols.issuperset(entry["between"])
    )


def per(unit: str, other: str) -> str:
    """The unit of a sensitivity: measurand unit per unit of the quantity, a degC taken as K."""
    above, below = ("K" if text in ("degC", "℃", "°C") else text for text in (unit, other))
    if above == below:
        return "1"
    if below == "1":
        return above
    if below.startswith("1/"):
        return below[2:] if above == "1" else f"{above}·{below[2:]}"
    return f"{above}/({below})" if any(sign in below for sign in "/*· ") else f"{above}/{below}"


def headings(lang: str) -> list[str]:
    """Headings of COLUMNS, in their order."""
    return [word(key, lang) for key in COLUMNS]


def shown(row: Row, lang: str) -> dict[str, str]:
    """A row as text for people: rounded, with the words of the language."""
    return {
        "symbol": row.symbol,
        "title": row.title,
        "estimate": figures.estimate(row.estimate, row.u),
        "unit": "" if row.unit == "1" else row.unit,
        "u": figures.figure(row.u, 2) if row.u else "0",
        "dof": figures.dof(row.dof),
        "distribution": shapes(row, lang),
        "sensitivity": figures.short(row.sensitivity, 4),
        "sensitivity_unit": "" if row.sensitivity_unit == "1" else row.sensitivity_unit,
        "contribution": figures.figure(row.contribution, 2) if row.contribution else "0",
        "share": figures.percent(row.share),
        "source": row.source,
    }


def shapes(row: Row, lang: str) -> str:
    """Its distributions in words; `exact` for none."""
    return " + ".join(word(name, lang) for name in row.distribution) or word("exact", lang)


def foot(table: BudgetTable, lang: str) -> list[tuple[str, str]]:
    """(word, figure) of y, u_c, ν_eff, k, p and U."""
    unit = "" if table.unit == "1" else f" {table.unit}"
    p = [] if table.p is None else [(f"{word('p', lang)} p", f"{100 * table.p:.4g} %")]
    return [
        (word("y", lang), figures.estimate(table.y, table.u_c) + unit),
        (word("u_c", lang), figures.figure(table.u_c, 3) + unit),
        (word("effective_dof", lang), figures.dof(table.dof)),
        (f"{word('k', lang)} k", figures.short(table.k, 3)),
        *p,
        (f"{word('U', lang)} U", figures.figure(table.U, 2) + unit),
    ]


def as_csv(made: Iterable[BudgetTable], lang: str = "zh") -> bytes:
    """The tables one below the other, numbers in full; UTF-8 with a byte order mark, as spreadsheets expect.

    A text that a spreadsheet would take for a formula is quoted with an apostrophe; infinite degrees of freedom are ∞.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for number, table in enumerate(made):
        if number:
            writer.writerow([])
        writer.writerow([word("measurand", lang), safe(table.measurand), safe(table.title), safe(table.unit)])
        writer.writerow([word("model", lang), safe(table.expression)])
        writer.writerow(headings(lang))
        for row in table.rows:
            writer.writerow([safe(cell) for cell in _cells(row, lang)])
        for a, b, r in table.correlations:
            writer.writerow([f"r({a}, {b})", word("correlation", lang), r])
        for key in ("y", "u_c", "dof", "k", "p", "U"):
            said = "effective_dof" if key == "dof" else key
            writer.writerow([key, word(said, lang), safe(_number(getattr(table, key)))])
        writer.writerow([word("report", lang), safe(table.report()[lang])])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _cells(row: Row, lang: str) -> list[Any]:
    held = {name: getattr(row, name) for name in COLUMNS} | {"distribution": shapes(row, lang)}
    return [_number(held[name]) for name in COLUMNS]


def _number(found: Any) -> Any:
    if isinstance(found, float) and not math.isfinite(found):
        return "∞"
    return "" if found is None else found


def safe(cell: Any) -> Any:
    """A cell that no spreadsheet takes for a formula; numbers stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
