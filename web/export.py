"""A list as a file for a spreadsheet: CSV (UTF-8 with a mark) or XLSX, heads in both languages, no cell a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any

from flask import Response, request

from lims.services.exports import cell
from lims.words import both
from web.speech import _, moment, text

MOST = 10_000
"""Rows of a file; a list that has more says so in its last line."""
LONGEST = 32_767
"""Characters of a cell of XLSX. Source: ECMA-376-1, as Excel keeps it (m)."""
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def asked() -> str | None:
    """The file that the address asks for: csv, xlsx, or None for the page."""
    wanted = request.args.get("format", "")
    return wanted if wanted in TYPES else None


def answer(kind: str, name: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """The file `name`.csv or .xlsx. heads: English texts; rows: at most MOST are written, one more says there are more."""
    lines = _lines(heads, rows)
    made = Response(_csv(lines) if kind == "csv" else _xlsx(lines), content_type=TYPES[kind])
    made.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    made.headers["X-Content-Type-Options"] = "nosniff"
    made.headers["Cache-Control"] = "no-store"
    return made


def _lines(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterable[list[Any]]:
    said = [both(head) for head in heads]
    yield [f"{each['zh']} {each['en']}" for each in said]
    waiting = iter(rows)
    for row in islice(waiting, MOST):
        yield [_plain(value) for value in row]
    for _row in islice(waiting, 1):
        yield [_("Only the first {n} rows: narrow the filters for the others.", n=MOST)]


def _plain(value: Any) -> Any:
    """Numbers stay numbers; days, instants (local to the laboratory) and texts become text that runs nowhere."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if isinstance(value, datetime):
        return moment(value)
    return cell(value.isoformat() if isinstance(value, date) else text(value))


def _csv(lines: Iterable[list[Any]]) -> bytes:
    sheet = io.StringIO(newline="")
    csv.writer(sheet).writerows(lines)
    return ("\ufeff" + sheet.getvalue()).encode()


def _xlsx(lines: Iterable[list[Any]]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    for line in lines:
        sheet.append([_kept(value, ILLEGAL_CHARACTERS_RE) for value in line])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _kept(value: Any, illegal: Any) -> Any:
    """XML keeps no control characters."""
    return illegal.sub(" ", value)[:LONGEST] if isinstance(value, str) else value
