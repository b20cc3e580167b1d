"""What thermometers, baths and dry wells are for."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import suppress
from math import inf, isfinite
from typing import Any, ClassVar

from instruments.errors import AskedAfter
from instruments.faults import LinkFault, Refused, SettingChanged, SettingNotAllowed
from instruments.reading import Reading
from instruments.roles import Instrument, Source
from instruments.roles_mechanical import OneAtATime
from instruments.specifications.phrase import Phrase

UNITS = {"C": "degC", "F": "degF", "K": "K", "O": "ohm", "KO": "kohm", "R": "", "MV": "mV", "V": "V"}
"""Letters of Hart's and Fluke's readouts; R is a ratio of resistances."""


def celsius(value: float, unit: str) -> float:
    """A temperature in degC, from degC, degF or K."""
    return {"degC": value, "degF": (value - 32.0) / 1.8, "K": value - 273.15}[unit]


def in_unit(t: float, unit: str) -> float:
    """A temperature in degC as degC, degF or K."""
    return {"degC": t, "degF": t * 1.8 + 32.0, "K": t + 273.15}[unit]


class Thermometer(Instrument):
    """Measures temperature, resistance or voltage in one channel or several; `reading` is that of `channel`."""

    roles = frozenset({"thermometer"})
    channel: int = 1

    def measure(self, channel: int) -> Reading:
        """A measurement of a channel that nobody has read before."""
        raise NotImplementedError

    @property
    def reading(self) -> Reading:
        """A new measurement of `channel`."""
        return self.measure(self.channel)


class HartScpi(OneAtATime):
    """The Hart family's SCPI: one command a message, and after each the error queue.

    The queue's answer has another form than any measurement, so that an answer that is one behind is always seen.
    tries: answers that are looked at for a new measurement.
    """

    errors = AskedAfter(after="SYST:ERR?")
    ends = {"write": "\r", "read": "\r"}
    serial_line = {"baud_rate": 9600, "data_bits": 8}
    tries: int = 200

    def begin(self) -> None:
        """Empty the error queue: what others left there is no answer to us."""
        self.link.send("*CLS")

    def nothing_new(self, sent: str) -> Refused:
        """The error of a channel that does not measure."""
        error = Phrase("no new measurement in {count} answers", count=self.tries)
        return Refused(resource=self.resource, sent=sent, error=error)


class Bath(Source):
    """Holds a temperature: a bath, or a dry well. Temperatures in degC, whatever the instrument is set to.

    low, high: its range. most: degC that what is inserted bears; never exceeded. takes_off: commands that switch the
    heater off, never refused. Whoever has not confirmed its commands heats it on the bench only.
    """

    roles = frozenset({"bath"})
    low: ClassVar[float] = -273.15
    high: ClassVar[float] = inf
    most: float = inf
    takes_off: ClassVar[tuple[str, ...]] = ()

    def must_be_confirmed(self, message: str) -> None:
        """As for any source; what switches the heater off goes through."""
        units = [unit.strip().lstrip(":") for unit in re.split(r"[;\r\n]", message)]
        super().must_be_confirmed(";".join(unit for unit in units if unit.upper() not in self.takes_off))

    def hold(self, t: float) -> None:
        """Heat or cool to t degC and hold it. Raises SettingNotAllowed, SettingChanged, Refused, CommandsUnconfirmed."""
        high = min(self.high, self.most)
        if not (isfinite(t) and self.low <= t <= high):
            right = f"{self.low:g} to {high:g} degC"
            raise SettingNotAllowed(setting="temperature", model=self.model, found=f"{t} degC", right=right)
        self.aim(t)

    def aim(self, t: float) -> None:
        """Set-point in degC, and control."""
        raise NotImplementedError

    def heater_off(self) -> None:
        """No more heating."""
        raise NotImplementedError

    @property
    def is_operating(self) -> bool:
        """Whether it may heat, as it says itself."""
        raise NotImplementedError

    @property
    def settled(self) -> bool:
        """Whether it holds its set-point."""
        raise NotImplementedError

    @property
    def output(self) -> tuple[float, str]:
        """What it is set to: value and unit."""
        raise NotImplementedError

    @property
    def reading(self) -> Reading:
        """Temperature of its own control sensor, in the unit that it has now."""
        raise NotImplementedError

    def safe(self) -> bool:
        """Heater off, read back: True when it is off. What is hot stays hot for long."""
        with suppress(Refused, SettingChanged):  # what it says to that is read back next
            self.heater_off()
        return not self.is_operating

    def hold_until_settled(
        self, t: float, *, patience: float = 7200.0, every: float = 5.0, pause: Callable[[float], Any] = time.sleep
    ) -> bool:
        """Hold t degC and wait until it is settled, at most `patience` s; whether it is. The heater is off after a fault."""
        self.hold(t)
        waited = 0.0
        try:
            while not self.settled and waited < patience:
                pause(every)
                waited += every
            return self.settled
        except LinkFault:
            self.safe()
            raise
