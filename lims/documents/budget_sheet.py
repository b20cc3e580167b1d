"""The budgets of a record's results as readable files: JSON for programs, CSV for a spreadsheet.

Each result is what an evaluation stored: `point`, `measurand`, `unit`, `value`, `u`, `dof`, `k`, `p`, `U` and `budget`
(its contributions: quantity, sensitivity, u, dof, contribution, share).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from typing import Any

from .texts import label

RESULT = ("point", "measurand", "value", "u", "dof", "k", "p", "U", "unit")
LINE = ("quantity", "sensitivity", "u", "dof", "contribution", "share")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_json(results: Iterable[Mapping[str, Any]]) -> bytes:
    """The budgets as indented UTF-8 JSON, numbers in full precision."""
    sheet = [{**{name: result.get(name) for name in RESULT}, "contributions": _lines(result)} for result in results]
    return (json.dumps(sheet, ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode()


def as_csv(results: Iterable[Mapping[str, Any]], lang: str = "zh") -> bytes:
    """One line a contribution, its result beside it; UTF-8 with a byte order mark, as spreadsheets expect.

    Text that a spreadsheet would take for a formula is quoted with an apostrophe.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    point, quantity = label("point")[lang], label("quantity")[lang]
    writer.writerow(
        [point, *RESULT[1:], quantity, "c", "u(x)", "ν(x)", "|c|·u(x)", "share"]
    )  # symbols are the same in every language
    for result in results:
        own = [_safe(result.get(name)) for name in RESULT]
        for line in _lines(result) or [{}]:
            writer.writerow([*own, *(_safe(line.get(name)) for name in LINE)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _lines(result: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The contributions of a result, wherever its budget keeps them."""
    budget = result.get("budget") or []
    if isinstance(budget, Mapping):
        held = budget.get("contributions") or []
        budget = held.get(result.get("measurand"), []) if isinstance(held, Mapping) else held
    return [{name: line.get(name) for name in LINE} for line in budget]


def _safe(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(FORMULA):
        return "'" + value
    return "" if value is None else value
