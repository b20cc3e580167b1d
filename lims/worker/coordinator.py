"""One coordinator a server process: looks what is due, hands it to the pool, stores what comes back."""

from __future__ import annotations

import logging
import os
import threading
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context

from sqlalchemy.orm import Session, sessionmaker

from lims.config import Settings
from lims.queries import leases, registers
from lims.services import laboratory, month_counts, notices, rendering

from . import mail, tasks

log = logging.getLogger(__name__)
Made = tuple[bytes, bytes, str]
REMIND = timedelta(hours=6)
"""Between two looks at what ends soon; one worker of all does it."""


class Coordinator:
    """Renders and signs issued certificates in the background, sends notices by e-mail, reminds of what ends soon.

    every: seconds between two looks; `wake` looks at once. Several coordinators on one database share the work by lease.
    processes: 0 computes on a thread of this process (typesetting leaves the interpreter free meanwhile).
    """

    def __init__(
        self, sessions: sessionmaker[Session], settings: Settings, *, processes: int = 2, every: float = 2.0
    ) -> None:
        self.sessions, self.settings, self.every = sessions, settings, every
        self.holder = f"{os.uname().nodename}:{os.getpid()}"
        self._processes = processes
        self._next_reminder = datetime.min.replace(tzinfo=UTC)
        self._pool: Executor | None = None
        self._wake, self._stop = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="coordinator", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """Look at once: something has been issued."""
        self._wake.set()

    def stop(self) -> None:
        """End after what is under way; the rest stays due."""
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=60)
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def _run(self) -> None:
        while not self._stop.is_set():
            for task in (self.look, self.remind, self.post):
                try:
                    task()
                except Exception:
                    # The coordinator outlives a fault: what failed stays due, and the reason stands in the log.
                    log.exception("what is due could not be done")
            self._wake.wait(self.every)
            self._wake.clear()

    def look(self) -> list[str]:
        """Do what is due now; the numbers of the certificates rendered."""
        with self.sessions() as session:
            if not laboratory.exists(session):
                return []
            name = registers.laboratory(session)["name"]["zh"]
            numbers = [n for n in rendering.due(session) if self._claim(session, n)]
            contents = {number: rendering.content(session, number) for number in numbers}
            session.commit()
        begun = {number: self._submit(text, name) for number, text in contents.items()}
        return [number for number, future in begun.items() if self._store(number, future)]

    def remind(self) -> int:
        """Tell the keepers which calibrations end soon, and count the months that are over; how many notices.

        Between two looks the lease is kept.
        """
        at = datetime.now(UTC)
        if at < self._next_reminder:
            return 0
        self._next_reminder = at + REMIND / 6
        with self.sessions() as session:
            if not laboratory.exists(session):
                return 0
            claimed = leases.claim(session, "remind", holder=self.holder, at=at, until=at + REMIND)
            told = notices.standards_due(session, at=at) if claimed else 0
            if claimed:
                month_counts.keep(session, at=at)
            session.commit()
        return told

    def post(self) -> int:
        """Send the notices that are due by e-mail; how many left."""
        return mail.post(self.sessions, self.settings, holder=self.holder, at=datetime.now(UTC))

    def _claim(self, session: Session, number: str) -> bool:
        return rendering.claim(session, number, holder=self.holder, at=datetime.now(UTC))

    def _submit(self, content: str, name: str) -> Future[Made]:
        if self._pool is None:
            self._pool = (
                ProcessPoolExecutor(self._processes, mp_context=get_context("spawn"))
                if self._processes
                else ThreadPoolExecutor(1, thread_name_prefix="rendering")
            )
        return self._pool.submit(tasks.render, content, self.settings.data, name, self.settings.dcc_schemas)

    def _store(self, number: str, future: Future[Made]) -> bool:
        try:
            made = future.result(timeout=rendering.LEASE.total_seconds())
        except Exception:
            log.exception("certificate %s could not be rendered; it stays due", number)
            self._pool = None
            return False
        with self.sessions() as session:
            rendering.store(session, number, made, at=datetime.now(UTC))
            leases.release(session, f"render:{number}")
            session.commit()
        return True
