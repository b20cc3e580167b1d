"""Readouts of the thermal bench: Fluke 1620A, 1594A/1595A and 1529."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import ClassVar

from instruments.bench.device import DeviceError, command
from instruments.bench.devices.scpi import ON_OFF, Knob, ScpiDevice, words
from instruments.bench.devices.thermal_physics import Input

BEGAN = datetime(2026, 1, 5, 8, 0, 0)  # noqa: DTZ001  (the instrument's clock knows no zone)
CELSIUS_OR_F = words("C", "F", CEL="C", FAR="F")
STALE = (-230, "Data corrupt or stale")


class HartDevice(ScpiDevice):
    """One command a message; lines end with CR."""

    maker, firmware = "FLUKE", "1.10"
    reply_end = b"\r"
    queue_length = 10
    message_time = 0.02
    unit_header: ClassVar[str] = "UNIT:TEMPerature"

    def execute(self, message: str) -> str | None:
        """The reply of one command."""
        if ";" in message:
            self.error(*self.undefined)
            return None
        return super().execute(message)

    def in_unit(self, t: float) -> float:
        """A temperature in degC in the unit of the instrument."""
        return t if self.at[self.unit_header] == "C" else t * 1.8 + 32.0

    def clock(self, pattern: str = "%Y,%m,%d,%H,%M,%S") -> str:
        """The instrument's time."""
        return (BEGAN + timedelta(seconds=int(self.now))).strftime(pattern)

    def bare_clock(self, pattern: str) -> str:
        """The instrument's time in numbers without leading zeros."""
        return ",".join(str(int(part)) for part in self.clock(pattern).split(","))

    def fault_unit_change(self, unit: str = "F") -> None:
        """Somebody changes the unit at the front panel."""
        self.at[self.unit_header] = unit


class F1620A(HartDevice):
    """A 1620A in a room. sensors: bench time -> temperature in degC and humidity in %RH as indicated, one or two."""

    model = "1620A"
    knobs = (
        Knob("FORMat:TDST:STATe", "0", ON_OFF),
        Knob("UNIT:TEMPerature", "C", CELSIUS_OR_F),
    )

    def __init__(self, serial: str, seed: int, *sensors: Callable[[float], tuple[float, float]]) -> None:
        self.sensors = sensors
        self.failed: set[int] = set()
        self._read = -1
        super().__init__(serial, seed)

    @command("READ?", "FETCh?", "MEASure?")
    def _readings(self, argument: str) -> str:
        chosen = [int(argument)] if argument else list(range(1, len(self.sensors) + 1))
        if any(number not in range(1, len(self.sensors) + 1) for number in chosen):
            raise DeviceError(-222, "Data out of range")
        stamped = self.at["FORMat:TDST:STATe"] == "1"
        fields: list[str] = []
        for number in chosen:
            t, humidity = self.sensors[number - 1](self.now)
            shown = f"{self.in_unit(t):.3f}", f"{humidity:.2f}"
            shown = ("---", "---") if number in self.failed else shown
            fields += [str(number), shown[0], str(self.at[self.unit_header]), shown[1], "%"] if stamped else shown
        new, self._read = int(self.now) != self._read, int(self.now)
        if not stamped:
            return ",".join(fields)
        return ",".join((str(int(new)), *fields, self.bare_clock("%Y,%m,%d,%H,%M,%S")))

    def fault_function_change(self) -> None:
        """Somebody else turns the stamp off."""
        self.at["FORMat:TDST:STATe"] = "0"

    def fault_sensor_fault(self, sensor: int = 1) -> None:
        """A sensor is unplugged."""
        self.failed.add(sensor)

    def fault_healthy(self) -> None:
        """All sensors are there, degC."""
        self.failed.clear()
        self.at[self.unit_header] = "C"


class F1595A(HartDevice):
    """A 1595A that measures its inputs by channel number; ratios are to its 100 ohm resistor."""

    model = "1595A"
    knobs = (Knob("UNIT:TEMPerature", "C", CELSIUS_OR_F),)

    def __init__(self, serial: str, seed: int, inputs: Mapping[int, Input]) -> None:
        self.inputs = dict(inputs)
        self.running, self._seen = True, -1
        super().__init__(serial, seed)

    def reset(self) -> None:
        """Every channel shows temperature."""
        super().reset()
        self.shows = dict.fromkeys(range(1, 25), "TEMP")

    def execute(self, message: str) -> str | None:
        """One command; CALC<n>:TYPE has its channel in the header."""
        found = re.fullmatch(r"(?i)CALC\w*?(\d+):TYPE(\?| (TEMP|RES|RAT))", message.strip())
        if found is None:
            return super().execute(message)
        if found[2] == "?":
            return self.shows[int(found[1])]
        self.shows[int(found[1])] = found[3].upper()
        return None

    def _latest(self) -> int:
        return max((entry.number(self.now) for entry in self.inputs.values()), default=0)

    @command("STATus:OPERation?")
    def _operation(self, _: str) -> str:
        if not self.running or self._latest() == self._seen:
            return "0"
        self._seen = self._latest()
        return "16"

    @command("FETCh?")
    def _fetch(self, argument: str) -> str:
        channel = int(argument or min(self.inputs))
        if channel not in self.inputs:
            raise DeviceError(*STALE)
        entry, what = self.inputs[channel], self.shows[channel]
        self._seen = self._latest()
        stamp = self.clock("%Y-%m-%d %H:%M:%S")
        if what == "TEMP":
            value, unit = f"{self.in_unit(entry.temperature(self.now)):.5f}", str(self.at[self.unit_header])
        elif what == "RES":
            value, unit = f"{entry.value(self.now):.7f}", "O"
        else:
            value, unit = f"{entry.value(self.now) / 100.0:.9f}", "R"
        return f"{value},{unit},{channel},{stamp}"

    def fault_stuck_reading(self) -> None:
        """Measuring is stopped at the front panel."""
        self.running = False

    def fault_healthy(self) -> None:
        """Measuring again, degC."""
        self.running = True
        self.at[self.unit_header] = "C"


class F1594A(F1595A):
    """A 1594A: the same with four channels of its own."""

    model = "1594A"


class F1529(HartDevice):
    """A 1529 that measures its inputs by channel number; its serial line echoes until that is switched off."""

    maker, model = "HART", "1529"
    knobs = (
        Knob("UNIT:TEMPerature", "C", CELSIUS_OR_F),
        Knob("FORMat:STAMp", "0", ON_OFF),
        Knob("SYSTem:COMMunicate:SERial:FDUPlex:STATe", "1", ON_OFF),
    )

    def __init__(self, serial: str, seed: int, inputs: Mapping[int, Input]) -> None:
        self.inputs = dict(inputs)
        self.stuck = False
        self._seen: dict[int, int] = {}
        super().__init__(serial, seed)

    def execute(self, message: str) -> str | None:
        """One command, repeated before its answer while the echo is on."""
        echo = self.at["SYSTem:COMMunicate:SERial:FDUPlex:STATe"] == "1"
        answer = super().execute(message)
        if not echo:
            return answer
        return message if answer is None else f"{message}\r{answer}"

    @command("FETCh?", "READ?", "MEASure?")
    def _fetch(self, argument: str) -> str:
        channel = int(argument or min(self.inputs))
        if channel not in self.inputs:
            raise DeviceError(*STALE)
        entry = self.inputs[channel]
        number = self._seen.get(channel, 0) if self.stuck else entry.number(self.now)
        new, self._seen[channel] = number != self._seen.get(channel), number
        value = f"{self.in_unit(entry.temperature(self.now)):.4f}"
        if self.at["FORMat:STAMp"] != "1":
            return value
        unit = self.at[self.unit_header]
        return f"{int(new)},{channel},{value},{unit},{self.bare_clock('%H,%M,%S,%Y,%m,%d')}"

    def fault_stuck_reading(self) -> None:
        """Measuring has stopped: the same measurement for ever."""
        self.stuck = True

    def fault_healthy(self) -> None:
        """Measuring again, degC."""
        self.stuck = False
        self.at[self.unit_header] = "C"
