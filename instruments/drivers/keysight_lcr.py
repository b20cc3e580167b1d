"""Keysight E4980A precision LCR meter."""

from __future__ import annotations

from datetime import UTC, datetime
from types import MappingProxyType

from instruments.declare import Choice, Setting
from instruments.faults import SettingsLost
from instruments.reading import Reading
from instruments.roles import LCRMeter

# Function: unit of the primary and of the secondary parameter.
PARAMETERS = {
    "CPD": ("F", "1"), "CPQ": ("F", "1"), "CPG": ("F", "S"), "CPRP": ("F", "ohm"),
    "CSD": ("F", "1"), "CSQ": ("F", "1"), "CSRS": ("F", "ohm"),
    "LPD": ("H", "1"), "LPQ": ("H", "1"), "LPRP": ("H", "ohm"),
    "LSD": ("H", "1"), "LSQ": ("H", "1"), "LSRS": ("H", "ohm"),
    "RX": ("ohm", "ohm"), "ZTD": ("ohm", "deg"), "ZTR": ("ohm", "rad"), "GB": ("S", "S"),
}  # fmt: skip
SECONDS = {"short": 0.1, "medium": 0.5, "long": 2.0}


class E4980A(LCRMeter):
    """Keysight E4980A / E4980AL LCR meter: two parameters and a status in each answer.

    Answer, status and 9.9E37: E4980A/AL user's guide p. 261. Commands: pymeasure and QCoDeS. Bus trigger, so that an
    answer is always a measurement begun by its own question.
    """

    maker, model = "Keysight Technologies", "E4980A"
    identity = r"(?i)(Keysight|Agilent)[^,]*,\s*E4980AL?\b"
    unverified = ("measuring times below 100 Hz", "APER answers as LONG,1")

    function = Choice("FUNC:IMP", **{name: name for name in PARAMETERS})
    frequency = Setting("FREQ", unit="Hz", low=20, high=2e6)
    voltage = Setting("VOLT", unit="V", low=0, high=20, doc="Level of the test signal.")
    speed = Choice("APER", short="SHOR,1", medium="MED,1", long="LONG,1")
    trigger = Choice("TRIG:SOUR", BUS="BUS", INT="INT", EXT="EXT", HOLD="HOLD")

    def configure(self, function: str, frequency: float, voltage: float, speed: str = "long") -> None:
        """Parameters, test signal in Hz and V, measuring time; trigger from here."""
        self.trigger, self.function = "BUS", function
        self.frequency, self.voltage, self.speed = frequency, voltage, speed

    def readings(self) -> dict[str, Reading]:
        """primary and secondary from one measurement; status "fault" where the signal source or its level failed."""
        with self.link.lock:
            self.link.ready()
            if self.lost or "function" not in self.state:
                raise SettingsLost(resource=self.resource)
            seconds = SECONDS.get(str(self.state.get("speed")), 2.0) + 20 / float(self.state.get("frequency", 20))
            answer, raw = self.converse("TRIG:IMM;:FETC?", 1, self.link.timeout + 1.5 * seconds)
            setup = MappingProxyType(dict(self.state))
        at, fields = datetime.now(UTC), answer.split(",")
        try:
            values, status = (float(fields[0]), float(fields[1])), int(fields[2])
        except (ValueError, IndexError):
            raise self.garbled("FETC?", raw, "two numbers and a status") from None
        if status not in (-1, 0, 1, 3, 4) or any(value != value for value in values):
            raise self.garbled("FETC?", raw, "two numbers and a status of -1, 0, 1, 3 or 4")
        word = {0: "ok", 1: "overload"}.get(status, "fault")
        pairs = zip(("primary", "secondary"), values, PARAMETERS[str(setup["function"])], strict=True)
        return {
            name: Reading(value if word == "ok" else None, unit, raw, at, setup, word) for name, value, unit in pairs
        }

    @property
    def reading(self) -> Reading:
        """The primary parameter."""
        return self.readings()["primary"]
