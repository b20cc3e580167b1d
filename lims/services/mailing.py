"""Notices that are due by e-mail: found in the records, claimed with a lease, marked when they have left.

A letter that could not be sent waits ever longer before the next try; its lease is the waiting. After LATEST it is old
news and stays in the app alone. A crash between sending and marking may send a letter again, under the same Message-ID.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import urlsplit

from sqlalchemy import Text, cast, exists, literal, select
from sqlalchemy.orm import Session

from lims.queries import leases
from lims.records import Lease, Notice, Person
from lims.words import N_, gettext, pick

LEASE = timedelta(minutes=15)
LATEST = timedelta(days=3)
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
TRY = " try "


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice on its way: to whom, in their language. link: a path of this app."""

    notice_id: int
    to: str
    language: str
    subject: str
    body: str
    link: str
    at: datetime

    @property
    def task(self) -> str:
        return f"mail:{self.notice_id}"


def due(session: Session, *, at: datetime, limit: int = 50) -> list[Letter]:
    """Letters that may be sent now, oldest first: not sent, not too old, held by nobody, to people with an address."""
    held = exists().where(Lease.task == literal("mail:").concat(cast(Notice.id, Text)), Lease.until >= at)
    rows = session.execute(
        select(Notice, Person.email, Person.language)
        .join(Person, Person.id == Notice.person_id)
        .where(Notice.mail, Notice.mailed_at.is_(None), Notice.at > at - LATEST)
        .where(Person.active, Person.email.is_not(None), ~held)
        .order_by(Notice.id)
        .limit(limit)
    ).all()
    return [
        Letter(n.id, email or "", lang, pick(n.subject, lang), pick(n.body, lang), n.link, n.at)
        for n, email, lang in rows
    ]


def claim(session: Session, letter: Letter, *, holder: str, at: datetime) -> int | None:
    """Which try this is, from 1; None when another worker has the letter."""
    before = session.scalar(select(Lease.holder).where(Lease.task == letter.task)) or ""
    tries = int(before.rpartition(TRY)[2]) + 1 if TRY in before else 1
    taken = leases.claim(session, letter.task, holder=f"{holder}{TRY}{tries}", at=at, until=at + LEASE)
    return tries if taken else None


def sent(session: Session, letter: Letter, *, at: datetime) -> None:
    """The server has taken it."""
    session.get_one(Notice, letter.notice_id).mailed_at = at
    leases.release(session, letter.task)
    session.flush()


def failed(session: Session, letter: Letter, tries: int, *, at: datetime) -> datetime:
    """It could not be sent; when it is tried again."""
    held = session.scalars(select(Lease).where(Lease.task == letter.task)).one()
    held.until = at + pause(tries)
    session.flush()
    return held.until


def pause(tries: int) -> timedelta:
    """After the first try a minute, then twice as long each time, six hours at most."""
    return min(timedelta(seconds=FIRST_PAUSE.total_seconds() * 2.0 ** min(tries - 1, 20)), LONGEST_PAUSE)


def compose(letter: Letter, *, sender: str, public_url: str, laboratory: str) -> EmailMessage:
    """The letter as it goes out: plain text, the same number each time, marked as written by a machine (RFC 3834)."""
    message = EmailMessage(policy=SMTP.clone(utf8=False))
    message["Subject"] = _line(letter.subject)
    message["From"] = Address(display_name=_line(laboratory), addr_spec=sender)
    message["To"] = Address(addr_spec=letter.to)
    message["Date"] = format_datetime(letter.at)
    message["Message-ID"] = f"<notice-{letter.notice_id}@{urlsplit(public_url).hostname or 'localhost'}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = {"zh": "zh-CN"}.get(letter.language, letter.language)
    message.set_content("\n\n".join(_paragraphs(letter, public_url, laboratory)) + "\n", cte="base64")
    return message


def _paragraphs(letter: Letter, public_url: str, laboratory: str) -> Sequence[str]:
    footer = gettext(
        N_("{laboratory} sends this by itself. Where notices go is chosen on the page of notices."),
        letter.language,
        laboratory=laboratory,
    )
    address = f"{public_url.rstrip('/')}{letter.link}" if letter.link else ""
    return [part for part in (letter.body, address, footer) if part]


def _line(text: str) -> str:
    """One line: what somebody typed cannot become another header."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
