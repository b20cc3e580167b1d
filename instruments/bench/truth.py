"""What is true on the bench, and nobody at the bench can know: every true value, drawn from a seed, open to tests."""

# ruff: noqa: S311  (draws of a simulation, not secrets)
from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from instruments.bench.certificates import CALIBRATOR_DCV, DAYS_SINCE, DRIFT, MONITOR
from instruments.bench.physics import Room, interpolated

CalibratorError = Callable[[str, float], float]

# Limits the meter's own errors are drawn within: (of reading, of range), a part of the 34401A's one-year limits, so
# that an undisturbed bench shows a good meter. Range in V.
METER_RANGES: Mapping[float, tuple[float, float]] = {
    0.1: (20e-6, 12e-6),
    1.0: (16e-6, 3e-6),
    10.0: (14e-6, 2e-6),
    100.0: (18e-6, 2.5e-6),
    1000.0: (18e-6, 4e-6),
}


@dataclass(slots=True)
class MeterRange:
    """True errors of a meter in one range of R volts, at 23 degC.

    gain: ratio; offset: V; linearity: amplitude of sin(πv/R), ratio of R; noise: white standard deviation at 1 power
    line cycle, V; flicker: rms of the 1/f part, V; tempco_gain: 1/K; tempco_offset: V/K; drift: ratio a day.
    """

    gain: float = 0.0
    offset: float = 0.0
    linearity: float = 0.0
    noise: float = 0.0
    flicker: float = 0.0
    tempco_gain: float = 0.0
    tempco_offset: float = 0.0
    drift: float = 0.0


@dataclass
class Truth:
    """Every true value of the electrical bench. Set any field after making it; the seed draws what is not given.

    calibrator_error: (range name, setting in V) -> true output minus setting, V, at 23 degC; by default the
        certificate's correction, plus an error drawn for each calibrated point from N(0, U/k), plus a drift drawn
        within its limits for `DAYS_SINCE` days.
    calibrator_tempco: range name -> (ratio/K, V/K). thermal_emf: rms of the wire's thermal voltage, V.
    source_resistance: range name -> ohm; loading is against the meter's 10 MΩ, or 10 GΩ with high impedance.
    meter: range in V -> MeterRange. sensor_error: quantity -> indication minus truth, in the quantity's unit.
    """

    seed: int = 0
    calibrator_error: CalibratorError = None  # type: ignore[assignment]
    calibrator_tempco: dict[str, tuple[float, float]] = field(default_factory=dict)
    calibrator_noise: float = 1e-7  # white, ratio of 100 mV or of the setting, whichever is larger
    thermal_emf: float = 3e-8
    source_resistance: dict[str, float] = field(default_factory=dict)
    meter: dict[float, MeterRange] = field(default_factory=dict)
    sensor_error: dict[str, Callable[[float], float]] = field(default_factory=dict)
    room: Room = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        if self.calibrator_error is None:
            self.calibrator_error = drawn_calibrator_error(self.seed)
        draw = random.Random(f"{self.seed}/tempco")
        for name, _, points in CALIBRATOR_DCV:
            top = max(abs(float(at)) for at, _, _ in points)
            drawn = (draw.uniform(-1e-6, 1e-6), draw.uniform(-3e-7, 3e-7) * top)
            self.calibrator_tempco.setdefault(name, drawn)
            self.source_resistance.setdefault(name, 0.005)
        draw = random.Random(f"{self.seed}/meter")
        for size, (of_reading, of_range) in METER_RANGES.items():
            drawn_range = MeterRange(
                gain=draw.uniform(-of_reading, of_reading),
                offset=draw.uniform(-of_range, of_range) * size,
                linearity=draw.uniform(-1.5e-6, 1.5e-6),
                noise={0.1: 3e-7, 1.0: 9e-7}.get(size, 7e-7 * size),
                flicker=5e-8 * size,
                tempco_gain=draw.uniform(-2e-6, 2e-6),
                tempco_offset=draw.uniform(-3e-7, 3e-7) * size,
                drift=draw.uniform(-2e-7, 2e-7),
            )
            self.meter.setdefault(size, drawn_range)
        draw = random.Random(f"{self.seed}/monitor")
        for quantity, _, _, _, points in MONITOR:
            at = {float(x): -float(c) + draw.gauss(0, float(U) / 2) for x, c, U in points}
            self.sensor_error.setdefault(quantity, _Line(at))
        if self.room is None:
            mean = random.Random(f"{self.seed}/mean").uniform(22.85, 23.15)
            self.room = Room(self.seed, mean=mean)

    def meter_error(self, range_: float, v: float, temperature: float = 23.0) -> float:
        """True error of indication of the meter at v volts, without noise and rounding, V."""
        m = self.meter[range_]
        away = temperature - 23.0
        gain = (1 + m.gain) * (1 + m.tempco_gain * away) - 1
        bend = m.linearity * range_ * math.sin(math.pi * v / range_)
        return v * gain + m.offset + m.tempco_offset * away + bend

    def calibrator_output(self, range_: str, setting: float, temperature: float = 23.0) -> float:
        """True settled output of the calibrator, V."""
        gain, zero = self.calibrator_tempco[range_]
        away = temperature - 23.0
        return setting + self.calibrator_error(range_, setting) + (setting * gain + zero) * away


def drawn_calibrator_error(seed: int, days: float = DAYS_SINCE) -> CalibratorError:
    """The calibrator's true error as its certificate and the drift since then allow it, drawn from the seed."""
    draw = random.Random(f"{seed}/calibrator")
    years = days / 365.25
    errors: dict[str, _Line] = {}
    drifts: dict[str, tuple[float, float]] = {}
    for name, _, points in CALIBRATOR_DCV:
        errors[name] = _Line({float(at): float(c) + draw.gauss(0, float(U) / 2) for at, c, U in points})
        relative, absolute = (float(DRIFT[key]) * years for key in ("relative", "absolute"))
        drifts[name] = (draw.uniform(-relative, relative), draw.uniform(-absolute, absolute))

    def error(range_: str, setting: float) -> float:
        relative, absolute = drifts[range_]
        return errors[range_](setting) + relative * setting + absolute

    return error


class _Line:
    """Piecewise linear through points, remembering what it was asked."""

    def __init__(self, points: Mapping[float, float]) -> None:
        self._points = dict(points)
        self._known: dict[float, float] = {}

    def __call__(self, x: float) -> float:
        if len(self._known) > 1000:
            self._known.clear()
        found = self._known.get(x)
        if found is None:
            found = self._known[x] = interpolated(self._points, x)
        return found
