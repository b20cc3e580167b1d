"""A laboratory's past brought in, and everything set out again, on both databases."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from datetime import date

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select

from lims.domain import sheets
from lims.domain.errors import NotAllowed, UnusableValue, WrongState
from lims.queries import exchange, search
from lims.records import Base, Customer, Document, ImportBatch, Instrument, LegacyCertificate
from lims.services import certificates, exports, imports, rendering

from .conftest import PASSWORD, Lab

CUSTOMERS = "名称,地址,联系人\n𠮷田仪器厂,云岭市一路 1 号,𠮷田 远\n=HYPERLINK(1),二路,\n"
ITEMS = "客户;名称;制造商;型号;出厂编号;周期（月）;下次日期\n𠮷田仪器厂;压力表;红旗;Y-100;００１２;１２;2027/3/1\n"
OLD = "certificate,type,client,name,manufacturer,model,serial,issued,valid to\n2019-D-1,校准,𠮷田仪器厂,压力表,红旗,Y-100,００１２,2019.5.6,20200505\n"


def brought(lab: Lab, kind: str, content: str | bytes, name: str = "a.csv") -> ImportBatch:
    sent = content if isinstance(content, bytes) else content.encode()
    return imports.look_at(lab.session, kind, name, sent, by=lab.who("manager"), at=lab.now())


def applied(lab: Lab, kind: str, content: str | bytes, name: str = "a.csv") -> ImportBatch:
    return imports.apply(lab.session, brought(lab, kind, content, name).number, by=lab.who("manager"), at=lab.now())


def test_a_past_comes_in_by_three_sheets(lab: Lab) -> None:
    applied(lab, "customers", CUSTOMERS)
    assert applied(lab, "instruments", ITEMS.encode("gb18030")).findings["new"] == 1
    applied(lab, "certificates", OLD)
    item = lab.session.scalars(select(Instrument).where(Instrument.model == "Y-100")).one()
    assert (item.serial, item.due, item.details["interval"]) == ("００１２", date(2027, 3, 1), "12")
    old = lab.session.scalars(select(LegacyCertificate)).one()
    assert (old.kind, old.issued, old.valid_to) == ("calibration", date(2019, 5, 6), date(2020, 5, 5))
    assert exchange.legacy_of(lab.session, item.code, lab.who("auditor")) == [old]
    assert exchange.legacy_of(lab.session, item.code, lab.who("customer")) == []
    assert item.id in search.instrument_ids(lab.session, "压力表")
    again = brought(lab, "instruments", ITEMS)
    assert (again.findings["new"], again.findings["same"]) == (0, 1)


def test_every_wrong_cell_is_marked_and_nothing_is_stored(lab: Lab) -> None:
    applied(lab, "customers", CUSTOMERS)
    before = lab.session.scalar(select(func.count()).select_from(Instrument))
    wrong = (
        "客户,名称,制造商,型号,出厂编号,周期（月）,下次日期\n"
        "𠮷田仪器厂,表,红旗,Y,1,twelve,2027-02-30\n"
        "没有的客户,表,红旗,Y,2,,\n"
        "𠮷田仪器厂,表,,Y,3,,\n"
        "𠮷田仪器厂,表,红旗,Y,4,,\n𠮷田仪器厂,表,红旗,Y,4,,\n"
    )
    batch = brought(lab, "instruments", wrong)
    cells = [(f["row"], f["column"], f["found"]) for f in batch.findings["faults"]]
    assert cells == [(2, 6, "twelve"), (2, 7, "2027-02-30"), (3, 1, "没有的客户"), (4, 3, "—"), (6, 5, "4")]
    assert all(f["right"]["zh"] and f["right"]["en"] for f in batch.findings["faults"])
    with pytest.raises(UnusableValue, match="4"):
        imports.apply(lab.session, batch.number, by=lab.who("manager"), at=lab.now())
    assert lab.session.scalar(select(func.count()).select_from(Instrument)) == before
    imports.discard(lab.session, batch.number, by=lab.who("manager"), at=lab.now())
    with pytest.raises(WrongState):
        imports.apply(lab.session, batch.number, by=lab.who("manager"), at=lab.now())


def test_a_workbook_is_read_as_a_table(lab: Lab) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["名称", "地址"])
    sheet.append(["东岭量具厂", "三路 3 号"])
    out = io.BytesIO()
    book.save(out)
    applied(lab, "customers", out.getvalue(), "a.xlsx")
    assert any(c.name["zh"] == "东岭量具厂" for c in lab.session.scalars(select(Customer)))


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"", "headings"), ("名称\n".encode(), "column"), ("名称,地址,颜色\n".encode(), "headings once"),
     (b"PK\x03\x04broken", "XLSX"), (b"\xff\xfe\x81\x00\xff", "GB 18030"), ("名称,名称,地址\n".encode(), "once")],
)  # fmt: skip
def test_a_file_that_is_no_such_sheet_is_refused(lab: Lab, content: bytes, why: str) -> None:
    with pytest.raises(UnusableValue, match=why):
        brought(lab, "customers", content)


def test_who_may_not(lab: Lab) -> None:
    with pytest.raises(NotAllowed):
        imports.look_at(lab.session, "customers", "a.csv", CUSTOMERS.encode(), by=lab.who("keeper"), at=lab.now())
    with pytest.raises(NotAllowed):
        exports.export(lab.session, io.BytesIO(), by=lab.who("tech"), at=lab.now())


@pytest.mark.parametrize(
    ("said", "meant"),
    [("2026-11-23", date(2026, 11, 23)), ("2026/1/3", date(2026, 1, 3)), ("2026.11.23", date(2026, 11, 23)),
     ("20261123", date(2026, 11, 23)), ("2026年11月3日", date(2026, 11, 3)), ("２０２６-１１-２３", date(2026, 11, 23)),
     ("2026-11-23 00:00:00", date(2026, 11, 23))],
)  # fmt: skip
def test_days_as_people_write_them(said: str, meant: date) -> None:
    assert sheets.day(said) == meant


@pytest.mark.parametrize("said", ["2026-02-29", "23.11.2026", "soon", "0026-01-01", "2026-13-01", "1"])
def test_days_that_are_none(said: str) -> None:
    with pytest.raises(sheets.Wrong):
        sheets.day(said)


def test_what_goes_out_is_all_there_is_but_the_secrets(lab: Lab) -> None:
    record = lab.verified()
    issued = certificates.issue(
        lab.session, record.number, PASSWORD, by=lab.who("approver"), at=lab.now(), settings=lab.settings
    )
    rendering.render_due(lab.session, at=lab.now(), settings=lab.settings, holder="test")
    lab.session.commit()
    out = io.BytesIO()
    manifest = exports.export(lab.session, out, by=lab.who("keeper"), at=lab.now())
    with zipfile.ZipFile(out) as archive:
        names = set(archive.namelist())
        assert names == set(manifest["files"]) | {"manifest.json"}
        for name, said in manifest["files"].items():
            content = archive.read(name)
            assert hashlib.sha256(content).hexdigest() == said["sha256"], name
        for table in Base.metadata.sorted_tables:
            if table.name in exports.LEFT_OUT:
                assert f"tables/{table.name}.jsonl" not in names
                continue
            count = lab.session.scalar(select(func.count()).select_from(table))
            lines = archive.read(f"tables/{table.name}.jsonl").decode().splitlines()
            assert len(lines) == count, table.name
            assert (
                len(list(csv.reader(io.StringIO(archive.read(f"tables/{table.name}.csv").decode("utf-8-sig")))))
                == count + 1
            )
        people = archive.read("tables/person.jsonl").decode()
        assert "password_hash" not in people
        assert "argon2" not in people
        kept = [json.loads(line) for line in archive.read("tables/certificate.jsonl").decode().splitlines()]
        assert kept[0]["snapshot"] == issued.snapshot
        for row in lab.session.scalars(select(Document)):
            assert archive.read(f"documents/{row.sha256}{'.pdf' if row.kind == 'pdf' else '.xml'}") == row.bytes
