"""The audit chain: written with the act, one order under concurrency, and every kind of tampering found."""

from __future__ import annotations

import hashlib
import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from lims import audit
from lims.audit import GENESIS
from lims.audit import verification as verifying
from lims.domain.actor import Actor
from lims.domain.errors import NaiveTime
from lims.records import AuditEntry, AuditHead, Customer
from lims.records.series import next_number

AT = datetime(2026, 11, 20, 8, 0, 0, 123456, tzinfo=UTC)
TECH = Actor(1, "tech", {"zh": "陈工", "en": "Chen"}, frozenset({"technician"}))


def note(session: Session, n: int, act: str = "reading.corrected") -> None:
    audit.append(session, act, "record", n, by=TECH, at=AT + timedelta(seconds=n), payload={"文": n, "x": 1.5e22})


@pytest.fixture
def chain(session: Session) -> Session:
    """Five committed entries."""
    for n in range(1, 6):
        note(session, n)
    session.commit()
    return session


def tamper(session: Session, *statements: str) -> None:
    """What somebody with the database's own rights could do: take the triggers away, write, and look innocent."""
    if session.get_bind().dialect.name == "sqlite":
        for table in ("audit_entry", "audit_head"):
            for name in ("no_update", "no_delete", "no_replace", "no_step_back"):
                session.execute(sa.text(f"DROP TRIGGER IF EXISTS {table}_{name}"))
    else:
        for table in ("audit_entry", "audit_head"):
            session.execute(sa.text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
    for statement in statements:
        session.execute(sa.text(statement))
    session.commit()


def test_a_hash_is_sha_256_of_the_sorted_json_with_the_hash_before_it(chain: Session) -> None:
    """The text written out by hand: whoever has Python's hashlib can check the chain without this program."""
    first = chain.scalars(sa.select(AuditEntry).order_by(AuditEntry.seq)).first()
    assert first is not None
    text = (
        '{"act":"reading.corrected","actor":"tech","after":null,"at":"2026-11-20T08:00:01.123456+00:00","before":null,'
        '"object_id":"1","object_type":"record","payload":{"x":1.5e+22,"文":1},'
        f'"prev_hash":"{"0" * 64}","reason":null,"seq":1}}'
    )
    assert first.hash == hashlib.sha256(text.encode()).hexdigest()
    assert first.prev_hash == GENESIS


def test_a_whole_chain_verifies_and_says_where_it_ends(chain: Session) -> None:
    report = audit.verify(chain)
    assert (report.ok, report.entries, report.first_bad, report.why) == (True, 5, None, None)
    assert audit.head(chain) == {"seq": 5, "hash": report.head[1]}


def test_an_empty_chain_is_whole(session: Session) -> None:
    assert audit.verify(session) == audit.Report(True, 0, None, None, (0, GENESIS))


def test_an_act_is_written_with_its_transaction_and_forgotten_with_it(sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        session.add(Customer(name={"zh": "甲", "en": "A"}, address={"zh": "", "en": ""}))
        note(session, 1)
        session.rollback()
        note(session, 2)
        session.commit()
    with sessions() as session:
        note(session, 3)  # closed without commit
    session.close()
    session.commit()
    with sessions() as session:
        assert [e.object_id for e in session.scalars(sa.select(AuditEntry))] == ["2"]
        assert session.scalar(sa.select(sa.func.count()).select_from(Customer)) == 0
        assert audit.verify(session).ok


def test_what_is_noted_in_a_savepoint_goes_with_it(session: Session) -> None:
    note(session, 1)
    savepoint = session.begin_nested()
    note(session, 2)
    savepoint.rollback()
    with session.begin_nested():
        note(session, 3)
    session.commit()
    assert list(session.scalars(sa.select(AuditEntry.object_id).order_by(AuditEntry.seq))) == ["1", "3"]


def test_reading_the_chain_shows_the_acts_of_the_same_transaction(session: Session) -> None:
    note(session, 1)
    assert [e.seq for e in session.scalars(sa.select(AuditEntry))] == [1]
    note(session, 2)
    assert audit.head(session)["seq"] == 2
    session.rollback()
    assert audit.verify(session).entries == 0


def test_a_time_without_zone_is_refused_and_others_are_kept_as_utc(session: Session) -> None:
    with pytest.raises(NaiveTime, match="no time zone"):
        audit.append(session, "a", "b", 1, by="x", at=datetime(2026, 11, 20, 8))
    shanghai = AT.astimezone(timezone(timedelta(hours=8)))
    audit.append(session, "a", "b", 1, by="x", at=shanghai)
    session.commit()
    assert session.scalars(sa.select(AuditEntry.at)).one() == AT
    assert audit.verify(session).ok


def test_a_payload_is_kept_as_json_says_it(session: Session) -> None:
    audit.append(session, "a", "b", 1, by="x", at=AT, payload={"2": (1, 2), "10": {10: "ten", 9: "nine"}})
    session.commit()
    assert session.scalars(sa.select(AuditEntry.payload)).one() == {"2": [1, 2], "10": {"10": "ten", "9": "nine"}}
    assert audit.verify(session).ok


@pytest.mark.parametrize("payload", [{"at": AT}, {"x": float("nan")}, {"x": {1, 2}}])
def test_a_payload_that_is_no_json_is_refused_where_it_is_said(session: Session, payload: dict[str, object]) -> None:
    with pytest.raises((TypeError, ValueError)):
        audit.append(session, "a", "b", 1, by="x", at=AT, payload=payload)


@pytest.mark.parametrize(
    ("statements", "first_bad", "why"),
    [
        (["UPDATE audit_entry SET actor = 'somebody' WHERE seq = 3"], 3, verifying.EDITED),
        (["UPDATE audit_entry SET reason = '' WHERE seq = 2"], 2, verifying.EDITED),
        (["UPDATE audit_entry SET hash = prev_hash WHERE seq = 4"], 4, verifying.EDITED),
        (["DELETE FROM audit_entry WHERE seq = 3"], 3, verifying.GAP),
        (["DELETE FROM audit_entry WHERE seq = 1"], 1, verifying.GAP),
        (["DELETE FROM audit_entry WHERE seq = 5"], 5, verifying.SHORTENED),
        (["DELETE FROM audit_entry"], 1, verifying.SHORTENED),
        (
            [
                "DELETE FROM audit_entry WHERE seq = 3",
                "UPDATE audit_entry SET seq = 3 WHERE seq = 4",
                "UPDATE audit_entry SET seq = 4 WHERE seq = 5",
            ],
            3,
            verifying.UNLINKED,
        ),
        (["UPDATE audit_head SET seq = 4"], 5, verifying.LONGER),
        (["UPDATE audit_head SET hash = 'ab'"], 5, verifying.OTHER_HEAD),
        (["DELETE FROM audit_head"], 5, verifying.NO_HEAD),
    ],
)
def test_tampering_is_found(chain: Session, statements: list[str], first_bad: int, why: str) -> None:
    tamper(chain, *statements)
    report = audit.verify(chain)
    assert (report.ok, report.first_bad, report.why) == (False, first_bad, why)


def test_a_chain_cut_off_and_closed_again_is_found_by_the_head_a_certificate_carries(chain: Session) -> None:
    carried = audit.head(chain)
    chain.commit()
    tamper(
        chain,
        "DELETE FROM audit_entry WHERE seq > 3",
        "UPDATE audit_head SET seq = 3, hash = (SELECT hash FROM audit_entry WHERE seq = 3)",
    )
    assert audit.verify(chain).ok
    report = audit.verify(chain, heads=[(carried["seq"], carried["hash"])])
    assert (report.ok, report.first_bad, report.why) == (False, 4, verifying.SHORTENED)


def test_a_chain_written_anew_is_found_by_the_head_a_certificate_carries(chain: Session) -> None:
    carried = audit.head(chain)
    chain.commit()
    tamper(chain, "DELETE FROM audit_entry", f"UPDATE audit_head SET seq = 0, hash = '{GENESIS}'")
    for n in range(1, 7):
        note(chain, n, act="something.else")
    chain.commit()
    assert audit.verify(chain).ok
    report = audit.verify(chain, heads=[(carried["seq"], carried["hash"])])
    assert (report.ok, report.first_bad, report.why) == (False, 5, verifying.CERTIFICATE)


def test_a_first_certificate_carries_the_empty_chain(session: Session) -> None:
    assert audit.verify(session, heads=[(0, GENESIS)]).ok
    assert not audit.verify(session, heads=[(0, "ab")]).ok


def test_writers_at_the_same_time_make_one_chain_without_deadlock(sessions: sessionmaker[Session]) -> None:
    """Each writer takes two locks (a series, the head) in both orders of speaking; the head is still locked last."""
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for n in range(5):
                with sessions() as session:
                    if number % 2:
                        note(session, n)
                        next_number(session, "record", AT)
                    else:
                        next_number(session, "record", AT)
                        note(session, n)
                    session.commit()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with sessions() as session:
        report = audit.verify(session)
        assert (report.ok, report.entries) == (True, 30)
        assert next_number(session, "record", AT) == "JL-2026-000031"
        assert session.scalars(sa.select(AuditHead.seq)).one() == 30
