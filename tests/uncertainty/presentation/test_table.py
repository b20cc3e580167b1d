"""A budget as a table of values and as CSV."""

from __future__ import annotations

import csv
import io
import math
from typing import Any

import pytest

import uncertainty
from uncertainty.presentation import BudgetTable, as_csv, tables
from uncertainty.presentation.figures import dof, estimate, figure, percent, short
from uncertainty.presentation.table import COLUMNS, foot, per, shown


def table(document: dict[str, Any], measurand: str = "y") -> BudgetTable:
    budget = uncertainty.compile({"budget": 1} | document)
    return tables(budget, budget.evaluate())[measurand]


WEIGHT = {  # EA-4/02 M:2022, S2: a 10 kg weight against a reference, in g
    "quantities": {
        "m_S": {"value": 10000.005, "U": 0.045, "k": 2, "unit": "g", "source": "reference weight", "title": "standard"},
        "dm_D": {"value": 0, "distribution": "rectangular", "half_width": 0.015, "unit": "g"},
        "dm": {"value": 0.02, "u": 0.014433756729740645, "unit": "g"},
        "dm_C": {"value": 0, "distribution": "rectangular", "half_width": 0.01, "unit": "g"},
        "dB": {"value": 0, "distribution": "rectangular", "half_width": 0.01, "unit": "g"},
    },
    "measurands": {"y": {"expression": "m_S + dm_D + dm + dm_C + dB", "unit": "g", "title": "mass"}},
}


def test_the_weight_of_ea_4_02_stands_in_a_table_with_its_foot() -> None:
    """EA-4/02, S2: m = 10 000.025 g, u = 29.3 mg, U = 59 mg; row dm_C has u = 5.77 mg."""
    found = table(WEIGHT)
    assert [row.symbol for row in found.rows] == ["m_S", "dm_D", "dm", "dm_C", "dB"]
    assert found.rows[3].u == pytest.approx(5.77e-3, abs=5e-6)
    assert found.rows[0].distribution == ("normal",) and found.rows[1].distribution == ("rectangular",)
    assert round(found.y, 3) == 10000.025 and round(found.U, 3) == 0.059
    assert math.fsum(row.share or 0 for row in found.rows) == pytest.approx(1, abs=1e-12)
    assert shown(found.rows[0], "en")["estimate"] == "10000.005"
    assert dict(foot(found, "en"))["Expanded uncertainty U"] == "0.059 g"
    assert found.report()["en"] == "(10000.025 ± 0.059) g, k = 2"


def test_a_negative_share_and_a_declared_correlation_are_shown() -> None:
    """y = a − b/4, u = 1 each, r = 0.9: u² = 1 + 1/16 − 0.45 = 0.6125; share of b = (1/16 − 0.225)/0.6125."""
    found = table(
        {
            "quantities": {"a": {"value": 1, "u": 1}, "b": {"value": 1, "u": 1}},
            "correlations": [{"between": ["a", "b"], "r": 0.9}],
            "measurands": {"y": {"expression": "a - b/4"}},
        }
    )
    assert found.u_c**2 == pytest.approx(0.6125)
    assert found.rows[1].share == pytest.approx((1 / 16 - 0.225) / 0.6125)
    assert shown(found.rows[1], "zh")["share"] == "−26.5 %"
    assert found.correlations == (("a", "b", 0.9),)


def test_a_table_holds_what_its_model_reaches_also_through_another_measurand_and_exact_numbers() -> None:
    made = tables(
        budget := uncertainty.compile(
            {
                "budget": 1,
                "quantities": {
                    "V": {"value": 10, "u": 0.1, "unit": "V"},
                    "I": {"value": 2, "u": 0.01, "unit": "A"},
                    "n": {"value": 3, "exact": True},
                    "z": {"value": 1, "u": 1},
                },
                "measurands": {
                    "R": {"expression": "V/I", "unit": "mohm"},
                    "S": {"expression": "n*R", "unit": "ohm"},
                    "w": {"expression": "z"},
                },
            }
        ),
        budget.evaluate(),
    )
    assert [row.symbol for row in made["R"].rows] == ["V", "I"]
    assert [row.symbol for row in made["S"].rows] == ["V", "I", "n"]
    assert made["R"].rows[0].sensitivity == pytest.approx(500) and made["R"].rows[0].sensitivity_unit == "mohm/V"
    exact = made["S"].rows[2]
    assert (exact.u, exact.share, exact.distribution) == (0, 0, ())
    assert exact.sensitivity == pytest.approx(5)  # R = 5 Ω for each
    assert shown(exact, "en")["distribution"] == "exact"


def test_csv_is_read_by_a_spreadsheet_and_runs_no_formula() -> None:
    document = {
        "quantities": {
            "a": {"value": -2, "u": 0.5, "source": '=HYPERLINK("http://x")', "title": "@cmd"},
            "b": {"value": 1, "u": 0.1, "dof": 7, "source": "-1+1"},
        },
        "measurands": {"y": {"expression": "-a + b", "title": "+t"}},
    }
    found = table(document)
    raw = as_csv([found], "en")
    assert raw.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    cells = [cell for line in lines for cell in line]
    assert '\'=HYPERLINK("http://x")' in cells and "'@cmd" in cells and "'-1+1" in cells and "'+t" in cells
    assert "'-a + b" in cells
    assert not [cell for cell in cells if cell[:1] in "=+@" and cell]
    row = dict(zip(COLUMNS, next(line for line in lines if line[0] == "a"), strict=True))
    assert (float(row["estimate"]), float(row["u"]), row["dof"]) == (-2, 0.5, "∞")
    assert float(next(line for line in lines if line[0] == "u_c")[2]) == found.u_c  # full precision


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (figure(0), "0"),
        (figure(-0.0123456), "−0.01235"),
        (figure(0.125, 2), "0.12"),  # GB/T 8170: half to even
        (figure(1.15e-5, 3), "1.15×10⁻⁵"),
        (figure(9.9996e-8, 4), "1.000×10⁻⁷"),
        (figure(123456, 2), "120000"),
        (figure(5.0000838e7, 3), "5.00×10⁷"),
        (short(1.0, 4), "1"),
        (short(-575.0071645, 4), "−575"),
        (short(100.0, 4), "100"),
        (dof(math.inf), "∞"),
        (dof(70993.8), "71000"),
        (dof(16.72), "16.7"),
        (percent(None), "—"),
        (percent(-0.2653), "−26.5 %"),
        (estimate(50000838, 205.1), "50000840"),
        (estimate(-0.0004, 0.35), "0.00"),
        (estimate(1.15e-5, 0), "1.15×10⁻⁵"),
        (estimate(6.62607e-34, 1e-39), "6.626070×10⁻³⁴"),
    ],
)
def test_figures_are_short_and_rounded_half_to_even(found: str, expected: str) -> None:
    assert found == expected


@pytest.mark.parametrize(
    ("unit", "other", "expected"),
    [("nm", "K", "nm/K"), ("V", "V", "1"), ("nm", "1", "nm"), ("nm", "1/K", "nm·K"), ("Pa", "kg*m", "Pa/(kg*m)"),
     ("degC", "mV", "K/mV"), ("1", "1/K", "K"), ("1", "degC", "1/K")],
)  # fmt: skip
def test_the_unit_of_a_sensitivity(unit: str, other: str, expected: str) -> None:
    assert per(unit, other) == expected
