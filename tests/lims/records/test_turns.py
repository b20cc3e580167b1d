"""Writers of one SQLite file: in the order they came, and none is starved by a busy one."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from lims.records import engine as engines
from lims.records.turns import Turns


def test_the_turn_goes_to_whoever_waited_longest() -> None:
    turns, came = Turns(), []
    assert turns.take(1)

    def wait(name: int) -> None:
        assert turns.take(5)
        came.append(name)
        turns.give()

    threads = []
    for name in range(5):
        threads.append(threading.Thread(target=wait, args=(name,)))
        threads[-1].start()
        time.sleep(0.02)
    turns.give()
    for thread in threads:
        thread.join()
    assert came == [0, 1, 2, 3, 4]
    assert turns.take(0)


def test_a_turn_that_does_not_come_in_time_leaves_the_line() -> None:
    turns = Turns()
    assert turns.take(0)
    assert not turns.take(0.01)
    turns.give()
    assert turns.take(0)


def test_a_busy_writer_does_not_starve_another(tmp_path: Path) -> None:
    engine = engines.open_engine(engines.sqlite_url(tmp_path / "a.db"))
    sessions = engines.session_factory(engine)
    with sessions() as session:
        session.execute(text("CREATE TABLE t (n INTEGER)"))
        session.commit()
    stop, busy = threading.Event(), [0]

    def write_without_pause() -> None:
        while not stop.is_set():
            with sessions() as session:
                session.execute(text("INSERT INTO t VALUES (1)"))
                time.sleep(0.005)
                session.commit()
                busy[0] += 1

    thread = threading.Thread(target=write_without_pause)
    thread.start()
    try:
        time.sleep(0.1)
        before = busy[0]
        for _ in range(20):
            with sessions() as session:
                session.execute(text("INSERT INTO t VALUES (2)"))
                session.commit()
        assert busy[0] - before <= 45  # one or two of the other's between each of mine
    finally:
        stop.set()
        thread.join()
    engine.dispose()


@pytest.mark.parametrize("end", ["rollback", "close", "error"])
def test_a_transaction_that_ends_otherwise_gives_its_turn_back(tmp_path: Path, end: str) -> None:
    engine = engines.open_engine(engines.sqlite_url(tmp_path / "a.db"))
    sessions = engines.session_factory(engine)
    session = sessions()
    if end == "error":
        with pytest.raises(OperationalError):
            session.execute(text("INSERT INTO nothing VALUES (1)"))
        session.rollback()
    else:
        session.execute(text("CREATE TABLE t (n INTEGER)"))
        getattr(session, end)()
    begun = time.perf_counter()
    with sessions() as other:
        other.execute(text("CREATE TABLE t (n INTEGER)"))
        other.commit()
    assert time.perf_counter() - begun < engines.BUSY_MS / 2000
    engine.dispose()


def test_another_process_that_holds_the_file_is_said_by_the_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "PRAGMAS", ("PRAGMA busy_timeout=50",))
    one, two = (engines.open_engine(engines.sqlite_url(tmp_path / "a.db")) for _ in range(2))
    with engines.session_factory(one)() as session:
        session.execute(text("CREATE TABLE t (n INTEGER)"))
        with engines.session_factory(two)() as other, pytest.raises(OperationalError, match="locked"):
            other.execute(text("SELECT 1"))
        session.commit()
    with engines.session_factory(two)() as other:  # the refusal left no turn behind
        other.execute(text("INSERT INTO t VALUES (1)"))
        other.commit()
