"""Sartorius."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from types import MappingProxyType

from instruments.errors_text import SbiCodes
from instruments.faults import Refused
from instruments.reading import Identity, Reading
from instruments.roles_mechanical import Balance, no_number
from instruments.specifications.phrase import Phrase

ESC = "\x1b"
LINE = re.compile(r"(?P<id>.{6})?(?P<sign>[+\- ])(?P<value>[ \d.\[\]]{9})[ \]](?P<unit>.{3})")
SPECIAL = re.compile(r"(?:Stat)? *(?P<word>High|Low|H|L|Cal\. ?(?:Int|Ext)\.?|C) *")
UNITS = {"g": "g", "kg": "kg", "mg": "mg", "ct": "ct"}


class SBI(Balance):
    """Sartorius balances with the SBI interface: lines of 16 or 22 characters; a blank unit means not stable.

    Source: LE manual p. 51 and 52, Entris II p. 3 (stored copies of the pages). 9600 8O1. Zero and tare answer
    nothing: the balance is read again to see what they did. tries: lines that are read for a stable one.
    """

    maker, model = "Sartorius", "SBI"
    identity = (
        r"\s*(Mod(el|\.)?\s+)?(MSE|MSA|MCE|CPA|CP|LA|LE|ME|MC|TE|BCE|CCE|ENTRIS|QUINTIX|SECURA|PRACTUM|WZA)\s?\d{3}"
    )
    who = f"{ESC}x1_"
    errors = SbiCodes()
    ends = {"write": "\r\n", "read": "\r\n"}
    serial_line = {"baud_rate": 9600, "data_bits": 8, "parity": 1}
    unverified = ("ESC x1_, x2_, x3_ answer model, serial number and firmware", "ESC V zeroes, ESC U tares")
    tries: int = 200

    def ask_identity(self) -> Identity:
        """Model, serial number and firmware, a question each."""
        found = [self.converse(f"{ESC}x{i}_", 1)[1] for i in (1, 2, 3)]
        model, serial, firmware = (
            re.sub(r"^\s*(Mod(el|\.)?|Ser\.?no\.?|Ver\.?)\s+", "", line).strip() for line in found
        )
        if not serial:
            raise self.garbled(f"{ESC}x2_", found[1], "a serial number")
        return Identity(self.maker, model, serial, firmware, "; ".join(found))

    @property
    def immediate(self) -> Reading:
        """The weight now; its set-up says whether it is stable. The unit is that of the last stable line."""
        question = f"{ESC}P"
        raw = self.converse(question, 1)[1]
        known = str(self.state.get("unit", ""))
        special = SPECIAL.fullmatch(raw)
        if special is not None:
            return no_number(self, known, raw, "overload" if special["word"][0] in "HL" else "fault")
        line = LINE.fullmatch(raw)
        digits = re.sub(r"[ \[\]]", "", line["value"]) if line else ""
        unit = line["unit"].strip() if line else ""
        if line is None or not re.fullmatch(r"\d{1,9}(\.\d{0,9})?", digits) or (unit and unit not in UNITS):
            raise self.garbled(question, raw, "a line of sign, weight and unit")
        if unit:
            self.state["unit"] = UNITS[unit]
        setup = MappingProxyType(self.state | {"stable": bool(unit)})
        value = float(digits) * (-1 if line["sign"] == "-" else 1)
        return Reading(value, UNITS.get(unit, known), raw, datetime.now(UTC), setup)

    @property
    def reading(self) -> Reading:
        """The next stable weight; raises Refused where none comes."""
        with self.link.lock:
            for _ in range(self.tries):
                found = self.immediate
                if found.indication is None or found.setup["stable"]:
                    return found
        raise Refused(
            resource=self.resource, sent="ESC P", error=Phrase("no stable weight in {count} lines", count=self.tries)
        )

    def zero(self) -> None:
        """Zero, and see that it shows zero; raises Refused."""
        self._to_zero("V")

    def tare(self) -> None:
        """Tare, and see that it shows zero; raises Refused."""
        self._to_zero("U")

    def _to_zero(self, letter: str) -> None:
        with self.link.lock:
            self.converse(f"{ESC}{letter}")
            found = self.reading
        places = len(found.raw.strip().partition(".")[2].partition(" ")[0])
        if found.indication is None or abs(found.indication) > 5 * 10**-places:
            raise Refused(
                resource=self.resource,
                sent=f"ESC {letter}",
                error=Phrase("it shows {reply} afterwards", reply=found.raw.strip()),
            )
