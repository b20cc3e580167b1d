"""A post sent twice under one key does its work once: the key is written in the transaction of the work itself.

claim (in the work's transaction) ─▶ keep (the answer, afterwards) │ forget (the work was refused: nothing was done)
A machine that lost its answer sends the post again, with the same Idempotency-Key, and gets the same answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lims.domain.errors import KeyInUse, UnusableValue
from lims.records import IdempotencyKey
from lims.words import N_

KEPT = timedelta(days=7)
LONGEST = 200
BEGUN = 0
"""Status of a key whose work was done and whose answer was not kept: the process died in between."""


def check(key: str) -> str:
    """The key itself. Raises UnusableValue."""
    if not key or len(key) > LONGEST or not key.isascii() or not key.isprintable():
        raise UnusableValue(
            field="Idempotency-Key", found=ascii(key[:40]), right=N_("1 to 200 printable ASCII characters")
        )
    return key


def find(session: Session, person_id: int, key: str, digest: str) -> IdempotencyKey | None:
    """What was answered under a key before. Raises UnusableValue where the same key came with another request."""
    row = session.scalar(select(IdempotencyKey).where(IdempotencyKey.person_id == person_id, IdempotencyKey.key == key))
    if row is not None and row.digest != digest:
        raise UnusableValue(field="Idempotency-Key", found=key, right=N_("a new key for another request"))
    if row is not None and row.status == BEGUN:
        raise KeyInUse(key=key)
    return row


def claim(session: Session, person_id: int, key: str, digest: str, *, at: datetime) -> None:
    """Take the key for the work of this transaction. Raises KeyInUse where the same work is under way or done."""
    old = (IdempotencyKey.person_id == person_id) & (IdempotencyKey.at < at - KEPT)
    session.execute(delete(IdempotencyKey).where(old))
    session.add(IdempotencyKey(person_id=person_id, key=key, digest=digest, status=BEGUN, answer={}, at=at))
    try:
        session.flush()
    except IntegrityError as error:  # on PostgreSQL after waiting for the other's end
        session.rollback()
        raise KeyInUse(key=key) from error


def keep(session: Session, person_id: int, key: str, status: int, answer: Mapping[str, Any]) -> None:
    """What was answered, for whoever asks again."""
    row = session.scalar(select(IdempotencyKey).where(IdempotencyKey.person_id == person_id, IdempotencyKey.key == key))
    if row is not None:
        row.status, row.answer = status, dict(answer)
        session.flush()


def forget(session: Session, person_id: int, key: str) -> None:
    """The work was refused: the key is free again."""
    mine = (IdempotencyKey.person_id == person_id) & (IdempotencyKey.key == key)
    session.execute(delete(IdempotencyKey).where(mine))
