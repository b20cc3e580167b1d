"""What goes back: the item to the person who takes it, the certificate on paper, and who was told that it is ready."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import audit
from lims.domain import handling, pictures, states
from lims.domain.actor import Actor
from lims.domain.agreement import one_of
from lims.domain.errors import UnusableValue
from lims.domain.rights import require
from lims.queries import items as lists
from lims.queries.details import request_by_number
from lims.records import Certificate, CertificateEvent, CertificateStatus, HandOver, ItemEvent, Receipt, Request
from lims.services import gatekeeping
from lims.services.item_events import leave, required, store
from lims.services.orders import settle
from lims.words import N_


def ready(session: Session, number: str, note: str, *, by: Actor, at: datetime) -> ItemEvent:
    """The item may be collected: the customer reads it with the item. Raises GateClosed."""
    require(by, "items.return")
    request = request_by_number(session, number, by=by, lock=True)
    line = handling.may_go_back(number, request.state, gone=_gone(session, request))
    gatekeeping.pass_through(session, "ready", "request", number, [line], by=by, at=at)
    return leave(session, request, "ready", note, who=by, at=at)


def hand_over(
    session: Session,
    number: str,
    *,
    way: str,
    to_name: str,
    note: str = "",
    drawn: str = "",
    paper: bool = False,
    by: Actor,
    at: datetime,
) -> HandOver:
    """Give the item back, with the paper certificate or without. The typed name is the receipt; drawn: a PNG data URL.

    way: lims.domain.handling.WAYS; an item that was received goes by hand or courier, and a courier has a number.
    Raises GateClosed where work goes on or the item is gone, UnusableValue.
    """
    require(by, "items.return")
    request = request_by_number(session, number, by=by, lock=True)
    one_of("way", way, tuple(handling.WAYS))
    name = required("to_name", to_name, N_("the name of the person who takes it"))
    here = _here(session, request)
    if here and way == "electronic":
        raise UnusableValue(field="way", found=way, right=N_("pickup or courier: the item is here"))
    if way == "courier" and not note.strip():
        raise UnusableValue(field="note", found="—", right=N_("the courier and the tracking number"))
    line = handling.may_go_back(number, request.state, gone=_gone(session, request))
    gatekeeping.pass_through(session, "hand over", "request", number, [line], by=by, at=at)
    signature = pictures.signature_of(drawn)
    signed = None if signature is None else store(session, "signature.png", signature, "image/png", who=by, at=at)
    row = HandOver(
        request_id=request.id,
        what="item" if here else "document",
        way=way,
        to_name=name,
        note=note.strip(),
        signature_id=None if signed is None else signed.id,
        at=at,
        by_id=by.person_id,
    )
    session.add(row)
    if paper:
        _paper(session, request, way, name, note, by=by, at=at)
    if request.state != "refused":  # a refusal is the end of a job; its item goes back all the same
        states.REQUEST.move(request, "returned")
    leave(session, request, "returned", note, who=by, at=at, payload={"way": way, "to": name}, file=signed)
    if request.work_order_id is not None:
        settle(session, request.work_order_id, at)
    return row


def hand_over_paper(
    session: Session, number: str, *, way: str, to_name: str, note: str = "", by: Actor, at: datetime
) -> list[CertificateEvent]:
    """Give the paper certificates of a job alone, before or after the item. Raises UnusableValue without a certificate."""
    require(by, "items.return")
    request = request_by_number(session, number, by=by, lock=True)
    one_of("way", way, ("pickup", "courier"))
    name = required("to_name", to_name, N_("the name of the person who takes it"))
    return _paper(session, request, way, name, note, by=by, at=at)


def _paper(
    session: Session, request: Request, way: str, name: str, note: str, *, by: Actor, at: datetime
) -> list[CertificateEvent]:
    """A row a certificate in force: what was handed over, or mailed."""
    current = [each for each in lists.certificates_of(session, request.id) if _in_force(session, each)]
    if not current:
        raise UnusableValue(field="paper", found="—", right=N_("a job with a certificate in force"))
    session.add(
        HandOver(
            request_id=request.id,
            what="paper",
            way=way,
            to_name=name,
            note=note.strip(),
            at=at,
            by_id=by.person_id,
        )
    )
    kind = "mailed" if way == "courier" else "handed_over"
    said = f"{name} · {note.strip()}" if note.strip() else name
    rows = [
        CertificateEvent(certificate_id=each.id, kind=kind, note=said, at=at, by_id=by.person_id) for each in current
    ]
    session.add_all(rows)
    session.flush()
    for each in current:
        audit.append(
            session, f"certificate.{kind}", "certificate", each.number, by=by.username, at=at, payload={"to": name}
        )
    return rows


def _in_force(session: Session, certificate: Certificate) -> bool:
    status = session.scalar(
        select(CertificateStatus.status)
        .where(CertificateStatus.certificate_id == certificate.id)
        .order_by(CertificateStatus.id.desc())
        .limit(1)
    )
    return status == "issued"


def _here(session: Session, request: Request) -> bool:
    """Whether the item is in the laboratory: received, and not given back."""
    came = session.scalar(select(Receipt.id).where(Receipt.request_id == request.id).limit(1))
    return came is not None and not _went(session, request)


def _went(session: Session, request: Request) -> bool:
    found = select(HandOver.id).where(HandOver.request_id == request.id, HandOver.what == "item").limit(1)
    return session.scalar(found) is not None


def _gone(session: Session, request: Request) -> bool:
    """Nothing is left to give; a job issued again after its item went back has its new document left."""
    return request.state != "issued" and _went(session, request)
