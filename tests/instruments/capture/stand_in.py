"""Stand-ins for drivers: they let a test say at which reading what goes wrong, with no bench and no time passing."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from instruments import capture
from instruments.capture.clock import GivenClock
from instruments.capture.prompts import Prompt
from instruments.faults import SettingChanged
from instruments.procedures import load_procedure, plan, read
from instruments.procedures.plan import Role
from instruments.reading import Reading
from tests.instruments.procedures.bench_roles import ROLES

TEXT = load_procedure("dmm-dcv").text
SHORT = (
    TEXT.replace("  100 mV: [0, 10, 100, -100]\n", "")
    .replace("  1 V: [0.1, 1, -1]\n", "")
    .replace("10 V: [1, 5, 10, -10]", "10 V: [1, -10]")
    .replace("100 V: [20, 100, -100]", "100 V: [50]")
    .replace("  1000 V: [500]\n", "")
    .replace("readings: 10", "readings: 6")
)


@dataclass
class Scene:
    """A calibrator, a meter and a monitor on one clock. hook: called with the number of each item reading."""

    now: float = 0.0
    set_value: float = 0.0
    on: bool = False
    temperature: float = 23.0
    serials: dict[str, str] = field(default_factory=dict)
    hook: Callable[[int], object] = lambda number: None
    count: int = 0
    opened: int = 0
    energised: list[float] = field(default_factory=list)
    answers: deque[Any] = field(default_factory=deque)
    settled: bool = True
    safe_works: bool = True
    drift: float = 0.0
    touched: bool = False
    random: random.Random = field(default_factory=lambda: random.Random(7))

    def pass_time(self, seconds: float) -> None:
        self.now += seconds

    @property
    def clock(self) -> GivenClock:
        return GivenClock(lambda: self.now, self.pass_time)

    def open(self, role: Role, library: object) -> Any:
        self.opened += 1
        return {"F5522A": Source, "HP34401A": Meter, "PTU300": Monitor}[role.driver](self)


class Base:
    model = serial = maker = role = ""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    def identify(self) -> Any:
        serial = self.scene.serials.get(self.role, self.serial)
        return SimpleNamespace(maker=self.maker, model=self.model, serial=serial, firmware="1.0", raw="raw")

    def close(self) -> None:
        pass


class Source(Base):
    maker, model, serial, role = "FLUKE", "5522A", "2950101", "source"

    def safe(self) -> bool:
        if self.scene.safe_works:
            self.scene.on = False
        return not self.scene.on

    def operate(self) -> None:
        self.scene.on = True
        self.scene.energised.append(self.scene.set_value)

    def source_voltage(self, value: float) -> None:
        self.scene.set_value = value
        self.scene.on = self.scene.on and abs(value) <= 33

    @property
    def is_operating(self) -> bool:
        return self.scene.on

    @property
    def output(self) -> tuple[float, str]:
        return self.scene.set_value, "V"

    @property
    def settled(self) -> bool:
        return self.scene.settled

    @property
    def reading(self) -> Reading:
        return a_reading(self.scene.set_value, operating=self.scene.on)


class Meter(Base):
    maker, model, serial, role = "HEWLETT-PACKARD", "34401A", "MY41000001", "item"
    function, range, nplc = "", 0.0, 1.0
    terminals = "FRON"

    def configure(self, function: str, range: float, nplc: float) -> None:
        self.function, self.range, self.nplc = function, range, nplc

    def verify_settings(self) -> None:
        if self.scene.touched:
            raise SettingChanged(resource="GPIB0::22::INSTR", setting="range", found="100", right=str(self.range))

    @property
    def reading(self) -> Reading:
        scene = self.scene
        scene.count += 1
        scene.now += self.nplc * 0.04
        given = scene.hook(scene.count)
        if isinstance(given, Reading):
            return given
        value = (
            (scene.set_value if scene.on else 0.0) * (1 + 5e-6) + scene.random.gauss(0, 2e-6) + scene.drift * scene.now
        )
        if isinstance(given, float):
            value += given
        return a_reading(value, range=self.range)


class Monitor(Base):
    maker, model, serial, role = "Vaisala", "PTU300", "P3110001", "ambient"

    def readings(self) -> dict[str, Reading]:
        return {"temperature": a_reading(self.scene.temperature, "degC"), "humidity": a_reading(50.0, "%RH")}


def a_reading(value: float | None, unit: str = "V", status: str = "ok", **setup: Any) -> Reading:
    raw = "+9.90000000E+37" if value is None else f"{value:+.8E}"
    return Reading(indication=value, unit=unit, raw=raw, at=datetime.now(UTC), setup=setup, status=status)  # type: ignore[arg-type]


def a_run(folder: Path, text: str = SHORT, **options: Any) -> Path:
    """A prepared run of the short procedure: points 1 (1 V), 2 (-10 V) and 3 (50 V), six readings each."""
    return capture.prepare(folder / "run", plan(read(text), instruments=ROLES, options=options))


def yes(prompt: Prompt) -> str:
    """A person who agrees to everything but to going on after a fault."""
    return "" if prompt.kind == "continue" else "tech"


def kinds(run: Path) -> list[str]:
    return [event["kind"] for event in capture.read_events(run)]


def events_of(run: Path, kind: str) -> list[dict[str, Any]]:
    return [event for event in capture.read_events(run) if event["kind"] == kind]
