"""A file of readings as an instrument: CSV or XLSX, a column, a reading a row."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

from instruments.errors import ErrorStyle
from instruments.link import Link
from instruments.reading import Identity, Reading
from instruments.roles_mechanical import Indicator, NothingEntered, UnusableEntry
from instruments.specifications.phrase import Phrase

MOST_BYTES, MOST_ROWS = 20_000_000, 100_000  # unpacked
NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{0,15})?(?:[eE][+-]?\d{1,3})?", re.ASCII)
HEADING = re.compile(r"(?P<name>[^\[\]]{1,80}?)\s*\[(?P<unit>[^\[\]]{1,20})\]")
TIME = ("time", "时间")
Row = tuple[int, dict[str, str]]


class FileReadings(Indicator):
    """Readings from a file, in its order. Resource: `FILE::column::path of a .csv or .xlsx file`.

    The first row holds names with their units, `pressure [kPa]`; a column `time` holds ISO times with their zone.
    The file's SHA-256 stands for its serial number, so that another file of the same name is another instrument.
    A workbook's first sheet is read; of a formula the value that was saved. Nothing in it is executed.
    """

    maker, model = "file", "FILE"
    identity = r"file, FILE,"
    errors = ErrorStyle()

    def __init__(self, link: Link, *, expect_serial: str | None = None, marked: bool = False) -> None:
        super().__init__(link, expect_serial=expect_serial, marked=marked)
        kind, column, path = ([*link.resource.split("::", 2), "", ""])[:3]
        if kind.upper() != "FILE" or not column or not path:
            right = Phrase("FILE::column::path")
            raise UnusableEntry(field="name of the resource", resource=link.resource, found=link.resource, right=right)
        self.column, self.path = column, Path(path)
        self.sha256, self.unit = "", ""
        self._rows: Iterator[Row] | None = None

    @classmethod
    def open(cls, resource: str, library: Any = "@py", *, expect_serial: str | None = None, **options: Any) -> Self:
        """The file of a resource, read whole and its column found. Raises UnusableEntry."""
        found = cls(Link(resource, library, **options), expect_serial=expect_serial)
        found.load()
        return found

    def load(self) -> None:
        """Read the file from its beginning. Raises UnusableEntry."""
        try:
            with self.path.open("rb") as file:
                content = file.read(MOST_BYTES + 1)
        except OSError as error:
            raise self._wrong("file", error.strerror or str(error), Phrase("a file that can be read")) from None
        if len(content) > MOST_BYTES:
            raise self._wrong("file", f"> {MOST_BYTES} B", Phrase("at most {most} bytes", most=MOST_BYTES))
        self.sha256 = hashlib.sha256(content).hexdigest()
        rows = self._of_workbook(content) if content.startswith(b"PK") else self._of_csv(content)
        heading = next(rows, [])
        names = [HEADING.fullmatch(cell.strip()) for cell in heading]
        units = {found["name"]: found["unit"].strip() for found in names if found}
        if sum(found is not None and found["name"] == self.column for found in names) != 1:
            right = Phrase("a heading {column} [unit], once", column=self.column)
            raise self._wrong(Phrase("row {number}", number=1), ", ".join(heading)[:200] or "''", right)
        self.unit = units[self.column]
        keys = [found["name"] if found else cell.strip() for found, cell in zip(names, heading, strict=True)]
        self._rows = self._named(rows, keys)

    def _named(self, rows: Iterator[list[str]], keys: list[str]) -> Iterator[Row]:
        for number, row in enumerate(rows, start=2):
            if number > MOST_ROWS:
                raise self._wrong(
                    Phrase("row {number}", number=number), str(number), Phrase("at most {most} rows", most=MOST_ROWS)
                )
            if any(cell.strip() for cell in row):
                if len(row) != len(keys):
                    right = Phrase("{count} cells", count=len(keys))
                    raise self._wrong(
                        Phrase("row {number}", number=number), Phrase("{count} cells", count=len(row)), right
                    )
                yield number, dict(zip(keys, row, strict=True))

    def _of_csv(self, content: bytes) -> Iterator[list[str]]:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            right = Phrase("a file saved as CSV UTF-8")
            raise self._wrong("file", f"byte {content[error.start]:#04x}", right) from None
        try:
            yield from csv.reader(io.StringIO(text, newline=""), strict=True)
        except csv.Error as error:
            raise self._wrong("file", str(error), Phrase("a file saved as CSV UTF-8")) from None

    def _of_workbook(self, content: bytes) -> Iterator[list[str]]:
        from openpyxl import load_workbook

        right = Phrase("a workbook of the kind .xlsx")
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as parts:
                if sum(part.file_size for part in parts.infolist()) > MOST_BYTES:
                    raise self._wrong("file", f"> {MOST_BYTES} B", Phrase("at most {most} bytes", most=MOST_BYTES))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of styles and extensions that are not read
                book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
            rows = list(book.worksheets[0].iter_rows(values_only=True, max_row=MOST_ROWS + 1))
            book.close()
        except UnusableEntry:
            raise
        except Exception as error:  # openpyxl has no error of its own for a workbook that is none
            raise self._wrong("file", type(error).__name__, right) from None
        for row in rows:
            yield [_cell(value) for value in row]

    def ask_identity(self) -> Identity:
        """The file by its SHA-256; raises UnusableEntry."""
        if not self.sha256:
            self.load()
        raw = f"{self.maker}, {self.model}, {self.sha256}"
        return Identity(self.maker, self.model, self.sha256, self.path.name, raw)

    @property
    def reading(self) -> Reading:
        """The next row's value; raises NothingEntered after the last, UnusableEntry for a cell that is no number."""
        if self._rows is None:
            self.load()
        number, row = next(self._rows or iter(()), (0, {}))
        if not number:
            raise NothingEntered(resource=self.resource)
        typed = row[self.column]
        if not NUMBER.fullmatch(typed.strip()):
            raise self._wrong(
                Phrase("row {number}", number=number),
                repr(typed),
                Phrase("a number in {unit} with a decimal point", unit=self.unit),
            )
        stamp = next((row[key] for key in row if key.lower() in TIME), None)
        setup = MappingProxyType(
            _others(row, self.column) | {"file": self.path.name, "sha256": self.sha256, "row": number}
        )
        return Reading(float(typed), self.unit, typed, self._moment(stamp, number), setup)

    def _moment(self, stamp: str | None, number: int) -> datetime:
        """When the row was taken; now where the file has no times."""
        if stamp is None:
            return datetime.now(UTC)
        try:
            moment = datetime.fromisoformat(stamp.strip())
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            raise self._wrong(Phrase("row {number}", number=number), repr(stamp), Phrase("a time with its zone"))
        return moment.astimezone(UTC)

    def _wrong(self, field: str, found: object, right: Phrase) -> UnusableEntry:
        return UnusableEntry(field=field, resource=self.resource, found=found, right=right)


def _cell(value: object) -> str:
    """A cell as text: numbers with all the digits that were saved, times as ISO."""
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, datetime) else repr(value) if isinstance(value, float) else str(value)


def _others(row: dict[str, str], column: str) -> dict[str, str]:
    return {key: text for key, text in row.items() if key != column and text.strip()}
