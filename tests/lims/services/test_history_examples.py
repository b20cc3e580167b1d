"""The demonstration's year: the same every time, in the order of time, whole for an auditor; on both databases."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims import audit
from lims.config import Settings
from lims.queries import competence, procedures
from lims.records import (
    AuditEntry,
    Booking,
    CalibrationVersion,
    Certificate,
    CertificateStatus,
    Invoice,
    QualityCase,
    Record,
    Request,
    ServiceRequest,
)
from lims.services import demonstration, laboratory, people

from .conftest import NOW


@pytest.fixture
def year(session: Session, tmp_path: Path) -> Session:
    settings = Settings(data=tmp_path)
    assert demonstration.found(session, at=NOW, settings=settings, history=True, month=session.commit)
    session.commit()
    return session


def certificates(session: Session) -> list[dict[str, object]]:
    return [json.loads(each) for each in session.scalars(select(Certificate.snapshot).order_by(Certificate.id))]


def test_twelve_months_with_what_goes_otherwise(year: Session) -> None:
    issued = Counter((at.year, at.month) for at in year.scalars(select(Certificate.issued_at)))
    assert len(issued) >= 12 and sum(issued.values()) >= 50
    statuses = Counter(year.scalars(select(CertificateStatus.status)))
    assert (statuses["superseded"], statuses["withdrawn"]) == (1, 1)
    assert Counter(year.scalars(select(ServiceRequest.state)))["refused"] == 1
    jobs = Counter(year.scalars(select(Request.state)))
    assert jobs["withdrawn"] >= 1
    assert {"accepted", "received", "in_work", "issued"} <= set(jobs), f"work goes on today: {jobs}"
    records = Counter(year.scalars(select(Record.state)))
    assert records["submitted"] and records["verified"], f"somebody waits for the verifier and the approver: {records}"
    assert year.scalar(select(func.count()).select_from(QualityCase)) >= 1
    assert not demonstration.found(year, at=NOW, settings=Settings(data=Path()), history=True), "only once"


def test_as_found_failures_are_few_and_one_was_adjusted(year: Session) -> None:
    failed = adjusted = 0
    for said in certificates(year):
        stages = {each["stage"]: {row["verdict"] for row in each["rows"]} for each in said["result_sets"]}  # type: ignore[attr-defined]
        failed += "fail" in stages["as_found"]
        adjusted += "as_left" in stages
        if "as_left" in stages:
            assert "fail" in stages["as_found"] and "fail" not in stages["as_left"]
    assert (failed, adjusted) == (3, 1)


def test_the_chain_of_a_certificate_is_that_of_its_day(year: Session) -> None:
    """The standard was calibrated again in August; what was measured before rests on the certificate before."""
    first, *_, last = certificates(year)
    cited = [{each["certificate"] for each in said["standards"]} for said in (first, last)]  # type: ignore[attr-defined]
    assert {"FNMI-DC-2025-0117"} <= cited[0] and {"FNMI-DC-2026-0117"} <= cited[1]
    states = Counter(year.scalars(select(CalibrationVersion.state)))
    assert states == {"current": 4, "superseded": 4}


def test_the_audit_chain_is_whole_and_never_goes_back_in_time(year: Session) -> None:
    instants = year.scalars(select(AuditEntry.at).order_by(AuditEntry.seq)).all()
    assert len(instants) > 500 and instants == sorted(instants)
    audit.verify(year)


def test_the_same_year_every_time(year: Session, tmp_path: Path) -> None:
    from lims.migrations import upgrade
    from lims.records.engine import open_engine, session_factory

    engine = open_engine(f"sqlite:///{tmp_path / 'again.db'}")
    upgrade(engine)
    with session_factory(engine)() as again:
        demonstration.found(again, at=NOW, settings=Settings(data=tmp_path), history=True)
        again.commit()
        told = [
            [(said["number"], said["item"], said["result_sets"]) for said in certificates(s)] for s in (year, again)
        ]
    engine.dispose()
    assert told[0] == told[1]
    assert laboratory.exists(year)


def test_the_office_has_prices_invoices_a_second_performer_and_a_version_on_its_way(year: Session) -> None:
    auditor = people.by_username(year, "auditor")
    invoices = Counter(year.scalars(select(Invoice.state)))
    assert invoices["paid"] > 20 and invoices["issued"] >= 1
    day = NOW.date()
    (line,) = [each for each in competence.matrix(year, auditor, day).lines if each.name == "DMM-DCV"]
    assert line.performers == 2
    assert [held.person.username for held in competence.ending(year, auditor, day)] == ["verifier"]
    assert procedures.page(year, auditor).open == {"DMM-DCV": 1}
    assert sorted(year.scalars(select(Booking.state))) == ["confirmed", "requested"]
