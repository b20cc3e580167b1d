"""The simulated electrical bench: a calibrator, a multimeter under test, and the room's monitor.

    bench = Bench(seed=7)
    manager = pyvisa.ResourceManager(bench.library)

In process as above, or as a process of its own (`python -m instruments.bench.server`) that keeps its state like
hardware. The same seed gives the same bench; `bench.truth` holds every true value.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import cache
from typing import Any

from instruments.bench.certificates import demonstration_certificates
from instruments.bench.clock import BenchClock, RealClock, VirtualClock
from instruments.bench.device import Device
from instruments.bench.devices.fluke import Fluke5522A
from instruments.bench.devices.hp import HP34401A
from instruments.bench.devices.vaisala import PTU300
from instruments.bench.faults import FAULTS, inject
from instruments.bench.library import BenchLibrary
from instruments.bench.physics import Room
from instruments.bench.truth import MeterRange, Truth

__all__ = [
    "FAULTS", "RESOURCES", "SERIALS", "Bench", "MeterRange", "RealClock", "Room", "Truth", "VirtualClock",
    "default_bench", "demonstration_certificates",
]  # fmt: skip

RESOURCES: Mapping[str, str] = {
    "calibrator": "GPIB0::4::INSTR",
    "meter": "GPIB0::22::INSTR",
    "monitor": "ASRL3::INSTR",
}
SERIALS: Mapping[str, str] = {"calibrator": "2950101", "meter": "MY41000001", "monitor": "P3110001"}


class Bench:
    """A bench with its three instruments.

    truth: true values; drawn from `seed` when not given. clock: "virtual" (time passes by waiting) or "real", then
    `speed` times as fast as the wall's. resources: VISA names other than RESOURCES, by device.
    """

    def __init__(
        self,
        seed: int = 0,
        *,
        truth: Truth | None = None,
        clock: str = "virtual",
        speed: float = 1.0,
        resources: Mapping[str, str] | None = None,
    ) -> None:
        if clock not in ("virtual", "real"):
            raise ValueError(f"the clock of a bench is virtual or real, found {clock!r}")
        self.seed = seed
        self.truth = truth if truth is not None else Truth(seed)
        self.clock: BenchClock = VirtualClock() if clock == "virtual" else RealClock(speed)
        self.guard = threading.RLock()
        self.calibrator = Fluke5522A(SERIALS["calibrator"], seed, self.truth)
        self.meter = HP34401A(SERIALS["meter"], seed, self.truth, self.calibrator.voltage, self.calibrator.resistance)
        self.monitor = PTU300(SERIALS["monitor"], seed, self.truth)
        self.devices: dict[str, Device] = {
            "calibrator": self.calibrator,
            "meter": self.meter,
            "monitor": self.monitor,
        }
        self.resources = dict(RESOURCES) | dict(resources or {})
        named = {self.resources[name]: device for name, device in self.devices.items()}
        self.library = BenchLibrary.made(named, self.clock, self.guard)

    def inject(self, device: str, fault: str, **options: Any) -> None:
        """Inject a fault by name (see FAULTS) into a device; raises KeyError, ValueError for unknown ones."""
        with self.guard:
            inject(self.devices[device], fault, **options)


@cache
def default_bench() -> Bench:
    """The bench behind the library name "@sim": one for the process, seed 1, on the virtual clock."""
    return Bench(seed=1)
