"""A metrologist builds a budget on a page: its errors at the field, its answer, its way into a procedure."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import pytest
from flask import Flask

from tests.web import laboratory
from tests.web.conftest import Visitor
from web import budget_form

As = Callable[[str], Visitor]
PATH = "/budgets/"

# JCGM 100:2008, H.1 in the form of its table H.1: the end gauge.
GAUGE = {
    "title": "End gauge",
    "coverage": "p=0.99",
    "q-0-name": "l_s", "q-0-value": "50000623", "q-0-unit": "nm", "q-0-way": "u", "q-0-amount": "25", "q-0-dof": "18",
    "q-1-name": "d", "q-1-value": "215", "q-1-unit": "nm", "q-1-way": "u", "q-1-amount": "9.7", "q-1-dof": "25.6",
    "m-0-name": "l", "m-0-expression": "l_s + d", "m-0-unit": "nm",
}  # fmt: skip


def test_the_page_opens_with_an_example_that_evaluates(signed_in: As) -> None:
    tech = signed_in("tech")
    page = tech.get(PATH).get_data(as_text=True)
    assert "reading + resolution - source - drift" in page


def test_first_order_and_monte_carlo_stand_beside_each_other(signed_in: As) -> None:
    page = signed_in("tech").post(PATH, PATH, do="evaluate", seed="1", trials="20000", **GAUGE).get_data(as_text=True)
    digits = page.replace("\u202f", "").replace("\u2009", "").replace("\N{NARROW NO-BREAK SPACE}", "")
    assert "50000838" in digits and "26.8" in digits  # 50 000 623 + 215; sqrt(25² + 9.7²) = 26.82
    assert "蒙特卡洛法，最短区间" in page and "20000 次试验，种子 1" in page


def test_the_answer_is_the_one_of_the_library(signed_in: As) -> None:
    sent = signed_in("tech").post(PATH, PATH, do="json", method="gum", **GAUGE)
    found = json.loads(sent.data)["measurands"]["l"]
    assert found["u"] == pytest.approx((25**2 + 9.7**2) ** 0.5, rel=1e-14)
    assert found["dof"] == pytest.approx(found["u"] ** 4 / (25**4 / 18 + 9.7**4 / 25.6), rel=1e-12)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"q-0-amount": "-25"}, "q-0-amount"),
        ({"q-0-amount": ""}, "q-0-amount"),
        ({"q-1-unit": "kg"}, "m-0-expression"),
        ({"q-1-unit": "furlong"}, "q-1-unit"),
        ({"q-1-dof": "0"}, "q-1-dof"),
        ({"q-1-value": "zwei"}, "q-1-value"),
        ({"q-1-name": "l_s"}, "q-1-name"),
        ({"q-1-name": ""}, "q-1-name"),
        ({"m-0-expression": "l_s + x"}, "m-0-expression"),
        ({"m-0-expression": "l_s * d / (d - d)"}, "m-0-expression"),
        ({"m-0-expression": "__import__('os')"}, "m-0-expression"),
        ({"m-0-unit": "V"}, "m-0-unit"),
        ({"c-0-a": "l_s", "c-0-b": "d", "c-0-r": "2"}, "c-0-r"),
        ({"c-0-a": "l_s", "c-0-b": "none", "c-0-r": "0.2"}, "c-0-a"),
        ({"together": "l_s d"}, "together"),
        ({"trials": "1e9"}, "trials"),
        ({"seed": "-1"}, "seed"),
        ({"q-0-way": "pooled", "q-0-amount": "1 2", "q-0-value": "", "q-0-second": ""}, "q-0-second"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(
    signed_in: As, change: dict[str, str], field: str
) -> None:
    answer = signed_in("tech").post(PATH, PATH, do="evaluate", **GAUGE | change)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "Traceback" not in page
    wrong = page.split(f'name="{field}"')[1].split("</td>")[0].split("</div>")[0]
    assert 'aria-invalid="true"' in wrong or "aria-invalid=true" in wrong, page.count("aria-invalid")
    assert 'value="End gauge"' in page


def test_a_document_goes_into_the_table_and_out_again() -> None:
    document = {
        "budget": 1,
        "quantities": {
            "a": {"value": 1.0, "unit": "V", "U": 0.2, "k": 2.0, "dof": 9.0},
            "b": {"readings": [1.0, 2.0, 3.0], "unit": "V"},
            "c": {"readings": [1.0], "unit": "V", "pooled": {"s": 0.1, "dof": 20.0}},
            "d": {"value": 0.0, "unit": "V", "distribution": "rectangular", "half_width": ["35 ppm", "5 µV"]},
            "e": {"value": 2.0, "exact": True},
            "f": {"value": 0.0, "unit": "V", "resolution": "10 µV"},
        },
        "measurands": {"y": {"expression": "a + b + c + d + e*f", "unit": "V"}},
        "correlations": [{"between": ["a", "b"], "r": 0.5}],
        "coverage": 0.95,
    }
    table = budget_form.table(document)
    assert table is not None and budget_form.document(table) == document


def test_a_pasted_document_is_read_and_a_wrong_one_named(signed_in: As) -> None:
    tech = signed_in("tech")
    text = (
        "budget: 1\nquantities:\n  x: {value: 2, u: 0.1, unit: V}\nmeasurands:\n  y: {expression: x**2, unit: V**2}\n"
    )
    assert 'value="x**2"' in tech.post(PATH, PATH, do="read", document=text).get_data(as_text=True)
    wrong = tech.post(PATH, PATH, do="read", document=text.replace("u: 0.1", "u: none"))
    assert wrong.status_code == 422 and "budget:3" in wrong.get_data(as_text=True)
    deep = tech.post(PATH, PATH, do="read", document="a: &a [1]\n" + "b: [*a, *a]\n" * 3)
    assert deep.status_code == 422


def test_a_budget_becomes_the_template_of_a_procedure_and_reads_a_file(app: Flask, signed_in: As) -> None:
    keeper = signed_in("keeper")
    budget = {
        "q-0-name": "V", "q-0-unit": "V", "q-0-way": "readings", "q-0-amount": "5.007 4.994 5.005",
        "q-1-name": "g", "q-1-value": "1", "q-1-unit": "1", "q-1-way": "u", "q-1-amount": "1e-4",
        "m-0-name": "W", "m-0-expression": "V*g", "m-0-unit": "V", "coverage": "k=2",
        "name": "GAIN", "title_zh": "增益", "title_en": "Gain", "code": "SY-9", "version": "1.0",
    }  # fmt: skip
    saved = keeper.post(PATH, PATH, do="save", **budget)
    page = signed_in("verifier").get(saved.headers["Location"]).get_data(as_text=True)
    version = "/procedures/versions/" + page.partition("/procedures/versions/")[2].partition("/")[0]
    for who, step in (("verifier", "verify"), ("manager", "approve"), ("manager", "put-in-force")):
        assert signed_in(who).post(f"{version}/{step}", password=laboratory.PASSWORD).status_code == 302
    assert keeper.post(PATH, PATH, do="save", **budget | {"q-0-way": "u", "q-0-amount": "1"}).status_code == 422
    assert signed_in("tech").post(PATH, PATH, do="save", **budget).status_code == 403
    assert "GAIN" in signed_in("tech").get("/requests/new").get_data(as_text=True)


def test_a_formula_that_takes_long_is_not_asked_of_the_server(signed_in: As) -> None:
    answer = signed_in("tech").post(PATH, PATH, do="evaluate", **GAUGE | {"trials": "6000000"})
    assert answer.status_code == 422


@pytest.mark.parametrize("kind", ["csv", "xlsx", "yaml"])
def test_the_answer_is_had_as_a_file(signed_in: As, kind: str) -> None:
    sent = signed_in("tech").post(PATH, PATH, do=kind, method="gum", **GAUGE)
    assert sent.status_code == 200 and f"budget.{kind}" in sent.headers["Content-Disposition"]
    assert len(sent.data) > 200


def test_a_workbook_comes_back_as_the_table_and_a_damaged_one_is_refused(signed_in: As) -> None:
    tech = signed_in("tech")
    book = tech.post(PATH, PATH, do="xlsx", method="gum", **GAUGE).data
    page = tech.post(PATH, PATH, do="read", workbook=(io.BytesIO(book), "budget.xlsx")).get_data(as_text=True)
    assert 'value="l_s + d"' in page and 'value="50000623"' in page
    damaged = tech.post(PATH, PATH, do="read", workbook=(io.BytesIO(book[:500]), "budget.xlsx"))
    assert damaged.status_code == 422 and "Traceback" not in damaged.get_data(as_text=True)


def test_the_distribution_is_drawn_with_its_words(signed_in: As) -> None:
    page = signed_in("tech").post(PATH, PATH, do="evaluate", seed="1", trials="20000", **GAUGE).get_data(as_text=True)
    assert 'class="histogram"' in page or 'id="draws-0-title"' in page
    assert "style=" not in page.split('id="draws-0-title"')[1].split("</svg>")[0]
