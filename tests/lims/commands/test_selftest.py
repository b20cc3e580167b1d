"""`lims selftest`: every published figure, its verdict, and what a laboratory signs."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import uncertainty.cases
from lims.commands import cli
from uncertainty.presentation import evidence
from uncertainty.selftest import Outcome, cases
from uncertainty.selftest.run import runners


def lims(*arguments: object, lang: str = "en") -> Result:
    return CliRunner().invoke(cli, ["--lang", lang, *map(str, arguments)])


@pytest.fixture
def one_right(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runners of our own: the figures of the family gum_table_g2_t as they were published."""

    def run(case: dict[str, Any]) -> dict[str, Any]:
        return {name: wanted.get("value", wanted.get("published")) for name, wanted in case["expected"].items()}

    for case in cases("gum_table_g2_t"):
        monkeypatch.setitem(runners(), case["kind"], run)


def test_a_family_whose_figures_agree_is_good_and_has_a_record_to_sign(one_right: None) -> None:
    done = lims("selftest", "--family", "gum_table_g2_t")
    figures = sum(len(case["expected"]) for case in cases("gum_table_g2_t"))
    assert done.exit_code == 0, done.output
    assert f"{figures} PASS, 0 NOTE, 0 DIFF" in done.output
    assert "7.11.2" in done.output and "Approved for use by: ____" in done.output
    assert evidence.cases_digest() in done.output
    for name in ("python", "numpy", "scipy"):
        assert f"{name} {evidence.gather('x', 'gum_table_g2_t').versions[name]}" in done.output


def test_a_figure_that_differs_and_a_case_without_method_end_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    for case in cases("gum_table_g2_t"):
        monkeypatch.setitem(runners(), case["kind"], lambda case: dict.fromkeys(case["expected"], 99.0))
    wrong = lims("selftest", "--family", "gum_table_g2_t", "--json")
    answer = json.loads(wrong.stdout)
    assert (wrong.exit_code, answer["good"], answer["counts"]["PASS"]) == (1, False, 0)
    assert answer["counts"]["DIFF"] == len(answer["outcomes"])
    for case in cases("gum_table_g2_t"):
        monkeypatch.delitem(runners(), case["kind"], raising=False)
    gone = lims("selftest", "--family", "gum_table_g2_t")
    assert gone.exit_code == 1 and "no method" in gone.output and "not validated" in gone.output


def test_a_method_that_raises_is_a_diff_and_the_run_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_case: Any) -> Any:
        raise ZeroDivisionError("by hand")

    for case in cases("gum_table_g2_t"):
        monkeypatch.setitem(runners(), case["kind"], broken)
    found = evidence.gather("x", "gum_table_g2_t")
    assert {outcome.status for outcome in found.outcomes} == {"DIFF"}
    assert found.cases == len(list(cases("gum_table_g2_t")))
    assert "ZeroDivisionError: by hand" in found.outcomes[0].note


def test_csv_holds_every_figure_and_the_digests(one_right: None, tmp_path: Path) -> None:
    out = tmp_path / "evidence.csv"
    assert lims("selftest", "--family", "gum_table_g2_t", "--csv", out, lang="zh").exit_code == 0
    lines = list(csv.reader(io.StringIO(out.read_text("utf-8-sig"))))
    names, figures = lines[0], [line for line in lines[1:] if len(line) == len(evidence.COLUMNS)]
    assert names == list(evidence.COLUMNS)
    assert len(figures) == sum(len(case["expected"]) for case in cases("gum_table_g2_t"))
    below = {line[0]: line[1] for line in lines if len(line) == 2}
    assert below["cases_sha256"] == evidence.cases_digest()
    assert below["DIFF"] == "0"


def test_the_digest_of_the_cases_is_of_the_files_that_ship() -> None:
    folder = Path(next(iter(uncertainty.cases.__path__)))
    files = [file for file in folder.rglob("*") if file.suffix in (".json", ".txt")]
    names = {file.relative_to(folder).as_posix(): file for file in files}
    lines = [f"{name} {hashlib.sha256(names[name].read_bytes()).hexdigest()}\n" for name in sorted(names)]
    assert evidence.cases_digest() == hashlib.sha256("".join(lines).encode()).hexdigest()
    assert any("strd/" in name for name in names)


def test_the_digest_of_the_outcomes_changes_with_any_figure() -> None:
    first = Outcome("c", "s", "u", "1.0", "1.0", "PASS")
    other = Outcome("c", "s", "u", "1.0", "1.1", "PASS")
    assert evidence.outcomes_digest([first]) == evidence.outcomes_digest([first])
    assert evidence.outcomes_digest([first]) != evidence.outcomes_digest([other])
    assert evidence.outcomes_digest([first, other]) != evidence.outcomes_digest([other, first])


def test_an_unknown_family_is_wrong_input_and_names_the_known_ones() -> None:
    refused = lims("selftest", "--family", "nobody")
    assert refused.exception is not None and "gum_annex_h" in str(refused.exception)
    assert getattr(refused.exception, "exit_code", 2) == 2


def test_every_case_is_run_and_counted() -> None:
    found = evidence.gather("x")
    assert found.cases == len(list(cases()))
    assert sum(found.counts.values()) == len(found.outcomes)
    assert {outcome.case for outcome in found.outcomes} == {case["id"] for case in cases()}
    shown = json.dumps(found.to_dict(), allow_nan=False)
    assert json.loads(shown)["counts"] == found.counts
