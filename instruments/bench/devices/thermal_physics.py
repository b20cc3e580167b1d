"""The physics of the thermal bench: a heated block or bath, platinum thermometers in it, and how readouts err.

Temperatures in degC, resistances in ohm, times in s, lengths in m. A block's temperature is a function of time in
closed form, from one command to the next: whoever looks at a moment sees the same.
"""

# ruff: noqa: S311  (draws of a simulation, not secrets)
from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from instruments.bench.physics import Room, Wander

CVD = (3.9083e-3, -5.775e-7, -4.183e-12)  # A, B, C in 1/°C, 1/°C², 1/°C⁴: IEC 60751:2022, 4.2
# A_i below and C_i above the triple point of water: ITS-90, Metrologia 27 (1990) 3-10, table 4, eqs. (9a), (10a).
ITS90_COLD = (-2.13534729, 3.18324720, -1.80143597, 0.71727204, 0.50344027, -0.61899395, -0.05332322, 0.28021362,
              0.10715224, -0.29302865, 0.04459872, 0.11868632, -0.05248134)  # fmt: skip
ITS90_WARM = (2.78157254, 1.64650916, -0.13714390, -0.00649767, -0.00234444, 0.00511868, 0.00187982, -0.00204472,
              -0.00046122, 0.00045724)  # fmt: skip


def cvd_resistance(t: float, r0: float = 100.0, a: float = CVD[0], b: float = CVD[1], c: float = CVD[2]) -> float:
    """R of an industrial platinum thermometer, in the unit of r0. Source: IEC 60751:2022, 4.2."""
    return r0 * (1 + a * t + b * t * t + (c * (t - 100.0) * t**3 if t < 0 else 0.0))


def its90_ratio(t: float) -> float:
    """W_r(T90) from −200 °C to 962 °C. Source: ITS-90, eqs. (9a) and (10a)."""
    T = t + 273.15
    if T < 273.16:
        x = (math.log(T / 273.16) + 1.5) / 1.5
        return math.exp(sum(a * x**i for i, a in enumerate(ITS90_COLD)))
    x = (T - 754.15) / 481.0
    return sum(c * x**i for i, c in enumerate(ITS90_WARM))


def temperature_of(value: float, curve: Callable[[float], float], low: float = -205.0, high: float = 855.0) -> float:
    """t at which a rising curve has a value, by bisection to 1 µK; the ends of the range beyond them."""
    while high - low > 1e-6:
        middle = (low + high) / 2
        low, high = (middle, high) if curve(middle) < value else (low, middle)
    return (low + high) / 2


@dataclass
class Block:
    """A bath or a dry well under control; the seed draws its sensor's true error.

    low, high: its range, degC. rate: fastest heating or cooling, K/s. band: distance in K from the set-point at which
    the proportional control takes over; omega, damping: of the control loop in it, rad/s and ratio. tau: of cooling
    to the room, s. wander: rms of what the control leaves, K. gradient: part of the difference to the room that is
    lost for each metre above the bottom, 1/m. sensor_offset, sensor_gain: control sensor's error, K and ratio.
    """

    seed: int = 0
    low: float = -40.0
    high: float = 660.0
    rate: float = 0.5
    band: float = 5.0
    omega: float = 0.02
    damping: float = 0.6
    tau: float = 1800.0
    wander: float = 3e-3
    gradient: float = 0.01
    sensor_offset: float = math.nan
    sensor_gain: float = math.nan
    room: Room = field(default=None)  # type: ignore[assignment]

    def __post_init__(self) -> None:
        draw = random.Random(f"{self.seed}/block")
        offset, gain = draw.uniform(-0.05, 0.05), draw.uniform(-3e-4, 3e-4)
        self.sensor_offset = offset if math.isnan(self.sensor_offset) else self.sensor_offset
        self.sensor_gain = gain if math.isnan(self.sensor_gain) else self.sensor_gain
        if self.room is None:
            self.room = Room(self.seed)
        self._wander = Wander(f"{self.seed}/block/wander", fastest=40.0, octaves=5)
        self.on, self.target = False, 25.0
        self.since, self._T0, self._v0 = 0.0, self.room.temperature(0.0), 0.0

    # -- true temperatures --------------------------------------------------------------------------------------

    def go(self, t: float, *, target: float | None = None, on: bool | None = None) -> None:
        """At t: another set-point, heater on or off."""
        self._T0, self._v0 = self._state(t)
        self.since = t
        self.on = self.on if on is None else on
        self.target = self.target if target is None else target

    def _state(self, t: float) -> tuple[float, float]:
        """Mean temperature and its rate, without wander."""
        after = max(t - self.since, 0.0)
        if not self.on:
            room = self.room.temperature(t)
            left = (self._T0 - room) * math.exp(-after / self.tau)
            return room + left, -left / self.tau
        away, v = self._T0 - self.target, self._v0
        if abs(away) > self.band:
            v = -math.copysign(self.rate, away)
            ramp = (abs(away) - self.band) / self.rate
            if after < ramp:
                return self._T0 + v * after, v
            after, away = after - ramp, math.copysign(self.band, away)
        decay, ringing = self.damping * self.omega, self.omega * math.sqrt(1 - self.damping**2)
        sine = (v + decay * away) / ringing
        cos_, sin_, fade = math.cos(ringing * after), math.sin(ringing * after), math.exp(-decay * after)
        e = fade * (away * cos_ + sine * sin_)
        slope = fade * ((sine * ringing - decay * away) * cos_ - (away * ringing + decay * sine) * sin_)
        return self.target + e, slope

    def temperature(self, t: float, height: float = 0.0) -> float:
        """True temperature `height` metres above the bottom at t."""
        bottom = self._state(t)[0] + (self.wander * self._wander.at(t) if self.on else 0.0)
        return bottom - self.gradient * height * (bottom - self.room.temperature(t))

    def power(self, t: float) -> float:
        """Duty cycle of the heater at t, %: what the change and the loss to the room take of the most that it can."""
        T, slope = self._state(t)
        room = self.room.temperature(t)
        most = self.rate + (self.high - room) / self.tau
        return min(max(slope + (T - room) / self.tau, 0.0) / most, 1.0) * 100.0 if self.on else 0.0

    # -- what it says -------------------------------------------------------------------------------------------

    def indication(self, t: float) -> float:
        """What the control sensor indicates at t; control acts on it, see `true_target`."""
        return self.temperature(t) * (1 + self.sensor_gain) + self.sensor_offset

    def true_target(self, indicated: float) -> float:
        """The true temperature at which the control sensor indicates so much."""
        return (indicated - self.sensor_offset) / (1 + self.sensor_gain)

    def is_stable(self, t: float, limit: float, window: float = 60.0) -> bool:
        """Whether it has been within ± limit of the set-point for the whole window, and nobody changed that since."""
        if not self.on or t - self.since < window:
            return False
        moments = (t - window * part / 30 for part in range(31))
        return all(abs(self.temperature(moment) - self.target) <= limit for moment in moments)


@dataclass(frozen=True, slots=True)
class Probe:
    """A platinum thermometer in a block.

    curve: true resistance of the element at its own temperature. height: of the element above the bottom, m. depth:
    immersed length, m; stem: length in m over which the stem's conduction fades (1/e). heating: K/mW of self-heating.
    """

    curve: Callable[[float], float]
    height: float = 0.0
    depth: float = 0.15
    stem: float = 0.012
    heating: float = 0.0

    def temperature(self, block: Block, t: float, current: float = 0.0) -> float:
        """Temperature of the element at t: the block's, less what the stem conducts, and heated by `current` in A."""
        outside = block.room.temperature(t)
        around = block.temperature(t, self.height)
        bare = around + (outside - around) * math.exp(-self.depth / self.stem)
        return bare + self.heating * current * current * self.curve(bare) * 1e3

    def resistance(self, block: Block, t: float, current: float = 0.0) -> float:
        """True resistance at t, ohm."""
        return self.curve(self.temperature(block, t, current))


@dataclass(frozen=True, slots=True)
class Front:
    """The input of a readout: how what it measures differs from the resistance at the probe's head.

    ratio_error: of the measured resistance. wires: 2, 3 or 4; lead: resistance of one lead, ohm; unbalance: of one
    lead against another, ratio. noise: ohm. current: A.
    """

    ratio_error: float = 0.0
    wires: int = 4
    lead: float = 0.0
    unbalance: float = 0.0
    noise: float = 0.0
    current: float = 1e-3

    def measured(self, resistance: float) -> float:
        """What it measures of a resistance, without noise, ohm: two leads of two wires, their difference of three."""
        leads = {2: 2 * self.lead, 3: self.lead * self.unbalance, 4: 0.0}[self.wires]
        return (resistance + leads) * (1 + self.ratio_error)


class Input:
    """What a readout measures in one channel: a new measurement every `period` seconds, the same until the next.

    raw: bench time -> measured value without noise. shown: raw value -> temperature in degC, or None where the raw
    value is a temperature. noise: standard deviation, in the unit of raw.
    """

    def __init__(
        self,
        raw: Callable[[float], float],
        shown: Callable[[float], float] | None = None,
        *,
        noise: float = 0.0,
        period: float = 1.0,
        seed: str = "",
    ) -> None:
        self.raw, self.shown, self.noise, self.period = raw, shown, noise, period
        self._draw = random.Random(f"{seed}/input")
        self._number, self._kept = -1, 0.0

    def number(self, t: float) -> int:
        """Which measurement is the latest at t."""
        return int(t / self.period)

    def value(self, t: float) -> float:
        """The latest measurement at t, in the unit of raw."""
        number = self.number(t)
        if number != self._number:
            self._kept = self.raw(number * self.period) + self._draw.gauss(0.0, self.noise)
            self._number = number
        return self._kept

    def temperature(self, t: float) -> float:
        """The latest measurement at t as temperature, degC."""
        value = self.value(t)
        return value if self.shown is None else self.shown(value)
