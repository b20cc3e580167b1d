"""Identical items measured as one batch: which stand out, how far the batch is, and the table that brings its readings."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lims.domain.errors import UnusableValue
from lims.words import N_, both
from uncertainty import statistics

FAR = 3.5
"""Robust standard deviations from the batch's median beyond which an item stands out (Iglewicz and Hoaglin, 1993)."""
FEWEST = 5
"""Items below which nobody stands out from the rest."""
LARGEST = 1000
SERIAL = ("serial", "编号", "出厂编号")
"""Headings of the column that names the item."""

ORDER = ("open", "submitted", "verified", "issued")


def standing(states: Sequence[str]) -> str:
    """State of a batch from its records': "" (no readings yet), open | returned, submitted, verified, approved, locked."""
    known = {"": 0, "open": 0, "returned": 0, "submitted": 1, "verified": 2, "approved": 3, "locked": 3}
    least = min((known.get(state, 0) for state in states), default=0)
    return ("open", "measured", "verified", "issued")[least]


def outliers(values: Mapping[str, Mapping[int, float]]) -> dict[str, list[int]]:
    """Item → the points at which it is far from the batch's median. values: item → point → value, in one unit a point."""
    found: dict[str, list[int]] = {}
    for point in sorted({point for row in values.values() for point in row}):
        items = [item for item, row in values.items() if point in row]
        if len(items) < FEWEST:
            continue
        column = np.array([values[item][point] for item in items])
        for flag in statistics.far_from_median(column, FAR):
            # Where most items read the very same, one digit is no outlier: the MAD is 0 and says nothing.
            if np.isfinite(flag.statistic):
                found.setdefault(items[flag.index], []).append(point)
    return found


@dataclass(frozen=True, slots=True)
class Table:
    """Serial → rows for lims.services.bench.enter_readings."""

    rows: Mapping[str, Sequence[Mapping[str, object]]]


@dataclass(frozen=True, slots=True)
class WrongCell:
    """A cell that cannot be used. row and column count from 1, as a spreadsheet shows them."""

    row: int
    column: int
    found: str
    right: Mapping[str, str] | str


def read_table(content: bytes, serials: Sequence[str], points: Sequence[int]) -> tuple[Table, list[WrongCell]]:
    """The readings of many items: one line an item, a column "serial" and one a reading headed by its point's number.

    A point that is read more than once has more than one column. Raises UnusableValue for a file that is no such table;
    wrong cells are returned all together, and then nothing of it is to be used.
    """
    lines = _lines(content)
    head = [cell.strip() for cell in lines[0]] if lines else []
    place = next((n for n, cell in enumerate(head) if cell.lower() in SERIAL), None)
    if place is None:
        raise UnusableValue(
            field="file", found=", ".join(head[:6]) or "—", right=N_("a first line with the heading serial")
        )
    wrong: list[WrongCell] = []
    columns = _columns(head, place, points, wrong)
    rows: dict[str, list[dict[str, object]]] = {}
    for number, line in enumerate(lines[1:], start=2):
        serial = line[place].strip() if place < len(line) else ""
        if not any(cell.strip() for cell in line):
            continue
        if serial not in serials or serial in rows:
            right = (
                N_("each item once")
                if serial in rows
                else N_("the serial number of an item of the batch without readings")
            )
            wrong.append(WrongCell(number, place + 1, serial or "—", right))
            continue
        read = _read(line, number, columns, wrong)
        if read:
            rows[serial] = read
    return Table(rows), wrong


def _lines(content: bytes) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
    except UnicodeDecodeError as error:
        found = f"byte {content[error.start]:#04x}"
    except csv.Error as error:
        found = str(error)
    raise UnusableValue(field="file", found=found, right=N_("a file saved as CSV UTF-8"))


def _columns(head: Sequence[str], place: int, points: Sequence[int], wrong: list[WrongCell]) -> dict[int, int]:
    """Column → number of the point whose reading it holds."""
    columns: dict[int, int] = {}
    for n, cell in enumerate(head):
        if n == place or not cell:
            continue
        number = int(cell) if cell.isascii() and cell.isdigit() and len(cell) < 9 else 0
        if number in points:
            columns[n] = number
        else:
            right = both("{low} to {high}, the numbers of the points", low=min(points), high=max(points))
            wrong.append(WrongCell(1, n + 1, cell, right))
    return columns


def _read(
    line: Sequence[str], number: int, columns: Mapping[int, int], wrong: list[WrongCell]
) -> list[dict[str, object]]:
    indications: dict[int, list[str]] = {}
    for n, point in columns.items():
        cell = line[n].strip() if n < len(line) else ""
        if not cell:
            continue
        if not _is_number(cell):
            wrong.append(WrongCell(number, n + 1, cell, N_("a number such as 10.00012")))
            continue
        indications.setdefault(point, []).append(cell)
    return [{"point": point, "indications": read} for point, read in indications.items()]


def _is_number(cell: str) -> bool:
    try:
        return bool(np.isfinite(float(cell.replace("\u2212", "-")))) and "_" not in cell
    except ValueError:
        return False
