"""The report of a year: counts by hand, on SQLite and PostgreSQL; spans end at the laboratory's midnight."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from lims.domain.errors import NotAllowed, UnusableValue
from lims.queries import rows, yearly
from lims.records import CatalogueEntry, CompulsoryEntry, Fee, WorkOrder
from lims.services import month_counts
from tests import factories as f

FIRST, LAST, ON = date(2026, 1, 1), date(2026, 12, 31), date(2026, 11, 23)
NEW_YEAR = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
"""Midnight in Shanghai (UTC+8) that begins 2027."""


def at(month: int, day: int, hour: int = 4) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def job(session: Session, item: Any, issued: datetime, due: date | None = None, **columns: Any) -> Any:
    """A certificate of a job, promised for a day; verdicts: one as-found point each. Returns certificate, job, record."""
    kind, verdicts = columns.pop("kind", "calibration"), columns.pop("verdicts", ())
    if due is not None:
        work = WorkOrder(number=f"RW-{item.code}-{issued:%m%d%H}", kind="calibration", agreed={}, due=due,
                         state="accepted", accepted_by_id=f.a_person(session).id, accepted_at=at(1, 1))  # fmt: skip
        columns["work_order_id"] = f.added(session, work).id
    request = f.a_request(session, item, state="issued", **columns)
    record = f.a_record(session, request, state="locked")
    if verdicts:
        made = f.an_evaluation(session, record)
        for n, said in enumerate(verdicts, 1):
            f.a_result(session, made, point=n, verdict={"verdict": said})
    return f.a_certificate(session, record, kind=kind, issued_at=issued), request, record


@pytest.fixture
def report(session: Session) -> Any:
    """Five certificates of four items in 2026, one of 2027, a waived fee, one that is free, two in the register."""
    f.a_laboratory(session)
    one, two = f.a_customer(session), f.a_customer(session, "乙公司", "B")
    one.details = {"county": "𠮷县"}
    two.address = {"zh": "云岭市", "en": "Yunling"}
    meter = f.an_instrument(session, customer_id=one.id, maker="甲厂", model="M-1")
    gauge = f.an_instrument(session, customer_id=two.id, maker="乙厂", model="P-2")
    first, paid, record = job(session, meter, at(3, 2), date(2026, 3, 2), verdicts=("pass", "fail"), use="trade")
    f.a_certificate(session, record, supersedes_id=first.id, issued_at=at(3, 9))
    # 2 March 16:30 UTC is 3 March in Shanghai: a day late
    job(session, meter, datetime(2026, 3, 2, 16, 30, tzinfo=UTC), date(2026, 3, 2), verdicts=("pass",))
    _c, free, _r = job(session, gauge, at(4, 1), work="periodic", kind="verification", use="trade")
    job(session, gauge, datetime(2026, 12, 31, 15, 59, tzinfo=UTC), date(2027, 1, 5), work="periodic",
        kind="result_notice", verdicts=("none",))  # fmt: skip
    job(session, meter, NEW_YEAR)
    for request, kind, amount in (
        (paid, "waived", "-0.10"),
        (paid, "waived", "-300.20"),
        (free, "statutory_free", "0"),
    ):
        f.added(session, Fee(request_id=request.id, kind=kind, amount=amount, at=at(5, 1)))
    f.added(session, Fee(request_id=paid.id, kind="waived", amount="-7", at=NEW_YEAR))
    listed = f.added(session, CatalogueEntry(catalogue="C", number="7", version=1, name={"zh": "压力表", "en": "gauge"},
                     words=[], uses=["trade"], mode="periodic", interval=6, source={}, valid_from=FIRST,
                     valid_to=date(2099, 1, 1), state="in_force", entered_at=at(1, 1)))  # fmt: skip
    for n, (item, state, last, due, result) in enumerate(
        (
            (gauge, "verified", date(2026, 4, 1), date(2026, 10, 1), "verified"),
            (meter, "failed", date(2025, 4, 1), None, "failed"),
        )
    ):
        f.added(session, CompulsoryEntry(number=f"QJ-{n}", instrument_id=item.id, customer_id=item.customer_id,
                catalogue_entry_id=listed.id, use="trade", state=state, last=last, due=due, result=result,
                filed_at=at(1, 1) if n == 0 else datetime(2025, 12, 31, 15, 59, tzinfo=UTC)))  # fmt: skip
    viewer = f.an_actor(session, "technical_manager")
    return yearly.year(session, viewer, first=FIRST, last=LAST, on=ON)


def test_certificates_and_items_are_counted_apart_in_every_table(report: yearly.Year) -> None:
    assert report.total == (5, 4), "an amendment is no second item; 2027 begins at midnight in Shanghai"
    assert report.works == {"calibration": (3, 2), "periodic": (2, 2)}
    assert report.uses == {"trade": (3, 2), "other": (2, 2)}
    assert report.kinds == {"calibration": (3, 2), "verification": (1, 1), "result_notice": (1, 1)}
    assert [(m.maker, m.model, m.certificates, m.items) for m in report.models] == [
        ("甲厂", "M-1", 3, 2),
        ("乙厂", "P-2", 2, 2),
    ]
    assert report.places == {"𠮷县": (3, 2), "云岭市": (2, 2)}


def test_a_job_fails_as_found_by_one_point_and_once_whatever_is_amended(report: yearly.Year) -> None:
    assert report.found == {
        "calibration": {"pass": 1, "fail": 1, "none": 0},
        "periodic": {"pass": 0, "fail": 0, "none": 2},
    }


def test_on_time_is_the_laboratorys_day_against_the_day_promised(report: yearly.Year) -> None:
    assert [(m.month, m.on_time, m.late, m.without, m.share) for m in report.months] == [
        ("2026-03", 1, 1, 0, 0.5),
        ("2026-04", 0, 0, 1, None),
        ("2026-12", 1, 0, 0, 1.0),
    ]


def test_a_month_that_is_over_is_counted_once_and_then_read(session: Session, report: yearly.Year) -> None:
    viewer, span = f.an_actor(session, "technical_manager"), {"first": date(2026, 2, 10), "last": LAST}
    live = yearly.on_time(session, viewer, **span)
    assert live == list(report.months)
    now = datetime(2026, 12, 31, 15, 0, tzinfo=UTC)  # still December in Shanghai
    assert month_counts.keep(session, at=now) == month_counts.BACK
    assert month_counts.keep(session, at=now) == 0
    assert yearly.on_time(session, viewer, **span) == live
    said: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *a: said.append(str(a[3])))
    months = yearly.on_time(session, viewer, first=date(2026, 1, 1), last=date(2026, 11, 30))
    assert [month.month for month in months] == ["2026-03", "2026-04"] and len(said) == 1, "nothing was counted again"
    assert month_counts.keep(session, at=NEW_YEAR) == 1, "December is over"


def test_fees_are_summed_to_the_fen_and_the_register_by_its_catalogue(report: yearly.Year) -> None:
    assert report.fees == {"statutory_free": (1, Decimal(0)), "waived": (1, Decimal("300.30"))}
    (line,) = report.compulsory
    assert (line.number, line.name["zh"], line.use) == ("7", "压力表", "trade")
    assert (line.registered, line.filed, line.passed, line.failed, line.overdue) == (2, 1, 1, 0, 1)


@pytest.mark.parametrize("last", [date(2025, 12, 31), date(2036, 1, 2)])
def test_a_span_runs_forward_and_ten_years_at_most(session: Session, last: date) -> None:
    f.a_laboratory(session)
    with pytest.raises(UnusableValue):
        yearly.year(session, f.an_actor(session, "technical_manager"), first=FIRST, last=last, on=ON)


def test_a_customers_rows_are_their_own_whatever_they_ask_for(session: Session) -> None:
    f.a_laboratory(session)
    mine, other = f.an_instrument(session), f.an_instrument(session)
    other.customer_id = f.a_customer(session, "乙公司", "B").id
    own, _theirs = f.a_request(session, mine), f.a_request(session, other)
    me = f.an_actor(session, "customer", customer_id=mine.customer_id)
    assert [row[0] for row in rows.items(session, me, size=9)] == [own.number]
    assert [row[0] for row in rows.instruments(session, me, on=ON, customer=other.customer_id, size=9)] == [mine.code]
    with pytest.raises(NotAllowed):
        yearly.year(session, me, first=FIRST, last=LAST, on=ON)
