"""A budget written as a workbook that `sheet.read` reads again, and an empty one to be filled in.

Every text is stored as text, also one that begins like a formula; numbers are stored to 16 digits,
as the writing library does: within 1e-15 of what they were.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from ..document import Document
from ..errors import N_, DocumentError
from ..evaluation import Budget, Evaluation, compile
from . import figures
from .columns import COLUMNS, SHAPES, SHEETS
from .table import COLUMNS as TABLE
from .table import BudgetTable, foot, headings, shapes, tables
from .wording import word

LONGEST = 32_767  # characters of a cell, by the file format
WIDTHS = {"source": 34, "title": 22, "expression": 46, "readings": 30, "distribution": 16, "unit": 10}
NOTES = {
    "zh": (
        "每个输入量一行；同一符号的后续各行为其独立分量。",
        "一行只用一种方式给出不确定度：u（可带自由度）；U 与 k 或 p；读数；分辨力；分布及其参数；精确值。",
        "一格内的多个数用分号隔开：1.02; 1.04; 1.03。数值可带单位：8 µV；相对值写作 0.1 %。",
        "表头中括号内为字段名，中文、英文与字段名均可识别；列可删去，次序不限；名称以 _ 开头的工作表不读取。",
        "包含概率 p（如 0.95）与包含因子 k（如 2）只填其一，均不填时取 k = 2。",
        "分布：{shapes}。",
    ),
    "en": (
        "One row a quantity; further rows of the same symbol are its independent components.",
        "A row states its uncertainty in one way: u (with dof); U with k or p; readings; resolution; a distribution "
        "with its parameters; exact.",
        "Several numbers in one cell are separated by semicolons: 1.02; 1.04; 1.03. A number may have a unit: 8 µV; "
        "a relative one is 0.1 %.",
        "The name of the field stands in brackets; Chinese, English and field names are understood; columns may be "
        "left out or moved; a sheet whose name begins with _ is not read.",
        "Fill in the coverage probability p (such as 0.95) or the coverage factor k (such as 2); with neither, k = 2.",
        "Distributions: {shapes}.",
    ),
}


def write(
    document: Mapping[str, Any] | str | Path | Budget,
    evaluation: Evaluation | None,
    path: str | Path | BinaryIO,
    lang: str = "zh",
) -> None:
    """The document as a workbook, with sheets of contributions and results beside it where it was evaluated."""
    budget = document if isinstance(document, Budget) else compile(document)
    book = _book()
    for name, rows in _rows(budget.document).items():
        _sheet(book, name, lang, [column.heading(lang) for column in COLUMNS[name]], rows)
    if evaluation is not None:
        made = tables(budget, evaluation)
        _sheet(book, "contributions", lang, [word("measurand", lang), *headings(lang)], _parts(made, lang))
        _sheet(book, "results", lang, [word("measurand", lang), "", ""], _results(made, evaluation, lang))
    _save(book, path)


def template(path: str | Path | BinaryIO, lang: str = "zh") -> None:
    """An empty workbook with every heading, a list of distributions to choose from, and notes how to fill it in."""
    from openpyxl.worksheet.datavalidation import DataValidation

    book = _book()
    for name, columns in COLUMNS.items():
        sheet = _sheet(book, name, lang, [column.heading(lang) for column in columns], ())
        for i, column in enumerate(columns):
            if column.field == "distribution":
                chosen = DataValidation(type="list", formula1=f'"{",".join(_choices(lang))}"', allow_blank=True)
                letter = sheet.cell(1, i + 1).column_letter
                sheet.add_data_validation(chosen)
                chosen.add(f"{letter}2:{letter}1000")
    notes = [[text.format(shapes=", ".join(_choices(lang)))] for text in NOTES[lang]]
    _sheet(book, "notes", lang, [SHEETS["notes"][lang]], notes).column_dimensions["A"].width = 110
    _save(book, path)


def _choices(lang: str) -> list[str]:
    known = dict.fromkeys(SHAPES.values())
    return [next(zh for zh, name in SHAPES.items() if name == shape) for shape in known] if lang == "zh" else [*known]


def _book() -> Any:
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    return book


def _sheet(book: Any, name: str, lang: str, head: Sequence[str], rows: Any) -> Any:
    """A sheet with a bold, frozen heading; what has no column of text is a number."""
    from openpyxl.styles import Font

    sheet = book.create_sheet(SHEETS[name][lang])
    for r, row in enumerate([head, *rows], 1):
        for c, content in enumerate(row, 1):
            _put(sheet.cell(r, c), content)
    for c, cell in enumerate(sheet[1]):
        cell.font = Font(bold=True)
        field = COLUMNS[name][c].field if name in COLUMNS else ""
        sheet.column_dimensions[cell.column_letter].width = WIDTHS.get(field, 16)
    sheet.freeze_panes = "B2"
    return sheet


def _put(cell: Any, content: Any) -> None:
    from openpyxl.utils.exceptions import IllegalCharacterError

    if content is None or content == "":
        return
    if isinstance(content, str) and len(content) > LONGEST:
        right = N_("at most 32767 characters in a cell")
        raise DocumentError(place=f"{cell.parent.title}!{cell.coordinate}", found=len(content), right=right)
    try:
        cell.value = content
    except IllegalCharacterError as error:
        right = N_("a text without control characters")
        raise DocumentError(place=f"{cell.parent.title}!{cell.coordinate}", found=repr(content), right=right) from error
    if isinstance(content, str):
        cell.data_type = "s"  # "=1+1" is what somebody called a source, not a formula
        cell.quotePrefix = content.startswith(("=", "+", "-", "@"))


def _save(book: Any, path: str | Path | BinaryIO) -> None:
    try:
        book.save(path)
    except OSError as error:
        right = N_("a file that can be written")
        raise DocumentError(place=str(path), found=str(error.strerror or error), right=right) from error


def _rows(document: Document) -> dict[str, list[list[Any]]]:
    """The rows of every sheet that is read again."""
    data = document.data
    coverage = data.get("coverage")
    held = {"k": coverage["k"]} if isinstance(coverage, Mapping) else {"p": coverage}
    general = held | {"title": data.get("title")}
    group = {name: str(i) for i, names in enumerate(data.get("observed_together") or [], 1) for name in names}
    return {
        "quantities": [
            _line("quantities", row)
            for name, entry in data["quantities"].items()
            for row in _quantity(name, entry, group.get(name))
        ],
        "correlations": [[*entry["between"], entry["r"]] for entry in data.get("correlations") or []],
        "measurands": [_line("measurands", {**entry, "symbol": name}) for name, entry in data["measurands"].items()],
        "budget": [_line("budget", general)] if any(general.values()) else [],
    }


def _line(sheet: str, held: Mapping[str, Any]) -> list[Any]:
    return [_text(held.get(column.field)) for column in COLUMNS[sheet]]


def _text(found: Any) -> Any:
    if isinstance(found, list | tuple):
        return "; ".join(part if isinstance(part, str) else repr(part) for part in found)
    return found


def _quantity(name: str, entry: Mapping[str, Any], group: str | None) -> Iterator[dict[str, Any]]:
    """The row of a quantity, then one for each of its components."""
    for i, part in enumerate([entry, *(entry.get("components") or [])]):
        pooled = part.get("pooled") or {}
        row = {field: found for field, found in part.items() if field not in ("components", "pooled")}
        yield row | {
            "symbol": name,
            "together": None if i else group,
            "pooled_s": pooled.get("s"),
            "pooled_dof": pooled.get("dof"),
        }


def _parts(made: Mapping[str, BudgetTable], lang: str) -> Iterator[list[Any]]:
    for table in made.values():
        for row in table.rows:
            held = {name: getattr(row, name) for name in TABLE} | {"distribution": shapes(row, lang)}
            yield [table.measurand, *("∞" if found == float("inf") else found for found in held.values())]


def _results(made: Mapping[str, BudgetTable], evaluation: Evaluation, lang: str) -> Iterator[list[Any]]:
    """The foot of every budget, its sentence, and what Monte Carlo found."""
    for name, table in made.items():
        for heading, text in foot(table, lang):
            yield [name, heading, text]
        yield [name, word("report", lang), table.report()[lang]]
        found = (evaluation.monte_carlo or {}).get("measurands", {}).get(name)
        if found:
            for key in ("symmetric", "shortest"):
                yield [name, word(key, lang), figures.interval(found[f"interval_{key}"])]
