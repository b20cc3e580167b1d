"""What simulated SCPI instruments have in common: settings with a query each, the error queue, a device alone."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf
from typing import ClassVar

from instruments.bench.clock import VirtualClock
from instruments.bench.device import CME, Device, DeviceError, command, number, spellings
from instruments.bench.library import BenchLibrary

Value = Callable[[float], float]  # bench time in s -> true value at the input, in the unit of the function


@dataclass(frozen=True, slots=True)
class Knob:
    """A setting: notation as for `command`, value after *RST; words it may have (long forms too), or limits."""

    notation: str
    default: str | float
    words: Mapping[str, str] | None = None
    low: float = -inf
    high: float = inf

    def taken(self, argument: str) -> str | float:
        """The value that an argument sets; the device's own errors."""
        if self.words is None:
            return number(argument, self.low, self.high)
        plain = re.sub(r"\s*,\s*", ",", argument.strip().upper())
        if plain not in self.words:
            raise DeviceError(-224, "Illegal parameter value")
        return self.words[plain]

    @staticmethod
    def shown(value: str | float) -> str:
        """The answer to its query."""
        return value if isinstance(value, str) else f"{value:+.8E}"


def words(*plain: str, **long: str) -> dict[str, str]:
    """Words that stand for themselves, and long forms of them."""
    return {word.upper(): word for word in plain} | long


ON_OFF = {"0": "0", "OFF": "0", "1": "1", "ON": "1"}


class Carrying(Device):
    """A device in which what cannot be executed does not keep the rest of its message from being executed."""

    def execute(self, message: str) -> str | None:
        """The replies of a message; only a command error ends it."""
        answers = []
        for handler, argument, _ in self._parsed(message):
            try:
                if handler is None:
                    raise DeviceError(*self.undefined, CME)
                answers.append(handler(self, argument))
            except DeviceError as error:
                self.error(error.code, error.text, error.bit)
                if error.bit == CME:
                    break
        return ";".join(answer for answer in answers if answer is not None) or None


class ScpiDevice(Carrying):
    """A device whose settings are `knobs`, kept by notation in `at`."""

    knobs: ClassVar[tuple[Knob, ...]] = ()
    at: dict[str, str | float]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for knob in cls.knobs:
            cls._handlers.update(dict.fromkeys(spellings(knob.notation), _setter(knob)))
            cls._handlers.update(dict.fromkeys(spellings(knob.notation + "?"), _getter(knob)))

    def reset(self) -> None:
        """Every setting as after *RST."""
        self.at = {knob.notation: knob.default for knob in self.knobs}

    def turned(self, notation: str) -> None:
        """What else changes with a setting."""

    def figure(self, notation: str) -> float:
        """A setting that is a number."""
        return float(self.at[notation])

    @command("SYSTem:ERRor?", "SYSTem:ERRor:NEXT?")
    def _err(self, _: str) -> str:
        code, text = self.errors.popleft() if self.errors else self.no_error
        return f'{code:+d},"{text}"'

    @command("SYSTem:REMote", "*PSC")
    def _accepted(self, _: str) -> None:
        return


def _setter(knob: Knob) -> Callable[[Device, str], None]:
    def setter(device: Device, argument: str) -> None:
        assert isinstance(device, ScpiDevice)
        device.at[knob.notation] = knob.taken(argument)
        device.turned(knob.notation)

    return setter


def _getter(knob: Knob) -> Callable[[Device, str], str]:
    def getter(device: Device, _: str) -> str:
        assert isinstance(device, ScpiDevice)
        return knob.shown(device.at[knob.notation])

    return getter


def alone(name: str, device: Device) -> BenchLibrary:
    """A VISA library in this process with one device, at a resource name, on a virtual clock."""
    return BenchLibrary.made({name: device}, VirtualClock(), threading.RLock())
