"""Writers of one SQLite file take turns in the order they came.

SQLite has one writer at a time and lets the others ask again after ever longer pauses, so that a busy writer starves
them. Within a process the next in line is called instead. Other processes are left to SQLite's own waiting.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """A lock that goes to whoever has waited longest."""

    def __init__(self) -> None:
        self._guard, self._taken = threading.Lock(), False
        self._waiting: deque[threading.Event] = deque()

    def take(self, timeout: float) -> bool:
        """Wait for the turn, at most `timeout` seconds; False when it did not come."""
        with self._guard:
            if not self._taken:
                self._taken = True
                return True
            mine = threading.Event()
            self._waiting.append(mine)
        if mine.wait(timeout):
            return True
        with self._guard:
            if mine.is_set():  # it came between the end of the wait and here
                return True
            self._waiting.remove(mine)
        return False

    def give(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False


class WriterConnection(sqlite3.Connection):
    """A connection that gives its turn back when its transaction has ended."""

    turns: Turns | None = None

    def commit(self) -> None:
        super().commit()
        self.ended()

    def rollback(self) -> None:
        try:
            super().rollback()
        finally:
            self.ended()

    def close(self) -> None:
        try:
            super().close()
        finally:
            self.ended()

    def ended(self) -> None:
        turns, self.turns = self.turns, None
        if turns is not None:
            turns.give()


@contextmanager
def writing(connection: WriterConnection, turns: Turns, timeout: float) -> Iterator[None]:
    """Around the statement that begins a transaction; it is begun all the same when the turn does not come in time."""
    if turns.take(timeout):
        connection.turns = turns
    try:
        yield
    except BaseException:
        connection.ended()
        raise
