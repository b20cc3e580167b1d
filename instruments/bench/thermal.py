"""The thermal bench: a dry well or a bath, a reference thermometer, thermometers under test, and the room.

    bench = thermal_bench(seed=7)
    well = F9144.open(bench.resources["source"], bench.library)

Temperatures in degC, resistances in ohm. Every true value is open to tests; the electrical bench knows nothing of it.
"""

# ruff: noqa: S311  (draws of a simulation, not secrets)
from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from instruments.bench.device import Device
from instruments.bench.devices.line import Line
from instruments.bench.devices.thermal import F1529, F1595A, F1620A
from instruments.bench.devices.thermal_physics import (
    CVD,
    Block,
    Front,
    Input,
    Probe,
    cvd_resistance,
    its90_ratio,
    temperature_of,
)
from instruments.bench.devices.thermal_scanner import F1586A
from instruments.bench.devices.thermal_sources import F9142, F9144, HartBath
from instruments.bench.mechanical import MechanicalBench, bench_of
from instruments.bench.physics import Room

THERMAL_RESOURCES: Mapping[str, str] = {
    "source": "ASRL11::INSTR",
    "reference": "ASRL12::INSTR",
    "readout": "ASRL13::INSTR",
    "scanner": "ASRL14::INSTR",
    "indicator": "ASRL15::INSTR",
    "monitor": "TCPIP0::192.0.2.60::10001::SOCKET",
}
THERMAL_SERIALS: Mapping[str, str] = {
    "source": "B29144", "reference": "B25951", "readout": "A81529", "scanner": "27160001", "monitor": "A91620",
}  # fmt: skip
SOURCES: Mapping[str, tuple[Any, dict[str, float]]] = {
    "9144": (F9144, {"low": 50.0, "high": 660.0, "rate": 0.7, "tau": 2400.0, "wander": 8e-3, "gradient": 0.012}),
    "9142": (F9142, {"low": -25.0, "high": 150.0, "rate": 0.25, "tau": 1500.0, "wander": 3e-3, "gradient": 0.01}),
    "7341": (HartBath, {"low": -40.0, "high": 150.0, "rate": 0.05, "band": 1.0, "tau": 9000.0, "wander": 1e-3,
                        "gradient": 2e-4}),
}  # fmt: skip


@dataclass
class ThermalTruth:
    """True values of the thermal bench; the seed draws what is not given.

    block: of the source. sprt: R at the triple point of water and deviation coefficients a, b of the ITS-90, that is
    W − W_r = a (W − 1) + b (W − 1)²; its certificate states the same but for sprt_drift (ratio) since then. pt100:
    R0, A, B of the thermometer under test; heights: of the reference's and the item's element above the bottom, m.
    thermocouple: gain (ratio) and offset (K) of the indicator; junction: K for each K that the room is off 23 degC.
    reference_front, readout_front, scanner_front: errors of the readouts. sensor: errors of the room's monitor, K, %RH.
    """

    seed: int = 0
    model: str = "9144"
    room: Room = field(default=None)  # type: ignore[assignment]
    block: Block = field(default=None)  # type: ignore[assignment]
    sprt: tuple[float, float, float] = (math.nan,) * 3
    sprt_drift: float = math.nan
    pt100: tuple[float, float, float] = (math.nan,) * 3
    heights: tuple[float, float] = (0.005, 0.015)
    thermocouple: tuple[float, float] = (math.nan, math.nan)
    junction: float = 0.02
    reference_front: Front = field(default=None)  # type: ignore[assignment]
    readout_front: Front = field(default=None)  # type: ignore[assignment]
    scanner_front: Front = field(default=None)  # type: ignore[assignment]
    sensor: tuple[float, float] = (math.nan, math.nan)

    def __post_init__(self) -> None:
        draw = random.Random(f"{self.seed}/thermal")
        drawn: dict[str, Any] = {
            "sprt": (25.5 + draw.uniform(-0.1, 0.1), draw.uniform(-3e-4, 0.0), draw.uniform(-2e-5, 2e-5)),
            "sprt_drift": draw.uniform(-4e-7, 4e-7),
            "pt100": (100.0 + draw.uniform(-0.04, 0.04), CVD[0] * (1 + draw.uniform(-2e-4, 2e-4)), CVD[1]),
            "thermocouple": (draw.uniform(-1e-3, 1e-3), draw.uniform(-0.5, 0.5)),
            "sensor": (draw.uniform(-0.1, 0.1), draw.uniform(-1.0, 1.0)),
        }
        ratios = draw.uniform(-2e-7, 2e-7), draw.uniform(-2e-5, 2e-5), draw.uniform(-3e-5, 3e-5)
        for name, value in drawn.items():
            given = getattr(self, name)
            if math.isnan(sum(given) if isinstance(given, tuple) else given):
                setattr(self, name, value)
        self.room = self.room or Room(self.seed)
        self.block = self.block or Block(self.seed, room=self.room, **SOURCES[self.model][1])
        self.reference_front = self.reference_front or Front(ratios[0], noise=2e-6)
        self.readout_front = self.readout_front or Front(ratios[1], noise=2e-5)
        self.scanner_front = self.scanner_front or Front(ratios[2], 3, lead=0.4, unbalance=0.02, noise=5e-5)
        self.sprt_probe = Probe(self.sprt_resistance, self.heights[0], 0.2, 0.014, 2.5e-3 / 25.5e-3)
        self.item_probe = Probe(self.item_resistance, self.heights[1], 0.15, 0.012, 0.02)

    # -- true curves --------------------------------------------------------------------------------------------

    def sprt_resistance(self, t: float) -> float:
        """True resistance of the reference at t."""
        return self._ratio(t) * self.sprt[0] * (1 + self.sprt_drift)

    def _ratio(self, t: float) -> float:
        """W at t: the solution of W − W_r = a (W − 1) + b (W − 1)², with a and b small."""
        reference = its90_ratio(t)
        w = reference
        for _ in range(4):
            w = reference + self.sprt[1] * (w - 1) + self.sprt[2] * (w - 1) ** 2
        return w

    def certified_temperature(self, resistance: float) -> float:
        """Temperature that the reference's certificate gives a resistance."""
        return temperature_of(resistance / self.sprt[0], self._ratio)

    def item_resistance(self, t: float) -> float:
        """True resistance of the thermometer under test at t."""
        return cvd_resistance(t, *self.pt100)

    # -- what is measured ---------------------------------------------------------------------------------------

    def measured(self, probe: Probe, front: Front) -> Callable[[float], float]:
        """Bench time -> what a readout measures of a probe, ohm, without noise."""
        return lambda t: front.measured(probe.resistance(self.block, t, front.current))

    def item_temperature(self, t: float) -> float:
        """True temperature around the element of the thermometer under test: what its reading is to be."""
        return self.block.temperature(t, self.heights[1])

    def indicator(self, t: float) -> float:
        """What the thermocouple indicator shows, its linearisation taken as exact."""
        gain, offset = self.thermocouple
        return self.item_temperature(t) * (1 + gain) + offset + self.junction * (self.room.temperature(t) - 23.0)

    def monitored(self, t: float) -> tuple[float, float]:
        """What the monitor shows of the room."""
        return self.room.temperature(t) + self.sensor[0], self.room.humidity(t) + self.sensor[1]


def nominal_temperature(resistance: float) -> float:
    """Temperature that the reference curve of IEC 60751 gives 100 ohm thermometers."""
    return temperature_of(resistance, cvd_resistance)


def thermal_devices(seed: int, truth: ThermalTruth) -> dict[str, Device]:
    """Source, reference thermometer on a 1595A, item on a 1529 and a 1586A, thermocouple indicator, monitor."""
    kind, _ = SOURCES[truth.model]
    number = THERMAL_SERIALS
    reference, readout, scanner = truth.reference_front, truth.readout_front, truth.scanner_front
    sprt = Input(
        truth.measured(truth.sprt_probe, reference),
        truth.certified_temperature,
        noise=reference.noise,
        seed=f"{seed}/r",
    )
    item = Input(truth.measured(truth.item_probe, readout), nominal_temperature, noise=readout.noise, seed=f"{seed}/i")
    again = Input(truth.measured(truth.item_probe, scanner), nominal_temperature, noise=scanner.noise, seed=f"{seed}/s")
    couple = Input(truth.indicator, noise=0.01, seed=f"{seed}/c")
    return {
        "source": kind(number["source"], seed, truth.block),
        "reference": F1595A(number["reference"], seed, {1: sprt}),
        "readout": F1529(number["readout"], seed, {1: item}),
        "scanner": F1586A(number["scanner"], seed, {101: again, 102: couple}),
        "indicator": Line("T1001", seed, lambda t: f"{couple.temperature(t):+.2f} C", ask="?"),
        "monitor": F1620A(number["monitor"], seed, truth.monitored),
    }


def thermal_bench(
    seed: int = 0, *, truth: ThermalTruth | None = None, clock: str = "virtual", model: str = "9144"
) -> MechanicalBench:
    """A thermal bench with a source of SOURCES; truth drawn from the seed where not given."""
    found = truth if truth is not None else ThermalTruth(seed, model)
    return bench_of(thermal_devices(seed, found), THERMAL_RESOURCES, found, clock)
