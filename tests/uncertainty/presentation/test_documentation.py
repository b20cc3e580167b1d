"""docs/uncertainty.md runs: its commands answer what is printed, its budgets give the published figures."""

from __future__ import annotations

import math
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

import uncertainty
from lims.commands import cli
from uncertainty.presentation import sheet, tables

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "uncertainty.md").read_text("utf-8")
BUDGETS = ROOT / "docs" / "budgets"


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.S)


@pytest.mark.parametrize("block", blocks("console"), ids=lambda block: block.splitlines()[0])
def test_a_command_of_the_page_says_what_is_printed(block: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    command, _, printed = block.partition("\n")
    words = shlex.split(command.removeprefix("$ "))
    assert words[0] == "lims"
    done = CliRunner().invoke(cli, words[1:])
    assert done.exit_code == 0, done.output
    said = [line.rstrip() for line in done.stdout.splitlines()]
    assert [_text(line) for line in said] == [_text(line) for line in printed.splitlines()]
    for line, shown in zip(said, printed.splitlines(), strict=True):
        near = 0.02 if line.startswith("  ") else 0  # what Monte Carlo drew is its own only within sampling
        assert _numbers(line) == pytest.approx(_numbers(shown), rel=near, abs=0)


NUMBER = r"(?<![\w.])-?\d+\.?\d*(?:e-?\d+)?"


def _text(line: str) -> str:
    return re.sub(NUMBER, "#", line) if line.startswith("  ") else line


def _numbers(line: str) -> list[float]:
    return [float(number) for number in re.findall(NUMBER, line)]


def test_the_python_of_the_page_runs_and_prints_what_stands_below(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    monkeypatch.chdir(tmp_path)
    template, example, fitted = blocks("python")
    exec(compile(template, "uncertainty.md", "exec"), {})
    assert "输入量" in __import__("openpyxl").load_workbook("budget.xlsx").sheetnames
    exec(
        compile(
            example.replace('open("electrical.csv", "wb").write(as_csv([table]))', "raw = as_csv([table])"), "", "exec"
        ),
        {},
    )
    assert capsys.readouterr().out == blocks("text")[0]
    exec(compile(fitted, "uncertainty.md", "exec"), {})
    assert capsys.readouterr().out == blocks("text")[1]


def test_the_budget_on_the_page_is_the_one_in_the_folder() -> None:
    shown = uncertainty.evaluate(blocks("yaml")[0]).results["m"]
    kept = uncertainty.evaluate(BUDGETS / "mass.yaml").results["m"]
    assert (shown.value, shown.u) == (kept.value, kept.u)


@pytest.mark.parametrize(
    ("name", "measurand", "value", "u", "tolerance"),
    [
        ("mass", "m", 10000.025, 0.0293, 0.0001),  # EA-4/02, S2: 29.3 mg; its row dm_D prints 8.95 mg, not 8.66
        ("electrical", "R_X", 10000.178, 0.00833, 0.00001),  # EA-4/02, S3
        ("length", "l", 50000838, 32, 0.5),  # JCGM 100:2008, H.1
        ("thermal", "b", -0.1494, 0.0041, 0.00005),  # JCGM 100:2008, H.3.4
    ],
)
def test_a_worked_budget_gives_the_published_figures(
    name: str, measurand: str, value: float, u: float, tolerance: float
) -> None:
    found = uncertainty.evaluate(BUDGETS / f"{name}.yaml").results[measurand]
    assert found.value == pytest.approx(value, rel=1e-7, abs=5e-5)
    assert found.u == pytest.approx(u, abs=tolerance)


def test_the_gauge_block_has_the_degrees_of_freedom_and_k_of_the_guide() -> None:
    """JCGM 100:2008, H.1.6: 16 effective degrees of freedom, t_99(16) = 2.92."""
    found = uncertainty.evaluate(BUDGETS / "length.yaml").results["l"]
    assert math.floor(found.dof) == 16
    assert round(found.k, 2) == 2.92


def test_the_pressure_balance_agrees_with_relative_variances_by_hand() -> None:
    """p = M g (1 − ρ_a/ρ_M) / A (1 + c Δt): every factor's relative variance, plus the head added in squares."""
    M, g, ra, rM, A, c, dt = 5.1, 9.8013, 1.2, 7920.0, 4.99e-5, 2.2e-5, 0.6
    p = M * g * (1 - ra / rM) / (A * (1 + c * dt))
    head = 860 * g * 0.052
    r3 = math.sqrt(3)
    by_g = ((p + head) / g * 2e-5) ** 2  # g acts on both terms
    relative = (12.5e-6 / M) ** 2 + 25e-6**2
    relative += ((0.05 / r3 / rM) ** 2 + (ra / rM**2 * 60 / r3) ** 2) / (1 - ra / rM) ** 2
    relative += ((dt * 0.1e-5 / r3) ** 2 + (c * 0.12) ** 2) / (1 + c * dt) ** 2
    variance = p**2 * relative + by_g + (g * 0.052 * 10 / r3) ** 2 + (860 * g * 1e-3 / r3) ** 2
    answer = uncertainty.evaluate(BUDGETS / "pressure.yaml")
    found = answer.results["p_e"]
    assert found.value * 1e6 == pytest.approx(p + head, rel=1e-12)
    assert found.u * 1e6 == pytest.approx(math.sqrt(variance), rel=1e-9)
    s2 = sum((x - 1.001225) ** 2 for x in (1.0012, 1.0014, 1.0010, 1.0013)) / 3
    assert answer.results["E"].u ** 2 == pytest.approx(variance * 1e-12 + s2 / 4 + 0.0001**2 / 3, rel=1e-9)


@pytest.mark.parametrize("name", ["mass", "electrical", "length", "thermal", "pressure"])
def test_a_worked_budget_becomes_a_workbook_and_comes_back(name: str, tmp_path: Path) -> None:
    budget = uncertainty.compile(BUDGETS / f"{name}.yaml")
    evaluation = budget.evaluate()
    sheet.write(budget, evaluation, tmp_path / "b.xlsx")
    again = sheet.compile(tmp_path / "b.xlsx")
    assert again.document.data == budget.document.data
    for table in tables(again, again.evaluate()).values():
        assert math.fsum(row.share or 0 for row in table.rows) == pytest.approx(1, abs=1e-9)
