"""Tokens with which programs speak for a person: 256 random bits shown once; the laboratory keeps their SHA-256 alone."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import audit
from lims.domain.actor import Actor
from lims.domain.errors import NotFound, UnusableValue
from lims.domain.rights import rights_of
from lims.records import ApiToken
from lims.services import people
from lims.words import N_, both

SIGN = "suyuan_"
LONGEST_LIFE = timedelta(days=366)


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def holder(session: Session, token: str, *, at: datetime) -> Actor | None:
    """The person a token speaks for, while it is neither expired nor revoked and the account is open."""
    if not token.startswith(SIGN):
        return None
    kept = session.scalar(select(ApiToken).where(ApiToken.digest == digest_of(token)))
    if kept is None or kept.revoked_at is not None or (kept.expires is not None and kept.expires <= at):
        return None
    return people.actor(session, kept.person_id, at=at, scopes=frozenset(kept.scopes) if kept.scopes else None)


def make(session: Session, label: str, days: int, *, by: Actor, at: datetime, scopes: Collection[str] = ()) -> str:
    """A new token for oneself; returned once, never kept in clear. scopes: rights of one's own, none for all of them."""
    beyond = sorted(set(scopes) - rights_of(by))
    if beyond:
        raise UnusableValue(field="scopes", found=", ".join(beyond), right=N_("rights that you have yourself"))
    if not label.strip():
        raise UnusableValue(field="label", found="—", right=N_("what the token is for"))
    if not 1 <= days <= LONGEST_LIFE.days:
        raise UnusableValue(field="days", found=str(days), right=both("{low} to {high}", low=1, high=LONGEST_LIFE.days))
    if people.actor(session, by.person_id) is None:
        raise NotFound(kind="person", number=by.username)
    token = SIGN + secrets.token_urlsafe(32)
    kept = ApiToken(
        person_id=by.person_id,
        digest=digest_of(token),
        label=label.strip()[:100],
        created_at=at,
        expires=at + timedelta(days=days),
        scopes=sorted(set(scopes)),
    )
    session.add(kept)
    session.flush()
    audit.append(
        session,
        "token.made",
        "token",
        kept.id,
        by=by.username,
        at=at,
        payload={"label": kept.label, "scopes": kept.scopes},
    )
    return token


def revoke(session: Session, token_id: int, *, by: Actor, at: datetime) -> None:
    """End one's own token now."""
    kept = session.get(ApiToken, token_id) if token_id <= people.LARGEST_ID else None
    if kept is None or kept.person_id != by.person_id:
        raise NotFound(kind="token", number=str(token_id))
    if kept.revoked_at is None:
        kept.revoked_at = at
        session.flush()
        audit.append(session, "token.revoked", "token", kept.id, by=by.username, at=at, payload={"label": kept.label})


def of(session: Session, by: Actor) -> list[ApiToken]:
    return list(
        session.scalars(
            select(ApiToken)
            .where(ApiToken.person_id == by.person_id, ApiToken.revoked_at.is_(None))
            .order_by(ApiToken.id)
        )
    )
