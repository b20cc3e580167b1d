"""Fluke (Hart Scientific) baths and dry wells."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from math import nan
from types import MappingProxyType
from typing import Any, ClassVar

from instruments.declare import Choice, Flag, Setting
from instruments.errors import ErrorStyle
from instruments.faults import OutOfStep, SettingChanged
from instruments.link import Link
from instruments.reading import Identity, Reading
from instruments.roles import Source
from instruments.roles_thermal import UNITS, Bath, HartScpi, celsius, in_unit

NUMBER = r"[+-]?\d+(?:\.\d*)?"
HARMLESS = ("sa", "du", "lf", "u")  # what a Hart bath may be told by anybody
WITHIN = 0.006  # degC or degF: set-points are kept to two decimals


class F9144(HartScpi, Bath):
    """Fluke 9142, 9143, 9144 field metrology wells: 9144 is 50 to 660 degC.

    Source: two public drivers (SOUR:SPO, OUTP:STAT, SOUR:SENS:DATA?, SOUR:STAB:LIM, SOUR:STAB:TEST?, READ?); one command
    a message, CR or LF (manual of the same well sold by Beamex, p. 44, stored copy of the page). Nobody here has read
    its manual: on hardware it heats only after a person has confirmed the commands.
    """

    maker, model = "FLUKE", "9144"
    identity = r"(?i)(HART|FLUKE)[^,]*,\s*9144"
    ends = {"write": "\n", "read": "\n"}
    low, high = 50.0, 660.0  # degC
    unverified_output = ("SOUR:SPO", "OUTP:STAT")
    takes_off = ("OUTP:STAT 0",)
    unverified: ClassVar[tuple[str, ...]] = (
        "all commands are from public programs", "UNIT:TEMP? answers C or F", "answers end with CR LF",
        "ranges of the models", "SOUR:STAB:TEST? (a public program found it faulty in one firmware)",
    )  # fmt: skip

    unit = Choice("UNIT:TEMP", degC="C", degF="F")
    target = Setting("SOUR:SPO", doc="Set-point, in the unit of temperature.")
    heater = Flag("OUTP:STAT", doc="Control on: heats or cools.")
    stability = Setting("SOUR:STAB:LIM", low=0.01, high=9.99, doc="Half width of stable, in the unit of temperature.")

    def converse(self, message: str, queries: int = 0, timeout: float | None = None) -> tuple[str, str]:
        """As for any instrument; raises CommandsUnconfirmed before the first unit is sent."""
        self.must_be_confirmed(message)
        return super().converse(message, queries, timeout)

    def answer(self, said: str, reply: str) -> str:
        """Without the CR before the end of the line."""
        del said
        return reply.strip()

    def ask_identity(self) -> Identity:
        """As any SCPI instrument."""
        found = super().ask_identity()
        return Identity(found.maker, found.model, found.serial, found.firmware.strip(), found.raw.strip())

    @property
    def reading(self) -> Reading:
        """Control sensor's temperature; unit, set-point, heater and stability are asked with it."""
        with self.link.lock:
            value, raw = self.converse("SOUR:SENS:DATA?", 1)
            facts = {"target": self.target, "operating": self.heater, "settled": self.settled}
            unit = self.unit
        if not re.fullmatch(rf"{NUMBER}(E[+-]?\d+)?", value, re.I):
            raise self.garbled("SOUR:SENS:DATA?", raw, "a number")
        return Reading(float(value), unit, raw.strip(), datetime.now(UTC), MappingProxyType(self.state | facts))

    @property
    def is_operating(self) -> bool:
        """Whether control is on, as it says itself."""
        return bool(self.heater)

    @property
    def settled(self) -> bool:
        """Whether it is stable at its set-point, by its own test, and control is on."""
        reply, raw = self.converse("SOUR:STAB:TEST?", 1)
        if reply not in ("0", "1"):
            raise self.garbled("SOUR:STAB:TEST?", raw, "0 or 1")
        return reply == "1" and self.is_operating

    @property
    def output(self) -> tuple[float, str]:
        """Set-point and its unit."""
        return float(self.target), str(self.unit)

    def aim(self, t: float) -> None:
        """Set-point, then control on."""
        self.must_be_confirmed("SOUR:SPO 0;OUTP:STAT 1")  # both, before the first is sent
        self.target = round(in_unit(t, self.unit), 2)
        self.heater = True

    def heater_off(self) -> None:
        """Control off, read back."""
        self.heater = False


class F9142(F9144):
    """Fluke 9142 field metrology well, −25 to 150 degC."""

    model = "9142"
    identity = r"(?i)(HART|FLUKE)[^,]*,\s*9142"
    low, high = -25.0, 150.0


class F9143(F9144):
    """Fluke 9143 field metrology well, 33 to 350 degC."""

    model = "9143"
    identity = r"(?i)(HART|FLUKE)[^,]*,\s*9143"
    low, high = 33.0, 350.0


class F917X(F9144):
    """Fluke 9170, 9171, 9172, 9173 metrology wells; the limits are the widest of them, `most` is for what is inserted."""

    model = "917X"
    identity = r"(?i)(HART|FLUKE)[^,]*,\s*917[0-3]"
    low, high = -45.0, 700.0


class HartBath(Bath):
    """Fluke (Hart) 7341 bath, −40 to 150 degC: letters, `s=` sets and `s` asks; refusals are silent, so all is read back.

    Each answer begins with its own name, `set:` or `t:`; another name is out of step. There is no command that
    switches the heater off: `heater_off` sets a quiet temperature, and the duty cycle `po` says that it does not heat.
    Source: a public driver (2400 baud, CR LF, s, t, u, *ver); 7102, 7037, 7381 user's guides, tables of interface
    commands (stored copies of the pages: the same letters, po, sa, du, lf). It has no serial number to ask for.
    """

    maker, model = "FLUKE", "7341"
    echoes = True
    identity = r"(?i)ver\.\s*7341"
    who = "*ver"
    errors = ErrorStyle()
    ends = {"write": "\r\n", "read": "\r\n"}
    serial_line = {"baud_rate": 2400, "data_bits": 8}
    linger = 0.02
    low, high = -40.0, 150.0
    quiet: float = 20.0  # degC: what `heater_off` sets, harmless to touch and below what heats a hot bath
    tolerance: float = 0.02  # K
    window: float = 60.0  # s
    clock: Callable[[], float] = staticmethod(time.monotonic)
    unverified_output = ("S=",)
    unverified = ("po, sa, du and lf as in the guides of its sisters", "po: 0 while it does not heat")
    answers: ClassVar[dict[str, str]] = {"s": r"set", "t": r"t", "u": r"u", "po": r"po|p%"}

    def must_be_confirmed(self, message: str) -> None:
        """Whatever sets anything that may heat: `s=` however spelled (blanks are ignored), programs, scans."""
        words = [re.sub(r"\s", "", unit).partition("=") for unit in re.split(r"[;\r\n]", message.lower())]
        if any(equals and word not in HARMLESS for word, equals, _ in words):
            super().must_be_confirmed("S= ")

    def __init__(self, link: Link, **options: Any) -> None:
        super().__init__(link, **options)
        self._looks: list[float] = []
        self._looked_at = nan

    def begin(self) -> None:
        """No samples of its own accord, no echo, line feeds."""
        for command in ("sa=0", "du=h", "lf=on"):
            self.link.send(command)
            self.link.drain(0.3)

    def ask_identity(self) -> Identity:
        """Model and firmware from *ver; the serial number is not to be had."""
        raw = self.converse(self.who, 1)[1].strip()
        found = re.fullmatch(r"(?i)ver\.\s*(\w+)\s*,\s*([\w.]+)", raw)
        if found is None:
            raise self.garbled(self.who, raw, "ver.model,firmware")
        return Identity(self.maker, found[1], "", found[2], raw)

    def _asked(self, letter: str, pattern: str, right: str) -> tuple[re.Match[str], str]:
        raw = self.converse(letter, 1)[1]
        if not re.match(rf"(?i)\s*({self.answers[letter]}):", raw):
            if re.match(r"\s*[a-z%]+\d*:", raw):
                raise self._failed(OutOfStep(resource=self.resource, sent=letter, raw=raw))
            raise self.garbled(letter, raw, right)
        found = re.fullmatch(pattern, raw.partition(":")[2].strip(), re.IGNORECASE)
        if found is None:
            raise self.garbled(letter, raw, right)
        return found, raw

    def _temperature(self, letter: str) -> tuple[float, str, str]:
        found, raw = self._asked(letter, rf"({NUMBER})\s*([CF])", "a temperature in C or F")
        return float(found[1]), UNITS[found[2].upper()], raw

    @property
    def power(self) -> float:
        """Duty cycle of the heater, %."""
        return float(self._asked("po", rf"({NUMBER})", "a duty cycle")[0][1])

    @property
    def output(self) -> tuple[float, str]:
        """Set-point and its unit."""
        return self._temperature("s")[:2]

    @property
    def reading(self) -> Reading:
        """Temperature of its own sensor; its set-up holds set-point, its unit, and the heater's power."""
        with self.link.lock:
            value, unit, raw = self._temperature("t")
            target, power = self.output, self.power
        setup = MappingProxyType({"target": target[0], "target_unit": target[1], "power": power})
        return Reading(value, unit, raw, datetime.now(UTC), setup)

    @property
    def settled(self) -> bool:
        """Whether each look of the last `window` seconds, five at least, found it within `tolerance` of its set-point.

        The bath has no test of its own: who wants to know looks again and again.
        """
        with self.link.lock:
            t, unit, _ = self._temperature("t")
            target = celsius(*self.output)
        if abs(celsius(t, unit) - target) > self.tolerance or target != self._looked_at:
            self._looks.clear()
            self._looked_at = target
        else:
            self._looks.append(self.clock())
        return len(self._looks) >= 5 and self._looks[-1] - self._looks[0] >= self.window

    def _set(self, t: float, say: Callable[[str], object]) -> None:
        with self.link.lock:
            unit = self.output[1]
            text = f"{in_unit(t, unit):.2f}"
            self._looks.clear()
            say(f"s={text}")
            found, shown = self.output
        if shown != unit or abs(found - float(text)) > WITHIN:
            right = f"{text} {unit}"
            raise SettingChanged(resource=self.resource, setting="s", found=f"{found:g} {shown}", right=right)

    def aim(self, t: float) -> None:
        """Set-point, read back: the bath heats or cools at once."""
        self.must_be_confirmed(f"s={t:.2f}")
        self._set(t, self.converse)

    def heater_off(self) -> None:
        """The quiet set-point, unless it is set lower; never refused."""
        if celsius(*self.output) > self.quiet:
            self._set(self.quiet, super(Source, self).converse)

    @property
    def is_operating(self) -> bool:
        """Whether it is set above the quiet temperature, or heats above it."""
        with self.link.lock:
            target = celsius(*self.output)
            t, unit, _ = self._temperature("t")
            return target > self.quiet + WITHIN or (self.power > 0.0 and celsius(t, unit) > self.quiet)

    def settings_snapshot(self) -> dict[str, Any]:
        """Set-point, and who confirmed the commands."""
        target, unit = self.output
        return {"target": target, "unit": unit} | self.confirmation()


class F7109A(F9144):
    """Fluke 7109A portable bath, −25 to 140 degC: taken to speak as the wells do. Unverified altogether."""

    model = "7109A"
    identity = r"(?i)FLUKE[^,]*,\s*[67]109A"
    low, high = -25.0, 140.0
    unverified = ("everything: nobody has read what the 7109A understands", *F9144.unverified)
