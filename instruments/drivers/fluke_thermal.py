"""Fluke (Hart Scientific) thermometer readouts and thermo-hygrometers."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from instruments.declare import Choice
from instruments.errors import ScpiErrors
from instruments.faults import OutOfStep, SettingChanged, SettingNotAllowed
from instruments.reading import Reading
from instruments.roles import EnvironmentMonitor
from instruments.roles_thermal import UNITS, HartScpi, Thermometer
from instruments.specifications.phrase import Phrase

NUMBER = r"[+-]?\d+(?:\.\d*)?(?:[Ee][+-]?\d+)?"
ABSENT = re.compile(r"[-*]+|(?i:nan)")
SENSOR = re.compile(rf"(?P<channel>[12]),(?P<T>{NUMBER}|[-*]+),(?P<unit>[CF]),(?P<H>{NUMBER}|[-*]+),%")
LINE = re.compile(r"(?P<new>[01]),(?P<sensors>.{1,100}%),(?P<at>\d{4}(?:,\d{1,2}){5})")


class F1620A(HartScpi, EnvironmentMonitor):
    """Fluke 1620A (Hart 1620) thermo-hygrometer: temperature and humidity of one sensor or two.

    FORM:TDST 1 makes each line carry status, channels, units and time; without it the fields are bare numbers that
    nobody can tell apart, and no reading. Source: 1620 user's guide, 8.4.2.13 to 8.4.2.16, 8.4.7.5 and 8.4.7.8 (stored
    copies of the pages); LAN socket 10001, CR both ways (a public program).
    """

    maker, model = "FLUKE", "1620A"
    identity = r"(?i)(HART|FLUKE)[^,]*,\s*1620"
    unverified = ("how a sensor that is not there is shown", "socket 10001 and CR on the LAN", "*CLS")

    def begin(self) -> None:
        """An empty error queue, and lines that carry their units."""
        super().begin()
        self.link.send("FORM:TDST:STAT 1")

    def readings(self) -> dict[str, Reading]:
        """temperature and humidity of the first sensor, temperature_2 and humidity_2 of the second, from one line."""
        question = "READ?"
        raw = self.converse(question, 1)[1]
        line = LINE.fullmatch(raw)
        sensors = list(SENSOR.finditer(line["sensors"])) if line else []
        if line is None or ",".join(found[0] for found in sensors) != line["sensors"]:
            raise self.garbled(question, raw, "status, channel, value and unit of each sensor, and time")
        at = datetime.now(UTC)
        setup = MappingProxyType({"new": line["new"] == "1", "instrument_time": line["at"]})
        readings: dict[str, Reading] = {}
        for found in sensors:
            if found["unit"] != "C":
                unit = UNITS[found["unit"]]
                raise SettingChanged(resource=self.resource, setting="UNIT:TEMP", found=unit, right="degC")
            suffix = "" if found["channel"] == "1" else "_2"
            readings["temperature" + suffix] = _sensor(found["T"], "degC", raw, at, setup)
            readings["humidity" + suffix] = _sensor(found["H"], "%RH", raw, at, setup)
        return readings

    def settings_snapshot(self) -> dict[str, Any]:
        """Unit and output format in force."""
        asked = {"unit": "UNIT:TEMP?", "stamp": "FORM:TDST:STAT?"}
        return {name: self.converse(question, 1)[0] for name, question in asked.items()}


def _sensor(text: str, unit: str, raw: str, at: datetime, setup: MappingProxyType[str, object]) -> Reading:
    if ABSENT.fullmatch(text):
        return Reading(None, unit, raw, at, setup, "fault")
    return Reading(float(text), unit, raw, at, setup)


class F1595A(HartScpi, Thermometer):
    """Fluke 1594A and 1595A super-thermometers: temperature, resistance or ratio of a channel, 1 to 24.

    The answer names channel, unit and time; another channel's answer is out of step. STAT:OPER? says whether a
    measurement is new: one measurement is read once. Source: manual 8.7.1, 8.7.3.27, 8.7.3.44, 8.7.3.89 (stored copies
    of the pages); answers ending in CR from a public program.
    """

    maker, model = "FLUKE", "1595A"
    identity = r"(?i)FLUKE[^,]*,\s*159[45]A"
    unverified = ("answers end with CR on every port", "CALC<n>:TYPE? answers the word that sets it")
    line = re.compile(rf"(?P<value>{NUMBER}),(?P<unit>[CFKOR]),(?P<channel>\d+),(?P<at>\d{{4}}(?:-\d\d){{2}} [\d:]+)")

    def calculate(self, channel: int, what: str) -> None:
        """What a channel shows: TEMP, RES or RAT. Raises SettingNotAllowed, SettingChanged, Refused."""
        if what not in ("TEMP", "RES", "RAT"):
            raise SettingNotAllowed(
                setting="calculation",
                model=self.model,
                found=what,
                right=Phrase("one of {choices}", choices="TEMP, RES, RAT"),
            )
        header = f"CALC{self._checked(channel)}:TYPE"
        found = self.converse(f"{header} {what};{header}?", 1)[0]
        if found.strip().upper() != what:
            raise SettingChanged(resource=self.resource, setting=header, found=found, right=what)
        self.state[f"calculation_{channel}"] = what

    def _checked(self, channel: int) -> int:
        if channel not in range(1, 25):
            raise SettingNotAllowed(setting="channel", model=self.model, found=str(channel), right="1 to 24")
        return channel

    def measure(self, channel: int) -> Reading:
        """The next new measurement of a channel; raises Refused where none comes."""
        question = f"FETC? {self._checked(channel)}"
        with self.link.lock:
            for _ in range(self.tries):
                new, raw = self.converse("STAT:OPER?", 1)
                if new.strip() not in ("0", "16"):
                    raise self.garbled("STAT:OPER?", raw, "0 or 16")
                if new.strip() == "16":
                    return self._fetched(question, channel)
        raise self.nothing_new("STAT:OPER?")

    def _fetched(self, question: str, channel: int) -> Reading:
        raw = self.converse(question, 1)[1]
        found = self.line.fullmatch(raw.strip())
        if found is None:
            raise self.garbled(question, raw, "value, unit, channel and time")
        if int(found["channel"]) != channel:
            raise self._failed(OutOfStep(resource=self.resource, sent=question, raw=raw))
        setup = MappingProxyType(self.state | {"channel": channel, "instrument_time": found["at"]})
        return Reading(float(found["value"]), UNITS[found["unit"]], raw, datetime.now(UTC), setup)


class F1594A(F1595A):
    """Fluke 1594A super-thermometer: the commands of the 1595A."""

    model = "1594A"
    identity = r"(?i)FLUKE[^,]*,\s*1594A"


class F1586A(Thermometer):
    """Fluke 1586A Super-DAQ: a scan of channels (101 to 120, 201 to 220), and the memory of automatic logs.

    Read in a public program: 9600 8N1, CR, *IDN?, LOG:AUT:LAB, LOG:AUT:POIN?, LOG:AUT:PRIN with many lines. Its
    programmer's guide is unread, so the scan commands are those of SCPI scanners.
    """

    maker, model = "FLUKE", "1586A"
    identity = r"(?i)FLUKE[^,]*,\s*1586A"
    errors = ScpiErrors()
    ends = {"write": "\r", "read": "\r"}
    serial_line = {"baud_rate": 9600, "data_bits": 8}
    unverified = (
        "ROUT:SCAN and READ? as SCPI scanners have them", "UNIT:TEMP", "9.9E37 for an open input", "compound messages",
        "fields of a line of the log are those of the 1529",
    )  # fmt: skip
    channel = 101
    seconds_each = 1.0  # a channel of a scan takes at most so long

    unit = Choice("UNIT:TEMP", degC="C", degF="F")
    logged = re.compile(rf"(?P<label>\w+),(?P<channel>\d+),(?P<value>{NUMBER}),(?P<unit>[A-Z]+),(?P<at>[\d,]+)")

    def scan(self, *channels: int) -> dict[int, Reading]:
        """One measurement of each of these channels; an open input gives status overload and no indication."""
        if not channels or any(channel not in (*range(101, 121), *range(201, 221)) for channel in channels):
            right = "101 to 120, 201 to 220"
            raise SettingNotAllowed(setting="channel", model=self.model, found=str(list(channels)), right=right)
        names = ",".join(map(str, channels))
        message = f"ROUT:SCAN (@{names});:UNIT:TEMP?;:READ?"
        answer, raw = self.converse(message, 2, self.link.timeout + 1.5 * self.seconds_each * len(channels))
        unit, _, values = answer.partition(";")
        fields = values.split(",")
        if unit not in ("C", "F") or len(fields) != len(channels):
            raise self.garbled(message, raw, f"a unit and {len(channels)} values")
        at, setup = datetime.now(UTC), MappingProxyType(self.state | {"scan": names})
        return {n: self._value(text, UNITS[unit], raw, at, setup) for n, text in zip(channels, fields, strict=True)}

    def _value(self, text: str, unit: str, raw: str, at: datetime, setup: MappingProxyType[str, object]) -> Reading:
        if not re.fullmatch(NUMBER, text.strip()):
            raise self.garbled("READ?", raw, "numbers")
        if abs(float(text)) >= 9.9e37:
            return Reading(None, unit, raw, at, setup, "overload")
        return Reading(float(text), unit, raw, at, setup)

    def measure(self, channel: int) -> Reading:
        """A measurement of one channel."""
        return self.scan(channel)[channel]

    def log(self, slot: int) -> list[Reading]:
        """Every line of an automatic log, oldest first; label, channel and the instrument's time are in the set-up."""
        if slot not in range(1, 26):
            raise SettingNotAllowed(setting="slot", model=self.model, found=str(slot), right="1 to 25")
        with self.link.lock:
            points, raw = self.converse(f"LOG:AUT:LAB {slot};:LOG:AUT:POIN?", 1)
            if not points.strip().isdigit():
                raise self.garbled("LOG:AUT:POIN?", raw, "a whole number")
            question = f"LOG:AUT:PRIN {slot}"
            self.link.send(question)
            lines = [self.link._receive(question, self.link.timeout) for _ in range(int(points))]
            self.converse("*OPC?", 1)  # a line more or less than announced is seen here
        return [self._logged(question, line) for line in lines]

    def _logged(self, question: str, raw: str) -> Reading:
        found = self.logged.fullmatch(raw.strip())
        if found is None or found["unit"] not in UNITS:
            raise self.garbled(question, raw, "label, channel, value, unit and time")
        setup = {"label": found["label"], "channel": int(found["channel"]), "instrument_time": found["at"]}
        return Reading(float(found["value"]), UNITS[found["unit"]], raw, datetime.now(UTC), MappingProxyType(setup))


class F1529(HartScpi, Thermometer):
    """Fluke (Hart) 1529 Chub-E4 readout: four channels of platinum thermometers, thermistors or thermocouples.

    FORM:STAM makes each answer carry its status, channel, scale and time: a measurement is read once, and never for
    another channel. Source: technical guide 8.4.1.4 to 8.4.1.9, 8.4.8.1 (stored copies of the pages). The serial line
    echoes what it hears until the echo is off.
    """

    maker, model = "FLUKE", "1529"
    echoes = True
    identity = r"(?i)(HART|FLUKE)[^,]*,\s*1529"
    unverified = (
        "SYST:COMM:SER:FDUP ends the echo",
        "answers end with CR",
        "letters of the scales but mV and KO",
        "*CLS",
    )
    line = re.compile(
        rf"(?P<new>[01]),(?P<channel>[1-4]),(?P<value>{NUMBER}),(?P<scale>[A-Za-z]+),(?P<at>(?:\d+,){{5}}\d+)"
    )

    def begin(self) -> None:
        """No echo, an empty error queue, and answers that say what they are."""
        self.link.send("SYST:COMM:SER:FDUP:STAT 0")
        self.link.drain(0.3)
        super().begin()
        self.link.send("FORM:STAM 1")

    def measure(self, channel: int) -> Reading:
        """The next new measurement of a channel; raises Refused where none comes."""
        if channel not in range(1, 5):
            raise SettingNotAllowed(setting="channel", model=self.model, found=str(channel), right="1 to 4")
        question = f"FETC? {channel}"
        with self.link.lock:
            for _ in range(self.tries):
                raw = self.converse(question, 1)[1]
                found = self.line.fullmatch(raw.strip())
                if found is None or found["scale"].upper() not in UNITS:
                    raise self.garbled(question, raw, "status, channel, value, scale and time")
                if int(found["channel"]) != channel:
                    raise self._failed(OutOfStep(resource=self.resource, sent=question, raw=raw))
                if found["new"] == "1":
                    return self._read(found, raw, channel)
        raise self.nothing_new(question)

    def _read(self, found: re.Match[str], raw: str, channel: int) -> Reading:
        setup = MappingProxyType(self.state | {"channel": channel, "instrument_time": found["at"]})
        return Reading(float(found["value"]), UNITS[found["scale"].upper()], raw, datetime.now(UTC), setup)
