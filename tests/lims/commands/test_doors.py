"""The command line as a person meets it: exit codes, one sentence for what is wrong, both languages."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PROCEDURES = ROOT / "instruments" / "procedures"


def lims(*words: str, cwd: Path, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a user does, in a folder of its own."""
    import os

    keep = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LIMS_DCC_SCHEMAS") if name in os.environ}
    return subprocess.run(
        [
            sys.executable,
            "-W",
            "error::DeprecationWarning:lims",
            "-c",
            "from lims.commands import main; main()",
            *words,
        ],
        cwd=cwd,
        input=stdin,
        env=keep | {"PYTHONPATH": str(ROOT), "LIMS_DATA": str(cwd / "data")} | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_every_command_has_help_and_the_list_names_them(tmp_path: Path) -> None:
    listed = lims("--help", cwd=tmp_path)
    assert listed.returncode == 0
    for name in ("audit", "db", "dcc", "demo", "evaluate", "procedure", "serve", "trace", "user", "verify"):
        assert name in listed.stdout
        assert lims(name, "--help", cwd=tmp_path).returncode == 0


def test_an_unknown_setting_stops_the_start_and_names_the_nearest(tmp_path: Path) -> None:
    refused = lims("audit", "verify", cwd=tmp_path, LIMS_LANGAUGE="zh")
    assert refused.returncode == 2
    assert "LIMS_LANGAUGE" in refused.stderr
    assert "LIMS_LANGUAGE" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_without_a_laboratory_a_command_says_so_and_makes_none(tmp_path: Path) -> None:
    refused = lims("--lang", "en", "trace", "YS-2026-000001", cwd=tmp_path)
    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert not (tmp_path / "data").exists()


def test_a_procedure_with_a_wrong_unit_is_refused_with_file_line_and_field(tmp_path: Path) -> None:
    text = (PROCEDURES / "dmm-dcv.yaml").read_text("utf-8").replace("most: 1000 V", "most: 1000 kg")
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(text, "utf-8")
    line = next(n for n, row in enumerate(text.splitlines(), 1) if "1000 kg" in row)
    for lang in ("zh", "en"):
        refused = lims("--lang", lang, "procedure", "check", str(wrong), cwd=tmp_path)
        assert refused.returncode == 2
        assert "wrong.yaml" in refused.stderr
        assert str(line) in refused.stderr
        assert "most" in refused.stderr
        assert "Traceback" not in refused.stderr


def test_a_good_procedure_is_checked_and_its_plan_shown(tmp_path: Path) -> None:
    good = lims("--lang", "en", "procedure", "check", str(PROCEDURES / "dmm-dcv.yaml"), cwd=tmp_path)
    assert (good.returncode, "15 points" in good.stdout) == (0, True)
    plan = lims("procedure", "plan", str(PROCEDURES / "dmm-dcv.yaml"), cwd=tmp_path)
    assert plan.returncode == 0
    assert "1000 V" in plan.stdout


def test_a_budget_is_evaluated_and_a_wrong_one_names_its_place(tmp_path: Path) -> None:
    budget = tmp_path / "budget.yaml"
    budget.write_text(
        "budget: 1\n"
        "title: voltage\n"
        "quantities:\n"
        "  a: {value: 10, U: 0.2, k: 2, unit: V}\n"
        "  b: {distribution: rectangular, half_width: 0.3, unit: V}\n"
        "measurands:\n"
        '  y: {expression: "a + b", unit: V}\n',
        "utf-8",
    )
    answer = json.loads(lims("evaluate", str(budget), "--json", cwd=tmp_path).stdout)
    assert answer["measurands"]["y"]["u"] == pytest.approx((0.1**2 + 0.3**2 / 3) ** 0.5, rel=1e-12)
    budget.write_text(budget.read_text("utf-8").replace("U: 0.2, k: 2", "U: 0.2"), "utf-8")
    refused = lims("--lang", "en", "evaluate", str(budget), cwd=tmp_path)
    assert refused.returncode == 2
    assert "quantities.a" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_file_that_is_no_document_is_refused_in_one_sentence(tmp_path: Path) -> None:
    junk = tmp_path / "photo.pdf"
    junk.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\x00" * 100)
    refused = lims("--lang", "en", "verify", str(junk), cwd=tmp_path)
    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr
