"""Bench time: in seconds, virtual (it passes only when somebody waits) or real, any number of times as fast."""

from __future__ import annotations

import threading
import time
from typing import Protocol


class BenchClock(Protocol):
    """What the bench needs of a clock."""

    speed: float

    def now(self) -> float:
        """Seconds of bench time since the bench began."""

    def sleep(self, seconds: float) -> None:
        """Let so many seconds of bench time pass."""


class VirtualClock:
    """Time passes by waiting alone: a calibration of an hour takes as long as its arithmetic."""

    speed = float("inf")

    def __init__(self) -> None:
        self._now = 0.0
        self._guard = threading.Lock()

    def now(self) -> float:
        """Seconds of bench time since the bench began."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Advance the bench."""
        if seconds > 0:
            with self._guard:
                self._now += seconds


class RealClock:
    """The wall's clock, `speed` times as fast."""

    def __init__(self, speed: float = 1.0) -> None:
        if not speed > 0:
            raise ValueError(f"the speed of a bench must be above 0, found {speed}")
        self.speed = speed
        self._began = time.monotonic()

    def now(self) -> float:
        """Seconds of bench time since the bench began."""
        return (time.monotonic() - self._began) * self.speed

    def sleep(self, seconds: float) -> None:
        """Wait seconds / speed on the wall."""
        if seconds > 0:
            time.sleep(seconds / self.speed)
