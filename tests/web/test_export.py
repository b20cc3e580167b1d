"""Lists as files: what a spreadsheet must not run, whose rows they are, what is left out is said."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from lims.records import Customer, Instrument, Request
from lims.records.engine import session_factory
from lims.services import people
from tests.web.conftest import Visitor
from web import export

As = Callable[[str], Visitor]
HOSTILE = ["=cmd|'/C calc'!A0", "+1+1", "@SUM(A1)", "-2+3", "\t=1", "𠮷", 'a,"b"\n', "-1.5", ""]
SHOWN = ["'=cmd|'/C calc'!A0", "'+1+1", "'@SUM(A1)", "'-2+3", "'\t=1", "𠮷", 'a,"b"\n', "-1.5", ""]


def table(answer: Any) -> list[list[str]]:
    """The cells of a CSV or XLSX that a page sent, as text."""
    assert answer.status_code == 200
    if answer.mimetype == "text/csv":
        assert answer.data.startswith(b"\xef\xbb\xbf")
        return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))
    rows = load_workbook(io.BytesIO(answer.data)).active.iter_rows()
    assert all(cell.data_type != "f" for row in rows for cell in row)
    found = load_workbook(io.BytesIO(answer.data)).active.iter_rows(values_only=True)
    return [["" if cell is None else str(cell) for cell in row] for row in found]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_no_cell_is_a_formula_and_every_character_arrives(app: Flask, kind: str) -> None:
    with app.test_request_context("/"):
        head, row = table(export.answer(kind, "x", ("Model",) * 9, [HOSTILE]))
    assert row == SHOWN
    assert head[0] == "型号 Model"


def test_control_characters_that_xml_cannot_keep_break_no_workbook(app: Flask) -> None:
    with app.test_request_context("/"):
        assert table(export.answer("xlsx", "x", ("Model",), [["a\x0bb"], [7]]))[1:] == [["a b"], ["7"]]


@pytest.mark.parametrize(("n", "lines"), [(10_000, 10_001), (10_001, 10_002)])
def test_a_list_that_is_cut_says_so(app: Flask, n: int, lines: int) -> None:
    with app.test_request_context("/"):
        found = table(export.answer("csv", "x", ("Model",), ([i] for i in range(n))))
    assert len(found) == lines
    assert ("10000" in found[-1][0]) == (n > 10_000) and (found[-1][0] == "9999") == (n == 10_000)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("path", ["/requests/", "/instruments/", "/certificates/"])
def test_a_customers_file_holds_their_own_rows_and_the_laboratorys_all(
    app: Flask, signed_in: As, statements: list[str], path: str, kind: str
) -> None:
    with session_factory(app.extensions["lims_engine"])() as session:
        mine = people.by_username(session, "customer").customer_id
        other = session.scalars(select(Customer).where(Customer.id != mine)).first()
        assert other is not None and mine is not None
        theirs = {
            *session.scalars(select(Request.number).where(Request.customer_id == other.id)),
            *session.scalars(select(Instrument.code).where(Instrument.customer_id == other.id)),
        }
        hostile = Instrument(code="ZZ-OTHER", kind="item", description={"zh": "=cmd", "en": "=cmd"}, maker="𠮷",
                             model="@m", serial="-1+1", customer_id=other.id)  # fmt: skip
        session.add(hostile)
        session.commit()
        wanted = f"?format={kind}&customer={other.id}"
    staff, own = signed_in("keeper"), signed_in("customer")
    del statements[:]
    all_rows = table(staff.get(f"{path}?format={kind}"))
    assert len(statements) <= 6 and not any("snapshot" in each for each in statements)
    own_rows = table(own.get(path + wanted))
    assert len(all_rows) > 1
    assert not theirs & {cell for row in own_rows for cell in row}
    assert "ZZ-OTHER" not in json.dumps(own_rows)
    if path == "/instruments/":
        (found,) = [row for row in all_rows if row[0] == "ZZ-OTHER"]
        assert found[2:6] == ["'=cmd", "𠮷", "'@m", "'-1+1"]


def test_the_filter_shown_is_the_filter_of_the_file(signed_in: As) -> None:
    keeper = signed_in("keeper")
    page = keeper.get("/certificates/?state=withdrawn").get_data(as_text=True)
    found = table(keeper.get("/certificates/?format=csv&state=withdrawn"))
    assert len(found) == 1 or all("撤" in row[1] for row in found[1:])
    everything = keeper.get("/certificates/").get_data(as_text=True)
    assert "/certificates/?format=csv" in everything
    assert ("format=csv" in page) == (len(found) > 1)


def test_the_report_of_a_year_is_a_page_and_a_file(signed_in: As, statements: list[str]) -> None:
    manager = signed_in("manager")
    del statements[:]
    shown = manager.get("/statistics/year?from=2026-01-01&to=2026-12-31")
    assert shown.status_code == 200 and len(statements) <= 12, len(statements)
    assert "强制检定年度报表" in shown.get_data(as_text=True)
    assert "/statistics/year" in manager.get("/statistics/").get_data(as_text=True)
    sheets = [
        table(manager.get(f"/statistics/year?format={kind}&from=2026-01-01&to=2026-12-31")) for kind in export.TYPES
    ]
    assert sheets[0] == sheets[1] and sheets[0][1][1] == "2026-01-01 – 2026-12-31"


@pytest.mark.parametrize("query", ["from=x", "from=2026-12-31&to=2026-01-01", "to=9999-12-31", "from=0001-01-01"])
def test_a_span_that_is_none_is_refused_in_words(signed_in: As, query: str) -> None:
    assert signed_in("manager").get(f"/statistics/year?{query}").status_code == 422


def test_a_customer_has_no_report_of_the_laboratory(signed_in: As) -> None:
    assert signed_in("customer").get("/statistics/year?format=csv").status_code == 403
