"""Notices and the mail that carries them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.queries import notices as lists
from lims.records import Certificate, Notice, Record, Request
from lims.services import notices, people


def _anothers(w: Any) -> int:
    """A notice of the customer whose certificate was issued."""
    return int(w.session.scalar(select(Notice.id).where(Notice.person_id == w.lab.who("customer").person_id)) or 0)


PAGES = {"tech": "/notices/ /notices/?unread=1", "customer": "/notices/", "keeper": "/notices/"}
ROUTES = {"everybody": "notices.index notices.act notices.read_all notices.address"}


def fill(session: Session) -> None:
    """A record given back, a certificate issued, an item that waits for its customer."""
    from tests.web.laboratory import AT

    record = session.scalars(select(Record).order_by(Record.id)).first()
    certificate = session.scalars(select(Certificate).order_by(Certificate.id)).first()
    request = session.scalars(select(Request).order_by(Request.id)).first()
    assert record is not None and certificate is not None and request is not None
    notices.record_returned(session, record, "第 3 点的读数请重测。\nRead point 3 again.", at=AT)
    notices.certificate_issued(session, certificate, at=AT)
    notices.item_held(session, request, "哪个量程？", at=AT)
    notices.read_all(session, by=people.by_username(session, "tech"), at=AT)


OWN = ("nobody", "customer2", "administrator")
DOORS: dict[str, Any] = {
    "services.notices.read": lambda w, by: notices.read(w.session, _anothers(w), by=by, at=w.lab.at),
    "services.notices.read_all": (lambda w, by: notices.read_all(w.session, by=by, at=w.lab.at), *OWN),
    "services.notices.set_address": (
        lambda w, by: notices.set_address(w.session, "a@example.com", by=by, at=w.lab.at),
        "customer2",
        "administrator",
    ),
    "queries.notices.unread": (lambda w, by: lists.unread(w.session, by), *OWN),
    "queries.notices.page": (lambda w, by: lists.page(w.session, by), *OWN),
    "queries.notices.address": (lambda w, by: lists.address(w.session, by), *OWN),
}
INNER = {
    "services.notices.tell": "services at the end of an act",
    "services.notices.settle": "services at the end of an act",
    "services.notices.record_returned": "services.review",
    "services.notices.record_waits": "services.evaluation and services.review, which have asked for the right",
    "services.notices.certificate_issued": "services.certificates",
    "services.notices.certificate_withdrawn": "services.certificates",
    "services.notices.item_held": "services.holds",
    "services.notices.standards_due": "the worker",
    "services.mailing.due": "the worker",
    "services.mailing.claim": "the worker",
    "services.mailing.sent": "the worker",
    "services.mailing.failed": "the worker",
    "services.mailing.pause": "reads a value",
    "services.mailing.compose": "reads values",
}
