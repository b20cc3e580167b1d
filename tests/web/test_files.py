"""Readings from a file, from the page: the file, its record, its report; and a certificate computed again."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from lims.records import Certificate, Record, StoredFile
from lims.services import people, requests
from tests.web import laboratory
from tests.web.conftest import Visitor

As = Callable[[str], Visitor]
CSV = (Path(__file__).parents[2] / "fixtures" / "readings" / "impedance_gum_h2.csv").read_bytes()


@pytest.fixture
def asked(app: Flask) -> str:
    """A request of the technician's own for readings that come as a file."""
    with app.extensions["lims_writers"]() as session:
        by = people.by_username(session, "tech")
        number = requests.own(session, "IMPEDANCE", by=by, at=laboratory.AT).number
        session.commit()
    return number


def test_a_file_becomes_a_record_and_an_evaluation_report(app: Flask, signed_in: As, asked: str) -> None:
    tech = signed_in("tech")
    assert f"/bench/{asked}/from-file" in tech.get(f"/bench/{asked}").get_data(as_text=True)
    path = f"/bench/{asked}/from-file"
    kept = tech.post(path, path, origin="JCGM 100:2008, H.2", file=(io.BytesIO(CSV), "阻抗.csv"))
    assert kept.status_code == 302
    with app.extensions["lims_readers"]() as session:
        record = session.scalars(select(Record).order_by(Record.id.desc())).first()
        stored = session.scalars(select(StoredFile).where(StoredFile.name == "阻抗.csv")).one()
        assert (stored.bytes, stored.name) == (CSV, "阻抗.csv")
        assert stored.provenance["origin"] == "JCGM 100:2008, H.2"
    page = f"/records/{record.number}"
    assert tech.post(f"{page}/submission", page, password=laboratory.PASSWORD).status_code == 302
    made = tech.post(f"{page}/report", page)
    report = tech.get(made.headers["Location"]).get_data(as_text=True)
    assert "不声称这些结果具有计量溯源性。" in report
    for figure in ("127.73", "219.8", "254.2"):  # JCGM 100:2008, table H.4: 127.732, 219.847, 254.260 ohm
        assert figure in report.replace("\u202f", "").replace("\u2009", "")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (CSV.replace(b"5.007", b"NaN"), "NaN"),
        (CSV.replace(b"V (V)", b"V (mA)"), "V (mA)"),
        (b"", ""),
        ("电压,电流\n1,2\n".encode("gb18030"), ""),
        (CSV + b"\x00\n", ""),
    ],
)
def test_a_wrong_file_is_refused_in_one_sentence_and_nothing_is_kept(
    app: Flask, signed_in: As, asked: str, content: bytes, sentence: str
) -> None:
    path = f"/bench/{asked}/from-file"
    answer = signed_in("tech").post(path, path, origin="x", file=(io.BytesIO(content), "a.csv"))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "Traceback" not in page
    assert 'class="note bad"' in page or 'class="wrong"' in page
    assert sentence in page
    with app.extensions["lims_readers"]() as session:
        assert session.scalars(select(StoredFile).where(StoredFile.name == "a.csv")).first() is None


def test_only_a_procedure_for_files_has_the_page_and_only_who_may_import(signed_in: As, asked: str) -> None:
    assert signed_in("tech").get("/bench/WT-2026-000001/from-file").status_code == 404
    assert signed_in("auditor").get(f"/bench/{asked}/from-file").status_code == 403


def test_a_certificate_whose_records_are_gone_does_not_come_out_again(app: Flask, signed_in: As) -> None:
    with app.extensions["lims_readers"]() as session:
        number = session.scalars(select(Certificate.number).order_by(Certificate.id)).first()
    auditor = signed_in("auditor")
    page = auditor.post(f"/certificates/{number}/execution", f"/certificates/{number}").get_data(as_text=True)
    assert "与重新计算不一致" in page
    assert signed_in("customer").post(f"/certificates/{number}/execution").status_code == 403


def test_the_audit_trail_shows_what_each_entry_binds(signed_in: As) -> None:
    page = signed_in("auditor").get("/quality/").get_data(as_text=True)
    assert "变更后" in page and "前一哈希" in page
