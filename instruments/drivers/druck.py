"""Druck (GE, Baker Hughes)."""

from __future__ import annotations

from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from instruments.declare import Choice, Flag, Measurement, Setting
from instruments.errors import ErrorStyle
from instruments.errors_text import after_header
from instruments.faults import OutOfStep, Refused
from instruments.reading import Identity, Reading
from instruments.roles_mechanical import KPA, OneAtATime, PressureController

MODULAR = ("SOUR", "SENS", "OUTP")


class PACE5000(OneAtATime, PressureController):
    """Druck PACE5000 and PACE6000 pressure controllers: SCPI that repeats the question's header in each answer.

    The repeated header is checked: an answer to another question is out of step. One command a message, then the
    error queue. Commands: SCPI manual K0472 revision A (4-87, 4-89 read; in-limits answer and unit codes in a public
    driver). module: of a PACE6000.
    """

    maker, model = "GE Druck", "PACE5000"
    identity = r"(?i)(\*IDN\s+)?(GE\s*)?Druck[^,]*,\s*PACE[56]000"
    errors = ErrorStyle()
    root = ":"
    module: int = 1
    unverified = ("SOUR:PRES:RANG? ends in A for absolute ranges", "headers of module 2 come back with the 2")

    unit = Choice("UNIT:PRES", kPa="KPA", hPa="HPA", mbar="MBAR", bar="BAR", Pa="PA", MPa="MPA", psi="PSI")
    slew_mode = Choice("SOUR:PRES:SLEW:MODE", linear="LIN", maximum="MAX")
    slew = Setting("SOUR:PRES:SLEW", low=0, doc="Unit of pressure a second.")
    target = Setting("SOUR:PRES:LEV:IMM:AMPL", doc="Set-point, in the unit of pressure.")
    output = Flag("OUTP:STAT", doc="Control on: pressurises what is connected.")
    range = Measurement("SOUR:PRES:RANG?", text=True)

    def spelled(self, unit: str) -> str:
        """With the module's number, from the second on."""
        head = unit.lstrip(":").partition(":")[0]
        return unit if self.module == 1 or head not in MODULAR else unit.replace(head, f"{head}{self.module}", 1)

    def answer(self, said: str, reply: str) -> str:
        """Without the header; raises OutOfStep where it is another's."""
        value = after_header(said, reply)
        if value is None:
            raise self._failed(OutOfStep(resource=self.resource, sent=said, raw=reply))
        return value

    def accepted(self, message: str) -> None:
        """Read the error queue to its end; raises Refused."""
        found: list[str] = []
        for _ in range(20):
            report = self.answer(":SYST:ERR?", self.link.query(":SYST:ERR?"))
            if report.lstrip("+").startswith("0"):
                break
            found.append(report)
        if found:
            raise Refused(resource=self.resource, sent=message, error="; ".join(found))

    def ask_identity(self) -> Identity:
        """As any SCPI instrument; the answer may repeat *IDN."""
        found = super().ask_identity()
        return Identity(
            found.maker.removeprefix("*IDN "), found.model.split()[0], found.serial, found.firmware, found.raw
        )

    @property
    def reading(self) -> Reading:
        """Pressure as indicated; the set-up says whether it is within limits. The unit is asked each time."""
        with self.link.lock:
            reply, raw = self.converse("SENS:PRES:INL?", 1)
            fields = reply.split(",")
            try:
                indication, settled = float(fields[0]), {"0": False, "1": True}[fields[1].strip()]
            except (ValueError, KeyError, IndexError):
                raise self.garbled(":SENS:PRES:INL?", raw, "a pressure and 0 or 1") from None
            unit = self.unit
        setup = MappingProxyType(self.state | {"settled": settled})
        return Reading(indication, unit, raw, datetime.now(UTC), setup)

    @property
    def settled(self) -> bool:
        """Whether it has been within its limits for its own time."""
        return bool(self.reading.setup["settled"])

    def atmosphere(self, unit: str) -> float:
        """What an absolute range shows at the atmosphere, kPa; 0 for a gauge range."""
        if not self.range.strip('"').upper().endswith("A"):
            return 0.0
        reply, raw = self.converse("SENS:PRES:BAR?", 1)
        try:
            return float(reply) * KPA[unit]
        except ValueError:
            raise self.garbled(":SENS:PRES:BAR?", raw, "a number") from None

    def limit_rate(self, kpa_per_s: float) -> None:
        """The fastest change of pressure under control, kPa/s."""
        self.slew = kpa_per_s / KPA[self.unit]
        self.slew_mode = "linear"

    def aim(self, kpa: float) -> None:
        """Set-point, and control."""
        unit = self.unit
        self.target = (kpa + self.atmosphere(unit)) / KPA[unit]
        self.output = True

    def vent(self) -> None:
        """Open to the atmosphere."""
        self.converse("SOUR:PRES:LEV:IMM:AMPL:VENT 1")

    @property
    def is_vented(self) -> bool:
        """Vent completed (2), and control off."""
        return self.converse("SOUR:PRES:LEV:IMM:AMPL:VENT?", 1)[0] == "2" and not self.output

    def settings_snapshot(self) -> dict[str, Any]:
        """Every setting, and the range."""
        return super().settings_snapshot() | {"range": self.range}
