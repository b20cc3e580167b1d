"""The main job by one command, as `make demo` runs it, and what outside programs say of its documents."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from .test_doors import lims


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the demonstration ran twice: the second works on what is there."""
    folder = tmp_path_factory.mktemp("demo")
    for number in (1, 2):
        ran = lims("demo", "--no-serve", "--out", "out", cwd=folder, LIMS_BENCH_SPEED="600")
        assert ran.returncode == 0, ran.stderr
        assert f"YS-2026-00000{number}" in ran.stdout or "YS-" in ran.stdout
    return folder


def test_documents_record_and_budgets_are_written(home: Path) -> None:
    written = sorted(path.name.split(".", 1)[1] for path in (home / "out").iterdir())
    assert written == sorted(["budgets.json", "dcc.xml", "pdf", "record.csv"] * 2)
    budgets = json.loads(next((home / "out").glob("*.budgets.json")).read_text("utf-8"))
    assert len(budgets) == 15
    assert all(budget["answer"]["measurands"]["error"]["U"] > 0 for budget in budgets)
    readings = next((home / "out").glob("*.record.csv")).read_text("utf-8-sig").splitlines()
    assert sum(",item,V," in line for line in readings) == 150


def test_every_file_is_genuine_and_every_digit_comes_out_again(home: Path) -> None:
    files = [str(path) for path in (home / "out").iterdir() if path.suffix in (".pdf", ".xml")]
    answer = lims("verify", "--json", *files, cwd=home)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    for found in json.loads(answer.stdout):
        assert (found["ok"], found["signature"], found["status"]) == (True, "good", "current")
        assert found["compared"] > 300 and found["differences"] == []


def test_an_edited_pdf_and_a_dcc_with_one_digit_changed_are_refused(home: Path) -> None:
    pdf = bytearray(next((home / "out").glob("*.pdf")).read_bytes())
    pdf[len(pdf) // 2] ^= 1
    (home / "edited.pdf").write_bytes(pdf)
    xml = next((home / "out").glob("*.dcc.xml")).read_text("utf-8")
    assert "0.00" in xml
    (home / "edited.xml").write_text(xml.replace("0.00", "0.01", 1), "utf-8")
    for name, said in (("edited.pdf", "BROKEN"), ("edited.xml", "BROKEN")):
        refused = lims("--lang", "en", "verify", name, cwd=home)
        assert refused.returncode == 1
        assert said in refused.stdout


def test_chain_and_audit_are_whole(home: Path) -> None:
    number = next((home / "out").glob("*.pdf")).stem
    trace = lims("trace", number, "--json", cwd=home)
    assert trace.returncode == 0
    assert json.loads(trace.stdout)["complete"] is True
    assert lims("audit", "verify", cwd=home).returncode == 0


def test_readings_from_a_file_become_a_report_and_no_certificate(home: Path) -> None:
    root = Path(__file__).parents[3]
    procedure = str(root / "instruments" / "procedures" / "impedance.yaml")
    readings = str(root / "fixtures" / "readings" / "impedance_gum_h2.csv")
    words = ("procedure", "run", procedure, "--readings", readings, "--user", "tech")
    passwords = "suyuan-demo\nsuyuan-demo\n"
    made = lims(*words, "--out", "report", cwd=home, stdin=passwords)
    assert made.returncode == 0, made.stderr
    assert "R = 127.73" in made.stdout
    assert list((home / "report").glob("YP-*.pdf"))
    refused = lims("--lang", "en", *words, "--certificate", cwd=home, stdin=passwords)
    assert refused.returncode == 1
    assert "phi" in refused.stderr.splitlines()[-1]


@pytest.mark.skipif(shutil.which("pdfsig") is None, reason="pdfsig comes with poppler-utils")
def test_pdfsig_finds_the_signature_valid(home: Path) -> None:
    said = subprocess.run(
        ["pdfsig", next((home / "out").glob("*.pdf"))], capture_output=True, text=True, check=False
    ).stdout
    assert "Signature is Valid" in said
    assert "Total document signed" in said
