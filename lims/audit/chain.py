"""Writing to the chain, in the transaction of the act itself.

An act is noted when it happens and written when the transaction commits, so that the head's row is the last lock taken:
two transactions can then wait for each other, but never both at once. A rollback forgets what it noted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import event, insert, select, update
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction

from lims.domain.actor import Actor
from lims.domain.canonical import canonical
from lims.domain.errors import NaiveTime
from lims.records import AuditEntry, AuditHead

from .hashing import hash_of

_NOTED = "lims.audit.noted"
_MARKS: WeakKeyDictionary[SessionTransaction, int] = WeakKeyDictionary()
"""Savepoint → how many acts were noted before it."""


def append(
    session: Session,
    act: str,
    object_type: str,
    object_id: str | int,
    *,
    by: Actor | str,
    at: datetime,
    before: str | None = None,
    after: str | None = None,
    payload: Mapping[str, Any] | None = None,
    reason: str | None = None,
) -> None:
    """Note an act; it is written when the session commits, or when somebody reads the chain in it.

    act: such as "certificate.issued". by: who acts, or the name of what does ("worker"). before, after: digests.
    payload: plain JSON data; what is no JSON is refused here, where it is said (TypeError, ValueError).
    Raises NaiveTime for an instant without zone.
    """
    if at.tzinfo is None:
        raise NaiveTime(found=at.isoformat())
    if not session.in_transaction():
        session.begin()  # so that closing the session ends something, and forgets
    session.info.setdefault(_NOTED, []).append(
        {
            "at": at,
            "actor": by.username if isinstance(by, Actor) else by,
            "act": act,
            "object_type": object_type,
            "object_id": str(object_id),
            "before": before,
            "after": after,
            "payload": json.loads(canonical(payload or {})),  # as it will come back: keys are texts, tuples lists
            "reason": reason,
        }
    )


def head(session: Session) -> dict[str, Any]:
    """{"seq", "hash"} of the last entry, what this session noted included; the head stays locked until the commit."""
    seq, digest = _locked_head(session)
    return dict(zip(("seq", "hash"), _write(session, seq, digest), strict=True))


def last(session: Session) -> dict[str, Any]:
    """{"seq", "hash"} of the last entry as it stands, for showing: nothing is locked."""
    row = session.execute(select(AuditHead.seq, AuditHead.hash).where(AuditHead.id == 1)).one()
    return {"seq": row.seq, "hash": row.hash}


def write(session: Session) -> None:
    """Write what has been noted. Called by itself at commit."""
    if session.info.get(_NOTED):
        session.flush()
        _write(session, *_locked_head(session))


def _locked_head(session: Session) -> tuple[int, str]:
    """seq and hash of the head, its row locked (SQLite: the transaction already holds the one write lock)."""
    row = session.execute(select(AuditHead.seq, AuditHead.hash).where(AuditHead.id == 1).with_for_update()).one()
    return row.seq, row.hash


def _write(session: Session, seq: int, digest: str) -> tuple[int, str]:
    noted = session.info.pop(_NOTED, [])
    if not noted:
        return seq, digest
    rows = []
    for draft in noted:
        seq += 1
        entry = {"seq": seq, "prev_hash": digest} | draft
        digest = hash_of(entry)
        rows.append(entry | {"hash": digest})
    session.execute(insert(AuditEntry), rows)
    session.execute(
        update(AuditHead)
        .where(AuditHead.id == 1)
        .values(seq=seq, hash=digest)
        .execution_options(synchronize_session=False)
    )
    return seq, digest


@event.listens_for(Session, "before_commit")
def _at_commit(session: Session) -> None:
    if not session.in_nested_transaction():
        write(session)


@event.listens_for(Session, "do_orm_execute")
def _before_reading(state: ORMExecuteState) -> None:
    """Whoever asks for entries finds those of this transaction too."""
    if state.is_select and state.session.info.get(_NOTED) and AuditEntry.__mapper__ in state.all_mappers:
        write(state.session)


@event.listens_for(Session, "after_transaction_create")
def _mark(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        _MARKS[transaction] = len(session.info.get(_NOTED, []))


@event.listens_for(Session, "after_transaction_end")
def _end(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:  # a session closed without commit forgets as well
        session.info.pop(_NOTED, None)


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, previous: SessionTransaction) -> None:
    """A savepoint that is rolled back takes back what was noted in it; a whole rollback takes back everything."""
    noted = session.info.get(_NOTED, [])
    del noted[_MARKS.get(previous, 0) if previous.nested else 0 :]
