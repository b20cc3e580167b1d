"""The second factor. The codes are those of RFC 6238, appendix B (SHA-1), of which six digits are the last six of eight."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.domain.actor import Actor
from lims.domain.errors import NotAllowed, NotFound, SignInLocked, WrongCode
from lims.records import SecondFactor
from lims.services import people, second_factor

from .conftest import PASSWORD, Lab

KEY = "k" * 64
RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()
RFC_CODES = {59: "287082", 1111111109: "081804", 1234567890: "005924", 2000000000: "279037"}
AT = datetime.fromtimestamp(59, UTC)
LATER = datetime.fromtimestamp(1111111109, UTC)


@pytest.fixture
def tech(lab: Lab) -> Actor:
    return lab.who("tech")


@pytest.fixture
def factor(session: Session, tech: Actor, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The secret of the RFC, switched on with its first code; the recovery codes."""
    monkeypatch.setattr("pyotp.random_base32", lambda: RFC_SECRET)
    second_factor.start(session, key=KEY, by=tech)
    return second_factor.confirm(session, RFC_CODES[59], key=KEY, by=tech, at=AT)


@pytest.mark.usefixtures("factor")
def test_codes_of_the_standard_are_taken_each_once(session: Session, tech: Actor) -> None:
    for moment in sorted(set(RFC_CODES) - {59}):
        at = datetime.fromtimestamp(moment, UTC)
        who = second_factor.check(session, tech.person_id, RFC_CODES[moment], key=KEY, at=at, address="::1")
        assert who.username == "tech"
        with pytest.raises(WrongCode):
            second_factor.check(session, tech.person_id, RFC_CODES[moment], key=KEY, at=at, address="::1")


@pytest.mark.usefixtures("factor")
@pytest.mark.parametrize(("off", "good"), [(-30, True), (30, True), (-61, False), (91, False)])
def test_a_clock_may_be_one_step_off(session: Session, tech: Actor, off: int, good: bool) -> None:
    at = LATER + timedelta(seconds=off)

    def attempt() -> None:
        second_factor.check(session, tech.person_id, RFC_CODES[1111111109], key=KEY, at=at, address="::1")

    if good:
        attempt()
    else:
        with pytest.raises(WrongCode):
            attempt()


def test_a_recovery_code_stands_in_once(session: Session, tech: Actor, factor: list[str]) -> None:
    assert len(set(factor)) == 10
    second_factor.check(session, tech.person_id, f" {factor[3].upper()} ", key=KEY, at=LATER, address="::1")
    with pytest.raises(WrongCode):
        second_factor.check(session, tech.person_id, factor[3], key=KEY, at=LATER, address="::1")


@pytest.mark.usefixtures("factor")
def test_five_wrong_codes_lock_and_a_right_password_does_not_open_the_lock(session: Session, tech: Actor) -> None:
    for _ in range(5):
        with pytest.raises(WrongCode):
            second_factor.check(session, tech.person_id, "000000", key=KEY, at=LATER, address="::1")
        people.authenticate(session, "tech", PASSWORD, at=LATER, address="::1")
    with pytest.raises(SignInLocked):
        second_factor.check(session, tech.person_id, RFC_CODES[1111111109], key=KEY, at=LATER, address="::1")


def test_a_secret_counts_only_after_its_first_code(session: Session, tech: Actor) -> None:
    second_factor.start(session, key=KEY, by=tech)
    assert not second_factor.wanted(session, tech.person_id)
    with pytest.raises(WrongCode):
        second_factor.confirm(session, "12345", key=KEY, by=tech, at=AT)
    assert not second_factor.wanted(session, tech.person_id)


def test_what_is_kept_tells_neither_the_secret_nor_the_codes(session: Session, tech: Actor, factor: list[str]) -> None:
    kept = session.scalar(select(SecondFactor).where(SecondFactor.person_id == tech.person_id))
    assert kept is not None
    assert RFC_SECRET not in kept.secret
    assert not set(factor) & set(kept.codes)


@pytest.mark.usefixtures("factor")
def test_who_lost_everything_is_helped_by_another(session: Session, lab: Lab, tech: Actor) -> None:
    with pytest.raises(NotAllowed):
        second_factor.end_of_other(session, "tech", by=lab.who("verifier"), at=LATER)
    with pytest.raises(NotFound):
        second_factor.end_of_other(session, "admin", by=lab.who("admin"), at=LATER)
    second_factor.end_of_other(session, "tech", by=lab.who("admin"), at=LATER)
    assert not second_factor.wanted(session, tech.person_id)
