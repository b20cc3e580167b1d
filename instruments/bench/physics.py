"""The physics of the bench: slow wander, the room, settling. All of it a pure function of the seed and of time.

A state that is a function of time needs no stepping: whoever looks at a moment, in whatever order, sees the same.
"""

# ruff: noqa: S311  (draws of a simulation, not secrets)
from __future__ import annotations

import math
import random
from collections.abc import Mapping

DAY = 86400.0


class Wander:
    """1/f wander of rms 1: one sine an octave, from `fastest` seconds of period upwards, equal power in each.

    It changes in steps, twenty in the fastest period, so that many looks within a step cost one.
    """

    __slots__ = ("_amplitude", "_rate", "_step", "_value", "_waves")

    def __init__(self, seed: str, *, fastest: float = 20.0, octaves: int = 8) -> None:
        draw = random.Random(seed)
        self._waves = tuple(
            (2 * math.pi / (fastest * 2**octave * draw.uniform(0.8, 1.25)), draw.uniform(0, 2 * math.pi))
            for octave in range(octaves)
        )
        self._amplitude = math.sqrt(2 / octaves)
        self._rate, self._step, self._value = 20 / fastest, -1, 0.0

    def at(self, t: float) -> float:
        """The wander at t seconds; no unit."""
        step = int(t * self._rate)
        if step != self._step:
            t = step / self._rate
            self._value = self._amplitude * sum(math.sin(omega * t + phase) for omega, phase in self._waves)
            self._step = step
        return self._value


class Room:
    """Air of the laboratory: a daily cycle, slow wander, and steps when somebody opens the door.

    mean: temperature in degC; swing: amplitude of the daily cycle in K; door: largest step in K.
    """

    DOOR_DECAY = 600.0

    def __init__(
        self,
        seed: int,
        *,
        mean: float = 23.0,
        swing: float = 0.3,
        door: float = 0.2,
        humidity: float = 50.0,
        pressure: float = 1005.0,
    ) -> None:
        draw = random.Random(f"{seed}/room")
        self.mean, self.swing, self.door = mean, swing, door
        self.mean_humidity, self.mean_pressure = humidity, pressure
        self._phase = draw.uniform(0, 2 * math.pi)
        self._seed = seed
        self._slow = Wander(f"{seed}/room/t", fastest=300, octaves=6)
        self._moist = Wander(f"{seed}/room/h", fastest=600, octaves=6)
        self._weather = Wander(f"{seed}/room/p", fastest=3600, octaves=6)
        self._doors: dict[int, tuple[float, float]] = {}
        self._second, self._temperature = -1, mean

    def temperature(self, t: float) -> float:
        """Air temperature at t seconds, degC; in steps of a second."""
        second = int(t)
        if second != self._second:
            t = float(second)
            cycle = self.swing * math.sin(2 * math.pi * t / DAY + self._phase)
            self._temperature = self.mean + cycle + 0.02 * self._slow.at(t) + self._opened(t)
            self._second = second
        return self._temperature

    def humidity(self, t: float) -> float:
        """Relative humidity at t seconds, %RH."""
        value = self.mean_humidity - 1.5 * (self.temperature(t) - self.mean) + 1.0 * self._moist.at(t)
        return min(max(value, 1.0), 99.0)

    def pressure(self, t: float) -> float:
        """Air pressure at t seconds, hPa."""
        return self.mean_pressure + 2.0 * self._weather.at(t)

    def _opened(self, t: float) -> float:
        hour = int(t // 3600)
        total = 0.0
        for k in (hour - 1, hour):
            if k not in self._doors:
                draw = random.Random(f"{self._seed}/door/{k}")
                opened = draw.random() < 0.3
                self._doors[k] = (3600 * (k + draw.random()), draw.uniform(-self.door, self.door) if opened else 0.0)
            at, step = self._doors[k]
            if step and t > at:
                total += step * math.exp(-(t - at) / self.DOOR_DECAY)
        return total


class Settling:
    """A first-order approach of a value to another."""

    __slots__ = ("start", "t0", "tau", "to")

    def __init__(self) -> None:
        self.start = self.to = self.t0 = 0.0
        self.tau = 0.1

    def go(self, to: float, tau: float, t: float) -> None:
        """Leave for `to` at t, from wherever it is."""
        self.start, self.to, self.tau, self.t0 = self.at(t), to, tau, t

    def residual(self, t: float) -> float:
        """What is still missing at t."""
        x = (t - self.t0) / self.tau
        return 0.0 if x > 60 else (self.start - self.to) * math.exp(-max(x, 0.0))

    def at(self, t: float) -> float:
        """The value at t."""
        return self.to + self.residual(t)


def interpolated(points: Mapping[float, float], x: float) -> float:
    """Piecewise linear through the points, constant beyond them; 0 where there are none."""
    if not points:
        return 0.0
    if x in points:
        return points[x]
    places = sorted(points)
    if x <= places[0]:
        return points[places[0]]
    if x >= places[-1]:
        return points[places[-1]]
    high = next(i for i, place in enumerate(places) if place > x)
    a, b = places[high - 1], places[high]
    return points[a] + (points[b] - points[a]) * (x - a) / (b - a)
