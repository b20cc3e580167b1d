"""How many of what waits for a person of the laboratory: one statement, whatever their roles."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from lims.domain import bookings as spans
from lims.domain.actor import Actor
from lims.domain.rights import may, require
from lims.queries import cases
from lims.records import (
    Authorisation,
    Booking,
    CalibrationVersion,
    CompulsoryEntry,
    GateRule,
    Instrument,
    Invoice,
    MeasurementStandard,
    Notice,
    Person,
    ProcedureVersion,
    QualityCase,
    Record,
    Request,
    ServiceRequest,
    SigninAttempt,
)

SOON = timedelta(days=60)
"""What ends within these days is counted."""
MOST = 1000
"""More than this is not counted."""
HALF_A_YEAR = timedelta(days=183)
"""Before the end of a measurement standard's certificate its re-examination is applied for (m)."""


def counts(session: Session, viewer: Actor, *, on: date, at: datetime) -> dict[str, int]:
    """Key → how many there are, for the keys whose right the viewer has; one statement. Raises NotAllowed for customers."""
    if viewer.customer_id is not None:
        require(viewer, "bookings.read")
    asked = {key: question for key, (right, question) in _counted(viewer, on, at).items() if _has(viewer, right)}
    row = session.execute(select(*(question.scalar_subquery().label(key) for key, question in asked.items()))).one()
    return {key: int(getattr(row, key)) for key in asked}


def _has(viewer: Actor, right: str) -> bool:
    return right == "" or may(viewer, right)


def _n(table: Any, *conditions: Any) -> Select[Any]:
    """How many rows, at most MOST: a backlog of years is not counted to its end on every first page."""
    return _capped(select(table.id).where(*conditions))


def _capped(rows: Select[Any]) -> Select[Any]:
    return select(func.count()).select_from(rows.limit(MOST).subquery())


def _counted(viewer: Actor, on: date, at: datetime) -> dict[str, tuple[str, Select[Any]]]:
    """Key → (right, question)."""
    ended = QualityCase.state.in_(cases.ENDED)
    complaint = QualityCase.kind.in_(("complaint", "dispute"))
    proposed = Authorisation.state.in_(("proposed", "trained", "assessed"))
    ending = (Authorisation.state == "granted") & Authorisation.valid_to.between(on, on + SOON)
    in_force = MeasurementStandard.state.in_(("in_force", "changed", "re_examination"))
    waits = Notice.needs_action & Notice.done_at.is_(None)
    return {
        "notices": ("", _n(Notice, Notice.person_id == viewer.person_id, waits)),
        "orders": ("requests.review", _n(ServiceRequest, ServiceRequest.state == "submitted")),
        "expected": ("items.receive", _n(Request, Request.state == "accepted")),
        "discrepancy": ("items.receive", _n(Request, Request.state == "discrepancy")),
        "unassigned": ("items.assign", _n(Request, Request.state == "received", Request.assigned_to_id.is_(None))),
        "ready": ("items.return", _n(Request, Request.state == "issued")),
        "to_verify": ("records.verify", _n(Record, Record.state == "submitted")),
        "to_approve": ("certificates.issue", _n(Record, Record.state == "verified")),
        "bookings": ("bookings.manage", _n(Booking, Booking.state == "requested")),
        "compulsory": ("compulsory.manage", _n(CompulsoryEntry, CompulsoryEntry.state != "deregistered", CompulsoryEntry.due < on)),
        "standards": ("standards.manage", _standards_ending(on)),
        "measurement_standards": ("standards.manage", _n(MeasurementStandard, in_force, MeasurementStandard.valid_to <= on + HALF_A_YEAR)),
        "authorisations": ("authorisations.manage", _n(Authorisation, or_(proposed, ending))),
        "procedures": ("procedures.approve", _n(ProcedureVersion, ProcedureVersion.state.in_(("draft", "verified", "approved")))),
        "rules": ("rules.manage", _n(GateRule, GateRule.state == "proposed")),
        "cases": ("quality.manage", _n(QualityCase, ~ended)),
        "cases_late": ("quality.manage", _n(QualityCase, ~ended, QualityCase.due < on)),
        "complaints": ("complaints.create", _n(QualityCase, ~ended, complaint)),
        "findings": ("audit.read", _n(QualityCase, ~ended, QualityCase.kind == "audit_finding")),
        "invoices": ("fees.manage", _n(Invoice, Invoice.state == "issued")),
        "accounts": ("people.manage", _n(Person, Person.active)),
        "must_change": ("people.manage", _n(Person, Person.active, Person.must_change)),
        "ending_accounts": ("people.manage", _n(Person, Person.active, Person.valid_to.between(on, on + SOON))),
        "failed": ("people.manage", _failed(at)),
    }  # fmt: skip


def _standards_ending(on: date) -> Select[Any]:
    """Standards in service whose certificate has ended or ends soon."""
    return _capped(
        select(CalibrationVersion.id)
        .join(Instrument, Instrument.id == CalibrationVersion.instrument_id)
        .where(Instrument.kind.in_(spans.EQUIPMENT), Instrument.role.is_not(None), Instrument.state == "in_service")
        .where(CalibrationVersion.state == "current", CalibrationVersion.valid_to <= on + SOON)
    )


def _failed(at: datetime) -> Select[Any]:
    """Tries of the last 24 hours that failed, among the newest: the table has no index on the instant alone."""
    newest = (
        select(SigninAttempt.at, SigninAttempt.succeeded).order_by(SigninAttempt.id.desc()).limit(5 * MOST).subquery()
    )
    return select(func.count()).where(newest.c.at >= at - timedelta(days=1), ~newest.c.succeeded)
