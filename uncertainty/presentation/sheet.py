"""A budget as a workbook: `read` gives the document of a filled-in one, every fault with sheet, row and column.

Sheets: quantities (one row a quantity; further rows of the same symbol are its components), correlations, measurands,
and budget (title, coverage factor or probability). Headings in Chinese or English. Nothing in it is executed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

from .. import document as documents
from ..errors import N_, UncertaintyError
from ..evaluation import Budget
from .cells import Line, sheets
from .columns import SHEETS
from .fill import template, write
from .places import Cell, SheetDocument

__all__ = ["compile", "read", "template", "write"]

OWN = ("symbol", "together", "pooled_s", "pooled_dof")  # columns that are no fields of a quantity
ABOUT = ("title", "value", "unit", "source", "id")  # fields of a quantity whose components follow in rows of their own


def compile(path: str | Path | BinaryIO, called: str = "") -> Budget:
    """The budget of a workbook, read and checked; what is refused later still names its cell."""
    found = read(path, called)
    try:
        return Budget(found)
    except UncertaintyError as error:
        raise found.locate(error) from None


def read(path: str | Path | BinaryIO, called: str = "") -> SheetDocument:
    """The budget document of a workbook; `.data` is what the YAML form holds. Raises DocumentError with the cell.

    path: a file, or a stream that can be wound back; called: its name in messages, where it has none of its own.
    """
    file = Path(path) if isinstance(path, str | Path) else path
    called = called or (file.name if isinstance(file, Path) else "budget.xlsx")
    lines = {name: list(rows) for name, rows in sheets(file, called)}
    for name in ("quantities", "measurands"):
        if not lines.get(name):
            raise Cell(called, SHEETS[name]["en"]).refuse(N_("nothing"), N_("a row for each"))
    cells: dict[str, Cell] = {}
    data: dict[str, Any] = {"budget": 1} | _general(lines.get("budget", []))
    data["quantities"], together = _quantities(lines["quantities"], cells)
    data["measurands"] = _measurands(lines["measurands"], cells)
    correlations = _correlations(lines.get("correlations", []), cells)
    data |= {"correlations": correlations} if correlations else {}
    data |= {"observed_together": together} if together else {}
    for line in lines.get("budget", []):
        cells["coverage"] = line.cells.get("p", line.cells.get("k", line.cell))
    found = SheetDocument(data, called, {}, cells)
    try:
        documents.load(data)
    except UncertaintyError as error:
        raise found.locate(error) from None
    return found


def _general(lines: list[Line]) -> dict[str, Any]:
    """title and coverage of the sheet budget, which has one row."""
    if len(lines) > 1:
        raise lines[1].cell.refuse(N_("a second row"), N_("one row with title and k or p"))
    held = dict(lines[0].held) if lines else {}
    if "k" in held and "p" in held:
        raise lines[0].cells["p"].refuse("k + p", N_("either k or p"))
    answer = {"title": held["title"]} if "title" in held else {}
    if "k" in held:
        return answer | {"coverage": {"k": held["k"]}}
    return answer | ({"coverage": held["p"]} if "p" in held else {})


def _quantities(lines: list[Line], cells: dict[str, Cell]) -> tuple[dict[str, Any], list[list[str]]]:
    """Entries by symbol, and the groups that were observed together."""
    grouped: dict[str, list[Line]] = {}
    together: dict[str, list[str]] = {}
    for line in lines:
        symbol = _symbol(line)
        grouped.setdefault(symbol, []).append(line)
        if "together" in line.held:
            together.setdefault(line.held["together"], []).append(symbol)
    entries = {}
    for symbol, mine in grouped.items():
        entries[symbol] = _quantity(f"quantities.{symbol}", mine, cells)
    for i, names in enumerate(together.values()):
        cells[f"observed_together.{i}"] = grouped[names[0]][0].cells["together"]
    return entries, [list(dict.fromkeys(names)) for names in together.values()]


def _symbol(line: Line) -> str:
    if "symbol" not in line.held:
        raise line.cell.refuse(N_("no symbol"), N_("a symbol in every row"))
    return str(line.held["symbol"])


def _quantity(place: str, lines: list[Line], cells: dict[str, Cell]) -> dict[str, Any]:
    """One row: its statement. Several: what the first says about the quantity, and every statement as a component."""
    if len(lines) == 1:
        return _entry(place, lines[0], cells, lines[0].held)
    first = lines[0]
    entry = _entry(place, first, cells, [name for name in first.held if name in ABOUT])
    stated = [name for name in first.held if name not in (*ABOUT, *OWN[:2])]
    components = [(first, stated)] if stated else []
    components += [(line, list(line.held)) for line in lines[1:]]
    entry["components"] = [
        _entry(f"{place}.components.{i}", line, cells, names) for i, (line, names) in enumerate(components)
    ]
    return entry


def _entry(place: str, line: Line, cells: dict[str, Cell], names: Any) -> dict[str, Any]:
    cells[place] = line.cell
    entry: dict[str, Any] = {}
    for name in names:
        target = f"pooled.{name.removeprefix('pooled_')}" if name.startswith("pooled_") else name
        cells[f"{place}.{target}"] = line.cells[name]
        if name.startswith("pooled_"):
            entry.setdefault("pooled", {})[name.removeprefix("pooled_")] = line.held[name]
        elif name not in OWN:
            held = line.held[name]
            entry[name] = held[0] if name == "half_width" and len(held) == 1 else held
    if entry.get("exact") is False:
        del entry["exact"]
    return entry


def _measurands(lines: list[Line], cells: dict[str, Cell]) -> dict[str, Any]:
    entries: dict[str, Any] = {}
    for line in lines:
        symbol = _symbol(line)
        if symbol in entries:
            raise line.cells["symbol"].refuse(documents.show(symbol), N_("each name once"))
        cells[f"measurands.{symbol}"] = line.cell
        entries[symbol] = {name: held for name, held in line.held.items() if name != "symbol"}
        cells |= {f"measurands.{symbol}.{name}": cell for name, cell in line.cells.items()}
    return entries


def _correlations(lines: list[Line], cells: dict[str, Cell]) -> list[dict[str, Any]]:
    found = []
    for i, line in enumerate(lines):
        cells[f"correlations.{i}"] = line.cell
        cells[f"correlations.{i}.between"] = line.cells.get("first", line.cell)
        cells[f"correlations.{i}.r"] = line.cells.get("r", line.cell)
        names = [line.held[name] for name in ("first", "second") if name in line.held]
        found.append({"between": names} | ({"r": line.held["r"]} if "r" in line.held else {}))
    return found
