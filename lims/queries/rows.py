"""Lists for a spreadsheet: the columns that are shown and no others, one statement each; a customer sees their own alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.domain.actor import Actor
from lims.domain.rights import require
from lims.queries import ledger
from lims.records import Customer, Instrument, Request


def items(session: Session, viewer: Actor, *, state: str = "", size: int) -> Sequence[Any]:
    """Jobs, newest first: number, state, created_at, customer, description, maker, model, serial, code, work."""
    require(viewer, "requests.read")
    question = (
        select(
            Request.number, Request.state, Request.created_at, Customer.name, Instrument.description, Instrument.maker,
            Instrument.model, Instrument.serial, Instrument.code, Request.work,
        )
        .join(Instrument, Instrument.id == Request.instrument_id)
        .join(Customer, Customer.id == Request.customer_id)
        .order_by(Request.id.desc())
        .limit(size)
    )  # fmt: skip
    if viewer.customer_id is not None:
        question = question.where(Request.customer_id == viewer.customer_id)
    if state:
        question = question.where(Request.state == state)
    return session.execute(question).all()


def instruments(
    session: Session,
    viewer: Actor,
    *,
    on: date,
    text: str = "",
    customer: int | None = None,
    state: str = "",
    way: str = "",
    size: int,
) -> Sequence[Any]:
    """The ledger by the filters of ledger.instruments: code, state, description, maker, model, serial, customer, due."""
    require(viewer, "items.read")
    question: Any = (
        select(
            Instrument.code, Instrument.state, Instrument.description, Instrument.maker, Instrument.model,
            Instrument.serial, Customer.name, Instrument.due,
        )
        .outerjoin(Customer, Customer.id == Instrument.customer_id)
        .where(Instrument.kind == "item")
        .order_by(Instrument.id.desc())
        .limit(size)
    )  # fmt: skip
    owner = viewer.customer_id if viewer.customer_id is not None else customer
    if owner is not None:
        question = question.where(Instrument.customer_id == owner)
    if state:
        question = question.where(Instrument.state == state)
    if text.strip():
        question = ledger._said(session, question, text, own=owner is not None)
    return session.execute(ledger._way(question, way, on)).all()
