"""An event of an item and the file that shows it; called by services that have asked for the right."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lims import audit
from lims.domain import pictures
from lims.domain.actor import Actor
from lims.domain.errors import UnusableValue
from lims.records import ItemEvent, Request, StoredFile
from lims.words import N_

Upload = tuple[str, bytes]
"""A file as it was sent: its name and its content."""
LONGEST = 2000


def leave(
    session: Session,
    request: Request,
    kind: str,
    note: str = "",
    *,
    who: Actor,
    at: datetime,
    payload: Mapping[str, Any] | None = None,
    file: StoredFile | None = None,
) -> ItemEvent:
    """Write down what happened to an item, in its events and in the audit chain."""
    row = ItemEvent(
        request_id=request.id,
        kind=kind,
        note=note.strip(),
        payload=dict(payload or {}),
        file_id=None if file is None else file.id,
        at=at,
        by_id=who.person_id,
    )
    session.add(row)
    session.flush()
    audit.append(
        session,
        f"item.{kind}",
        "request",
        request.number,
        by=who.username,
        at=at,
        after=None if file is None else file.sha256,
        payload=dict(payload or {}) or None,
        reason=note.strip() or None,
    )
    return row


def store(session: Session, name: str, content: bytes, type_: str, *, who: Actor, at: datetime) -> StoredFile:
    """Keep a file whole with its digest. Its name is what a person reads, and no path."""
    row = StoredFile(
        name=name.replace("\\", "/").rsplit("/", 1)[-1][:120] or "file",
        sha256=hashlib.sha256(content).hexdigest(),
        bytes=content,
        provenance={"type": type_},
        imported_by_id=who.person_id,
        at=at,
    )
    session.add(row)
    session.flush()
    return row


def stored_photo(session: Session, photo: Upload | None, *, who: Actor, at: datetime) -> StoredFile | None:
    """A checked photograph, kept; None where none was taken. Raises UnusableValue."""
    if photo is None:
        return None
    name, content = photo
    return store(session, name, content, pictures.check_photo(name, content), who=who, at=at)


def required(field: str, text: str, right: str) -> str:
    """A text that has to be there. Raises UnusableValue."""
    said = text.strip()
    if not said or len(said) > LONGEST:
        raise UnusableValue(
            field=field, found=f"{len(said)}" if said else "—", right=right if not said else N_("shorter")
        )
    return said
