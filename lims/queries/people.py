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


def accounts(session: Session, viewer: Actor, *, text: str = "", role: str = "") -> list[Account]:
    """Every account, open ones first, by sign-in name. One statement."""
    require(viewer, "people.manage")
    rows = session.execute(
        select(Person, PersonRole.role)
        .outerjoin(PersonRole, PersonRole.person_id == Person.id)
        .order_by(Person.active.desc(), Person.username, PersonRole.role)
    ).all()
    found: dict[int, Account] = {}
    for person, has in rows:
        before = found.get(person.id)
        roles = (*(before.roles if before else ()), *((has,) if has else ()))
        found[person.id] = Account(person, roles)
    said = text.strip().casefold()
    return [
        each
        for each in found.values()
        if (not role or role in each.roles) and (not said or any(said in word.casefold() for word in _words(each)))
    ]


def _words(account: Account) -> Sequence[str]:
    return (account.person.username, *account.person.name.values())


def account(session: Session, username: str, viewer: Actor) -> Account:
    """One account. Raises NotFound."""
    found = next((each for each in accounts(session, viewer) if each.person.username == username), None)
    if found is None:
        raise NotFound(kind="person", number=username)
    return found


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
