"""The blocking check: each letter finds its own missing thing, and nothing else complains."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lims.domain import lint
from lims.domain.lint.results import significant_digits

SNAPSHOTS = Path(__file__).parents[3] / "fixtures" / "snapshots"
Snapshot = dict[str, Any]


def a_snapshot(name: str = "calibration_dc_voltage") -> Snapshot:
    content = json.loads((SNAPSHOTS / f"{name}.json").read_text(encoding="utf-8"))
    assert isinstance(content, dict)
    return content


def without(place: str) -> Callable[[Snapshot], None]:
    """Takes what stands at a place out: item.serial, people.2, methods."""

    def change(snapshot: Snapshot) -> None:
        *way, last = place.split(".")
        value: Any = snapshot
        for name in way:
            value = value[int(name)] if isinstance(value, list) else value[name]
        del value[int(last) if isinstance(value, list) else last]

    return change


def with_value(place: str, new: Any) -> Callable[[Snapshot], None]:
    def change(snapshot: Snapshot) -> None:
        *way, last = place.split(".")
        value: Any = snapshot
        for name in way:
            value = value[int(name)] if isinstance(value, list) else value[name]
        value[int(last) if isinstance(value, list) else last] = new

    return change


def codes_of_missing(snapshot: Snapshot) -> set[str]:
    return {line.code for line in lint.check(snapshot) if not line.ok}


ROW = "result_sets.0.rows.0"
LETTERS: list[tuple[str, Callable[[Snapshot], None]]] = [
    ("7.8.2.1.a", without("title")),
    ("7.8.2.1.a", with_value("title.zh", " ")),
    ("7.8.2.1.b", without("laboratory.name")),
    ("7.8.2.1.b", with_value("laboratory.address.en", "")),
    ("7.8.2.1.c", without("place")),
    ("7.8.2.1.d", without("records")),
    ("7.8.2.1.d", with_value("records.0.digest", "abc")),
    ("7.8.2.1.d", with_value("verification.url", "http://127.0.0.1/verify/OTHER")),
    ("7.8.2.1.e", without("customer.address")),
    ("7.8.2.1.f", with_value("methods", [])),
    ("7.8.2.1.f", with_value("methods.0.code", "")),
    ("7.8.2.1.f", without("methods.0.digest")),
    ("7.8.2.1.g", without("item.serial")),
    ("7.8.2.1.g", with_value("item.condition.en", "")),
    ("7.8.2.1.h", with_value("dates.received", None)),
    ("7.8.2.1.h", with_value("dates.received", "2026-11-21")),
    ("7.8.2.1.i", without("dates.performed_from")),
    ("7.8.2.1.i", with_value("dates.performed_to", "2026-11-19")),
    ("7.8.2.1.j", with_value("dates.issued", "soon")),
    ("7.8.2.1.j", with_value("dates.issued", "2026-11-19")),
    ("7.8.2.1.k", without("sampling")),
    ("7.8.2.1.k", with_value("sampling", {"zh": "抽样", "en": ""})),
    ("7.8.2.1.l", with_value("statements", [])),
    ("7.8.2.1.l", without("statements.0")),
    ("7.8.2.1.m", without(f"{ROW}.error")),
    ("7.8.2.1.m", without(f"{ROW}.unit")),
    ("7.8.2.1.m", with_value(f"{ROW}.error", "NaN")),
    ("7.8.2.1.n", without("deviations")),
    ("7.8.2.1.o", without("people.2")),
    ("7.8.2.1.o", with_value("people.2.at", "2026-11-21T01:12:03")),
    ("7.8.2.1.p", without("external_results")),
    ("7.8.2.1.p", with_value("external_results", [{"zh": "分包", "en": ""}])),
    ("7.8.4.1.a", without(f"{ROW}.U")),
    ("7.8.4.1.a", with_value(f"{ROW}.U", "0")),
    ("7.8.4.1.a", without(f"{ROW}.k")),
    ("7.8.4.1.a", without("uncertainty_statement")),
    ("p14", with_value(f"{ROW}.U", "0.00112")),
    ("p14", with_value(f"{ROW}.error", "0.00061")),
    ("7.8.4.1.b", with_value("environment", [])),
    ("7.8.4.1.b", without("environment.0.unit")),
    ("7.8.4.1.b", with_value("environment.0.high", "22.0")),
    ("7.8.4.1.c", without("traceability.statement")),
    ("7.8.4.1.c", with_value("standards", [])),
    ("7.8.4.1.c", with_value("standards.0.valid_to", "2026-11-19")),
    ("7.8.4.1.c", with_value("standards.0.issued", "2026-11-21")),
    ("7.8.4.1.c", with_value("standards.0.route_class", "e")),
    ("7.8.4.1.c", without("standards.0.certificate")),
    ("7.8.4.1.c", with_value("traceability.missing", [{"zh": "缺", "en": "missing"}])),
    ("7.8.4.1.e", without("conformity.statement")),
    ("7.8.4.1.e", with_value("conformity", None)),
    ("7.8.4.1.e", with_value("conformity.rule", {"rule": "mine"})),
    ("7.8.4.1.e", without("conformity.specification.document")),
    ("7.8.4.1.f", with_value("opinions", [{"text": {"zh": "好", "en": "good"}}])),
    ("7.8.1.1", without("people.1")),
    ("7.8.1.1", with_value("people.1.at", "2026-11-20T07:00:00Z")),
    ("demonstration", with_value("demonstration_reasons", [])),
    ("demonstration", with_value("demonstration", False)),
    ("chain", without("audit_head")),
    ("chain", without("software.version")),
]


@pytest.mark.parametrize(
    "name", ["calibration_dc_voltage", "calibration_amended", "verification_dc_voltage", "evaluation_impedance"]
)
def test_complete_snapshots_pass_every_letter(name: str) -> None:
    lines = lint.check(a_snapshot(name))
    assert [line for line in lines if not line.ok] == []
    letters = {line.code for line in lines}
    assert {f"7.8.2.1.{letter}" for letter in "abcdefghijklmnop"} <= letters


def test_a_calibration_certificate_is_checked_for_all_of_7_8_4_1() -> None:
    letters = {line.code for line in lint.check(a_snapshot())}
    assert {f"7.8.4.1.{letter}" for letter in "abcdef"} <= letters


@pytest.mark.parametrize(("code", "change"), LETTERS)
def test_a_letter_finds_what_is_missing_and_names_it(code: str, change: Callable[[Snapshot], None]) -> None:
    snapshot = a_snapshot()
    change(snapshot)
    missing = [line for line in lint.check(snapshot) if not line.ok]
    assert {line.code for line in missing} == {code}
    for line in missing:
        assert line.text["zh"] != line.text["en"]
        assert "{" not in line.text["zh"] + line.text["en"]


def test_the_performer_is_not_the_verifier() -> None:
    snapshot = a_snapshot()
    snapshot["people"][1]["name"] = dict(snapshot["people"][0]["name"])
    assert codes_of_missing(snapshot) == {"7.8.1.1"}


def test_results_as_left_need_those_as_found_or_a_reason() -> None:
    snapshot = a_snapshot()
    snapshot["result_sets"] = [copy.deepcopy(snapshot["result_sets"][0]) | {"stage": "as_left"}]
    assert codes_of_missing(snapshot) == {"7.8.4.1.d"}
    snapshot["deviations"] = [{"zh": "送修后首次校准", "en": "First calibration after repair elsewhere"}]
    assert codes_of_missing(snapshot) == set()


def test_a_verdict_needs_limits() -> None:
    snapshot = a_snapshot()
    snapshot["result_sets"][0]["rows"][0] |= {"low": None, "high": None}
    assert codes_of_missing(snapshot) == {"7.8.4.1.e"}


def test_results_without_verdicts_need_no_rule() -> None:
    snapshot = a_snapshot()
    snapshot["conformity"] = None
    for found in snapshot["result_sets"]:
        for row in found["rows"]:
            row["verdict"] = "none"
    assert codes_of_missing(snapshot) == set()


def test_a_certificate_without_claimed_traceability_is_refused_and_a_report_is_not() -> None:
    loose = {"claimed": False, "statement": {"zh": "不声明", "en": "none"}, "missing": [{"zh": "缺", "en": "link"}]}
    snapshot = a_snapshot() | {"traceability": loose}
    assert codes_of_missing(snapshot) == {"claim"}
    report = a_snapshot("evaluation_impedance") | {"traceability": loose}
    assert codes_of_missing(report) == set()
    silent = a_snapshot("evaluation_impedance") | {"traceability": loose | {"missing": []}}
    assert codes_of_missing(silent) == {"7.8.4.1.c"}


def test_an_amendment_names_the_certificate_it_replaces() -> None:
    snapshot = a_snapshot("calibration_amended")
    assert snapshot["supersedes"]
    snapshot["supersedes"]["reason"] = {"zh": "", "en": ""}
    assert codes_of_missing(snapshot) == {"7.8.8.3"}
    snapshot["supersedes"] = {"number": snapshot["number"], "digest": "0" * 64, "reason": {"zh": "甲", "en": "a"}}
    assert codes_of_missing(snapshot) == {"7.8.8.3"}


@pytest.mark.parametrize(
    ("printed", "digits"), [("0.0011", 2), ("0.010", 2), ("120", 2), ("1200", 2), ("123", 3), ("2", 1), ("1.10", 3)]
)
def test_significant_digits_of_a_printed_number(printed: str, digits: int) -> None:
    assert significant_digits(Decimal(printed)) == digits


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
PLACES = ["title", "people", "records", "methods", "dates", "standards", "result_sets", "conformity", "environment",
          "traceability", "supersedes", "audit_head", "verification", "kind", "statements", "item"]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(place=st.sampled_from(PLACES), value=json_values)
def test_a_snapshot_of_any_shape_gets_an_answer(place: str, value: Any) -> None:
    snapshot = a_snapshot() | {place: value}
    for line in lint.check(snapshot):
        assert set(line.text) == {"zh", "en"}


def test_a_kind_nobody_knows_is_refused() -> None:
    assert "7.8.2.1.a" in codes_of_missing(a_snapshot() | {"kind": "letter"})


def test_nothing_at_all_is_missing_everything() -> None:
    missing = codes_of_missing({})
    assert {f"7.8.2.1.{letter}" for letter in "abcdefghijklmnop"} - missing == set()
