"""The cells of a workbook as lines of fields: what is typed, what a formula gave, and what cannot be used.

Opened by openpyxl without links or macros; nothing in a workbook is executed.
"""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from ..document import show
from ..errors import N_, DocumentError
from .columns import COLUMNS, NEEDED, NO, READ, SHAPES, YES, field_of, sheet_of
from .places import Cell
from .wording import folded

MOST_BYTES = 20_000_000  # unpacked: what MOST_ROWS of every column need, and no more
MOST_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class Line:
    """One filled-in row: field → what stands there, and field → its cell."""

    held: Mapping[str, Any]
    cells: Mapping[str, Cell]
    cell: Cell


def sheets(file: Path | BinaryIO, called: str) -> Iterator[tuple[str, Iterator[Line]]]:
    """(name, lines) of the sheets that are read; a sheet of an unknown name is refused, not passed over."""
    values, formulas = _open(file, called, values=True), _open(file, called, values=False)
    seen: set[str] = set()
    for title in values.sheetnames:
        name = sheet_of(title)
        at = Cell(called, title)
        if name is None and not title.startswith("_"):
            right = N_("sheets named quantities, correlations, measurands, budget; others with _ in front")
            raise at.refuse(N_("an unknown sheet"), right)
        if name in seen:
            raise at.refuse(N_("the same name twice"), N_("each name once"))
        if name in READ:
            seen.add(name)
            if not hasattr(values[title], "iter_rows"):
                raise at.refuse(N_("a sheet without cells"), N_("a workbook of the kind .xlsx"))
            yield name, _lines(name, at, values[title], formulas[title])


def _open(file: Path | BinaryIO, called: str, *, values: bool) -> Any:
    """The workbook; values: what formulas gave when it was last saved, else the formulas themselves."""
    from openpyxl import load_workbook

    right = N_("a workbook of the kind .xlsx")
    try:
        with zipfile.ZipFile(file) as parts, warnings.catch_warnings():
            if sum(part.file_size for part in parts.infolist()) > MOST_BYTES:
                raise DocumentError(place=called, found=N_("too much"), right=N_("at most 20 MB unpacked"))
            warnings.simplefilter("ignore")  # of styles and extensions that the reader leaves out
            return load_workbook(file, data_only=values, keep_links=False)
    except OSError as error:
        found = str(error.strerror or error)
        raise DocumentError(place=called, found=found, right=N_("a file that can be read")) from error
    except DocumentError:
        raise
    except Exception as error:
        # whatever a broken or foreign file makes the reader raise, it is no workbook
        raise DocumentError(place=called, found=type(error).__name__, right=right) from error


def _lines(name: str, sheet: Cell, values: Any, formulas: Any) -> Iterator[Line]:
    if values.max_row > MOST_ROWS or values.max_column > 200:
        raise sheet.refuse(f"{values.max_row} × {values.max_column}", N_("at most 20000 rows and 200 columns"))
    rows = zip(values.iter_rows(), formulas.iter_rows(), strict=True)
    head: dict[int, tuple[str, str]] = {}
    for row, (shown, behind) in enumerate(rows, 1):
        if not any(cell.value not in (None, "") for cell in behind):
            continue
        if not head:
            head = _head(name, sheet, shown, row)
            continue
        yield _line(name, sheet, row, head, shown, behind)


def _head(name: str, sheet: Cell, cells: Any, row: int) -> dict[int, tuple[str, str]]:
    """Place in the row → (field, heading)."""
    head: dict[int, tuple[str, str]] = {}
    for i, cell in enumerate(cells):
        if cell.value in (None, ""):
            continue
        found = field_of(name, str(cell.value))
        at = Cell(sheet.file, sheet.sheet, row, cell.column_letter)
        if found is None:
            raise at.refuse(show(cell.value), ", ".join(column.field for column in COLUMNS[name]))
        if any(found == other for other, _ in head.values()):
            raise at.refuse(show(cell.value), N_("each name once"))
        head[i] = found, str(cell.value)
    missing = [needed for needed in NEEDED[name] if needed not in {found for found, _ in head.values()}]
    if missing:
        raise Cell(sheet.file, sheet.sheet, row).refuse(N_("nothing"), missing[0])
    return head


def _line(name: str, sheet: Cell, row: int, head: dict[int, tuple[str, str]], shown: Any, behind: Any) -> Line:
    kinds = {column.field: column.kind for column in COLUMNS[name]}
    held, places = {}, {}
    for i, (value, formula) in enumerate(zip(shown, behind, strict=True)):
        if formula.value in (None, ""):
            continue
        at = Cell(sheet.file, sheet.sheet, row, formula.column_letter, head[i][1] if i in head else "")
        if i not in head:
            raise at.refuse(show(formula.value), N_("nothing in a column without a heading"))
        found = head[i][0]
        held[found], places[found] = _content(found, kinds[found], value, formula, at), at
    return Line(held, places, Cell(sheet.file, sheet.sheet, row))


def _content(field: str, kind: str, value: Any, formula: Any, at: Cell) -> Any:
    """What a cell says: a number, a text, a list, yes. A formula counts with the value it had when it was saved."""
    content = value.value
    if formula.data_type == "f":
        if field == "expression":
            return str(formula.value).removeprefix("=")  # =a+b is how a spreadsheet takes a model
        if content is None:
            raise at.refuse(N_("a formula without its value"), N_("a number, or a workbook saved once as it is shown"))
    if value.data_type == "e":
        raise at.refuse(str(content), N_("a cell without a fault of the spreadsheet"))
    if value.is_date:
        raise at.refuse(str(content), N_("a number or a text, no date"))
    if kind == "yes":
        return _yes(content, at)
    if isinstance(content, bool):
        raise at.refuse(str(content), N_("a number"))
    if field == "distribution":
        return SHAPES.get(folded(content).removesuffix("分布"), str(content).strip())
    if kind == "text":
        return str(content).strip()
    return [_number(part) for part in _parts(content)] if kind == "list" else _number(content)


def _yes(content: Any, at: Cell) -> bool:
    said = folded(content)
    if said not in YES | NO:
        raise at.refuse(show(content), N_("yes or no"))
    return said in YES


def _parts(content: Any) -> list[Any]:
    if not isinstance(content, str):
        return [content]
    for other in "；、\n":
        content = content.replace(other, ";")
    return [part.strip() for part in content.split(";") if part.strip()]


def _number(content: Any) -> Any:
    """A number as number; a text with a unit (8 µV) stays what it is, the reading of the document judges it."""
    if not isinstance(content, str):
        return content
    try:
        return float(content) if "_" not in content else content
    except ValueError:
        return content.strip()
