"""A budget as a workbook: written, filled in, read, and every fault with its cell."""

from __future__ import annotations

import contextlib
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

import uncertainty
from lims import words
from uncertainty.presentation import sheet

FULL: dict[str, Any] = {
    "budget": 1,
    "title": "every way of stating",
    "quantities": {
        "a": {"value": 10, "U": 0.2, "k": 2, "unit": "V", "source": "=1+1", "title": "标准器", "id": "ref-7"},
        "b": {"readings": [213.1, 215.4, 216.0, 214.2], "unit": "mV"},
        "c": {"value": 1, "unit": "mV", "components": [{"U": "12 µV", "k": 2, "source": "-x"}, {"resolution": 0.1}]},
        "d": {"value": 1, "unit": "V", "distribution": "rectangular", "half_width": ["35 ppm", "5 µV"]},
        "e": {"distribution": "curvilinear_trapezoidal", "lower": -1, "upper": 1, "d": 0.1, "unit": "V"},
        "f": {"readings": [1.0, 1.25], "pooled": {"s": 0.1, "dof": 20}, "unit": "V"},
        "g": {"distribution": "gamma", "shape": 2, "scale": 0.5},
        "h": {"value": 2.5, "exact": True},
        "i": {"readings": [1.0, 1.1, 1.3]},
        "j": {"readings": [2.0, 2.1, 2.2]},
        "l": {"components": [{"u": 0.5, "dof": 3}], "unit": "V"},
        "s": {"distribution": "samples", "values": [1.0, 2.0, 4.0]},
    },
    "correlations": [{"between": ["a", "c"], "r": -0.25}],
    "observed_together": [["i", "j"]],
    "measurands": {
        "y": {"expression": "(-a + b + c + d + e + f + l)*g*h", "unit": "V", "title": "电压"},
        "z": {"expression": "y*i/j + s*a", "unit": "V"},
    },
    "coverage": 0.95,
}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_document_written_is_read_again_word_for_word_and_evaluates_to_the_same(tmp_path: Path, lang: str) -> None:
    file = tmp_path / "budget.xlsx"
    evaluation = uncertainty.evaluate(FULL)
    sheet.write(FULL, evaluation, file, lang)
    assert sheet.read(file).data == FULL
    again = sheet.compile(file).evaluate()
    assert {n: (r.value, r.u, r.dof) for n, r in again.results.items()} == {
        n: (r.value, r.u, r.dof) for n, r in evaluation.results.items()
    }


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    value=st.floats(-1e12, 1e12),
    u=st.floats(1e-12, 1e12),
    readings=st.lists(st.floats(-1e9, 1e9), min_size=2, max_size=9),
    text=st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1),
)
def test_any_number_and_any_text_come_back(tmp_path: Path, value: float, u: float, readings: Any, text: str) -> None:
    data = {
        "budget": 1,
        "quantities": {"x": {"value": value, "u": u, "source": text}, "r": {"readings": readings}},
        "measurands": {"y": {"expression": "x + r"}},
    }
    sheet.write(data, None, tmp_path / "b.xlsx")
    x, r = sheet.read(tmp_path / "b.xlsx").data["quantities"].values()
    assert x["source"] == text
    assert (x["value"], x["u"]) == (pytest.approx(value, rel=1e-15, abs=0), pytest.approx(u, rel=1e-15, abs=0))
    assert r["readings"] == readings


def test_no_text_becomes_a_formula(tmp_path: Path) -> None:
    sheet.write(FULL, uncertainty.evaluate(FULL), tmp_path / "b.xlsx", "en")
    book = load_workbook(tmp_path / "b.xlsx")
    assert not [cell.coordinate for page in book for row in page.iter_rows() for cell in row if cell.data_type == "f"]


def filled(path: Path, **sheets: list[list[Any]]) -> Path:
    """A workbook as a person fills it in."""
    book = Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for title, rows in sheets.items():
        page = book.create_sheet(title)
        for row in rows:
            page.append(row)
    book.save(path)
    return path


QUANTITIES = [["符号", "估计值", "单位", "标准不确定度 (u)"], ["x", 10, "V", 0.1], ["z", 5, "V", "1 %"]]
MEASURANDS = [["Symbol", "Model", "Unit"], ["y", "x + z", "V"]]


def test_a_workbook_filled_in_by_hand_with_mixed_headings_is_read(tmp_path: Path) -> None:
    file = filled(tmp_path / "b.xlsx", 输入量=QUANTITIES, measurands=MEASURANDS, 预算=[["k"], [3]], _scratch=[["?"]])
    result = sheet.compile(file).evaluate().results["y"]
    assert (result.value, result.k) == (15, 3)
    assert result.u == pytest.approx((0.1**2 + 0.05**2) ** 0.5)


def test_further_rows_of_a_symbol_are_its_components_and_words_of_distributions_are_understood(tmp_path: Path) -> None:
    rows = [
        ["symbol", "value", "unit", "读数", "分布", "半宽", "分辨力"],
        ["x", None, "V", "1.0；1.2;1.4", None, None, None],
        ["x", None, None, None, "矩形分布", 0.3, None],
        ["x", None, None, None, None, None, 0.06],
    ]
    result = sheet.compile(
        filled(tmp_path / "b.xlsx", 输入量=rows, 被测量=[["符号", "测量模型", "单位"], ["y", "x", "V"]])
    )
    found = result.evaluate().results["y"]
    assert found.value == pytest.approx(1.2)
    assert found.u**2 == pytest.approx(0.04 / 3 + 0.09 / 3 + 0.03**2 / 3)


def test_a_model_typed_as_a_formula_is_taken_and_a_number_counts_with_its_saved_value(tmp_path: Path) -> None:
    file = filled(tmp_path / "b.xlsx", quantities=QUANTITIES, measurands=[MEASURANDS[0], ["y", "=x-z", "V"]])
    assert sheet.compile(file).evaluate().results["y"].value == 5
    formula = [*QUANTITIES[:2], ["z", "=2+3", "V", 0.1]]
    refused = wrong(filled(tmp_path / "b.xlsx", quantities=formula, measurands=MEASURANDS))
    assert "row 3, column B" in refused and "a formula without its value" in refused


def wrong(file: Path) -> str:
    with pytest.raises(uncertainty.UncertaintyError) as refused:
        sheet.compile(file).evaluate()
    said = words.sentence(refused.value, "zh")
    assert "sheet" not in said.replace(file.name, "") and "row" not in said, said  # the place is said in Chinese too
    return str(refused.value)


def changed(rows: list[list[Any]], row: int, column: int, content: Any) -> list[list[Any]]:
    made = [list(line) for line in rows]
    made[row - 1][column - 1] = content
    return made


@pytest.mark.parametrize(
    ("sheets", "said"),
    [
        ({"quantities": changed(QUANTITIES, 3, 4, "much")}, "sheet “quantities”, row 3, column D"),
        ({"quantities": changed(QUANTITIES, 2, 4, -1)}, "row 2, column D"),
        ({"quantities": changed(QUANTITIES, 2, 3, "furlong")}, "row 2, column C"),
        ({"quantities": changed(QUANTITIES, 2, 4, None)}, "sheet “quantities”, row 2:"),
        ({"quantities": changed(QUANTITIES, 2, 1, None)}, "sheet “quantities”, row 2:"),
        ({"quantities": changed(QUANTITIES, 1, 4, "sigma")}, "row 1, column D"),
        ({"quantities": changed(QUANTITIES, 1, 4, "Value")}, "row 1, column D"),
        ({"quantities": changed(QUANTITIES, 2, 2, "#DIV/0!")}, "row 2, column B"),
        ({"quantities": changed(QUANTITIES, 2, 2, True)}, "row 2, column B"),
        ({"quantities": changed(QUANTITIES, 2, 2, "nan")}, "row 2, column B"),
        ({"quantities": [*QUANTITIES, ["q", 1, "V", 0.1, "?"]]}, "row 4, column E"),
        ({"quantities": QUANTITIES[:1]}, "sheet “quantities”:"),
        ({"measurands": changed(MEASURANDS, 2, 2, "x + nobody")}, "sheet “measurands”, row 2, column B"),
        ({"measurands": changed(MEASURANDS, 2, 3, "A")}, "sheet “measurands”, row 2, column C"),
        ({"measurands": [*MEASURANDS, MEASURANDS[1]]}, "sheet “measurands”, row 3, column A"),
        ({"correlations": [["first", "second", "r"], ["x", "z", 2]]}, "sheet “correlations”, row 2, column C"),
        ({"correlations": [["first", "second", "r"], ["x", "w", 0.1]]}, "sheet “correlations”, row 2, column A"),
        ({"correlations": [["first", "second"], ["x", "z"]]}, "sheet “correlations”, row 1"),
        ({"budget": [["k", "p"], [2, 0.95]]}, "sheet “budget”, row 2, column B"),
        ({"budget": [["p"], [95]]}, "sheet “budget”, row 2, column A"),
        ({"budget": [["p"], [0.95], [0.9]]}, "sheet “budget”, row 3"),
        ({"quantites": QUANTITIES}, "sheet “quantites”"),
    ],
)
def test_a_fault_is_named_with_its_cell(tmp_path: Path, sheets: dict[str, Any], said: str) -> None:
    file = filled(tmp_path / "b.xlsx", **({"quantities": QUANTITIES, "measurands": MEASURANDS} | sheets))
    assert said in wrong(file)


def test_u_and_U_are_told_apart_by_their_headings(tmp_path: Path) -> None:
    rows = [["symbol", "value", "U (V)", "k", "unit"], ["x", 1, 0.2, 2, "V"]]
    file = filled(tmp_path / "b.xlsx", quantities=rows, measurands=[["symbol", "model", "unit"], ["y", "x", "V"]])
    assert sheet.compile(file).evaluate().results["y"].u == pytest.approx(0.1)


@pytest.mark.parametrize("content", [b"", b"a,b\n", b"PK\x03\x04 broken", b"\xd0\xcf\x11\xe0" + bytes(600)])
def test_what_is_no_workbook_is_refused_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "b.xlsx"
    file.write_bytes(content)
    assert ".xlsx" in wrong(file)
    with pytest.raises(uncertainty.DocumentError, match="No such file"):
        sheet.read(tmp_path / "none.xlsx")


def test_a_workbook_that_unpacks_to_too_much_is_not_unpacked(tmp_path: Path) -> None:
    file = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", bytes(21_000_000))
    assert "20 MB" in wrong(file)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_workbook_is_read_or_refused_never_a_traceback(tmp_path: Path, data: st.DataObject) -> None:
    """One part of the file, changed at a place: anything but an UncertaintyError fails the test."""
    whole = tmp_path / "whole.xlsx"
    if not whole.exists():
        sheet.write(FULL, None, whole)
    with zipfile.ZipFile(whole) as parts:
        held = {name: parts.read(name) for name in parts.namelist()}
    name = data.draw(st.sampled_from(sorted(held)))
    at = data.draw(st.integers(0, len(held[name]) - 1))
    cut = data.draw(st.integers(0, 12))
    held[name] = held[name][:at] + data.draw(st.binary(max_size=6)) + held[name][at + cut :]
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as parts:
        for part, content in held.items():
            parts.writestr(part, content)
    with contextlib.suppress(uncertainty.UncertaintyError):
        sheet.compile(stream, "damaged.xlsx").evaluate()


def test_a_cell_in_the_last_corner_of_a_sheet_costs_nothing(tmp_path: Path) -> None:
    file = filled(tmp_path / "b.xlsx", quantities=QUANTITIES, measurands=MEASURANDS)
    book = load_workbook(file)
    book["quantities"]["XFD1048576"] = 1
    book.save(file)
    assert "20000 rows" in wrong(file)


def test_what_no_cell_can_hold_is_refused(tmp_path: Path) -> None:
    data = {"quantities": {"x": {"readings": [i / 7 for i in range(9000)]}}, "measurands": {"y": {"expression": "x"}}}
    with pytest.raises(uncertainty.DocumentError, match="32767"):
        sheet.write({"budget": 1} | data, None, tmp_path / "b.xlsx")
    bell = {"quantities": {"x": {"value": 1, "u": 1, "source": "\x07"}}, "measurands": {"y": {"expression": "x"}}}
    with pytest.raises(uncertainty.DocumentError, match="control"):
        sheet.write({"budget": 1} | bell, None, tmp_path / "b.xlsx")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_template_has_every_heading_and_is_refused_only_for_being_empty(tmp_path: Path, lang: str) -> None:
    file = tmp_path / "template.xlsx"
    sheet.template(file, lang)
    assert "a row for each" in wrong(file)
    book = load_workbook(file)
    pages = book.worksheets
    page = next(page for page in pages if page.max_column > 20)
    heads = {str(cell.value).split("(")[-1].rstrip(")"): cell.column for cell in page[1]}
    for name, content in {"symbol": "x", "value": 3, "u": 0.5}.items():
        page.cell(2, heads[name], content)
    last = next(page for page in pages if page.title in ("被测量", "measurands"))
    last["A2"], last["C2"] = "y", "2*x"
    book.save(file)
    assert sheet.compile(file).evaluate().results["y"].u == pytest.approx(1.0)
