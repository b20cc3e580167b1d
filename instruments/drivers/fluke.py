"""Fluke."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from instruments.declare import Action, Measurement
from instruments.errors import ErrorStyle, FaultWord, units_of
from instruments.faults import SettingChanged, SettingNotAllowed
from instruments.reading import Reading
from instruments.roles import Calibrator

OPER, HIVOLT, SETTLED = 1 << 0, 1 << 7, 1 << 12


class F5522A(Calibrator):
    """Fluke 5522A (5500A) multi-product calibrator: DC voltage, in STANDBY until `operate()`.

    Commands: 5500A remote commands, chapter 6 (stored copy of the manual's pages), 5560A remote manual (same verbs,
    ISR and ERR? read there), two public drivers. A new output above 33 V drops to STANDBY.
    """

    maker, model = "FLUKE", "5522A"
    identity = r"(?i)FLUKE,\s*55[02][02]A"
    errors: ClassVar[ErrorStyle] = FaultWord()
    most: ClassVar[float] = 1020.0  # V
    unverified: ClassVar[tuple[str, ...]] = ("spelling of the reply of RANGE?", "ISR bit 12 stays 0 in STANDBY")

    range = Measurement("RANGE?", text=True)
    standby = Action("STBY", doc="Output off.")
    operate = Action("OPER", doc="Output on: energises the terminals.")

    def source_voltage(self, volts: float) -> None:
        """Set an output in V; STANDBY stays STANDBY. Raises SettingNotAllowed, SettingChanged, Refused."""
        if not abs(volts) <= self.most:
            right = f"-{self.most:g} to {self.most:g} V"
            raise SettingNotAllowed(setting="output", model=self.model, found=f"{volts} V", right=right)
        value, unit, _ = self._output(f"OUT {volts:.9g} V;OUT?")
        if unit != "V" or abs(value - volts) > 1e-7 + 1e-6 * abs(volts):
            raise SettingChanged(
                resource=self.resource, setting="output", found=f"{value:g} {unit}", right=f"{volts:g} V"
            )
        self.changed("output", volts)

    @property
    def output(self) -> tuple[float, str]:
        """What it is set to: value and unit."""
        return self._output("OUT?")[:2]

    @property
    def reading(self) -> Reading:
        """What it is set to, as a Reading; its set-up says whether the output is on and settled."""
        value, unit, raw = self._output("OUT?")
        status = self.status
        setup = {"operating": bool(status & OPER), "settled": bool(status & SETTLED), "range": self.range}
        return Reading(value, unit, raw, datetime.now(UTC), setup)

    def _output(self, message: str) -> tuple[float, str, str]:
        reply, raw = self.converse(message, 1)
        fields = units_of(reply)[0].split(",")
        try:
            return float(fields[0]), fields[1], raw
        except (ValueError, IndexError):
            raise self.garbled(message, raw, "value and unit of the output") from None

    @property
    def status(self) -> int:
        """The instrument status register."""
        reply, raw = self.converse("ISR?", 1)
        if not reply.isdigit():
            raise self.garbled("ISR?", raw, "a whole number")
        return int(reply)

    @property
    def is_operating(self) -> bool:
        """Whether the output is on."""
        return bool(self.status & OPER)

    @property
    def settled(self) -> bool:
        """Whether the output is on and has settled to within its specification."""
        return self.status & (SETTLED | OPER) == SETTLED | OPER

    def settings_snapshot(self) -> dict[str, Any]:
        """What it is set to, and whether the output is on."""
        value, unit = self.output
        found = {"output": value, "unit": unit, "range": self.range, "operating": self.is_operating}
        return found | self.confirmation()

    def safe(self) -> bool:
        """STANDBY, read back: True when the output is off."""
        self.standby()
        return not self.is_operating


class F5520A(F5522A):
    """Fluke 5520A multi-product calibrator: the commands of the 5522A, which replaced it."""

    model = "5520A"
    identity = r"(?i)FLUKE,\s*5520A"
