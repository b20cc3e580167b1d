"""`lims evaluate` as a person meets it: every door in and out, both languages, exit codes."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pikepdf
import pytest
from click.testing import CliRunner, Result
from rich.console import Console

import uncertainty
from lims import words
from lims.commands import cli
from lims.commands.evaluate import _table, bar
from uncertainty.presentation import sheet, tables

BUDGET = """\
budget: 1
title: 电压 Voltage
quantities:
  a: {value: 10, U: 0.2, k: 2, unit: V, source: "=certificate"}
  b: {distribution: rectangular, half_width: 0.3, unit: V}
measurands:
  y: {expression: "a + b", unit: V}
"""
U_C = (0.1**2 + 0.3**2 / 3) ** 0.5


def lims(*arguments: object, lang: str = "en") -> Result:
    return CliRunner().invoke(cli, ["--lang", lang, *map(str, arguments)])


@pytest.fixture
def budget(tmp_path: Path) -> Path:
    file = tmp_path / "budget.yaml"
    file.write_text(BUDGET, "utf-8")
    return file


@pytest.mark.parametrize(("lang", "heading"), [("zh", "不确定度分量"), ("en", "Contribution")])
def test_the_table_shows_every_quantity_with_its_share_as_a_bar(budget: Path, lang: str, heading: str) -> None:
    """u_c² = 0.01 + 0.03: shares 25 % and 75 %, U = 0.4 V."""
    done = lims("evaluate", budget, lang=lang)
    assert done.exit_code == 0, done.output
    assert heading in done.output and "(10.00 ± 0.40) V" in done.output
    a, b = (line for line in done.output.splitlines() if line.startswith(("a ", "b ")))
    assert "25.0 %" in a and a.count("█") == 5
    assert "75.0 %" in b and b.count("█") == 15
    assert ("矩形" if lang == "zh" else "rectangular") in b


def test_a_workbook_and_a_yaml_file_of_one_budget_give_one_answer(budget: Path, tmp_path: Path) -> None:
    book = tmp_path / "written.xlsx"
    first = lims("evaluate", budget, "--json", "--xlsx", book)
    again = lims("evaluate", book, "--json")
    answers = [json.loads(done.stdout) for done in (first, again)]
    assert answers[0]["measurands"] == answers[1]["measurands"]
    assert answers[1]["measurands"]["y"]["u"] == pytest.approx(U_C, rel=1e-12)
    assert sheet.read(book).data["title"] == "电压 Voltage"


def test_every_file_that_is_asked_for_is_written_and_can_be_read(budget: Path, tmp_path: Path) -> None:
    outs = {kind: tmp_path / f"out.{kind}" for kind in ("csv", "xlsx", "pdf", "svg")}
    options = [part for kind, file in outs.items() for part in (f"--{kind}", file)]
    done = lims("evaluate", budget, "--method", "both", "--trials", 5000, "--seed", 1, *options)
    assert done.exit_code == 0, done.output
    cells = [cell for line in csv.reader(io.StringIO(outs["csv"].read_text("utf-8-sig"))) for cell in line]
    assert "'=certificate" in cells and str(U_C)[:12] in " ".join(cells)
    root = ElementTree.fromstring(outs["svg"].read_bytes())
    kinds = [part.get("class") for part in root]
    assert "uncertainty-plot contributions" in kinds and "uncertainty-plot histogram" in kinds
    with pikepdf.open(outs["pdf"]) as pages:
        assert "pdfuaid" in str(pages.open_metadata()) and str(pages.docinfo["/Title"]) == "电压 Voltage"
    assert sheet.compile(outs["xlsx"]).evaluate().results["y"].u == pytest.approx(U_C)
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(["budget.yaml", *(f.name for f in outs.values())])


def test_json_on_standard_output_is_not_mixed_with_anything(budget: Path, tmp_path: Path) -> None:
    done = lims(
        "evaluate", budget, "--json", "--method", "monte-carlo", "--trials", "300000", "--csv", tmp_path / "o.csv"
    )
    answer = json.loads(done.stdout)
    assert answer["monte_carlo"]["trials"] == 300000
    assert "o.csv" in done.stderr


def test_one_seed_gives_one_answer_and_adaptive_says_when_it_was_stable(budget: Path) -> None:
    runs = [
        lims("evaluate", budget, "--json", "--method", "both", "--trials", "adaptive", "--seed", 7).stdout for _ in "ab"
    ]
    assert runs[0] == runs[1]
    assert json.loads(runs[0])["monte_carlo"]["stabilized"] is True


def test_the_exit_code_is_1_where_the_first_order_had_to_be_confirmed_and_is_not(tmp_path: Path) -> None:
    """y = x² at 0 ± 1: first order u = 0, in truth √2."""
    square = tmp_path / "square.yaml"
    square.write_text(
        "budget: 1\nquantities:\n  x: {value: 0, u: 1}\nmeasurands:\n  y: {expression: 'x**2'}\n", "utf-8"
    )
    options: list[Any] = [square, "--method", "both", "--trials", 20000, "--seed", 1]
    assert lims("evaluate", *options).exit_code == 0
    assert lims("evaluate", *options, "--require-valid").exit_code == 1
    assert lims("evaluate", square, "--require-valid").exit_code == 2
    line = tmp_path / "line.yaml"
    line.write_text("budget: 1\nquantities:\n  x: {value: 0, u: 1}\nmeasurands:\n  y: {expression: '2*x'}\n", "utf-8")
    confirmed = lims("evaluate", line, "--method", "both", "--trials", 1000000, "--seed", 1, "--require-valid")
    assert confirmed.exit_code == 0, confirmed.output


@pytest.mark.parametrize("trials", ["0", "-5", "many", "nan", "inf", "1e999"])
def test_a_number_of_trials_that_is_none_is_wrong_usage(budget: Path, trials: str) -> None:
    assert lims("evaluate", budget, "--method", "both", "--trials", trials).exit_code == 2


def test_the_budget_is_not_written_over_and_a_place_that_cannot_be_written_is_named(
    budget: Path, tmp_path: Path
) -> None:
    before = budget.read_bytes()
    assert lims("evaluate", budget, "--csv", tmp_path / "." / "budget.yaml").exit_code == 2
    assert budget.read_bytes() == before
    refused = lims("evaluate", budget, "--csv", tmp_path / "no" / "such" / "o.csv")
    assert refused.exit_code != 0 and "o.csv" in refused.output


def test_a_fault_in_a_workbook_is_one_sentence_with_its_cell_in_both_languages(budget: Path, tmp_path: Path) -> None:
    from openpyxl import load_workbook

    file = tmp_path / "b.xlsx"
    lims("evaluate", budget, "--xlsx", file)
    book = load_workbook(file)
    book["quantities"]["F2"] = -0.2
    book.save(file)
    refused = lims("evaluate", file)
    assert refused.exception is not None and refused.stdout == ""
    assert "sheet “quantities”, row 2, column F" in words.sentence(refused.exception, "en")
    assert "工作表“quantities”，第 2 行 F 列" in words.sentence(refused.exception, "zh")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_empty_workbook_is_written_without_a_budget_and_is_refused_until_it_is_filled_in(
    tmp_path: Path, lang: str
) -> None:
    file = tmp_path / "empty.xlsx"
    assert lims("evaluate", "--template", file, lang=lang).exit_code == 0
    refused = lims("evaluate", file, lang=lang)
    assert refused.exception is not None and "a row for each" in str(refused.exception)


@pytest.mark.parametrize(
    ("share", "expected"),
    [(None, ""), (0.0, ""), (0.0001, ""), (0.001, "█"), (0.5, "█" * 10), (-0.25, "░" * 5), (9, "█" * 40)],
)
def test_bars(share: float | None, expected: str) -> None:
    assert bar(share) == expected


def test_on_a_screen_of_80_columns_no_number_is_cut() -> None:
    root = Path(__file__).parents[3] / "docs" / "budgets"
    made = uncertainty.compile(root / "pressure.yaml")
    drawn = tables(made, made.evaluate())["p_e"]
    screen = Console(width=80, file=io.StringIO(), record=True)
    screen.print(_table(drawn, wide=False))
    said = screen.export_text()
    assert "…" not in said
    assert all(row.symbol in said for row in drawn.rows) and "1.916×10⁻⁸" in said and "2.63×10⁻⁵" in said
