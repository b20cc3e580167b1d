"""Two people at once, and one person with every role."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, sessionmaker

from lims import audit
from lims.domain.errors import GateClosed, LimsError, NotAllowed, WrongState
from lims.records import Certificate, PersonRole, Signature
from lims.services import authentication, certificates, people, reexecution, rendering, review

from .conftest import PASSWORD, Lab


def at_once(sessions: sessionmaker[Session], act: Callable[[Session], object]) -> list[object]:
    """What two threads get that do the same at the same moment, each in its own transaction."""
    outcomes: list[object] = []
    start = threading.Barrier(2)

    def one() -> None:
        with sessions() as session:
            start.wait()
            try:
                act(session)
                session.commit()
                outcomes.append("done")
            except LimsError as error:
                session.rollback()
                outcomes.append(error)

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return outcomes


def test_of_two_verifiers_at_once_one_signs_and_the_other_is_told(lab: Lab, sessions: sessionmaker[Session]) -> None:
    record = lab.submitted()
    by, at = lab.who("verifier"), lab.now()
    lab.session.commit()
    outcomes = at_once(sessions, lambda s: review.verify(s, record.number, PASSWORD, by=by, at=at))
    assert outcomes.count("done") == 1
    assert [type(o) for o in outcomes if o != "done"] == [WrongState]
    signed = lab.session.scalar(select(func.count()).where(Signature.meaning == "verify"))
    assert signed == 1


def test_of_two_approvers_at_once_one_certificate_is_issued_and_no_number_is_lost(
    lab: Lab, sessions: sessionmaker[Session]
) -> None:
    record = lab.verified()
    by, at, settings = lab.who("approver"), lab.now(), lab.settings
    lab.session.commit()
    outcomes = at_once(
        sessions, lambda s: certificates.issue(s, record.number, PASSWORD, by=by, at=at, settings=settings)
    )
    assert outcomes.count("done") == 1
    assert all(isinstance(o, LimsError) for o in outcomes if o != "done")
    assert lab.session.scalars(select(Certificate.number)).all() == ["YS-2026-000001"]
    assert audit.verify(lab.session).ok


def with_every_role(lab: Lab, username: str) -> None:
    """Somebody gave one person all the roles, and authorised them for everything."""
    actor = lab.who(username)
    for role in ("technician", "verifier", "approver"):
        if role not in actor.roles:
            lab.session.add(PersonRole(person_id=actor.person_id, role=role))
    for role in ("perform", "verify", "approve"):
        people.authorise(
            lab.session,
            username,
            "DMM-DCV",
            role,
            valid_from=lab.at.date().replace(year=2025),
            valid_to=lab.at.date().replace(year=2030),
            by=None,
            at=lab.at,
        )
    lab.session.flush()


def test_one_person_with_every_role_still_cannot_verify_what_they_performed(lab: Lab) -> None:
    with_every_role(lab, "tech")
    record = lab.submitted()
    with pytest.raises(GateClosed):
        review.verify(lab.session, record.number, PASSWORD, by=lab.who("tech"), at=lab.now())
    with pytest.raises(GateClosed):
        review.return_record(lab.session, record.number, "by myself", by=lab.who("tech"), at=lab.now())
    review.verify(lab.session, record.number, PASSWORD, by=lab.who("verifier"), at=lab.now())
    with pytest.raises(GateClosed):
        certificates.issue(
            lab.session, record.number, PASSWORD, by=lab.who("tech"), at=lab.now(), settings=lab.settings
        )


@pytest.mark.parametrize("document_kind", ["calibration", "verification"])
def test_the_verifier_does_not_approve_as_well(lab: Lab, document_kind: str) -> None:
    with_every_role(lab, "verifier")
    record = lab.verified(request=lab.request(document_kind=document_kind))
    with pytest.raises(GateClosed) as refused:
        certificates.issue(
            lab.session, record.number, PASSWORD, by=lab.who("verifier"), at=lab.now(), settings=lab.settings
        )
    assert "verifier" in str(refused.value)


def test_a_customer_and_a_stranger_to_the_trade_can_do_nothing_with_records(lab: Lab) -> None:
    record = lab.submitted()
    for username in ("customer", "auditor"):
        with pytest.raises(NotAllowed):
            review.verify(lab.session, record.number, PASSWORD, by=lab.who(username), at=lab.now())
    with pytest.raises(NotAllowed):
        review.exceptions(lab.session, record.number, by=lab.who("customer"))


def test_a_reading_changed_behind_the_triggers_is_found_when_the_digits_are_computed_again(lab: Lab) -> None:
    """Somebody with the database in hand: the signature's digest and the printed digits no longer come out."""
    record = lab.verified()
    certificate = certificates.issue(
        lab.session, record.number, PASSWORD, by=lab.who("approver"), at=lab.now(), settings=lab.settings
    )
    lab.session.commit()
    rendering.render_due(lab.session, at=lab.now(), settings=lab.settings)
    drop_triggers(lab.session, "reading")
    lab.session.execute(text("UPDATE reading SET indication = indication * 1.001 WHERE point = 10 AND role = 'item'"))
    lab.session.commit()
    lab.session.expire_all()
    again = reexecution.execute_again(lab.session, certificate)
    assert not again.ok
    assert {"digest", "error", "indication"} <= {difference.field for difference in again.differences}
    made = rendering.document(lab.session, certificate.number, "pdf")
    assert made is not None
    assert not authentication.examine_file(lab.session, made.bytes, settings=lab.settings).ok


def drop_triggers(session: Session, table: str) -> None:
    dialect = session.get_bind().dialect.name
    if dialect == "postgresql":
        session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
        return
    names = session.scalars(
        text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :t"), {"t": table}
    )
    for name in names.all():
        session.execute(text(f'DROP TRIGGER "{name}"'))
