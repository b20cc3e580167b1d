"""The second factor of a sign-in: a six-digit code of the moment (TOTP, RFC 6238) or a recovery code, each taken once.

The secret is kept encrypted under a key of the application that the database does not hold; of a recovery code its
SHA-256 alone is kept.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime

import pyotp
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from lims import audit
from lims.domain.actor import Actor
from lims.domain.errors import NotFound, SignInLocked, WrongCode
from lims.domain.rights import require
from lims.records import Person, SecondFactor, SigninAttempt
from lims.services import people

STEP = 30
"""Seconds of a code's life (RFC 6238, 5.2); the one before and the one after are taken too, for clocks that differ."""
RECOVERY_CODES = 10


@dataclass(frozen=True, slots=True)
class Offer:
    """A secret to be entered into an authenticator: as text and as the address that its QR code carries."""

    secret: str
    address: str


def wanted(session: Session, person_id: int) -> bool:
    """Whether a sign-in of this person needs a code."""
    return (
        session.scalar(
            select(SecondFactor.id).where(SecondFactor.person_id == person_id, SecondFactor.confirmed_at.is_not(None))
        )
        is not None
    )


def start(session: Session, *, key: str, by: Actor) -> None:
    """Offer oneself a new secret; it counts once a code of it has been entered. One that is offered already stays."""
    if people.actor(session, by.person_id) is None:
        raise NotFound(kind="person", number=by.username)
    if _of(session, by.person_id) is None:
        session.add(SecondFactor(person_id=by.person_id, secret=_sealed(pyotp.random_base32(), key), codes=[]))
        session.flush()


def offered(session: Session, issuer: str, *, key: str, by: Actor) -> Offer | None:
    """The secret that waits for its first code; None when none was started or it counts already."""
    kept = session.scalar(select(SecondFactor).where(SecondFactor.person_id == by.person_id))
    if kept is None or kept.confirmed_at is not None:
        return None
    secret = _opened(kept.secret, key)
    return Offer(secret, pyotp.TOTP(secret).provisioning_uri(name=by.username, issuer_name=issuer))


def confirm(session: Session, code: str, *, key: str, by: Actor, at: datetime) -> list[str]:
    """The offered secret counts from now on. Returns the recovery codes, shown this once. Raises WrongCode."""
    kept = _of(session, by.person_id)
    if kept is None or kept.confirmed_at is not None:
        raise NotFound(kind="second factor", number=by.username)
    step = _step(kept, code, key, at)
    if step is None:
        raise WrongCode(username=by.username)
    codes = [secrets.token_hex(5) for _ in range(RECOVERY_CODES)]
    kept.confirmed_at, kept.last_step, kept.codes = at, step, [_digest(each) for each in codes]
    session.flush()
    audit.append(session, "second_factor.confirmed", "person", by.person_id, by=by.username, at=at)
    return codes


def check(session: Session, person_id: int, code: str, *, key: str, at: datetime, address: str) -> Actor:
    """The person whose password was right, when the code is too.

    A wrong one counts: five within fifteen minutes lock the codes of this person, whatever the password does. The
    caller commits in either case. Raises WrongCode, SignInLocked.
    """
    by, kept = people.actor(session, person_id, at=at), _of(session, person_id)
    if by is None or kept is None or kept.confirmed_at is None:
        raise WrongCode(username=str(person_id))
    _require_tries(session, by.username, at)
    step, spare = _step(kept, code, key, at), _digest(code.strip().lower())
    good = step is not None or spare in kept.codes
    if step is not None:
        kept.last_step = step
    elif good:
        kept.codes = [each for each in kept.codes if each != spare]
    session.add(SigninAttempt(username=by.username, at=at, address=f"{CODE}{address}", succeeded=good))
    session.flush()
    if not good:
        raise WrongCode(username=by.username)
    return by


CODE = "code "
"""Before the address of a try with a code: these tries have a count of their own, which a right password never clears."""


def _require_tries(session: Session, username: str, at: datetime) -> None:
    mine = (SigninAttempt.username == username, SigninAttempt.address.startswith(CODE))
    since = at - people.LOCKED_FOR
    last_good = session.scalar(select(func.max(SigninAttempt.at)).where(*mine, SigninAttempt.succeeded))
    since = max(since, last_good) if last_good is not None else since
    failures = session.scalars(
        select(SigninAttempt.at)
        .where(*mine, ~SigninAttempt.succeeded, SigninAttempt.at > since)
        .order_by(SigninAttempt.at)
    ).all()
    if len(failures) >= people.FAILURES_BEFORE_LOCK:
        raise SignInLocked(username=username, until=failures[-1] + people.LOCKED_FOR, failures=len(failures))


def end(session: Session, password: str, *, by: Actor, at: datetime) -> None:
    """One's own second factor is asked for no more; the password confirms it. Raises WrongPassword, SignInLocked."""
    people.confirm_password(session, by, password, at=at)
    _forget(session, by.person_id, by, at)


def end_of_other(session: Session, username: str, *, by: Actor, at: datetime) -> None:
    """For somebody who lost device and recovery codes, by who administers accounts; never one's own."""
    require(by, "people.manage")
    found = session.scalar(select(Person.id).where(Person.username == username))
    if found is None or found == by.person_id:
        raise NotFound(kind="person", number=username)
    _forget(session, found, by, at)


def _forget(session: Session, person_id: int, by: Actor, at: datetime) -> None:
    session.execute(delete(SecondFactor).where(SecondFactor.person_id == person_id))
    session.flush()
    audit.append(session, "second_factor.ended", "person", person_id, by=by.username, at=at)


def _of(session: Session, person_id: int) -> SecondFactor | None:
    """The row, locked: two tries with the same code at the same moment are taken one after the other."""
    return session.scalar(select(SecondFactor).where(SecondFactor.person_id == person_id).with_for_update())


def _step(kept: SecondFactor, code: str, key: str, at: datetime) -> int | None:
    """The time step whose code this is, later than any that was taken; None for none."""
    made, now = pyotp.TOTP(_opened(kept.secret, key)), int(at.timestamp()) // STEP
    typed = code.strip().replace(" ", "").encode()
    good = [step for step in (now - 1, now, now + 1) if hmac.compare_digest(made.generate_otp(step).encode(), typed)]
    return next((step for step in good if step > kept.last_step), None)


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def _cipher(key: str) -> Fernet:
    made = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"suyuan second factor").derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(made))


def _sealed(secret: str, key: str) -> str:
    return _cipher(key).encrypt(secret.encode()).decode()


def _opened(sealed: str, key: str) -> str:
    return _cipher(key).decrypt(sealed.encode()).decode()
