"""Fluke pressure controllers."""

from __future__ import annotations

from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from instruments.declare import Choice, Flag, Setting
from instruments.errors import ScpiErrors, units_of
from instruments.faults import SettingNotAllowed
from instruments.reading import Reading
from instruments.roles_mechanical import KPA, PressureController
from instruments.specifications.phrase import Phrase

READY = 16  # bit 4 of the operation condition register


class _Mode(Choice):
    """A choice that the instrument may spell whole: CONT or CONTROL."""

    def parse(self, instrument: Any, header: str, reply: str) -> str:
        """The name that belongs to a code; raises Garbled."""
        return str(super().parse(instrument, header, reply.strip("\"'")[:4]))


class F6270A(PressureController):
    """Fluke 6270A (8270A, 8370A) pressure controller: SCPI, in gauge mode.

    Commands as in two public programs; nobody here has read its manual, so the set-point goes to hardware only after
    a person has confirmed it.
    """

    maker, model = "FLUKE", "6270A"
    identity = r"(?i)FLUKE[^,]*,\s*(6270A|8[23]70A)"
    errors = ScpiErrors()
    unverified_output = ("SOUR:PRES:LEV:IMM:AMPL",)
    unverified = (
        "all commands are from public programs", "condition 16 means ready", "SENS:PRES:MODE? says ABS or GAUG",
        "several questions in one message",
    )  # fmt: skip

    unit = Choice("UNIT:PRES", kPa="KPA", hPa="HPA", mbar="MBAR", bar="BAR", Pa="PA", MPa="MPA", psi="PSI")
    mode = _Mode("OUTP:PRES:MODE", control="CONT", measure="MEAS", vent="VENT")
    output = Flag("OUTP:STAT")
    slew = Setting("SOUR:PRES:SLEW", low=0, doc="Unit of pressure a second.")
    tolerance = Setting("SOUR:PRES:TOL", low=0, doc="Half width of ready, in the unit of pressure.")
    target = Setting("SOUR:PRES:LEV:IMM:AMPL", doc="Set-point, in the unit of pressure.")

    @property
    def reading(self) -> Reading:
        """Pressure, whether it is ready, and the unit, from one message."""
        question = "MEAS:PRES?;:STAT:OPER:COND?;:UNIT:PRES?"
        reply, raw = self.converse(question, 3)
        try:
            value, condition, unit = units_of(reply)
            indication, ready = float(value), bool(int(condition) & READY)
        except ValueError:
            raise self.garbled(question, raw, "pressure, condition and unit") from None
        name = next((name for name in KPA if name.upper() == unit.strip("\"'").upper()), None)
        if name is None:
            raise self.garbled(question, raw, "a unit of " + ", ".join(KPA))
        return Reading(indication, name, raw, datetime.now(UTC), MappingProxyType(self.state | {"settled": ready}))

    @property
    def settled(self) -> bool:
        """Whether it is ready at its set-point, by its own limits."""
        return bool(self.reading.setup["settled"])

    def atmosphere(self, unit: str) -> float:
        """0, in gauge mode; raises SettingNotAllowed in any other."""
        del unit
        found = self.converse("SENS:PRES:MODE?", 1)[0].strip("\"'").upper()
        if not found.startswith("GAUG"):
            raise SettingNotAllowed(setting="mode", model=self.model, found=found, right=Phrase("gauge mode"))
        return 0.0

    def limit_rate(self, kpa_per_s: float) -> None:
        """The fastest change of pressure under control, kPa/s."""
        self.slew = kpa_per_s / KPA[self.unit]

    def aim(self, kpa: float) -> None:
        """Set-point, and control."""
        unit = self.unit
        self.target = (kpa + self.atmosphere(unit)) / KPA[unit]
        self.mode = "control"
        self.output = True

    def vent(self) -> None:
        """Open to the atmosphere."""
        self.mode = "vent"

    @property
    def is_vented(self) -> bool:
        """Whether it says that it vents."""
        return bool(self.mode == "vent")
