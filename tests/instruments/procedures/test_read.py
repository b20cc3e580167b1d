"""Procedure documents: what is read, and what is refused with its file, line and field."""

from __future__ import annotations

from decimal import Decimal as D
from pathlib import Path

import pytest

from instruments.procedures import BudgetNotBound, ProcedureError, counted, list_procedures, load_procedure, read

TEXT = load_procedure("dmm-dcv").text
FILE_TEXT = load_procedure("impedance").text


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_the_shipped_dmm_procedure_says_what_the_main_job_needs() -> None:
    procedure = load_procedure("dmm-dcv")
    assert (procedure.name, procedure.kind, procedure.function, procedure.unit) == (
        "DMM-DCV",
        "calibration",
        "DCV",
        "V",
    )
    assert len(procedure.points) >= 12
    assert len({point.range_text for point in procedure.points}) >= 4
    assert {point.nominal > 0 for point in procedure.points if point.nominal} == {True, False}
    assert procedure.measure is not None and procedure.measure.readings == 10
    assert procedure.most == 1000 and max(abs(point.nominal) for point in procedure.points) <= 1000
    assert procedure.environment == {"temperature": (D(21), D(25)), "humidity": (D(30), D(70))}
    assert procedure.interval == "1 year"
    assert (procedure.source_mode, procedure.combine) == ("certificate", "larger")
    assert all({"zh", "en"} == set(ask.text) for ask in procedure.before)
    assert "60 min" in procedure.before[0].text["zh"]
    assert procedure.method.confirmed is False


def test_set_points_keep_the_digits_of_the_technician_and_the_unit_of_their_range() -> None:
    points = load_procedure("dmm-dcv").points
    assert [(point.nominal_text, point.display_unit, point.nominal) for point in points[:4]] == [
        ("0", "mV", D(0)),
        ("10", "mV", D("0.01")),
        ("100", "mV", D("0.1")),
        ("-100", "mV", D("-0.1")),
    ]
    again = read(TEXT.replace("1 V: [0.1, 1, -1]", "1 V: [0.10, 500 mV]")).points
    assert [(point.nominal_text, point.nominal) for point in again if point.range_text == "1 V"] == [
        ("0.10", D("0.10")),
        ("0.5", D("0.5")),
    ]


def test_every_shipped_procedure_can_be_read() -> None:
    assert list_procedures() == ("dmm-dcv.yaml", "impedance.yaml")


def test_a_file_is_read_with_and_without_byte_order_mark(tmp_path: Path) -> None:
    for content in (TEXT.encode(), b"\xef\xbb\xbf" + TEXT.encode(), TEXT.replace("\n", "\r\n").encode()):
        path = tmp_path / "p.yaml"
        path.write_bytes(content)
        assert read(path).digest == load_procedure("dmm-dcv").digest
    path.write_bytes(TEXT.encode("gbk", "replace"))
    with pytest.raises(ProcedureError, match=r"p\.yaml, line 3, document: found byte .* text in UTF-8"):
        read(path)


WRONG = [
    ("procedure: 1", "procedure: 2", "procedure", "1"),
    ("name: DMM-DCV", "name: 数字表", "name", "letters"),
    ("kind: calibration", "kind: calibrate", "kind", "calibration, verification, measurement"),
    ("zh: 数字多用表直流电压校准,", "", "title.zh", "zh"),
    ("method:", "methods:", "methods", "one of"),
    ("confirmed: false", "confirmed: maybe", "method.confirmed", "true or false"),
    ("function: DCV", "function: ACV", "needs.source.function", "DCV"),
    ("  ambient: {kind: environment}\n", "", "needs.ambient", "ambient"),
    ("most: 1000 V", "most: 1000", "most", "V"),
    ("most: 1000 V", "most: 100 V", "points.1000 V[1]", "at most 100 V"),
    ("temperature: 23±2 °C", "temperature: 23±2 K", "environment.temperature", "degC"),
    ("humidity: 30..70 %", "humidity: 70..30 %", "environment.humidity", "lower limit first"),
    ("warm_up: 60 min", "warm_up: 60 V", "before[1].warm_up", "s"),
    ("readings: 10", "readings: 0", "measure.readings", "1 to 1000"),
    ("readings: 10", "readings: 2.5", "measure.readings", "whole number"),
    ("nplc: 100", "nplc: 50", "measure.nplc", "0.02, 0.2, 1, 10, 100"),
    ("settle: auto", "settle: soon", "measure.settle", "auto"),
    ("settle: auto", "settle: {floor: 5 s, ceiling: 2 s}", "measure.settle", "ceiling above the floor"),
    ("1 V: [0.1, 1, -1]", "1 V: []", "points.1 V", "at least one"),
    ("1 V: [0.1, 1, -1]", "1 V: [0.1, one, -1]", "points.1 V[2]", "V"),
    ("1 V: [0.1, 1, -1]", "1 V: [0.1, 1 A, -1]", "points.1 V[2]", "V"),
    ("1 V: [0.1, 1, -1]", "1 X: [0.1, 1, -1]", "points.1 X", "a range such as"),
    ("1 V: [0.1, 1, -1]", "10 V: [0.1, 1, -1]", "points.10 V", "one of the two"),
    ("limits: specification 1 year", "limits: 0.01 %", "limits", "specification 1 year"),
    ("allowed: [none, simple, third, guarded]", "allowed: [always]", "decision.allowed[1]", "simple"),
    ("source: certificate ", "source: both ", "budget.source", "certificate, specification"),
    ("combine: larger", "combine: smaller", "budget.combine", "both, larger"),
    ("- source - drift", "- source", "budget.measurands", "drift"),
    ("- source - drift", "- source - drift - spec", "budget.measurands", "the standard enters once"),
    ("- source - drift", "- source - drift - spec_of_item", "budget.measurands.error.expression", "arithmetic"),
    ("reading + resolution", "reading", "budget.measurands", "resolution"),
    ("reading + resolution", "__import__('os')", "budget.measurands.error.expression", "arithmetic"),
    ("reading + resolution", "reading.real", "budget.measurands.error.expression", "arithmetic"),
    (" - ambient", "", "budget.ambient", "ambient"),
    ("unit: point", "unit: parsec", "budget.measurands.error.unit", "point"),
    ("reference: 23 °C", "reference: 23 V", "budget.ambient.reference", "degC"),
]


@pytest.mark.parametrize(
    ("old", "new", "field", "right"), WRONG, ids=[f"{row[2]}-{number}" for number, row in enumerate(WRONG)]
)
def test_a_wrong_procedure_names_file_line_field_and_what_would_be_right(
    old: str, new: str, field: str, right: str
) -> None:
    assert old in TEXT
    text = TEXT.replace(old, new, 1)
    with pytest.raises(ProcedureError) as caught:
        read(text, file="mine.yaml")
    facts = caught.value.facts
    assert (facts["file"], facts["field"]) == ("mine.yaml", field)
    assert right in str(facts["right"])
    assert f"line {facts['line']}" in str(caught.value)
    last = field.rsplit(".", 1)[-1].split("[")[0]
    if text.count(f"{last}:") == TEXT.count(f"{last}:") == 1:
        assert facts["line"] == line_of(text, f"{last}:")


@pytest.mark.parametrize(
    ("text", "line", "found"),
    [
        ("procedure: 1\nname: [a\n", 3, "expected"),
        ("a: &x 1\nb: *x\n", 1, "anchor"),
        ("a: !!python/object:os.system 1\nb: 2\n", 1, "tag"),
        ("procedure: 1\nname: a\nname: b\n", 3, "second time"),
        ("- 1\n- 2\n", 1, "[1, 2]"),
        ("# nothing\n", 1, "nothing"),
        ("a: 1\n---\nb: 2\n", 2, "second document"),
        ("procedure: 1\nunit: %\n", 2, "%"),
        ("{a: " * 60 + "1" + "}" * 60 + "\n", 1, "levels"),
    ],
)
def test_what_is_no_plain_yaml_is_refused_with_its_line(text: str, line: int, found: str) -> None:
    with pytest.raises(ProcedureError) as caught:
        read(text)
    assert caught.value.facts["line"] == line
    assert found in str(caught.value)


def test_a_number_is_a_number_as_yaml_1_2_says() -> None:
    assert read(TEXT.replace("1 V: [0.1, 1, -1]", "1 V: [1e-1, 1, -1]")).points[4].nominal == D("0.1")


def test_a_procedure_for_files_declares_columns_and_what_was_seen_together() -> None:
    procedure = load_procedure("impedance")
    assert procedure.data is not None
    assert dict(procedure.data.columns) == {"V": "V", "I": "mA", "phi": "rad"}
    assert procedure.data.observed_together == (("V", "I", "phi"),)
    assert procedure.measurands == ("R", "X", "Z")
    assert (procedure.source_mode, procedure.points) == (None, ())


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("I: mA", "I: milliampere", "data.columns.I"),
        ("[[V, I, phi]]", "[[V, I, psi]]", "data.observed_together[1][3]"),
        ("[[V, I, phi]]", "[[V, V]]", "data.observed_together[1]"),
        ('"V/I"', '"V/J"', "budget.measurands.Z.expression"),
        ("budget:\n", "budget:\n  source: certificate\n", "budget.source"),
        ("data:\n", "points: {1 V: [1]}\ndata:\n", "points"),
    ],
)
def test_a_wrong_procedure_for_files_is_refused(old: str, new: str, field: str) -> None:
    assert old in FILE_TEXT
    with pytest.raises(ProcedureError) as caught:
        read(FILE_TEXT.replace(old, new, 1))
    assert caught.value.facts["field"] == field


def test_binding_makes_a_budget_document_of_exactly_the_named_quantities() -> None:
    procedure = load_procedure("dmm-dcv")
    bound = {name: {"value": 0, "u": 1, "unit": "mV"} for name in procedure.names}
    document = procedure.bind(bound, unit="mV")
    assert document["measurands"] == {
        "error": {"expression": "reading + resolution - source - drift - ambient", "unit": "mV"}
    }
    assert set(document["quantities"]) == {"reading", "resolution", "source", "drift", "ambient"}  # type: ignore[call-overload]
    with pytest.raises(BudgetNotBound, match="needs exactly reading, resolution, source, drift, ambient"):
        procedure.bind({**bound, "spec": {"value": 0}}, unit="mV")
    with pytest.raises(BudgetNotBound):
        procedure.bind(bound)


def test_the_specification_mode_takes_spec_and_no_drift() -> None:
    text = TEXT.replace("source: certificate ", "source: specification ").replace("- source - drift", "- source - spec")
    procedure = read(text)
    assert procedure.source_mode == "specification"
    assert procedure.names == ("reading", "resolution", "source", "spec", "ambient")


def test_repeatability_and_resolution_count_by_the_declared_rule() -> None:
    assert counted("both", 1.0, 2.0) == (True, True)
    assert counted("larger", 1.0, 2.0) == (False, True)
    assert counted("larger", 2.0, 1.0) == (True, False)
    assert counted("larger", 0.0, 0.0) == (True, False)
