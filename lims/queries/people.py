"""Accounts, and who may do what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.domain.actor import Actor
from lims.domain.errors import NotAllowed, NotFound
from lims.domain.rights import require
from lims.records import Person, PersonRole, SigninAttempt


@dataclass(frozen=True, slots=True)
class Account:
    """An account with its roles. Of a customer's account the customer's id alone is told: names are data."""

    person: Person
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Accounts:
    """A page of accounts. after: the sign-in name after which the next page starts, None on the last."""

    rows: Sequence[Account]
    after: str | None


def accounts(
    session: Session, viewer: Actor, *, text: str = "", role: str = "", after: str = "", size: int = 40
) -> Accounts:
    """Accounts by sign-in name, the laboratory's own before those of customers. Two statements.

    Names are looked through here and not by the database: two signs of a name are found in any language, and an
    institute's few thousand accounts are read in milliseconds.
    """
    require(viewer, "people.manage")
    question = select(Person.id, Person.username, Person.name, Person.customer_id)
    if role:
        question = question.join(PersonRole, (PersonRole.person_id == Person.id) & (PersonRole.role == role))
    rows = session.execute(question.order_by(Person.customer_id.is_not(None), Person.username)).all()
    said = text.strip().casefold()
    fits = [row for row in rows if not said or any(said in word.casefold() for word in (row[1], *row[2].values()))]
    begin = next((n + 1 for n, row in enumerate(fits) if row[1] == after), 0) if after else 0
    ids = [row[0] for row in fits[begin : begin + size]]
    found = _with_roles(session, ids)
    last = found[ids[-1]].person.username if len(fits) > begin + size else None
    return Accounts([found[key] for key in ids], last)


def _with_roles(session: Session, ids: Sequence[int]) -> dict[int, Account]:
    found: dict[int, Account] = {}
    for person, has in session.execute(
        select(Person, PersonRole.role)
        .outerjoin(PersonRole, PersonRole.person_id == Person.id)
        .where(Person.id.in_(ids))
        .order_by(PersonRole.role)
    ):
        before = found.get(person.id)
        found[person.id] = Account(person, (*(before.roles if before else ()), *((has,) if has else ())))
    return found


def account(session: Session, username: str, viewer: Actor) -> Account:
    """One account. Raises NotFound."""
    require(viewer, "people.manage")
    key = session.scalar(select(Person.id).where(Person.username == username))
    if key is None:
        raise NotFound(kind="person", number=username)
    return _with_roles(session, [key])[key]


def by_role(session: Session, viewer: Actor) -> dict[str, list[Person]]:
    """Role → the laboratory's own people who have it; for everybody of the laboratory."""
    if viewer.customer_id is not None or not viewer.roles:
        raise NotAllowed(username=viewer.username, right="people.read")
    found: dict[str, list[Person]] = {}
    for person, role in session.execute(
        select(Person, PersonRole.role)
        .join(PersonRole, PersonRole.person_id == Person.id)
        .where(Person.active, Person.customer_id.is_(None))
        .order_by(Person.username)
    ).all():
        found.setdefault(role, []).append(person)
    return found


def recent_signins(session: Session, viewer: Actor, *, size: int = 10) -> Sequence[SigninAttempt]:
    """The last tries to sign in under the viewer's own name, newest first."""
    return session.scalars(
        select(SigninAttempt)
        .where(SigninAttempt.username == viewer.username, SigninAttempt.address != "signature")
        .order_by(SigninAttempt.id.desc())
        .limit(size)
    ).all()
