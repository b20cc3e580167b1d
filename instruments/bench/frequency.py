"""The physics of the frequency bench: an oscillator whose Allan deviation is known, and a counter with a reference.

Relative frequency y = ν/ν₀ − 1 has the spectrum S_y(f) = h₀ + h₋₁/f + h₋₂/f². Averages over a gate are drawn from the
exact joint distribution of average and end state, so gates of any length, with or without dead time between them,
belong to one history. The history is looked at forwards in time only.
"""

# ruff: noqa: S311  (draws of a simulation, not secrets)
from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from instruments.bench.physics import DAY, Room

OCTAVES = range(-4, 22)  # relaxation times 2ᵏ s of the flicker's parts: flat from about 1 s to 10⁵ s


@dataclass(frozen=True, slots=True)
class OscillatorTruth:
    """True values of an oscillator. nominal: Hz; offset: y at 0 s; aging: y a day; tempco: y for each K from 23 degC.

    white, flicker, walk: h₀ in s, h₋₁ (no unit), h₋₂ in 1/s.
    """

    nominal: float = 10e6
    offset: float = 2e-9
    aging: float = 1e-10
    tempco: float = 5e-11
    white: float = 2e-22
    flicker: float = 1e-24
    walk: float = 1e-28

    def allan(self, tau: float) -> float:
        """Allan deviation of the noise alone at tau seconds.

        Source: NIST SP 1065 (Riley 2008), power-law noise: σ² = h₀/(2τ) + 2 ln 2 h₋₁ + (2π²/3) h₋₂ τ.
        """
        walk = 2 * math.pi**2 / 3 * self.walk * tau
        return math.sqrt(self.white / (2 * tau) + 2 * math.log(2) * self.flicker + walk)


class _Relaxing:
    """One part of the flicker: relaxes with time constant tau to rms `rms`; averages are exact."""

    __slots__ = ("draw", "rms", "tau", "x")

    def __init__(self, draw: random.Random, tau: float, rms: float) -> None:
        self.draw, self.tau, self.rms = draw, tau, rms
        self.x = draw.gauss(0.0, rms)

    def average(self, T: float) -> float:
        """The average over the next T seconds; the end state is drawn together with it."""
        u, s2 = T / self.tau, self.rms**2
        a = math.exp(-u)
        lost = -math.expm1(-u)
        # Integral of an Ornstein-Uhlenbeck process given its start: mean, variance and covariance with its end
        # (D. T. Gillespie, Phys. Rev. E 54 (1996) 2084).
        mean = self.x * lost / u
        # 2u − 3 + 4a − a² loses its digits for small u; its series begins 2u³/3 − u⁴/2.
        spread = 2 * u**3 / 3 - u**4 / 2 if u < 1e-3 else 2 * u - 3 + 4 * a - a * a
        variance, covariance, end = s2 * spread / u**2, s2 * lost**2 / u, s2 * -math.expm1(-2 * u)
        step = self.draw.gauss(0.0, 1.0)
        found = mean + math.sqrt(variance) * step
        rest = max(end - covariance**2 / variance, 0.0) if variance > 0 else end
        self.x = self.x * a + (covariance / math.sqrt(variance) * step if variance > 0 else 0.0)
        self.x += self.draw.gauss(0.0, math.sqrt(rest))
        return found


@dataclass
class Oscillator:
    """An oscillator in a room: `y(t, gate)` is its mean relative frequency over the gate that begins at t."""

    truth: OscillatorTruth = field(default_factory=OscillatorTruth)
    seed: int = 0
    room: Room | None = None
    now: float = 0.0

    def __post_init__(self) -> None:
        self._draw = random.Random(f"{self.seed}/oscillator")
        # Parts an octave apart with variance s² add up to S_y = (s²/ln 2)/f: so s² = h₋₁ ln 2.
        rms = math.sqrt(self.truth.flicker * math.log(2))
        self._parts = [_Relaxing(self._draw, 2.0**k, rms) for k in OCTAVES] if rms else []
        self._walked = 0.0

    def y(self, t: float, gate: float) -> float:
        """Mean of y over gate seconds from t on. Raises ValueError for the past and for no gate."""
        if gate <= 0 or t < self.now - 1e-9:
            raise ValueError(f"an oscillator is looked at forwards: {gate} s from {t} s on, after {self.now} s")
        if t > self.now + 1e-9:
            self._noise(t - self.now)  # dead time: it goes on, nobody looks
        self.now = t + gate
        middle = t + gate / 2
        value = self.truth.offset + self.truth.aging * middle / DAY + self._noise(gate)
        if self.room is not None:
            value += self.truth.tempco * (self.room.temperature(middle) - 23.0)
        return value

    def frequency(self, t: float, gate: float) -> float:
        """Mean frequency over the gate that begins at t, Hz."""
        return self.truth.nominal * (1 + self.y(t, gate))

    def _noise(self, T: float) -> float:
        truth, gauss = self.truth, self._draw.gauss
        white = gauss(0.0, math.sqrt(truth.white / (2 * T)))
        q = 2 * math.pi**2 * truth.walk  # a Wiener process of q a second has S = q/(2π²f²)
        end = gauss(0.0, math.sqrt(q * T))
        walk = self._walked + end / 2 + gauss(0.0, math.sqrt(q * T / 12))
        self._walked += end
        return white + walk + sum(part.average(T) for part in self._parts)


@dataclass
class Comparison:
    """What a counter shows of an oscillator: against its reference, with its own trigger noise.

    reference: y of the counter's time base, a function of time (an external standard, or its own crystal).
    jitter: standard deviation of one trigger, s; a reading has two.
    """

    oscillator: Oscillator
    reference: Callable[[float], float] = lambda _: 0.0
    jitter: float = 20e-12
    seed: int = 0

    def __post_init__(self) -> None:
        self._draw = random.Random(f"{self.seed}/counter")

    def reading(self, t: float, gate: float) -> float:
        """Indicated frequency over the gate that begins at t, Hz."""
        own = self._draw.gauss(0.0, math.sqrt(2) * self.jitter / gate)
        true = self.oscillator.frequency(t, gate)
        return true / (1 + self.reference(t + gate / 2)) * (1 + own)

    def seen(self, gate: float) -> Callable[[float], float]:
        """The reading as a function of its end, for a counter's device that asks so: t → Hz over the gate before t."""
        return lambda t: self.reading(max(t - gate, self.oscillator.now), gate)
