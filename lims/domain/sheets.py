"""Spreadsheets of a laboratory's past: their columns, how each cell is read, and every wrong cell with what would be right.

A first line of headings in Chinese or English, then one line an object. Nothing is guessed: what cannot be read is told.
"""

from __future__ import annotations

import csv
import io
import unicodedata
import warnings
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from lims.domain.errors import UnusableValue
from lims.words import N_, both

MOST_ROWS, MOST_CELL, MOST_BYTES = 20_000, 2_000, 20_000_000
ENCODINGS = ("utf-8-sig", "gb18030")
"""UTF-8, or what spreadsheets of older Chinese systems are saved in."""
Read = Callable[[str], Any]


class Wrong(ValueError):
    """What a cell would have to be."""

    def __init__(self, right: Any) -> None:
        super().__init__(str(right))
        self.right = right


def text(cell: str) -> str:
    if len(cell) > MOST_CELL:
        raise Wrong(both("at most {n} signs", n=MOST_CELL))
    return cell


def day(cell: str) -> date:
    """2026-11-23, 2026/11/23, 2026.11.23, 20261123 or 2026年11月23日."""
    said = unicodedata.normalize("NFKC", cell)
    for sign in "年月/.":
        said = said.replace(sign, "-")
    said = said.replace("日", "").strip("- ").partition(" ")[0].partition("T")[0]
    parts = [said[:4], said[4:6], said[6:]] if said.isdigit() and len(said) == 8 else said.split("-")
    try:
        year, month, number = (int(part) for part in parts)
        found = date(year, month, number)
    except ValueError:
        raise Wrong(N_("a day such as 2026-11-23")) from None
    if not 1900 <= found.year <= 2200:
        raise Wrong(N_("a day such as 2026-11-23"))
    return found


def months(cell: str) -> int:
    said = unicodedata.normalize("NFKC", cell)
    if not said.isascii() or not said.isdigit() or not 1 <= int(said[:6]) <= 600:
        raise Wrong(N_("a whole number of months, 1 to 600"))
    return int(said)


@dataclass(frozen=True, slots=True)
class Column:
    """heads: headings that mean it, the first ones of zh and en as the template prints them. need: never empty."""

    name: str
    heads: tuple[str, ...]
    need: bool = False
    read: Read = text
    example: str = ""


CUSTOMER = Column("customer", ("客户", "customer", "委托单位", "client"), True, text, "青禾精密电子有限公司")
MAKER = Column("maker", ("制造商", "maker", "生产厂", "manufacturer"), True, text, "Keysight")
MODEL = Column("model", ("型号", "model", "规格型号"), True, text, "34401A")
SERIAL = Column("serial", ("出厂编号", "serial", "编号", "serial no."), True, text, "MY41000001")
NAME_ZH = Column("description", ("名称", "description", "器具名称", "name"), True, text, "数字多用表")
NAME_EN = Column("description_en", ("英文名称", "description (en)"), False, text, "digital multimeter")
SHEETS: Mapping[str, tuple[Column, ...]] = MappingProxyType(
    {
        "customers": (
            Column("name", ("名称", "name", "客户名称", "customer"), True, text, "青禾精密电子有限公司"),
            Column("name_en", ("英文名称", "name (en)"), False, text, "Qinghe Precision Electronics"),
            Column("address", ("地址", "address"), True, text, "云岭市青禾大道 88 号"),
            Column("address_en", ("英文地址", "address (en)"), False, text, "88 Qinghe Avenue, Yunling"),
            Column("contact", ("联系人", "contact"), False, text, "𠮷田 远"),
        ),
        "instruments": (
            CUSTOMER, NAME_ZH, NAME_EN, MAKER, MODEL, SERIAL,
            Column("range", ("测量范围", "range"), False, text, "0 … 1000 V"),
            Column("interval", ("周期（月）", "interval (months)", "检定周期"), False, months, "12"),
            Column("due", ("下次日期", "due", "有效期至"), False, day, "2027-03-01"),
            Column("location", ("存放地点", "location"), False, text, "计量室"),
        ),
        "standards": (
            NAME_ZH, NAME_EN, MAKER, MODEL, SERIAL,
            Column("asset", ("资产编号", "asset number"), False, text, "ZC-0117"),
            Column("certificate", ("证书编号", "certificate"), False, text, "FNMI-DC-2026-0117"),
            Column("issuer", ("出具机构", "issuer"), False, text, "虚构国家计量院"),
            Column("due", ("有效期至", "valid to"), False, day, "2027-08-22"),
        ),
        "certificates": (
            Column("number", ("证书编号", "number", "certificate"), True, text, "2019-D-0042"),
            Column("kind", ("证书类型", "kind", "类型", "type"), True, text, "校准"),
            CUSTOMER, NAME_ZH, MAKER, MODEL, SERIAL,
            Column("issued", ("签发日期", "issued", "发证日期"), True, day, "2019-05-06"),
            Column("valid_to", ("有效期至", "valid to"), False, day, "2020-05-05"),
            Column("result", ("结论", "result"), False, text, "合格"),
        ),
    }
)  # fmt: skip
"""Kind of sheet → its columns, in the order of the template."""
KINDS: Mapping[str, str] = MappingProxyType({"校准": "calibration", "calibration": "calibration", "检定": "verification",
                          "verification": "verification", "检测": "test", "test": "test"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """A cell that cannot be used; row and column count from 1, as a spreadsheet shows them."""

    row: int
    column: int
    heading: str
    found: str
    right: Any


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the sheet as values. line: its number in the file."""

    line: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What was read: good and bad lines alike, and every fault. places: column name → its number in the file."""

    rows: Sequence[Row]
    faults: list[Fault]
    places: Mapping[str, tuple[int, str]]

    def fault(self, row: Row, name: str, right: Any) -> None:
        """Mark a cell of a row that was read but does not fit what is there."""
        place, heading = self.places.get(name, (0, name))
        self.faults.append(Fault(row.line, place, heading, str(row.values.get(name, ""))[:80], right))


def read(kind: str, content: bytes, name: str) -> Sheet:
    """The sheet of a kind in a CSV or XLSX file. Raises UnusableValue for a file that is no such sheet."""
    if kind not in SHEETS:
        raise UnusableValue(field="kind", found=kind or "—", right=", ".join(SHEETS))
    lines = _workbook(content) if content[:2] == b"PK" else _csv(content)
    if not lines:
        raise UnusableValue(field="file", found=name, right=N_("a first line of headings"))
    if len(lines) > MOST_ROWS + 1:
        raise UnusableValue(field="file", found=str(len(lines)), right=both("at most {n} lines", n=MOST_ROWS))
    places = _places(kind, lines[0])
    faults: list[Fault] = []
    rows = [
        _row(kind, number, line, places, faults)
        for number, line in enumerate(lines[1:], 2)
        if any(cell.strip() for cell in line)
    ]
    _twice(kind, rows, places, faults)
    return Sheet(rows, faults, {name: (at + 1, heading) for name, (at, heading) in places.items()})


def _csv(content: bytes) -> list[list[str]]:
    for encoding in ENCODINGS:
        try:
            said = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise UnusableValue(field="file", found=N_("another encoding"), right=N_("CSV in UTF-8 or GB 18030, or XLSX"))
    head = said.partition("\n")[0]
    sign = max((",", ";", "\t", "，"), key=head.count)
    try:
        return list(csv.reader(io.StringIO(said.replace("\x00", ""), newline=""), delimiter=sign))
    except csv.Error as error:
        raise UnusableValue(field="file", found=str(error), right=N_("CSV in UTF-8 or GB 18030, or XLSX")) from None


def _workbook(content: bytes) -> list[list[str]]:
    from openpyxl import load_workbook

    right = N_("CSV in UTF-8 or GB 18030, or XLSX")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            size = sum(part.file_size for part in parts.infolist())
        if size > MOST_BYTES:
            raise UnusableValue(field="file", found=f"{size} B", right=both("at most {n} bytes", n=MOST_BYTES))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions that are not read
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        rows = list(book.worksheets[0].iter_rows(values_only=True, max_row=MOST_ROWS + 2, max_col=60))
        book.close()
    except UnusableValue:
        raise
    except Exception as error:  # whatever a broken file makes the reader raise, it is no workbook
        raise UnusableValue(field="file", found=type(error).__name__, right=right) from None
    return [[_cell(value) for value in row] for row in rows]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _places(kind: str, head: Sequence[str]) -> dict[str, tuple[int, str]]:
    """Column → (place, heading). Raises UnusableValue for a column that is missing, twice or unknown."""
    found: dict[str, tuple[int, str]] = {}
    for at, cell in enumerate(head):
        said = unicodedata.normalize("NFKC", cell).strip()
        if not said:
            continue
        column = next((c for c in SHEETS[kind] if _heading(said) in {_heading(h) for h in c.heads}), None)
        if column is None or column.name in found:
            right = ", ".join(c.heads[0] for c in SHEETS[kind])
            raise UnusableValue(
                field="file", found=said[:60], right=both("each of these headings once: {names}", names=right)
            )
        found[column.name] = (at, said)
    missing = [c.heads[0] for c in SHEETS[kind] if c.need and c.name not in found]
    if missing:
        raise UnusableValue(field="file", found="—", right=both("a column {names}", names=", ".join(missing)))
    return found


def _heading(said: str) -> str:
    return unicodedata.normalize("NFKC", said).strip().casefold()


def _row(
    kind: str, number: int, line: Sequence[str], places: Mapping[str, tuple[int, str]], faults: list[Fault]
) -> Row:
    values: dict[str, Any] = {}
    for column in SHEETS[kind]:
        at, heading = places.get(column.name, (-1, ""))
        cell = line[at].strip() if 0 <= at < len(line) else ""
        try:
            if not cell and column.need:
                raise Wrong(N_("filled in"))
            values[column.name] = column.read(cell) if cell else ("" if column.read is text else None)
        except Wrong as wrong:
            faults.append(Fault(number, at + 1, heading, cell[:80] or "—", wrong.right))
            values[column.name] = cell
    return Row(number, values)


KEYS = {
    "customers": ("name",),
    "standards": ("maker", "model", "serial"),
    "instruments": ("customer", "model", "serial"),
    "certificates": ("number",),
}
"""What tells two objects of a sheet apart."""


def key_of(kind: str, values: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(values.get(name, "")).strip() for name in KEYS[kind])


def _twice(kind: str, rows: Sequence[Row], places: Mapping[str, tuple[int, str]], faults: list[Fault]) -> None:
    first: dict[tuple[str, ...], int] = {}
    for row in rows:
        key = key_of(kind, row.values)
        if all(key) and key in first:
            at, heading = places[KEYS[kind][-1]]
            faults.append(
                Fault(
                    row.line, at + 1, heading, key[-1][:80], both("each once; it stands in line {n} too", n=first[key])
                )
            )
        first.setdefault(key, row.line)
