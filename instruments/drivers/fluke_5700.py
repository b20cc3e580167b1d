"""Fluke 5700A, 5720A, 5730A: calibrators that know their own values and uncertainties."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from math import isfinite
from types import MappingProxyType
from typing import Any

from instruments.drivers.fluke import F5522A, OPER, SETTLED
from instruments.errors import FaultCode, units_of
from instruments.faults import SettingChanged, SettingNotAllowed
from instruments.reading import Reading

BUFFER = 128  # bytes of the input buffer
ROOM = BUFFER - len(";FAULT?;*ESE?;*ESE 255") - 2  # for what each message carries besides, EOI and line feed
NOMINAL_OHMS = (0, 1, 1.9, 10, 19, 100, 190, 1e3, 1.9e3, 1e4, 1.9e4, 1e5, 1.9e5, 1e6, 1.9e6, 1e7, 1.9e7, 1e8)
UNITS = {"V": "V", "A": "A", "OHM": "ohm"}


class F5700A(F5522A):
    """Fluke 5700A calibrator: DC voltage and resistance, in STANDBY until `operate()`.

    Commands: 5700A Series II operators manual 5-8 (parameters and units), 5-10 (128-byte buffer), 5-28 (FAULT?,
    EXPLAIN?, *ESE?); 5730A operators manual 6-44 (STBY); testgear F5730A for the rest. Its resistances are not
    nominal: what counts is ADJOUT?, the characterised value, and `reading` gives that.
    """

    model = "5700A"
    identity = r"(?i)FLUKE,\s*5700A"
    errors = FaultCode()
    most = 1100.0
    unverified_output = ("OUT", "OPER")
    unverified = (
        "OUT and OPER: a public driver uses them, their manual pages are unread", "UNCERT? answers value, unit first",
        "ISR bits 0 and 12", "list of resistances",
    )  # fmt: skip

    def converse(self, message: str, queries: int = 0, timeout: float | None = None) -> tuple[str, str]:
        """As for any instrument; a message longer than the input buffer goes in parts, each with its error check."""
        if len(message) <= ROOM:
            return super().converse(message, queries, timeout)
        self.must_be_confirmed(message)  # the whole of it, before its first part is sent
        with self.link.lock:
            answers = [super(F5700A, self).converse(part, n, timeout) for part, n in self._parts(message)]
        return ";".join(value for value, _ in answers if value), "\n".join(raw for _, raw in answers)

    def _parts(self, message: str) -> list[tuple[str, int]]:
        """Parts that fit, and how many questions each holds; raises SettingNotAllowed for a command that never fits."""
        parts: list[list[str]] = [[]]
        for unit in units_of(message):
            if len(unit) > ROOM:
                right = f"at most {ROOM} bytes between two semicolons"
                raise SettingNotAllowed(setting="message", model=self.model, found=f"{len(unit)} bytes", right=right)
            if len(";".join([*parts[-1], unit])) > ROOM:
                parts.append([])
            parts[-1].append(unit)
        return [(";".join(part), sum(unit.split(" ")[0].endswith("?") for unit in part)) for part in parts]

    def source_voltage(self, volts: float) -> None:
        """Set a DC output in V; STANDBY stays STANDBY. Raises SettingNotAllowed, SettingChanged, Refused."""
        if not abs(volts) <= self.most:
            right = f"-{self.most:g} to {self.most:g} V"
            raise SettingNotAllowed(setting="output", model=self.model, found=f"{volts} V", right=right)
        self._source(f"{volts:.9g} V", volts, "V", 1e-7 + 1e-6 * abs(volts))

    def source_resistance(self, ohms: float) -> None:
        """Connect the resistance of this nominal value, ohm; its own value is in `reading`. Raises as for a voltage."""
        if ohms not in NOMINAL_OHMS:
            right = "one of " + ", ".join(f"{each:g}" for each in NOMINAL_OHMS) + " ohm"
            raise SettingNotAllowed(setting="output", model=self.model, found=f"{ohms} ohm", right=right)
        self._source(f"{ohms:.9g} OHM", ohms, "OHM", 0.1 + 0.01 * ohms)

    def _source(self, text: str, wanted: float, unit: str, within: float) -> None:
        found, spelled, raw = self._output(f"OUT {text}, 0 HZ;OUT?")
        frequency = [*units_of(raw)[0].split(","), "0"][2].strip()
        if spelled != unit or abs(found - wanted) > within or not re.fullmatch(r"[+-]?0*\.?0*(E[+-]?\d+)?", frequency):
            shown = f"{found:g} {spelled}, {frequency} HZ"
            raise SettingChanged(resource=self.resource, setting="output", found=shown, right=text)
        self.changed("output", wanted)

    @property
    def reading(self) -> Reading:
        """The characterised value of what it is set to, from one answer with the facts in its set-up.

        setup: nominal, uncertainty (value and unit, as the calibrator states its own), operating, settled.
        """
        message = "OUT?;ADJOUT?;UNCERT?;ISR?"
        answer, raw = self.converse(message, 4)
        try:
            (nominal, _), (value, unit), (u, u_unit) = (each.split(",")[:2] for each in answer.split(";")[:3])
            status = int(answer.split(";")[3])
            setup = {"nominal": float(nominal), "uncertainty": (float(u), u_unit.strip())}
            setup |= {"operating": bool(status & OPER), "settled": status & (SETTLED | OPER) == SETTLED | OPER}
            if not isfinite(own := float(value)):
                raise ValueError(value)
            return Reading(own, UNITS[unit.strip()], raw, datetime.now(UTC), MappingProxyType(setup))
        except (ValueError, IndexError, KeyError):
            raise self.garbled(message, raw, "set value, own value, uncertainty and status") from None

    def settings_snapshot(self) -> dict[str, Any]:
        """What it is set to and gives, since when it is on, and who confirmed the commands."""
        reading = self.reading
        minutes, raw = self.converse("ONTIME?", 1)
        if not minutes.isdigit():
            raise self.garbled("ONTIME?", raw, "minutes")
        found = {"output": reading.indication, "unit": reading.unit, "on_for_minutes": int(minutes)}
        return found | dict(reading.setup) | self.confirmation()


class F5720A(F5700A):
    """Fluke 5720A calibrator: as the 5700A, with smaller uncertainties."""

    model = "5720A"
    identity = r"(?i)FLUKE,\s*5720A"


class F5730A(F5700A):
    """Fluke 5730A calibrator: the commands of the 5700A."""

    model = "5730A"
    identity = r"(?i)FLUKE,\s*5730A"
