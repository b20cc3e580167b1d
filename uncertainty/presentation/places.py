"""Where a fault of a workbook is: file, sheet, row and column, said in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..document import Document
from ..errors import N_, DocumentError, UncertaintyError
from .columns import SHEETS


class Place(str):
    """A place as English text that remembers how it is said, so that the catalogues can say it in Chinese."""

    msgid: str
    facts: Mapping[str, Any]

    def __new__(cls, text: str, msgid: str = "", facts: Mapping[str, Any] | None = None) -> Place:
        place = super().__new__(cls, text)
        place.msgid, place.facts = msgid or "{text}", facts or {"text": text}
        return place

    def __reduce__(self) -> tuple[Any, ...]:
        return Place, (str(self), self.msgid, dict(self.facts))


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a workbook; row and column counted from 1, 0 where the whole sheet or row is meant."""

    file: str
    sheet: str
    row: int = 0
    column: str = ""
    heading: str = ""

    def place(self) -> Place:
        facts = {
            "file": self.file, "sheet": self.sheet, "row": self.row, "column": self.column, "heading": self.heading,
        }  # fmt: skip
        if not self.row:
            msgid = N_("{file}, sheet “{sheet}”")
        elif not self.column:
            msgid = N_("{file}, sheet “{sheet}”, row {row}")
        elif not self.heading:
            msgid = N_("{file}, sheet “{sheet}”, row {row}, column {column}")
        else:
            msgid = N_("{file}, sheet “{sheet}”, row {row}, column {column} ({heading})")
        return Place(msgid.format(**facts), msgid, facts)

    def refuse(self, found: Any, right: str, place: str = "") -> DocumentError:
        """The refusal of what stands in this cell."""
        facts: dict[str, Any] = {"file": self.file, "sheet": self.sheet, "line": self.row, "column": self.column}
        return DocumentError(place=place or self.sheet, where=self.place(), found=found, right=right, **facts)


@dataclass(frozen=True, slots=True)
class SheetDocument(Document):
    """A budget document read from a workbook: every place of it knows its cell."""

    cells: Mapping[str, Cell] = field(default_factory=dict)

    def locate(self, error: UncertaintyError) -> UncertaintyError:
        """The error with the cell of its place, or of the nearest place around it."""
        if "sheet" in error.facts:
            return error
        place = whole = str(error.facts.get("place", ""))
        while place and place not in self.cells:
            place = place.rpartition(".")[0]
        sheet = whole.partition(".")[0]
        cell = self.cells.get(place) or Cell(self.file, sheet if sheet in SHEETS else "budget")
        more = {"file": self.file, "sheet": cell.sheet, "line": cell.row, "column": cell.column}
        return type(error)(**(error.facts | more | {"where": cell.place()}))
