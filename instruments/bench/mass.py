"""The physics of the mass bench: balance, air buoyancy, draught, drift, and a handler that exchanges weights.

Masses in g, densities in kg/m³, lengths in mm, times in s. Every true value is open to tests.
"""

# ruff: noqa: S311  (draws of a simulation, not secrets)
from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from instruments.bench.physics import Room, Settling, Wander

REFERENCE_DENSITY = 8000.0  # kg/m³: of the weights that conventional mass refers to (OIML D 28:2004, 3)
REFERENCE_AIR = 1.2  # kg/m³: of the air that conventional mass refers to (OIML D 28:2004, 3)
AirDensity = Callable[[float, float, float], float]


def approximate_air_density(t: float, p: float, h: float) -> float:
    """Density of air at t in degC, p in hPa, h in %RH, kg/m³; within 2·10⁻⁴ of the CIPM equation.

    Source: OIML R 111-1:2004, E.3, eq. (E.3-1): 900 to 1100 hPa, 10 to 30 degC, below 80 %RH.
    """
    return (0.34848 * p - 0.009 * h * math.exp(0.061 * t)) / (273.15 + t)


def pull(mass: float, density: float, air: float) -> float:
    """What a mass weighs in air, g, had the balance been adjusted in vacuum: m (1 − ρ_a/ρ)."""
    return mass * (1 - air / density)


def conventional_mass(mass: float, density: float) -> float:
    """The conventional mass of a weight, g. Source: OIML D 28:2004, 4."""
    return mass * (1 - REFERENCE_AIR / density) / (1 - REFERENCE_AIR / REFERENCE_DENSITY)


@dataclass(frozen=True, slots=True)
class Weight:
    """A weight with its true mass in g and density in kg/m³."""

    mass: float
    density: float = REFERENCE_DENSITY


@dataclass
class MassTruth:
    """True values of the mass bench; the seed draws what is not given.

    capacity, digit: g. gain: indication over load minus 1 after adjustment; tempco: of the gain, 1/K from the last
    adjustment's temperature. bend: amplitude in g of sin(2π·load/capacity). eccentricity: ratio of the load for each
    mm off the centre, in x and y. noise: g, in still air; draught: how many times as much; drift: rms of the zero's
    wander, g. tau: settling time constant, s. scatter: standard deviation of where a weight lands, mm.
    """

    seed: int = 0
    capacity: float = 220.0
    digit: float = 1e-4
    gain: float = math.nan
    tempco: float = math.nan
    bend: float = math.nan
    eccentricity: tuple[float, float] = (math.nan, math.nan)
    noise: float = 4e-5
    draught: float = 1.0
    drift: float = 5e-5
    tau: float = 0.6
    scatter: float = 0.5
    adjusting: float = 60.0  # s that the internal adjustment takes
    room: Room = field(default=None)  # type: ignore[assignment]
    air: AirDensity = approximate_air_density

    def __post_init__(self) -> None:
        draw = random.Random(f"{self.seed}/mass")
        for name, width in (("gain", 3e-6), ("tempco", 1.5e-6), ("bend", self.digit)):
            value = draw.uniform(-width, width)
            if math.isnan(getattr(self, name)):
                setattr(self, name, value)
        drawn = draw.uniform(-1e-7, 1e-7), draw.uniform(-1e-7, 1e-7)
        if math.isnan(sum(self.eccentricity)):
            self.eccentricity = drawn
        if self.room is None:
            self.room = Room(self.seed, mean=20.0, swing=0.2, door=0.1)

    def air_density(self, t: float) -> float:
        """Density of the room's air at t, kg/m³."""
        return self.air(self.room.temperature(t), self.room.pressure(t), self.room.humidity(t))


class Pan:
    """A balance's pan and cell. It was adjusted at 0 s with a weight of 8000 kg/m³ in the air of that moment."""

    STILL = 0.5  # digits within which the cell must be settled to be stable
    REST = 1.5  # s that a load must rest

    def __init__(self, truth: MassTruth) -> None:
        self.truth = truth
        self.draw = random.Random(f"{truth.seed}/pan")
        self.wander = Wander(f"{truth.seed}/zero", fastest=30.0)
        self.settling = Settling()
        self.changed, self.load = 0.0, 0.0
        self.gain = truth.gain
        self.adjusted_air, self.adjusted_at = truth.air_density(0.0), truth.room.temperature(0.0)

    def put(self, t: float, *weights: Weight, at: tuple[float, float] | None = None) -> None:
        """Lay these weights on the pan at t, and take away what was there. at: mm from the centre, else by chance."""
        scatter = self.truth.scatter
        x, y = at if at is not None else (self.draw.gauss(0.0, scatter), self.draw.gauss(0.0, scatter))
        air = self.truth.air_density(t)
        load = sum(pull(w.mass, w.density, air) for w in weights)
        off = 1 + self.truth.eccentricity[0] * x + self.truth.eccentricity[1] * y
        self.load, self.changed = load * off, t
        self.settling.go(self.load, self.truth.tau, t)

    def adjust(self, t: float) -> None:
        """Internal adjustment: the gain is right again, in the air and at the temperature of t."""
        self.gain, self.adjusted_air, self.adjusted_at = 0.0, self.truth.air_density(t), self.truth.room.temperature(t)

    def is_stable(self, t: float) -> bool:
        """Whether the cell rests, and the air is still enough."""
        resting = t - self.changed >= self.REST and abs(self.settling.residual(t)) < self.STILL * self.truth.digit
        return resting and self.truth.draught < 20

    def expected(self, t: float) -> float:
        """Indication without noise, drift and rounding at t, g."""
        truth = self.truth
        load = self.settling.at(t) / (1 - self.adjusted_air / REFERENCE_DENSITY)
        away = truth.room.temperature(t) - self.adjusted_at
        return load * (1 + self.gain + truth.tempco * away) + truth.bend * math.sin(2 * math.pi * load / truth.capacity)

    def indication(self, t: float) -> float:
        """Indication before zeroing and rounding, g."""
        truth = self.truth
        noise = self.draw.gauss(0.0, truth.noise * truth.draught)
        return self.expected(t) + noise + truth.drift * self.wander.at(t)


class Handler:
    """Exchanges weights by their names, as a mass handler does; takes `seconds` for each.

    misplaced: how often (0 to 1) it takes the other weight of a pair; `log` holds what truly lay on the pan.
    """

    def __init__(
        self, pan: Pan, weights: dict[str, Weight], *, seconds: float = 20.0, misplaced: float = 0.0, seed: int = 0
    ) -> None:
        self.pan, self.weights, self.seconds, self.misplaced = pan, weights, seconds, misplaced
        self.draw = random.Random(f"{seed}/handler")
        self.log: list[str] = []

    def put(self, name: str, t: float) -> float:
        """Put a weight on the pan, leaving at t; the moment when it lies there. Raises KeyError."""
        others = [other for other in self.weights if other != name]
        if others and self.draw.random() < self.misplaced:
            name = self.draw.choice(others)
        self.log.append(name)
        self.pan.put(t + self.seconds, self.weights[name])
        return t + self.seconds

    def cycle(self, sequence: str, t: float, wait: float = 10.0) -> Iterator[tuple[str, float]]:
        """(name, moment to read) of each place of a sequence such as ABBA, from t on; `wait` s after each exchange."""
        for name in sequence:
            t = self.put(name, t) + wait
            yield name, t


def difference(values: list[float], sequence: str = "ABBA") -> float:
    """B − A of one cycle ABBA or ABA, g; a linear drift cancels. Source: OIML R 111-1:2004, C.4.1 (m: not read)."""
    a = [v for v, name in zip(values, sequence, strict=True) if name == "A"]
    b = [v for v, name in zip(values, sequence, strict=True) if name == "B"]
    return sum(b) / len(b) - sum(a) / len(a)
