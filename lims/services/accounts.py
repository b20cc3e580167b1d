"""Accounts after they were made: passwords, roles, the last day of a time-boxed one, and the end of its sessions.

A session names the epoch of its person; whoever raises it ends every session, copied cookies too.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lims import audit
from lims.domain import passwords
from lims.domain.actor import Actor
from lims.domain.errors import NotAllowed, NotFound, StaleEdit, UnusableValue
from lims.domain.rights import ROLES, require
from lims.records import Person, PersonRole
from lims.records.series import ZONE
from lims.services import people
from lims.words import N_, both

LONGEST_VISIT = timedelta(days=92)
"""Of an assessor's account."""
VISITING = "assessor"


def end_sessions(session: Session, *, by: Actor, at: datetime) -> None:
    """End all of one's own sessions, on every device."""
    person = _locked(session, by.person_id)
    person.epoch += 1
    session.flush()
    audit.append(session, "sessions.ended", "person", person.id, by=by.username, at=at)


def change_password(session: Session, old: str, new: str, *, by: Actor, at: datetime) -> None:
    """One's own password; every session ends. Raises WrongPassword, SignInLocked, UnusableValue."""
    people.confirm_password(session, by, old, at=at)
    people.require_password(new, by.username, "new")
    if new == old:
        raise UnusableValue(field="new", found="—", right=N_("another password than before"))
    person = _locked(session, by.person_id)
    _set(person, new, must_change=False)
    session.flush()
    audit.append(session, "password.changed", "person", person.id, by=by.username, at=at)


def reset_password(session: Session, username: str, new: str, *, by: Actor, at: datetime) -> None:
    """A password that somebody else sets: it has to be changed at the next sign-in."""
    require(by, "people.manage")
    person = _other(session, username, by)
    people.require_password(new, username, "new")
    _set(person, new, must_change=True)
    session.flush()
    audit.append(session, "password.reset", "person", person.id, by=by.username, at=at, payload={"username": username})


def set_roles(
    session: Session, username: str, roles: Collection[str], *, version: int, by: Actor, at: datetime
) -> None:
    """The roles of a person, in force at their next page. Nobody changes their own; a customer's people stay so.

    version: as the page showed it. Raises StaleEdit when somebody else has changed the roles since, UnusableValue.
    """
    require(by, "people.manage")
    person = _other(session, username, by)
    if person.version != version:
        raise StaleEdit(kind="person", number=username, found=person.version, yours=version)
    wanted = sorted(set(roles))
    unknown = [role for role in wanted if role not in ROLES]
    if unknown or not wanted:
        raise UnusableValue(field="roles", found=", ".join(unknown) or "—", right=", ".join(sorted(ROLES)))
    if ("customer" in wanted) != (person.customer_id is not None) or ("customer" in wanted and len(wanted) > 1):
        raise UnusableValue(
            field="roles",
            found=", ".join(wanted),
            right=N_("customer alone for a customer's people, and for nobody else"),
        )
    if VISITING in wanted and (len(wanted) > 1 or person.valid_to is None):
        raise UnusableValue(
            field="roles", found=", ".join(wanted), right=N_("assessor alone, and with the last day of the account")
        )
    before = sorted(session.scalars(select(PersonRole.role).where(PersonRole.person_id == person.id)))
    session.execute(delete(PersonRole).where(PersonRole.person_id == person.id))
    session.add_all(PersonRole(person_id=person.id, role=role) for role in wanted)
    person.version += 1
    session.flush()
    facts = {"username": username, "before": before, "roles": wanted}
    audit.append(session, "person.roles", "person", person.id, by=by.username, at=at, payload=facts)


def visit(
    session: Session, *, username: str, name: dict[str, str], password: str, valid_to: date, by: Actor, at: datetime
) -> Person:
    """A read-only account for an assessor, until a day at most LONGEST_VISIT ahead."""
    require(by, "people.manage")
    today = at.astimezone(ZONE).date()
    if not today <= valid_to <= today + LONGEST_VISIT:
        last = today + LONGEST_VISIT
        right = both("{low} to {high}", low=today.isoformat(), high=last.isoformat())
        raise UnusableValue(field="valid_to", found=valid_to.isoformat(), right=right)
    person = people.add_person(session, username=username, name=name, password=password, roles=[VISITING], by=by, at=at)
    person.valid_to, person.must_change = valid_to, True
    session.flush()
    return person


def close(session: Session, username: str, *, by: Actor, at: datetime) -> None:
    """Nobody signs in with this account any more; what its person signed stays."""
    _opened(session, username, opened=False, by=by, at=at)


def open_again(session: Session, username: str, *, by: Actor, at: datetime) -> None:
    """A closed account may be used again."""
    _opened(session, username, opened=True, by=by, at=at)


def _opened(session: Session, username: str, *, opened: bool, by: Actor, at: datetime) -> None:
    require(by, "people.manage")
    person = _other(session, username, by)
    if person.active != opened:
        person.active = opened
        person.epoch += 1
        session.flush()
        act = "person.opened" if opened else "person.closed"
        audit.append(session, act, "person", person.id, by=by.username, at=at, payload={"username": username})


def _set(person: Person, password: str, *, must_change: bool) -> None:
    person.password_hash = passwords.hash_password(password)
    person.must_change = must_change
    person.epoch += 1


def _locked(session: Session, person_id: int) -> Person:
    person = session.scalar(
        select(Person).where(Person.id == person_id).with_for_update().execution_options(populate_existing=True)
    )
    if person is None:
        raise NotFound(kind="person", number=str(person_id))
    return person


def _other(session: Session, username: str, by: Actor) -> Person:
    """Another's account: nobody administers their own."""
    found = session.scalar(select(Person.id).where(Person.username == username))
    if found is None:
        raise NotFound(kind="person", number=username)
    if found == by.person_id:
        raise NotAllowed(username=by.username, right="people.manage")
    return _locked(session, found)
