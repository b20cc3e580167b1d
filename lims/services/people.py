"""Signing in, who somebody is, and the password asked again before a signature."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims import audit
from lims.domain import passwords
from lims.domain.actor import Actor
from lims.domain.errors import NotFound, SignInLocked, UnusableValue, WrongPassword
from lims.domain.rights import ROLES, require
from lims.records import Authorisation, Customer, Person, PersonRole, SigninAttempt
from lims.records.series import ZONE
from lims.words import N_, both

FAILURES_BEFORE_LOCK = 5
LOCKED_FOR = timedelta(minutes=15)
SHORTEST_PASSWORD = 10
LARGEST_ID = 2**31 - 1  # of a row; no database compares larger numbers with one
# Compared when nobody has the name, so that the answer takes as long as for a name that exists.
_NOBODY = passwords.hash_password("nobody has this password")


def authenticate(session: Session, username: str, password: str, *, at: datetime, address: str) -> Actor:
    """The person who signs in.

    Every try is kept. After five failures within fifteen minutes the name is locked for fifteen minutes: the caller
    commits in either case, so that a failed try counts. Raises WrongPassword or SignInLocked.
    """
    name = username.strip()
    since = at - LOCKED_FOR
    last_good = session.scalar(
        select(func.max(SigninAttempt.at)).where(SigninAttempt.username == name, SigninAttempt.succeeded)
    )
    if last_good is not None and last_good > since:
        since = last_good
    failures = session.scalars(
        select(SigninAttempt.at)
        .where(SigninAttempt.username == name, ~SigninAttempt.succeeded, SigninAttempt.at > since)
        .order_by(SigninAttempt.at)
    ).all()
    if len(failures) >= FAILURES_BEFORE_LOCK:
        raise SignInLocked(username=name, until=failures[-1] + LOCKED_FOR, failures=len(failures))
    person = session.scalar(select(Person).where(Person.username == name))
    good = passwords.verify_password(_NOBODY if person is None else person.password_hash, password)
    good = good and person is not None and person.active and not _ended(person, at)
    session.add(SigninAttempt(username=name, at=at, address=address, succeeded=good))
    if not good or person is None:
        session.flush()
        raise WrongPassword(username=name)
    return _actor(session, person)


def actor(
    session: Session, person_id: int, *, at: datetime | None = None, scopes: frozenset[str] | None = None
) -> Actor | None:
    """Who a signed-in person is now; None when the account is gone, closed or past its last day. One statement.

    scopes: the rights that a token narrows the person to.
    """
    rows = session.execute(
        select(Person, PersonRole.role)
        .outerjoin(PersonRole, PersonRole.person_id == Person.id)
        .where(Person.id == person_id)
    ).all()
    if not rows or not rows[0][0].active or (at is not None and _ended(rows[0][0], at)):
        return None
    return _as_actor(rows[0][0], {role for _, role in rows if role is not None}, scopes)


def _ended(person: Person, at: datetime) -> bool:
    """Whether a time-boxed account has had its last day, in the laboratory's calendar."""
    return person.valid_to is not None and at.astimezone(ZONE).date() > person.valid_to


def by_username(session: Session, username: str) -> Actor:
    person = session.scalar(select(Person).where(Person.username == username))
    if person is None or not person.active:
        raise NotFound(kind="person", number=username)
    return _actor(session, person)


def confirm_password(session: Session, by: Actor, password: str, *, at: datetime) -> None:
    """The password asked again before a signature; wrong ones count towards the lock like those at sign-in."""
    again = authenticate(session, by.username, password, at=at, address="signature")
    if again.person_id != by.person_id:
        raise WrongPassword(username=by.username)


def add_person(
    session: Session,
    *,
    username: str,
    name: dict[str, str],
    password: str,
    roles: Sequence[str],
    by: Actor | None,
    at: datetime,
    customer_id: int | None = None,
    language: str = "zh",
    demonstration: bool = False,
) -> Person:
    """A new account. by is None only for the first person of a laboratory, from the command line."""
    if by is not None:
        require(by, "people.manage")
    unknown = [role for role in roles if role not in ROLES]
    if unknown:
        raise UnusableValue(field="roles", found=", ".join(unknown), right=", ".join(sorted(ROLES)))
    # An account without a customer is the laboratory's own and sees every customer's data, so the two never mix.
    if ("customer" in roles) != (customer_id is not None) or (customer_id is not None and list(roles) != ["customer"]):
        raise UnusableValue(
            field="roles",
            found=", ".join(roles),
            right=N_("customer alone for a customer's people, and for nobody else"),
        )
    if customer_id is not None and (customer_id > LARGEST_ID or session.get(Customer, customer_id) is None):
        raise NotFound(kind="customer", number=str(customer_id))
    require_password(password, username)
    if session.scalar(select(Person.id).where(Person.username == username)) is not None:
        raise UnusableValue(field="username", found=username, right=N_("a name that nobody has yet"))
    person = Person(
        username=username,
        name=name,
        password_hash=passwords.hash_password(password),
        language=language,
        active=True,
        demonstration=demonstration,
        customer_id=customer_id,
    )
    session.add(person)
    session.flush()
    session.add_all(PersonRole(person_id=person.id, role=role) for role in roles)
    session.flush()
    audit.append(
        session,
        "person.added",
        "person",
        person.id,
        by=by.username if by else "command line",
        at=at,
        payload={"username": username, "roles": list(roles)},
    )
    return person


def require_password(password: str, username: str, field: str = "password") -> None:
    """Nothing, for a password long enough and not the sign-in name. Raises UnusableValue."""
    if len(password) < SHORTEST_PASSWORD:
        raise UnusableValue(
            field=field,
            found=both("{count} characters", count=len(password)),
            right=both("at least {count} characters", count=SHORTEST_PASSWORD),
        )
    if username.casefold() in password.casefold():
        raise UnusableValue(field=field, found=username, right=N_("a password without the sign-in name"))


def authorise(
    session: Session,
    username: str,
    procedure: str,
    role: str,
    *,
    valid_from: date,
    valid_to: date,
    by: Actor | None,
    at: datetime,
) -> Authorisation:
    """Authorise a person for a procedure in a role (perform, verify, approve): ISO/IEC 17025:2017, 6.2.6."""
    if by is not None:
        require(by, "authorisations.manage")
    person = session.scalar(select(Person).where(Person.username == username))
    if person is None:
        raise NotFound(kind="person", number=username)
    granted = Authorisation(
        person_id=person.id, procedure_name=procedure, role=role, valid_from=valid_from, valid_to=valid_to
    )
    session.add(granted)
    session.flush()
    audit.append(
        session,
        "authorisation.granted",
        "person",
        person.id,
        by=by.username if by else "command line",
        at=at,
        payload=_facts(granted),
    )
    return granted


def _facts(granted: Authorisation) -> dict[str, Any]:
    return {
        "procedure": granted.procedure_name,
        "role": granted.role,
        "valid_from": granted.valid_from.isoformat(),
        "valid_to": granted.valid_to.isoformat(),
    }


def _actor(session: Session, person: Person) -> Actor:
    return _as_actor(
        person, session.scalars(select(PersonRole.role).where(PersonRole.person_id == person.id)).all(), None
    )


def _as_actor(person: Person, roles: Iterable[str], scopes: frozenset[str] | None) -> Actor:
    return Actor(
        person_id=person.id,
        username=person.username,
        name=person.name,
        roles=frozenset(roles),
        customer_id=person.customer_id,
        language=person.language,
        scopes=scopes,
        epoch=person.epoch,
        must_change=person.must_change,
    )
