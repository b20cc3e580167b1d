"""Vaisala."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from instruments.errors import InlineFault
from instruments.faults import Garbled, WrongInstrument
from instruments.reading import Identity, Reading
from instruments.roles import EnvironmentMonitor

FORM = '7.2 "P=" P U5 5.2 "T=" T U4 6.2 "RH=" RH U5 "E=" ERR " S=" SN " C=" CS4 #r #n'
LINE = re.compile(
    r"P= *(?P<P>-?[\d.]+|\*+) *(?P<uP>\S+) *T= *(?P<T>-?[\d.]+|\*+) *(?P<uT>\S+) *RH= *(?P<RH>-?[\d.]+|\*+) *(?P<uRH>\S+)"
    r" *E= *(?P<E>[01]{4}) S= *(?P<S>\S+) C= *(?P<C>[0-9A-F]{4})$"
)
# Channel: field of the line, unit as the instrument writes it, unit of the Reading, place in the error flags.
CHANNELS = {
    "pressure": ("P", "hPa", "hPa", (0,)),
    "temperature": ("T", "'C", "degC", (1,)),
    "humidity": ("RH", "%RH", "%RH", (1, 3)),
}


class PTU300(EnvironmentMonitor):
    """Vaisala PTU300 / HMT330 family: temperature, humidity and pressure in one line.

    FORM makes each line carry the units, the error flags, the serial number and a checksum, so that no line of
    another instrument, of other units, or of a bad cable can be taken for a reading (user's guide M210796EN-G,
    table 30). 4800 7E1, CR; the instrument must be in STOP mode.
    """

    maker, model = "Vaisala", "PTU300"
    identity = r"(?i)(PTU30\d|PTB330|HMT33\d)\b"
    who = "VERS"
    errors = InlineFault()
    ends = {"write": "\r", "read": "\r\n"}
    serial_line = {"baud_rate": 4800, "data_bits": 7, "parity": 2}
    linger = 0.02
    unverified = ("wording of VERS", "ECHO OFF also ends the prompt", "CS4 sums every character before it")

    def begin(self) -> None:
        """Stop streaming, no echo, our own form."""
        self.link.send("S")
        self.link.send("ECHO OFF")
        self.link.drain(0.3)
        self._told(f"FORM {FORM}")

    def _told(self, message: str) -> None:
        reply = self.link.query(message)
        if reply.strip() != "OK":
            raise self.garbled(message, reply, "OK")

    def ask_identity(self) -> Identity:
        """Model and firmware from VERS, the serial number from the line itself."""
        version, raw = self.converse("VERS", 1)
        model, _, firmware = (part.strip() for part in version.partition("/"))
        if not firmware:
            raise self.garbled("VERS", raw, "model / firmware")
        fields, line = self._line()
        return Identity(self.maker, model, fields["S"], firmware, f"{version} {line}")

    def _line(self) -> tuple[dict[str, str], str]:
        raw = self.converse("SEND", 1)[1]
        found = LINE.search(raw)
        if found is None or sum(raw[: found.start("C")].encode()) % 65536 != int(found["C"], 16):
            raise self.garbled("SEND", raw, "a line of P, T, RH, flags, serial number and checksum")
        fields = found.groupdict()
        if self.known is not None and fields["S"] != self.known.serial:
            fault = WrongInstrument(resource=self.resource, found=f"serial {fields['S']}", right=str(self.known))
            self.link.fail(Garbled(resource=self.resource, sent="SEND", raw=raw, right=f"serial {self.known.serial}"))
            raise fault
        return fields, raw

    def readings(self) -> dict[str, Reading]:
        """All channels from one line; a failed sensor gives status "fault" and no indication."""
        with self.link.lock:
            fields, raw = self._line()
        at = datetime.now(UTC)
        setup = MappingProxyType({"serial": fields["S"], "flags": fields["E"]})
        found = {}
        for channel, (key, spelled, unit, flags) in CHANNELS.items():
            if fields["u" + key] != spelled:
                raise self.garbled("SEND", raw, f"{channel} in {spelled}")
            failed = "*" in fields[key] or any(fields["E"][flag] == "1" for flag in flags)
            status = "fault" if failed else "ok"
            found[channel] = Reading(None if failed else float(fields[key]), unit, raw, at, setup, status)
        return found

    def settings_snapshot(self) -> dict[str, Any]:
        """The output format in force."""
        return {"form": self.converse("FORM ?", 1)[0]}

    @property
    def temperature(self) -> Reading:
        """Air temperature, degC."""
        return self.readings()["temperature"]

    @property
    def humidity(self) -> Reading:
        """Relative humidity, %RH."""
        return self.readings()["humidity"]

    @property
    def pressure(self) -> Reading:
        """Air pressure, hPa."""
        return self.readings()["pressure"]
