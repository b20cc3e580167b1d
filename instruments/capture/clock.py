"""The bench's clock as capture sees it: waits are in bench seconds, whatever the wall does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol


class Clock(Protocol):
    """Bench time: `time()` in seconds from any moment, `sleep()` in bench seconds."""

    def time(self) -> float:
        """Seconds of bench time."""

    def sleep(self, seconds: float) -> None:
        """Let bench time pass."""


class WallClock:
    """The wall's clock, `speed` times as fast: a bench simulated at speed 60 settles in a sixtieth of the time."""

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed
        self._never = threading.Event()

    def time(self) -> float:
        """Seconds of bench time."""
        return time.monotonic() * self.speed

    def sleep(self, seconds: float, wake: threading.Event | None = None) -> None:
        """Wait seconds / speed on the wall, or until `wake` is set."""
        (wake or self._never).wait(max(0.0, seconds) / self.speed)


class GivenClock:
    """A clock given by two functions: the virtual clock of a bench in this process."""

    def __init__(self, time: Callable[[], float], sleep: Callable[[float], object]) -> None:
        self._time, self._sleep = time, sleep

    def time(self) -> float:
        """Seconds of bench time."""
        return self._time()

    def sleep(self, seconds: float) -> None:
        """Advance the bench."""
        self._sleep(seconds)
