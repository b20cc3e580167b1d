"""The physics of the pressure bench: a volume, a regulator, a vent, a leak, and a gauge under test.

Pressures in kPa against the atmosphere, times in s, temperatures in degC, heights in m. Every true value is open to
tests. The gas is nitrogen, taken as an ideal gas (at 1 MPa its density is 0.3 % off, a head of 0.5 m then 0.2 Pa).
"""

# ruff: noqa: S311  (draws of a simulation, not secrets)
from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from instruments.bench.physics import DAY, Room

GRAVITY = 9.80665  # m/s²: standard gravity, 3rd CGPM 1901; the bench stands where it holds
GAS_CONSTANT = 8.314462618  # J/(mol K): exact since the SI of 2019
MOLAR_MASS_N2 = 28.0134e-3  # kg/mol: 2·14.0067, IUPAC standard atomic weights
KAPPA = 0.4 / 1.4  # (γ − 1)/γ of a diatomic gas
STEPS = 64  # a look ahead is lived through in at most so many steps


def gas_density(p_abs: float, t: float) -> float:
    """Density of nitrogen at p_abs in kPa and t in degC, kg/m³, as an ideal gas."""
    return p_abs * 1e3 * MOLAR_MASS_N2 / (GAS_CONSTANT * (t + 273.15))


def head(p_abs: float, t: float, height: float) -> float:
    """Pressure that is missing `height` metres above the reference level, kPa: ρ g h."""
    return gas_density(p_abs, t) * GRAVITY * height * 1e-3


@dataclass
class PressureTruth:
    """True values of the pressure bench; the seed draws what is not given.

    full_scale: kPa. gain, offset, bend: controller's indication minus truth: ratio, kPa, amplitude in kPa of
    sin(πp/full_scale). noise: kPa. leak: time constant of the leak, s. tau_gas: of heat exchange with the wall, s.
    tau_control, tau_vent: of regulator and open vent, s. height: of the gauge above the controller's level, m.
    gauge_gain, gauge_zero, gauge_hysteresis: of the gauge under test: ratio, kPa, half width in kPa; gauge_drift:
    kPa a day. trip: ratio of full scale at which the controller isolates itself.
    """

    seed: int = 0
    full_scale: float = 1000.0
    gain: float = math.nan
    offset: float = math.nan
    bend: float = math.nan
    noise: float = 2e-4
    leak: float = 2e5
    tau_gas: float = 8.0
    tau_control: float = 0.8
    tau_vent: float = 1.5
    height: float = 0.35
    gauge_gain: float = math.nan
    gauge_zero: float = math.nan
    gauge_hysteresis: float = math.nan
    gauge_drift: float = math.nan
    gauge_noise: float = 1e-3
    trip: float = 1.10
    room: Room = field(default=None)  # type: ignore[assignment]

    def __post_init__(self) -> None:
        draw, full = random.Random(f"{self.seed}/pressure"), self.full_scale
        widest = {
            "gain": 3e-5, "offset": 1e-5 * full, "bend": 1e-5 * full, "gauge_gain": 3e-4, "gauge_zero": 2e-4 * full,
            "gauge_drift": 1e-5 * full,
        }  # fmt: skip
        for name, width in widest.items():
            value = draw.uniform(-width, width)
            if math.isnan(getattr(self, name)):
                setattr(self, name, value)
        width = draw.uniform(0.5, 1.0) * 2e-4 * full
        self.gauge_hysteresis = width if math.isnan(self.gauge_hysteresis) else self.gauge_hysteresis
        if self.room is None:
            self.room = Room(self.seed)

    def controller_error(self, p: float) -> float:
        """Indication minus true pressure at p, kPa, without noise."""
        return self.gain * p + self.offset + self.bend * math.sin(math.pi * p / self.full_scale)


class Volume:
    """The gas between controller and gauge. mode: control, measure (isolated) or vent.

    It is looked at forwards in time: `at(t)` lives through what happened since the last look. on_trip: called when
    the pressure passes the trip.
    """

    def __init__(self, truth: PressureTruth, on_trip: Callable[[], None] = lambda: None) -> None:
        self.truth, self.on_trip = truth, on_trip
        self.mode, self.target, self.slew = "vent", 0.0, 10.0
        self.p, self.t = 0.0, 0.0
        self.gas = truth.room.temperature(0.0)
        self.fastest = 0.0  # kPa/s: the fastest change of pressure so far
        self.runaway = False
        self.seen: list[Callable[[float], object]] = []

    def atmosphere(self, t: float) -> float:
        """Pressure of the room at t, kPa."""
        return self.truth.room.pressure(t) / 10

    def go(self, mode: str, t: float, *, target: float | None = None, slew: float | None = None) -> None:
        """Change mode, target or slew at t."""
        self.at(t)
        self.mode = mode
        self.target = self.target if target is None else target
        self.slew = self.slew if slew is None else slew

    def at(self, t: float) -> float:
        """True pressure at the controller's level at t, kPa."""
        span = t - self.t
        if span > 0:
            # The first minute in small steps, where something changes; what lasts longer is slow.
            near = min(span, 60.0)
            for _ in range(STEPS):
                self._live(near / STEPS)
            for _ in range(STEPS if span > near else 0):
                self._live((span - near) / STEPS)
            self.t = t
        return self.p

    def _live(self, h: float) -> None:
        """h seconds: the pressure moves, the gas is heated by it and cools to the room, an isolated gas follows."""
        before, ambient = self.p, self.atmosphere(self.t)
        after = self._moved(h)
        T = self.gas + 273.15
        if self.mode != "measure":  # a leak is slow: what it takes away is at the temperature of the rest
            T *= ((after + ambient) / (before + ambient)) ** KAPPA
        wall = self.truth.room.temperature(self.t) + 273.15
        cooled = wall + (T - wall) * math.exp(-h / self.truth.tau_gas)
        if self.mode == "measure":
            after = (after + ambient) * cooled / T - ambient
        self.gas, self.p, self.t = cooled - 273.15, after, self.t + h
        self.fastest = max(self.fastest, abs(after - before) / h)
        for look in self.seen:
            look(after)
        if abs(after) > self.truth.trip * self.truth.full_scale and self.mode == "control":
            self.mode, self.runaway = "measure", False
            self.on_trip()

    def _moved(self, h: float) -> float:
        """Where regulator, vent or leak bring the pressure in h seconds."""
        if self.mode == "vent":
            return self.p * math.exp(-h / self.truth.tau_vent)
        if self.mode == "measure":
            return self.p * math.exp(-h / self.truth.leak)
        if self.runaway:
            return self.p + self.slew * h
        step = (self.target - self.p) * -math.expm1(-h / self.truth.tau_control)
        return self.p + min(max(step, -self.slew * h), self.slew * h)

    def is_settled(self, t: float) -> bool:
        """Whether the regulator holds within 2·10⁻⁵ of full scale."""
        return abs(self.at(t) - self.target) < 2e-5 * self.truth.full_scale and self.mode == "control"


class Gauge:
    """A gauge or transmitter under test: head, hysteresis (the play of a pointer), zero shift and drift, noise.

    Its element follows the pressure with a play of ± gauge_hysteresis: going up it lags below, going down above.
    """

    def __init__(self, volume: Volume) -> None:
        self.volume, self.truth = volume, volume.truth
        self.draw = random.Random(f"{volume.truth.seed}/gauge")
        self.followed, self.shift = 0.0, 0.0
        volume.seen.append(self._follow)

    def _follow(self, p: float) -> None:
        play = self.truth.gauge_hysteresis
        self.followed = min(max(self.followed, p - play), p + play)
        if abs(p) > 1.05 * self.truth.full_scale:
            self.shift = math.copysign(max(abs(self.shift), 1e-3 * (abs(p) - self.truth.full_scale)), p)

    def true_pressure(self, t: float) -> float:
        """Pressure at the gauge's own level at t, kPa against the atmosphere there: the gas's head less the air's."""
        p, volume = self.volume.at(t), self.volume
        ambient = volume.atmosphere(t)
        room = self.truth.room.temperature(t)
        # The air outside is lighter upstairs as well; air is 3.4 % heavier than nitrogen (28.965 against 28.013 g/mol).
        air = head(ambient, room, self.truth.height) * 28.96546e-3 / MOLAR_MASS_N2
        return p - head(p + ambient, room, self.truth.height) + air

    def indication(self, t: float) -> float:
        """What it shows at t, kPa."""
        truth = self.truth
        below = self.true_pressure(t) - self.volume.p
        value = (self.followed + below) * (1 + truth.gauge_gain) + truth.gauge_zero + self.shift
        return value + truth.gauge_drift * t / DAY + self.draw.gauss(0.0, truth.gauge_noise)

    def current(self, t: float) -> float:
        """The same as a 4 to 20 mA signal from 0 to full scale, mA."""
        return 4.0 + 16.0 * self.indication(t) / self.truth.full_scale
