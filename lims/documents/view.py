"""A snapshot as a page shows it: strings ready to print, tables with only the columns that say something.

No layout and no arithmetic: numbers are the snapshot's own decimal strings, their digits grouped in threes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from . import snapshot as snapshots
from .dcc_results import groups, source_of
from .dsi import symbol
from .texts import Text, filled, label, labels

MINUS = "−"
INFINITE = "∞"
# columns of a results table: name in the row, label
COLUMNS = (
    ("nominal", "nominal"),
    ("reference", "reference"),
    ("indication", "indication"),
    ("error", "error"),
    ("value", "value"),
    ("U", "U"),
    ("limits", "limits"),
    ("k", "k"),
    ("dof", "dof"),
    ("p", "p"),
    ("tur", "tur"),
    ("verdict", "verdict"),
)
SHARED = ("k", "p", "dof")  # printed once below the table when every row agrees
SYMBOLS = {"U": "U", "k": "k", "p": "p", "dof": "ν_eff"}

Row = Mapping[str, Any]


def digits(number: str) -> list[str]:
    """A decimal string in groups of three digits from the decimal sign: `-10.00004` → `−10.000`, `04`.

    Up to four digits on a side stay together (ISO 80000-1:2022, 7.2).
    """
    sign = MINUS if number.startswith("-") else ""
    mantissa, mark, exponent = number.lstrip("+-").partition("e" if "e" in number else "E")
    whole, point, fraction = mantissa.partition(".")
    left = [whole] if len(whole) <= 4 else _threes(whole[::-1], backwards=True)
    right = [fraction] if len(fraction) <= 4 else _threes(fraction, backwards=False)
    joined = [*left[:-1], left[-1] + point + right[0], *right[1:]]
    if mark:
        joined[-1] += f" × 10^{exponent.replace('-', MINUS).lstrip('+')}"
    return [sign + joined[0], *joined[1:]]


def _threes(text: str, *, backwards: bool) -> list[str]:
    held = [text[i : i + 3] for i in range(0, len(text), 3)]
    return [part[::-1] for part in reversed(held)] if backwards else held


def instant(text: str) -> str:
    """An instant as printed, in its own zone: `2026-11-20 15:42 +08:00`, or with UTC."""
    at = datetime.fromisoformat(text)
    offset = at.isoformat()[-6:]
    return f"{at:%Y-%m-%d %H:%M} {'UTC' if offset == '+00:00' else offset}"


def period(first: str, last: str) -> str:
    """One day, or two with a dash."""
    return first if first == last else f"{first} – {last}"


def table(results: Mapping[str, Any]) -> dict[str, Any]:
    """A set of results as a table: columns, and groups of rows by range; cells are lists of digit groups or a text."""
    rows: Sequence[Row] = results["rows"]
    wanted = [column for column in COLUMNS if _says_something(rows, column[0])]
    by_quantity = all(row.get("range") is None for row in rows)
    parts = [rows] if by_quantity else list(groups(rows))
    return {
        "title": results["title"],
        "by_quantity": by_quantity,
        "columns": [{"name": name, "label": _heading(name, key), "width": _width(rows, name)} for name, key in wanted],
        "groups": [_group(part, wanted, by_quantity=by_quantity) for part in parts],
        "shared": [_shared(rows, name) for name in SHARED if _agree(rows, name) and rows[0].get(name) is not None],
        "correlation": _correlation(results.get("correlation")),
    }


def _heading(name: str, key: str) -> Text | str:
    return label(key) if key in labels() and name not in SYMBOLS else SYMBOLS[name]


def _width(rows: Sequence[Row], name: str) -> int:
    """Share of the table's width: the longest cell in digits, with room for the heading."""
    if name == "verdict":
        return 15 if any(row["verdict"] not in ("pass", "fail", "none") for row in rows) else 10
    longest = max(len("".join(_cell(row, name) or [])) for row in rows)
    return max(longest, 4 if name in ("k", "dof", "tur") else 6) + 2


def _says_something(rows: Sequence[Row], name: str) -> bool:
    if name == "limits":
        return any(row.get("low") is not None or row.get("high") is not None for row in rows)
    if name == "verdict":
        return any(row["verdict"] != "none" for row in rows)
    if name in SHARED and _agree(rows, name):
        return False
    return any(row.get(name) is not None for row in rows)


def _agree(rows: Sequence[Row], name: str) -> bool:
    return len({row.get(name) for row in rows}) == 1


def _shared(rows: Sequence[Row], name: str) -> dict[str, Any]:
    return {"symbol": SYMBOLS[name], "value": digits(rows[0][name])}


def _group(rows: Sequence[Row], wanted: Sequence[tuple[str, str]], *, by_quantity: bool) -> dict[str, Any]:
    first = rows[0]
    return {
        "range": first.get("range"),
        "quantity": first["quantity"],
        "function": first.get("function"),
        "unit": symbol(first["unit"]),
        "rows": [
            {
                "point": str(row["point"]),
                "name": row["quantity"] if by_quantity else None,
                "symbol": row.get("symbol") or (row.get("measurand") if row.get("value") is not None else None),
                "unit": symbol(row["unit"]),
                "verdict": row["verdict"],
                "cells": [_cell(row, name) for name, _ in wanted],
            }
            for row in rows
        ],
    }


def _cell(row: Row, name: str) -> Any:
    """Digit groups, a bilingual text (the verdict), or nothing."""
    if name == "verdict":
        return label(row["verdict"]) if row["verdict"] != "none" else None
    if name == "limits":
        low, high = row.get("low"), row.get("high")
        if low is not None and high is not None and low.lstrip("-") == high and low.startswith("-"):
            return ["±" + digits(high)[0], *digits(high)[1:]]
        return [*digits(low or MINUS + INFINITE), " … ", *digits(high or INFINITE)]
    value = row.get(name)
    if value is None:
        return [INFINITE] if name == "dof" else None
    return digits(value)


def _correlation(correlation: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if correlation is None:
        return None
    matrix = [[digits(value) for value in line] for line in correlation["matrix"]]
    return {"names": correlation["names"], "matrix": matrix}


def _specification(conformity: Mapping[str, Any] | None) -> dict[str, Any] | None:
    held = conformity.get("specification") if conformity else None
    return {"source": source_of(held), "verified": bool(held.get("verified"))} if held else None


def conditions(snapshot: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The ambient conditions: what was observed, between what, with which sensor."""
    out = []
    for held in snapshot["environment"]:
        unit = symbol(held["unit"])
        spread = held.get("U")
        out.append(
            {
                "quantity": held["quantity"],
                "symbol": held.get("symbol"),
                "low": digits(held["low"]),
                "high": digits(held["high"]),
                "unit": unit,
                "U": digits(spread) if spread is not None else None,
                "sensor": held["sensor"],
            }
        )
    return out


def view(snapshot: Mapping[str, Any]) -> dict[str, Any]:
    """Everything the template prints, beside the snapshot itself."""
    dates = snapshot["dates"]
    kind = snapshot["kind"]
    performed = {
        "verification": "performed_verification",
        "result_notice": "performed_verification",
        "evaluation_report": "performed_evaluation",
    }
    return {
        "labels": labels(),
        "digest": snapshots.digest(snapshot),
        "number_label": label("report_number" if kind == "evaluation_report" else "number"),
        "performed_label": label(performed.get(kind, "performed")),
        "performed": period(dates["performed_from"], dates["performed_to"]),
        "tables": [table(results) for results in snapshot["result_sets"]],
        "conditions": conditions(snapshot),
        "people": [
            {**person, "at": instant(person["at"]), "label": label(person["role"])} for person in snapshot["people"]
        ],
        "specification": _specification(snapshot["conformity"]),
        "supersedes": filled("supersedes", **snapshot["supersedes"]) if snapshot["supersedes"] else None,
        "audit": filled("audit_head", seq=snapshot["audit_head"]["seq"]),
        "clock": filled("clock", speed=snapshot["clock"]["speed"]) if snapshot["clock"]["simulated"] else None,
        "end": label("end_report" if kind == "evaluation_report" else "end"),
        "software": "{name} {version}, Python {python}, numpy {numpy}, {platform}".format(**snapshot["software"]),
    }
