"""Files of readings: CSV with a header of names and units as the procedure declares them, one row an observation.

Nothing is guessed: no other separators, no other encodings, no decimal commas, no empty cells.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from instruments.faults import InstrumentError
from instruments.procedures.procedure import Procedure
from instruments.specifications.phrase import Phrase
from instruments.specifications.units import tidy

MAX_ROWS = 100_000
_HEADER = re.compile(r"\s*(?P<name>[^\s(\[/]+)\s*(?:[(\[/]\s*(?P<unit>[^)\]]*?)\s*[)\]]?)?\s*")
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d{1,3})?", re.ASCII)


class WrongReadings(InstrumentError, ValueError):
    """A file of readings is wrong. cells: every wrong cell as {row, column, found, right}."""

    code: ClassVar[str] = "wrong_readings"
    sentence: ClassVar[str] = (
        "{file}, row {row}, column {column}: found {found}; right would be {right} (wrong places in all: {count})."
    )

    def __init__(self, *, file: str, cells: list[dict[str, object]]) -> None:
        super().__init__(file=file, count=len(cells), **cells[0])
        self.cells = cells

    def __reduce__(self) -> tuple[object, ...]:
        return _again, (self.facts["file"], self.cells)


def _again(file: str, cells: list[dict[str, object]]) -> WrongReadings:
    return WrongReadings(file=file, cells=cells)


@dataclass(frozen=True, slots=True)
class Table:
    """The readings of a file: values by column, the cells as written, and the digest of the file's bytes."""

    file: str
    sha256: str
    units: Mapping[str, str]
    values: Mapping[str, tuple[float, ...]]
    raw: Mapping[str, tuple[str, ...]]

    @property
    def rows(self) -> int:
        """The number of observations."""
        return len(next(iter(self.values.values())))

    def quantities(self) -> dict[str, dict[str, object]]:
        """The columns as quantities of a budget document, ready for Procedure.bind."""
        return {
            name: {"readings": list(values), "unit": self.units[name], "source": f"{self.file}, column {name}"}
            for name, values in self.values.items()
        }


def read_readings(file: str | Path | bytes, procedure: Procedure, *, name: str | None = None) -> Table:
    """The table of readings in a CSV file (a path, or its bytes), as `procedure.data` declares it.

    Rows are counted as in the file: the header is row 1. Raises WrongReadings, which holds every wrong cell;
    ValueError when the procedure reads instruments and not files.
    """
    if procedure.data is None:
        raise ValueError(f"{procedure.name} reads instruments, not files: use its points")
    content = file if isinstance(file, bytes) else Path(file).read_bytes()
    label = name or ("readings" if isinstance(file, bytes) else Path(file).name)
    rows = _rows(content, label)
    columns = procedure.data.columns
    order = _header(rows[0] if rows else [], columns, label)
    wrong: list[dict[str, object]] = []
    cells: dict[str, list[str]] = {column: [] for column in columns}
    values: dict[str, list[float]] = {column: [] for column in columns}
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(order):
            wrong.append(
                {
                    "row": number,
                    "column": "all",
                    "found": Phrase("{count} cells", count=len(row)),
                    "right": Phrase("{count} cells", count=len(order)),
                }
            )
            continue
        for column, cell in zip(order, row, strict=True):
            text = cell.strip()
            if not _NUMBER.fullmatch(text) or abs(float(text)) > 1e300:
                right = Phrase("a number in {unit} with a decimal point", unit=columns[column])
                wrong.append(
                    {"row": number, "column": column, "found": text or Phrase("an empty cell"), "right": right}
                )
                continue
            cells[column].append(text)
            values[column].append(float(text))
    if wrong:
        raise WrongReadings(file=label, cells=wrong)
    least = 2
    if len(rows) - 1 < least:
        raise _one(
            label,
            len(rows) or 1,
            "all",
            Phrase("{count} rows of readings", count=len(rows) - 1),
            Phrase("at least {count}", count=least),
        )
    return Table(
        file=label,
        sha256=hashlib.sha256(content).hexdigest(),
        units=dict(columns),
        values={column: tuple(entries) for column, entries in values.items()},
        raw={column: tuple(entries) for column, entries in cells.items()},
    )


def _one(file: str, row: int, column: str, found: str, right: str) -> WrongReadings:
    return WrongReadings(
        file=file,
        cells=[
            {
                "row": row,
                "column": column,
                "found": found,
                "right": right if isinstance(right, Phrase) else Phrase(right),
            }
        ],
    )


def _rows(content: bytes, label: str) -> list[list[str]]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _one(label, 1, "all", "UTF-16", "a file saved as CSV UTF-8")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        raise _one(label, row, "all", f"byte {content[error.start]:#04x}", "a file saved as CSV UTF-8") from None
    if "\0" in text:
        raise _one(
            label, text[: text.index("\0")].count("\n") + 1, "all", Phrase("a zero byte"), "a text file, CSV UTF-8"
        )
    rows: list[list[str]] = []
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise _one(label, len(rows) + 1, "all", str(error), "cells separated by commas") from None
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    if len(rows) > MAX_ROWS:
        raise _one(
            label,
            MAX_ROWS + 1,
            "all",
            Phrase("{count} rows", count=len(rows)),
            Phrase("at most {count} rows", count=MAX_ROWS),
        )
    return rows


def _header(row: list[str], columns: Mapping[str, str], label: str) -> list[str]:
    """The declared columns in the file's order; names and units must be the declared ones, in any order."""
    declared = ", ".join(f"{name} ({unit})" for name, unit in columns.items())
    order: list[str] = []
    wrong: list[dict[str, object]] = []
    for place, cell in enumerate(row, start=1):
        match = _HEADER.fullmatch(tidy(cell))
        name = match["name"] if match else ""
        unit = match["unit"] if match else None
        if name not in columns or name in order:
            wrong.append(
                {"row": 1, "column": place, "found": cell.strip() or Phrase("an empty cell"), "right": declared}
            )
        elif unit is None or tidy(unit) != tidy(columns[name]):
            wrong.append({"row": 1, "column": name, "found": cell.strip(), "right": f"{name} ({columns[name]})"})
        else:
            order.append(name)
    if not wrong and set(order) != set(columns):
        wrong.append({"row": 1, "column": "all", "found": ", ".join(order) or Phrase("no header"), "right": declared})
    if wrong:
        raise WrongReadings(file=label, cells=wrong)
    return order
