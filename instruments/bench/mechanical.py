"""The pressure and mass benches: their simulated devices by VISA resource name, and a library to reach them by.

    bench = pressure_bench(seed=7)
    controller = PACE5000.open(bench.resources["controller"], bench.library)

Each bench stands alone; the electrical bench knows nothing of them.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from instruments.bench.clock import BenchClock, RealClock, VirtualClock
from instruments.bench.device import Device
from instruments.bench.devices.druck import PACE5000
from instruments.bench.devices.fluke_pressure import F6270A
from instruments.bench.devices.line import Line
from instruments.bench.devices.mensor import CPC6000
from instruments.bench.devices.mettler import MTSICS
from instruments.bench.devices.sartorius import SBI
from instruments.bench.faults import inject
from instruments.bench.library import BenchLibrary
from instruments.bench.mass import MassTruth
from instruments.bench.pressure import Gauge, PressureTruth

PRESSURE_RESOURCES: Mapping[str, str] = {"controller": "TCPIP0::192.0.2.50::5025::SOCKET", "gauge": "ASRL5::INSTR"}

MASS_RESOURCES: Mapping[str, str] = {"balance": "ASRL6::INSTR", "comparator": "ASRL7::INSTR"}


@dataclass(frozen=True, slots=True)
class MechanicalBench:
    """Devices by name and their resources, one clock, one library. truth: the true values of the bench."""

    devices: Mapping[str, Device]
    resources: Mapping[str, str]
    truth: Any
    clock: BenchClock
    library: BenchLibrary
    guard: Any

    def inject(self, device: str, fault: str, **options: Any) -> None:
        """Inject a fault by name (see FAULTS) into a device; raises KeyError, ValueError for unknown ones."""
        with self.guard:
            inject(self.devices[device], fault, **options)


def bench_of(devices: Mapping[str, Device], resources: Mapping[str, str], truth: Any, clock: str) -> MechanicalBench:
    """Devices at their resources. clock: "virtual" (time passes by waiting) or "real"."""
    if clock not in ("virtual", "real"):
        raise ValueError(f"the clock of a bench is virtual or real, found {clock!r}")
    here: BenchClock = VirtualClock() if clock == "virtual" else RealClock()
    guard = threading.RLock()
    library = BenchLibrary.made({resources[name]: device for name, device in devices.items()}, here, guard)
    return MechanicalBench(devices, resources, truth, here, library, guard)


CONTROLLERS = {"PACE5000": (PACE5000, "3595616"), "CPC6000": (CPC6000, "41000123"), "6270A": (F6270A, "4120001")}


def pressure_devices(seed: int, truth: PressureTruth, model: str = "PACE5000") -> dict[str, Device]:
    """A controller (a model of CONTROLLERS), and a digital gauge under test on the same volume."""
    kind, serial = CONTROLLERS[model]
    controller: Any = kind(serial, seed, truth)
    gauge = Gauge(controller.volume)
    return {
        "controller": controller,
        "gauge": Line("G1001", seed, lambda t: f"{gauge.indication(t):+.3f} kPa", ask="?"),
    }


def pressure_bench(
    seed: int = 0, *, truth: PressureTruth | None = None, clock: str = "virtual", model: str = "PACE5000"
) -> MechanicalBench:
    """A pressure bench; truth drawn from the seed where not given."""
    found = truth if truth is not None else PressureTruth(seed)
    return bench_of(pressure_devices(seed, found, model), PRESSURE_RESOURCES, found, clock)


def mass_devices(seed: int, truth: MassTruth) -> dict[str, Device]:
    """Two balances in one room: one speaks MT-SICS, one Sartorius SBI; each has its `pan`."""
    return {"balance": MTSICS("B123456789", seed, truth), "comparator": SBI("26301234", seed, truth)}


def mass_bench(seed: int = 0, *, truth: MassTruth | None = None, clock: str = "virtual") -> MechanicalBench:
    """A mass bench; truth drawn from the seed where not given."""
    found = truth if truth is not None else MassTruth(seed)
    return bench_of(mass_devices(seed, found), MASS_RESOURCES, found, clock)
