"""Budgets as files that people and programs read."""

from __future__ import annotations

import csv
import io
import json

from lims.documents import budget_sheet

RESULT = {
    "point": 1, "measurand": "error", "value": 0.00061, "u": 0.00054, "dof": None, "k": 2.0, "p": None, "U": 0.0011,
    "unit": "mV",
    "budget": {"contributions": {"error": [
        {"quantity": "=cmd()", "sensitivity": -1.0, "u": 0.0005, "dof": 9, "contribution": 0.0005, "share": 0.86},
        {"quantity": "resolution", "sensitivity": 1.0, "u": 0.0002, "dof": None, "contribution": 0.0002, "share": 0.14},
    ]}},
}  # fmt: skip


def test_csv_has_a_line_for_each_contribution_and_no_formula() -> None:
    text = budget_sheet.as_csv([RESULT], "zh")
    lines = list(csv.reader(io.StringIO(text.decode("utf-8-sig"))))

    assert len(lines) == 3 and lines[0][0] == "序号"
    assert lines[1][9] == "'=cmd()" and lines[1][10] == "-1.0"
    assert lines[2][9:] == ["resolution", "1.0", "0.0002", "", "0.0002", "0.14"]


def test_json_keeps_full_precision() -> None:
    [held] = json.loads(budget_sheet.as_json([RESULT]))

    assert held["U"] == 0.0011 and held["dof"] is None and len(held["contributions"]) == 2
