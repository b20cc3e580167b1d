"""Sessions, instants, JSON and numbers on both databases."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlalchemy.orm import Session, sessionmaker

from lims.domain.errors import NaiveTime, UnusableText
from lims.records import Customer, Laboratory, Lease, NumberSeries, PersonRole
from lims.records.engine import open_engine, reader_factory
from lims.records.series import next_number
from tests import factories as make

AT = datetime(2026, 11, 20, 8, 0, 0, 123456, tzinfo=timezone(timedelta(hours=8)))


def a_customer() -> Customer:
    return Customer(name={"zh": "甲厂", "en": "Works A"}, address={"zh": "某路", "en": "A road"})


def test_an_instant_comes_back_as_the_same_instant_in_utc(session: Session) -> None:
    session.add(Lease(task="t", holder="h", until=AT))
    session.commit()
    session.expire_all()
    found = session.scalars(sa.select(Lease.until)).one()
    assert found == AT
    assert found.utcoffset() == timedelta(0)
    assert session.scalars(sa.select(Lease).where(Lease.until < AT + timedelta(microseconds=1))).all()
    assert not session.scalars(sa.select(Lease).where(Lease.until < AT)).all()


def test_an_instant_without_zone_is_refused(session: Session) -> None:
    session.add(Lease(task="t", holder="h", until=datetime(2026, 11, 20, 8)))
    with pytest.raises(NaiveTime, match="2026-11-20T08:00:00 has no time zone"):
        session.flush()


@pytest.mark.parametrize("text", ["a\x00b", "half \ud800"])
def test_a_text_that_one_database_would_refuse_is_refused_by_both(session: Session, text: str) -> None:
    with pytest.raises(UnusableText, match="cannot be kept"):
        session.scalars(sa.select(Lease).where(Lease.task == text)).all()
    session.add(Lease(task=text, holder="h", until=AT))
    with pytest.raises(UnusableText):
        session.flush()


def test_half_a_character_is_refused_inside_json_too(session: Session) -> None:
    session.add(Laboratory(id=1, profile={"name": "\udc80"}))
    with pytest.raises(UnusableText):
        session.flush()


def test_a_raw_reply_with_a_nul_is_kept_visibly(session: Session) -> None:
    reading = make.a_reading(session, make.a_record(session), raw="+1.0\x00\r\n")
    session.commit()
    session.expire_all()
    assert reading.raw == "+1.0\u2400\r\n"


@pytest.mark.parametrize(
    "content", [{"甲": "乙", "e": 1e22, "neg": -0.0, "small": 1e-300, "deep": [None, True, {"k": "v\u0000"}]}, {}]
)
def test_json_comes_back_digit_for_digit(session: Session, content: Any) -> None:
    session.add(Laboratory(id=1, profile=content))
    session.commit()
    session.expire_all()
    found = session.get_one(Laboratory, 1).profile
    assert repr(found) == repr(content)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_nan_is_not_stored_as_json(session: Session, number: float) -> None:
    session.add(Laboratory(id=1, profile={"x": number}))
    with pytest.raises((StatementError, ValueError), match="JSON compliant"):
        session.flush()


def test_a_foreign_key_holds(session: Session) -> None:
    session.add(PersonRole(person_id=99, role="technician"))
    with pytest.raises(IntegrityError):
        session.commit()


def test_a_reader_sees_and_cannot_write(engine: Engine, sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        session.add(a_customer())
        session.commit()
    with reader_factory(engine)() as reader:
        assert reader.scalars(sa.select(Customer)).one().name["zh"] == "甲厂"
        reader.add(a_customer())
        with pytest.raises(DBAPIError, match=r"(?i)read.?only"):
            reader.flush()
    with sessions() as session:  # the same connection from the pool writes again
        session.add(a_customer())
        session.commit()


def test_a_reader_does_not_wait_for_a_writer(engine: Engine, sessions: sessionmaker[Session]) -> None:
    with sessions() as writer:
        writer.add(a_customer())
        writer.flush()
        with reader_factory(engine)() as reader:
            assert reader.scalars(sa.select(Customer)).all() == []
        writer.commit()


def test_two_writers_on_sqlite_take_turns_from_the_first_statement(sqlite_database: str) -> None:
    """BEGIN IMMEDIATE: the second waits instead of failing when it upgrades its read lock."""
    engine = open_engine(sqlite_database)
    sessions = sessionmaker(engine)
    order: list[str] = []
    inside = threading.Event()

    def first() -> None:
        with sessions() as session:
            session.scalars(sa.select(Customer)).all()
            inside.set()
            threading.Event().wait(0.2)
            session.add(a_customer())
            order.append("first")
            session.commit()

    thread = threading.Thread(target=first)
    thread.start()
    inside.wait(5)
    with sessions() as session:
        assert len(session.scalars(sa.select(Customer)).all()) == 1
        order.append("second")
    thread.join()
    assert order == ["first", "second"]
    engine.dispose()


def test_sqlite_is_opened_with_the_rules_of_the_house(sqlite_database: str) -> None:
    engine = open_engine(sqlite_database)
    with engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1}
    engine.dispose()


def test_numbers_follow_each_other_within_a_year(session: Session) -> None:
    given = [next_number(session, "certificate.calibration", AT) for _ in range(3)]
    assert given == ["YS-2026-000001", "YS-2026-000002", "YS-2026-000003"]
    assert next_number(session, "record", AT) == "JL-2026-000001"
    # 2026-12-31 17:00 UTC is already 2027 in Shanghai
    assert next_number(session, "record", datetime(2026, 12, 31, 17, tzinfo=UTC)) == "JL-2027-000001"
    assert next_number(session, "crate", AT, prefix="K", digits=3) == "K-2026-001"


def test_a_transaction_that_is_rolled_back_gives_its_number_back(sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        next_number(session, "record", AT)
        session.commit()
        next_number(session, "record", AT)
        session.rollback()
    with sessions() as session:
        assert next_number(session, "record", AT) == "JL-2026-000002"


def test_writers_at_the_same_time_leave_no_gap(sessions: sessionmaker[Session]) -> None:
    given: list[str] = []

    def work(number: int) -> None:
        for n in range(5):
            with sessions() as session:
                got = next_number(session, "record", AT)
                if (number + n) % 3 == 0:
                    session.rollback()
                else:
                    session.commit()
                    given.append(got)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given) == [f"JL-2026-{n:06d}" for n in range(1, len(given) + 1)]
    with sessions() as session:
        assert session.scalars(sa.select(NumberSeries.last)).one() == len(given)
