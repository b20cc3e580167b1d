"""Mettler Toledo."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from types import MappingProxyType

from instruments.errors_text import SicsLetters
from instruments.faults import Refused
from instruments.reading import Identity, Reading
from instruments.roles_mechanical import Balance, no_number
from instruments.specifications.phrase import Phrase

WEIGHT = re.compile(r"(?P<what>[A-Z]+) +(?P<letter>[SD]) +(?P<value>[+-]?\d{1,12}(?:\.\d{1,12})?) +(?P<unit>\S{1,6})")
UNITS = {"g": "g", "kg": "kg", "mg": "mg", "ug": "ug", "t": "t", "ct": "ct"}
ANSWERS = {"S": ("S",), "SI": ("S", "SI"), "T": ("T",)}  # what the answer to a command is called
WAIT = 40.0  # s in which a balance reports that it found no stability (its own time limit)


class MTSICS(Balance):
    """Mettler Toledo balances with MT-SICS levels 0 and 1: S waits for stability, SI does not.

    Status letters: S stable, D dynamic, + overload, - underload, I not executable, L wrong parameter; ES, ET, EL
    alone are errors of the line. Source: operating instructions AT p. 87, AL-IC p. 72, JS p. 30 (stored copies of
    the pages). 9600 8N1. adjusts_in: seconds that the internal adjustment may take.
    """

    maker, model = "Mettler-Toledo", "MT-SICS"
    identity = r'I2 A "'
    who = "I2"
    errors = SicsLetters()
    ends = {"write": "\r\n", "read": "\r\n"}
    serial_line = {"baud_rate": 9600, "data_bits": 8}
    unverified = ("C3 answers C3 B at once and C3 A at its end", "I2 and I3 begin with model and firmware")
    adjusts_in: float = 600.0

    def ask_identity(self) -> Identity:
        """Model from I2, firmware from I3, serial number from I4; raises Garbled."""
        told: dict[str, str] = {}
        raws: list[str] = []
        for question in ("I2", "I3", "I4"):
            raw = self.converse(question, 1)[1]
            found = re.fullmatch(rf'{question} A "([^"]{{0,100}})"(?: .{{0,100}})?', raw.strip())
            if found is None:
                raise self.garbled(question, raw, f'{question} A "…"')
            told[question] = found[1].strip()
            raws.append(raw)
        return Identity(self.maker, told["I2"], told["I4"], told["I3"], "; ".join(raws))

    def _weigh(self, command: str, timeout: float | None = None) -> Reading:
        raw = self.converse(command, 1, timeout)[1]
        fields = raw.split()
        names = ANSWERS[command]
        if len(fields) == 2 and fields[0] in names and fields[1] in ("+", "-"):
            return no_number(self, "g", raw, "overload")
        found = WEIGHT.fullmatch(raw.strip())
        if found is None or found["what"] not in names or found["unit"] not in UNITS:
            raise self.garbled(command, raw, f"{command} S|D value unit")
        setup = MappingProxyType(self.state | {"stable": found["letter"] == "S"})
        return Reading(float(found["value"]), UNITS[found["unit"]], raw, datetime.now(UTC), setup)

    @property
    def reading(self) -> Reading:
        """The next stable weight; raises Refused where it does not become stable in the balance's own time."""
        found = self._weigh("S", self.link.timeout + WAIT)
        if found.indication is not None and not found.setup["stable"]:
            raise Refused(
                resource=self.resource, sent="S", error=Phrase("{reply} (not stable)", reply=found.raw.strip())
            )
        return found

    @property
    def immediate(self) -> Reading:
        """The weight now; its set-up says whether it is stable."""
        return self._weigh("SI")

    def zero(self) -> None:
        """Zero once stable; raises Refused."""
        self._done("Z", self.link.timeout + WAIT)

    def tare(self) -> Reading:
        """Tare once stable; the tare's weight. Raises Refused."""
        return self._weigh("T", self.link.timeout + WAIT)

    def adjust(self) -> None:
        """Internal adjustment; minutes, in which nothing else is asked. Raises Refused."""
        with self.link.lock:
            begun = self.converse("C3", 1)[1]
            if begun.strip() != "C3 B":
                raise self.garbled("C3", begun, "C3 B")
            ended = self.link._receive("C3", self.adjusts_in)  # a second answer to the same command
        value, wrong = self.errors.unwrap(ended)
        if wrong is not None:
            raise Refused(resource=self.resource, sent="C3", error=wrong)
        if value.strip() != "C3 A":
            raise self.garbled("C3", ended, "C3 A")

    def _done(self, command: str, timeout: float) -> None:
        raw = self.converse(command, 1, timeout)[1]
        if raw.split() in ([command, "+"], [command, "-"]):
            raise Refused(
                resource=self.resource,
                sent=command,
                error=Phrase("{reply} (beyond the zeroing range)", reply=raw.strip()),
            )
        if raw.strip() != f"{command} A":
            raise self.garbled(command, raw, f"{command} A")
