"""The room, logged beside the measurement on a session of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from instruments.capture.clock import Clock, WallClock
from instruments.capture.journal import Journal
from instruments.faults import InstrumentError
from instruments.reading import Reading

FAILURES = 3  # so many polls in a row may fail before the run must stop: the room is then unknown


class EnvironmentOutside(InstrumentError, ValueError):
    """The room is outside what the procedure allows."""

    code: ClassVar[str] = "environment_outside"
    sentence: ClassVar[str] = (
        "The {quantity} of the room is {found} {unit}: the procedure allows {low} to {high} {unit}; "
        "wait until it is inside, then resume."
    )


class EnvironmentUnknown(InstrumentError, ValueError):
    """The monitor answers, but has no value for a quantity that the procedure limits."""

    code: ClassVar[str] = "environment_unknown"
    sentence: ClassVar[str] = "The monitor gives no {quantity} of the room ({raw}): check its sensor, then resume."


class AmbientLog:
    """Reads the room every `interval` seconds of bench time; `check` raises what the last polls found wrong.

    room: reads every channel, by quantity. Polls are serialised; on the wall's clock they run in a thread of
    their own, on a given clock `check` polls when one is due (a virtual clock has no second thread).
    """

    def __init__(
        self,
        journal: Journal,
        room: Callable[[], Mapping[str, Reading]],
        limits: Mapping[str, tuple[float, float]],
        clock: Clock,
        *,
        interval: float,
    ) -> None:
        self._journal, self._room, self._limits, self._clock = journal, room, limits, clock
        self._interval = interval
        self._wall = clock if isinstance(clock, WallClock) else None
        self._guard = threading.Lock()
        self._stop = threading.Event()
        self._failed = 0
        self._wrong: InstrumentError | None = None
        self._crash: BaseException | None = None
        self._next = clock.time()
        self._count = 0
        self.point: int | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """First reading now, in this thread: nothing is measured in a room nobody has looked at."""
        self.poll()
        if self._wall is not None:
            self._thread = threading.Thread(target=self._loop, args=(self._wall,), name="ambient-log", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the log; waits for a poll under way."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def check(self) -> None:
        """Raise EnvironmentOutside, or the monitor's fault, when the room is outside or unknown."""
        if self._wall is None and self._clock.time() >= self._next:
            self.poll()
        if self._crash is not None:
            raise self._crash
        if self._wrong is not None:
            raise self._wrong

    def poll(self) -> None:
        """One reading of each channel into the journal."""
        with self._guard:
            self._next = self._clock.time() + self._interval
            wrong: InstrumentError | None = None
            try:
                for channel, reading in self._room().items():
                    self._count += 1
                    self._journal.append(
                        "reading",
                        role="ambient",
                        channel=channel,
                        point=self.point,
                        n=self._count,
                        **reading_facts(reading),
                    )
                    wrong = wrong or self._outside(channel, reading)
                self._failed = 0
                self._wrong = wrong
            except InstrumentError as error:
                self._failed += 1
                self._journal.append("fault", role="ambient", **fault_facts(error))
                if self._failed >= FAILURES:
                    self._wrong = error

    def _outside(self, channel: str, reading: Reading) -> InstrumentError | None:
        if channel not in self._limits:
            return None
        if reading.indication is None:
            raise EnvironmentUnknown(quantity=channel, raw=reading.raw)
        low, high = self._limits[channel]
        if low <= reading.indication <= high:
            return None
        return EnvironmentOutside(
            quantity=channel, found=f"{reading.indication:g}", unit=reading.unit, low=f"{low:g}", high=f"{high:g}"
        )

    def _loop(self, wall: WallClock) -> None:
        try:
            while not self._stop.is_set():
                if self._clock.time() >= self._next:
                    self.poll()
                wall.sleep(min(1.0, self._interval / 4), self._stop)
        except BaseException as error:  # shown by the next check: a dead log must stop the run
            self._crash = error


def reading_facts(reading: Reading) -> dict[str, Any]:
    """A reading as facts of an event."""
    return {
        "indication": reading.indication,
        "unit": reading.unit,
        "raw": reading.raw,
        "status": reading.status,
        "read_at": reading.at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "setup": dict(reading.setup),
    }


def fault_facts(error: InstrumentError) -> dict[str, Any]:
    """A fault as facts of an event: code, the English sentence, and its facts as plain data."""
    facts = {
        name: value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
        for name, value in error.facts.items()
    }
    return {"code": error.code, "sentence": str(error), "facts": facts}
