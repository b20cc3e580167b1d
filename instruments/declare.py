"""The words a driver is written in: Choice, Setting, Flag, Measurement, Action.

A driver is a class whose attributes say what the instrument has; `meter.range = 10` then sends, checks and reads
back in one message, and `meter.reading` returns a Reading. Commands may hold names of choices in braces:
`{function}:RANG` becomes `VOLT:RANG` when `function` is DCV.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from math import inf, isclose
from types import MappingProxyType
from typing import Any

from instruments.faults import SettingChanged, SettingNotAllowed, SettingsLost
from instruments.reading import Reading


class Declaration:
    """Base of what is declared: knows its name and its command."""

    name = ""

    def __init__(self, command: str, doc: str = "") -> None:
        self.command = command
        self.__doc__ = doc or None

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def header(self, instrument: Any) -> str:
        """The command with the choices of the moment in it. Raises SettingsLost where one is not known."""
        if "{" not in self.command:
            return self.command
        known = {
            name: choice.header_of(instrument.state[name])
            for name, choice in vars(type(instrument)).items()
            if isinstance(choice, Choice) and name in instrument.state
        }
        try:
            return self.command.format(**known)
        except KeyError:
            raise SettingsLost(resource=instrument.resource) from None


class Setting(Declaration):
    """A number to set: `among` a few, or between `low` and `high`, in `unit`. Read back in the message that sets it."""

    def __init__(
        self,
        command: str,
        *,
        unit: str = "",
        among: Sequence[float] = (),
        low: float = -inf,
        high: float = inf,
        doc: str = "",
    ) -> None:
        super().__init__(command, doc)
        self.unit, self.among, self.low, self.high = unit, tuple(among), low, high

    def __get__(self, instrument: Any, owner: type) -> Any:
        """The value that the instrument has now."""
        if instrument is None:
            return self
        header = self.header(instrument)
        return self.parse(instrument, header, instrument.converse(f"{header}?", 1)[0])

    def __set__(self, instrument: Any, value: Any) -> None:
        """Set a value; raises SettingNotAllowed, Refused, SettingChanged, or a LinkFault."""
        value = self.allowed(instrument, value)
        header = self.header(instrument)
        found = self.parse(instrument, header, instrument.converse(f"{header} {self.text(value)};:{header}?", 1)[0])
        if not self.same(found, value):
            raise SettingChanged(resource=instrument.resource, setting=self.name, found=str(found), right=str(value))
        instrument.changed(self.name, value)

    def allowed(self, instrument: Any, value: Any) -> Any:
        """The value as it will be kept; raises SettingNotAllowed."""
        right = f"one of {', '.join(f'{x:g}' for x in self.among)}" if self.among else f"{self.low:g} to {self.high:g}"
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = inf
        if (self.among and number not in self.among) or not self.low <= number <= self.high or abs(number) == inf:
            right += f" {self.unit}".rstrip() if "{" not in self.unit else ""
            raise SettingNotAllowed(setting=self.name, model=instrument.model, found=str(value), right=right)
        return number

    def text(self, value: Any) -> str:
        """The value as it is sent."""
        return f"{value:.10g}"

    def parse(self, instrument: Any, header: str, reply: str) -> Any:
        """The value in a reply; raises Garbled."""
        try:
            return float(reply)
        except ValueError:
            raise instrument.garbled(f"{header}?", reply, "a number") from None

    def same(self, found: Any, value: Any) -> bool:
        """Whether what was read back is what was set."""
        return isclose(found, value, rel_tol=1e-6, abs_tol=1e-12)


class Flag(Setting):
    """Something that is on or off."""

    def allowed(self, instrument: Any, value: Any) -> bool:
        """True or False; raises SettingNotAllowed for anything else."""
        if value not in (True, False, 0, 1):
            raise SettingNotAllowed(setting=self.name, model=instrument.model, found=str(value), right="True or False")
        return bool(value)

    def text(self, value: Any) -> str:
        """1 or 0."""
        return "1" if value else "0"

    def parse(self, instrument: Any, header: str, reply: str) -> bool:
        """On or off; raises Garbled."""
        if reply.upper() not in ("0", "1", "ON", "OFF", "+0", "+1"):
            raise instrument.garbled(f"{header}?", reply, "0 or 1")
        return reply.upper() in ("1", "ON", "+1")


class Choice(Setting):
    """One of a few names; each with the code that the instrument knows it by."""

    def __init__(self, command: str, doc: str = "", **codes: str) -> None:
        super().__init__(command, doc=doc)
        self.codes = codes

    def header_of(self, value: str) -> str:
        """The name as a part of other commands: its code without quotes."""
        return self.codes[value].strip("\"'")

    def allowed(self, instrument: Any, value: Any) -> str:
        """A known name; raises SettingNotAllowed."""
        if value not in self.codes:
            right = "one of " + ", ".join(self.codes)
            raise SettingNotAllowed(setting=self.name, model=instrument.model, found=str(value), right=right)
        return str(value)

    def text(self, value: Any) -> str:
        """The code."""
        return self.codes[value]

    def parse(self, instrument: Any, header: str, reply: str) -> str:
        """The name that belongs to a code; raises Garbled."""
        plain = reply.strip("\"'").upper()
        for name, code in self.codes.items():
            if code.strip("\"'").upper() == plain:
                return name
        raise instrument.garbled(f"{header}?", reply, "one of " + ", ".join(self.codes.values()))

    def same(self, found: Any, value: Any) -> bool:
        """Whether what was read back is what was set."""
        return bool(found == value)


class Measurement(Declaration):
    """A question whose answer is a Reading.

    unit: a unit, or the name of a choice in braces, looked up in the driver's `units`. overload: magnitude from
    which on there is no number. takes: seconds the instrument needs, or a function of the instrument; the timeout
    follows it. text: the answer is words, returned as str.
    """

    def __init__(
        self,
        command: str,
        *,
        unit: str = "",
        overload: float = inf,
        takes: float | Callable[[Any], float] = 0.0,
        text: bool = False,
        doc: str = "",
    ) -> None:
        super().__init__(command, doc)
        self.unit, self.takes, self.words = unit, takes, text
        self.overload, self.low = overload, -overload

    def __get__(self, instrument: Any, owner: type) -> Any:
        """The Reading; raises SettingsLost, Refused, or a LinkFault."""
        if instrument is None:
            return self
        link = instrument.link
        with link.lock:
            if link.fault is not None:
                link.ready()  # a repair may show that the settings are lost
            ready = instrument.prepared.get(self.name)
            if ready is None:
                ready = instrument.prepared[self.name] = self.prepare(instrument)
            message, unit, timeout, setup = ready
            value, raw = instrument.converse(message, 1, timeout)
        at = datetime.now(UTC)
        if self.words:
            return value
        try:
            indication = float(value)
        except ValueError:
            raise instrument.garbled(message, raw, "a number") from None
        if self.low < indication < self.overload:
            return Reading(indication, unit, raw, at, setup)
        if indication != indication:
            raise instrument.garbled(message, raw, "a number")
        return Reading(None, unit, raw, at, setup, "overload")

    def prepare(self, instrument: Any) -> tuple[str, str, float, Mapping[str, object]]:
        """Message, unit, timeout in s, and set-up, good until a setting changes."""
        if instrument.lost and not self.words:
            raise SettingsLost(resource=instrument.resource)
        unit = self.unit
        if unit.startswith("{"):
            choice = instrument.state.get(unit.strip("{}"))
            unit = instrument.units.get(str(choice), "")
        seconds = self.takes(instrument) if callable(self.takes) else self.takes
        timeout = instrument.link.timeout + 1.5 * seconds
        return self.header(instrument), unit, timeout, MappingProxyType(dict(instrument.state))


class Action:
    """A thing to do: a command, or as a decorator a method; `meter.zero()`."""

    def __init__(self, what: str | Callable[[Any], Any], *, takes: float = 0.0, doc: str = "") -> None:
        self.what, self.takes = what, takes
        self.__doc__ = doc or (None if isinstance(what, str) else what.__doc__)

    def __get__(self, instrument: Any, owner: type) -> Any:
        """The action bound to its instrument."""
        if instrument is None:
            return self
        what = self.what
        if isinstance(what, str):
            return lambda: instrument.converse(what, 0, instrument.link.timeout + 1.5 * self.takes)[0]
        return lambda: what(instrument)
