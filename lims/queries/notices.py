"""One's own notices: what needs an act first, then the newest; how many are unread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.domain.actor import Actor
from lims.records import Notice, Person

MANY = 99
"""Above this the top bar says 99+; more are not counted."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of notices. waiting: those that need an act, on the first page alone. after: the id where it ends."""

    waiting: Sequence[Notice]
    lines: Sequence[Notice]
    after: int | None


def unread(session: Session, viewer: Actor) -> int:
    """How many of one's own notices are unread, at most MANY + 1. One statement on an index, for every page."""
    some = select(Notice.id).where(Notice.person_id == viewer.person_id, Notice.read_at.is_(None)).limit(MANY + 1)
    return session.scalar(select(func.count()).select_from(some.subquery())) or 0


def page(
    session: Session, viewer: Actor, *, after: int | None = None, only_unread: bool = False, size: int = 40
) -> Page:
    """One's own notices, newest first, a page at a time; what needs an act stands apart until it is done."""
    own = select(Notice).where(Notice.person_id == viewer.person_id).order_by(Notice.id.desc())
    waits = Notice.needs_action & Notice.done_at.is_(None)
    question = own.where(~waits).limit(size + 1)
    if only_unread:
        question = question.where(Notice.read_at.is_(None))
    if after is not None:
        question = question.where(Notice.id < after)
    lines = session.scalars(question).all()
    waiting = session.scalars(own.where(waits).limit(size)).all() if after is None else ()
    return Page(waiting, lines[:size], lines[size - 1].id if len(lines) > size else None)


def address(session: Session, viewer: Actor) -> str:
    """Where one's own notices go by e-mail; empty: nowhere."""
    return session.scalar(select(Person.email).where(Person.id == viewer.person_id)) or ""
