"""What the demonstration's office does in its year beside the jobs: prices and invoices, people's competence, bookings.

Stories as lims.services.history_examples tells them; all of it is fictional.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.domain import bookings as spans
from lims.queries import fees as fee_lists
from lims.queries import registers
from lims.records import Invoice, ProcedureVersion
from lims.services import bookings, competence, fees, people, procedures, shared_things

PRICES: list[dict[str, Any]] = [
    {"procedures": ["DMM-DCV"], "words": [], "work": ["calibration"], "per": "item", "price": "680.00", "urgent": "50",
     "on_site": "400.00"},
    {"procedures": [], "words": ["压力表"], "work": [], "per": "item", "price": "60.00", "urgent": "50", "on_site": "0"},
]  # fmt: skip
METER = "DMM-DCV"
PAID_AFTER = timedelta(days=21)
LEFT_OPEN = timedelta(days=12)
"""Invoices of the last days are still open."""


def stories(session: Session, begin: datetime, end: datetime) -> Sequence[Iterator[datetime]]:
    """The office's stories of the year from begin to end."""
    return [
        _prices(session, begin + timedelta(hours=2)),
        _invoices(session, begin, end),
        _founders(session, begin + timedelta(hours=3)),
        _second_performer(session, begin + timedelta(days=120)),
        _next_version(session, end - timedelta(days=9)),
        _bookings(session, end - timedelta(days=2)),
    ]


def _prices(session: Session, at: datetime) -> Iterator[datetime]:
    """A price list that one person proposes and another puts in force."""
    yield at
    source = {"title": "收费标准（虚构） / price list (fictional)", "verified": False}
    day = registers.day(session, at)
    row = fees.propose_tariff(
        session,
        code="YL-SF",
        entries=PRICES,
        source=source,
        valid_from=day,
        by=people.by_username(session, "finance"),
        at=at,
    )
    fees.put_tariff_in_force(session, row.id, by=people.by_username(session, "cashier"), at=at)


def _invoices(session: Session, begin: datetime, end: datetime) -> Iterator[datetime]:
    """Each fortnight what is finished is invoiced, and what was sent three weeks ago is paid."""
    at = begin + timedelta(days=20, hours=8)
    while at < end:
        yield at
        by = people.by_username(session, "finance")
        for work, _customer in fee_lists.to_invoice(session, by):
            fees.invoice(session, work.number, by=by, at=at)
        sent = select(Invoice.number).where(Invoice.state == "issued", Invoice.issued_at <= at - PAID_AFTER)
        for number in session.scalars(sent.order_by(Invoice.id)).all():
            fees.pay(session, number, by=by, at=at)
        at += timedelta(days=14)


def _shown(session: Session, who: str, kind: str, at: datetime, subject: str) -> None:
    competence.note_training(
        session,
        who,
        kind,
        subject,
        procedure=METER,
        on_day=registers.day(session, at),
        outcome="passed",
        note="",
        by=people.by_username(session, "quality"),
        at=at,
    )


def _founders(session: Session, at: datetime) -> Iterator[datetime]:
    """Those who work from the first day were trained and observed before."""
    yield at
    for who in ("tech", "verifier", "approver"):
        _shown(session, who, "training", at, "直流电压校准方法 / method for DC voltage")
        _shown(session, who, "observation", at, "按程序完成一台多用表 / one meter by the procedure")


def _second_performer(session: Session, at: datetime) -> Iterator[datetime]:
    """The verifier learns to perform as well: two people with ability for the work."""
    yield at
    manager = people.by_username(session, "manager")
    row = competence.propose(session, "verifier", METER, "perform", by=manager, at=at)
    for kind, days in (("training", 7), ("observation", 14)):
        yield at + timedelta(days=days)
        _shown(session, "verifier", kind, at + timedelta(days=days), "多用表校准操作 / calibrating a meter")
    at += timedelta(days=15)
    yield at
    day = registers.day(session, at)
    until = day + timedelta(days=270)
    competence.grant(session, row.id, valid_from=day, valid_to=until, scope={}, by=manager, at=at)


def _next_version(session: Session, at: datetime) -> Iterator[datetime]:
    """A new version of the procedure is on its way through its people."""
    yield at
    in_force = select(ProcedureVersion).where(ProcedureVersion.name == METER, ProcedureVersion.state == "current")
    old = session.scalars(in_force).one()
    text = old.text.replace(f'version: "{old.version}"', 'version: "1.1"', 1).replace("1 V: [0.1, ", "1 V: [0.1, 0.5, ")
    procedures.draft(
        session,
        text,
        "增加 1 V 量程中间点 / a point in the middle of the 1 V range",
        by=people.by_username(session, "keeper"),
        at=at,
    )


def _bookings(session: Session, at: datetime) -> Iterator[datetime]:
    """A room that guests may ask for, one booking kept and one asked for."""
    yield at
    keeper, tech = people.by_username(session, "keeper"), people.by_username(session, "tech")
    name = {"zh": "恒温室 E-203（虚构）", "en": "Thermostatic room E-203 (fictional)"}
    room = shared_things.add_place(session, "room", name, "E-203", by=keeper, at=at)
    shared_things.share(session, room.code, open_to=True, by=keeper, at=at)
    morning = at.replace(hour=1, minute=0, second=0, microsecond=0)
    for days, hours, purpose in ((3, 3, "期间核查 / intermediate check"), (4, 6, "方法验证 / validation of a method")):
        begin = morning + timedelta(days=days)
        span = spans.Span(begin, begin + timedelta(hours=hours))
        row = bookings.ask(session, room.code, span, purpose, by=tech, at=at)
        if days == 3:
            bookings.confirm(session, row.id, by=keeper, at=at)
