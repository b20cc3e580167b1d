"""Mensor and WIKA."""

from __future__ import annotations

from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from instruments.declare import Choice, Setting
from instruments.errors_text import MensorPrefix
from instruments.faults import Refused
from instruments.reading import Identity, Reading
from instruments.roles_mechanical import KPA, OneAtATime, PressureController
from instruments.specifications.phrase import Phrase


class CPC6000(OneAtATime, PressureController):
    """Mensor / WIKA CPC pressure controllers with the Mensor command set (the default of three).

    Each answer begins with a space, or with E while an error waits in the queue, which is then read to its end.
    Source: operating instructions CPC6050 p. 73 and 74, CPC6000 p. 49 (stored copies of the pages). Commands have
    no answer of their own: each setting is asked for again.
    """

    maker, model = "Mensor", "CPC6000"
    identity = r"(?i)E?\s*(MENSOR|WIKA)\s*,\s*CPC"
    who = "ID?"
    errors = MensorPrefix()
    ends = {"write": "\r\n", "read": "\r\n"}
    channel = "A"
    unverified = (
        "ID? answers maker, model, serial number, firmware", "ERROR? and its NO ERRORS", "RSETPT sets the rate",
        "BARO?", "PTYPE? answers a word in A or G", "names of units as UNITS? spells them",
    )  # fmt: skip

    keylock = Choice("KEYLOCK", on="YES", off="NO")
    unit = Choice("UNITS", kPa="KPA", hPa="HPA", mbar="MBAR", bar="BAR", Pa="PA", MPa="MPA", psi="PSI")
    mode = Choice("MODE", standby="STANDBY", measure="MEASURE", control="CONTROL", vent="VENT")
    target = Setting("SETPT", doc="Set-point, in the unit of pressure.")
    rate = Setting("RSETPT", low=0, doc="Unit of pressure a second.")

    def begin(self) -> None:
        """Empty the error queue: what others left there would mark every answer with E."""
        self._errors()

    def answer(self, said: str, reply: str) -> str:
        """Without padding."""
        del said
        return reply.strip()

    def accepted(self, message: str) -> None:
        """The answer to each setting's question said already whether an error waits."""

    def _plain(self, message: str, queries: int, timeout: float | None) -> tuple[str, str]:
        try:
            return super()._plain(message, queries, timeout)
        except Refused as refusal:
            errors = "; ".join(self._errors()) or Phrase("an error that it does not name")
            raise Refused(resource=self.resource, sent=message, error=errors) from refusal

    def _errors(self) -> list[str]:
        """The errors in the queue, which is empty afterwards."""
        found: list[str] = []
        while len(found) < 20 and "NO ERROR" not in (report := self.link.query("ERROR?")).upper():
            found.append(report[1:].strip())
        return found

    def ask_identity(self) -> Identity:
        """Maker, model, serial number and firmware; raises Garbled."""
        reply, raw = self.converse(self.who, 1)
        fields = [field.strip() for field in reply.split(",")]
        if len(fields) != 4:
            raise self.garbled(self.who, raw, "maker, model, serial number, firmware")
        return Identity(fields[0], fields[1], fields[2], fields[3], raw)

    def _told(self, question: str, right: str, answers: dict[str, bool]) -> bool:
        reply, raw = self.converse(question, 1)
        if reply.upper() not in answers:
            raise self.garbled(question, raw, right)
        return answers[reply.upper()]

    @property
    def settled(self) -> bool:
        """Whether it is stable at its set-point, by its own limits."""
        return self._told(f"{self.channel}S?", "YES or NO", {"YES": True, "NO": False})

    @property
    def reading(self) -> Reading:
        """Pressure of the channel; the set-up says whether it is stable. The unit is asked each time."""
        question = f"{self.channel}?"
        with self.link.lock:
            value, raw = self.converse(question, 1)
            settled, unit = self.settled, self.unit
        try:
            indication = float(value)
        except ValueError:
            raise self.garbled(question, raw, "a number") from None
        return Reading(indication, unit, raw, datetime.now(UTC), MappingProxyType(self.state | {"settled": settled}))

    def atmosphere(self, unit: str) -> float:
        """The barometer's pressure where it works with absolute pressure, else 0, kPa."""
        reply, raw = self.converse("PTYPE?", 1)
        if reply[:1].upper() not in ("A", "G"):
            raise self.garbled("PTYPE?", raw, "absolute or gauge")
        if reply[:1].upper() == "G":
            return 0.0
        reply, raw = self.converse("BARO?", 1)
        try:
            return float(reply) * KPA[unit]
        except ValueError:
            raise self.garbled("BARO?", raw, "a number") from None

    def limit_rate(self, kpa_per_s: float) -> None:
        """The fastest change of pressure under control, kPa/s."""
        self.rate = kpa_per_s / KPA[self.unit]

    def aim(self, kpa: float) -> None:
        """Set-point, and control; the keys of the front are locked first."""
        if self.state.get("keylock") != "on":
            self.keylock = "on"
        unit = self.unit
        self.target = (kpa + self.atmosphere(unit)) / KPA[unit]
        self.mode = "control"

    def vent(self) -> None:
        """Open to the atmosphere."""
        self.mode = "vent"

    @property
    def is_vented(self) -> bool:
        """Whether it says that it vents."""
        return bool(self.mode == "vent")

    def settings_snapshot(self) -> dict[str, Any]:
        """Every setting, and the channel."""
        return super().settings_snapshot() | {"channel": self.channel}
