"""What people type about control charts: a new chart, a line of a paste, an instant; and the points as a file."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime
from typing import Any

from lims.domain.errors import UnusableValue
from lims.queries.charts import History
from lims.services.chart_points import Entry
from web.forms import Form
from web.speech import N_, zone

FIRST_YEAR = 1950
"""Earlier checks were not kept in a computer; and the year 1 has no instant in every zone."""
RULES = ("rules", "weight", "width", "k", "h", "least")


def entered(form: Form) -> dict[str, Any]:
    """What charts.create takes. Raises UnusableValue."""
    title = form.text("title")
    return {
        "code": form.text("code"),
        "title": {"zh": title, "en": form.value("title_en").strip() or title},
        "quantity": form.text("quantity"),
        "unit": form.text("unit"),
        "chart": form.value("chart"),
        "period_days": form.whole("period_days"),
        "instrument": form.value("instrument"),
        "procedure_name": form.value("procedure_name"),
        "rules": {
            "rules": form.value("rules"),
            "least": form.whole("least"),
            **{name: float(form.decimal(name)) for name in ("weight", "width", "k", "h")},
        },
    }


def pasted(line: str) -> Entry:
    """A check: the value alone, or time; value; note. Raises UnusableValue."""
    cells = [cell.strip() for cell in re.split(r"[;；\t]", line)]
    if len(cells) == 1:
        return Entry(cells)
    if len(cells) > 3:
        raise UnusableValue(field="rows", found=line.strip(), right=N_("time; value; note"))
    return Entry([cells[1]], instant(cells[0], "rows"), cells[2] if len(cells) == 3 else "")


def instant(typed: str, field: str) -> datetime | None:
    """A time as typed, local to the laboratory; None for nothing. Raises UnusableValue."""
    if not typed.strip():
        return None
    try:
        found = datetime.fromisoformat(typed.strip())
        if found.year < FIRST_YEAR:
            raise ValueError
    except ValueError:
        right = N_("a time such as 2026-11-23 10:15")
        raise UnusableValue(field=field, found=typed.strip(), right=right) from None
    return found if found.tzinfo is not None else found.replace(tzinfo=zone())


def table(found: History) -> str:
    """Every point of a chart as CSV."""
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(("time", "value", "unit", "readings", "signals", "case", "note", "left out"))
    for point in found.points:
        case = found.cases.get(point.case_id or 0)
        out = found.chart.baseline["left_out"].get(str(point.id), {})
        cells = [point.at.isoformat(), repr(point.value), found.chart.unit, _readings(point.readings)]
        lines.writerow(
            [
                *cells,
                " ".join(point.signals),
                case.number if case else "",
                *map(_plain, (point.note, out.get("reason", ""))),
            ]
        )
    return text.getvalue()


def _readings(readings: list[Any]) -> str:
    return " ".join(f"{each['record']}#{each['point']}" if isinstance(each, dict) else str(each) for each in readings)


def _plain(cell: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t") else cell
