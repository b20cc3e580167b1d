"""Fluke 5700A, 5720A, 5730A of the bench: 128 bytes of input buffer, resistances with values of their own."""

from __future__ import annotations

import re
from collections.abc import Callable

from instruments.bench.device import CME, DDE, EXE, QYE, DeviceError, Port, command
from instruments.bench.devices.scpi import Carrying

OHMS = (0.0, 1.0, 1.9, 10.0, 19.0, 100.0, 190.0, 1e3, 1.9e3, 1e4, 1.9e4, 1e5, 1.9e5, 1e6, 1.9e6, 1e7, 1.9e7, 1e8)
BUFFER = 128
EXPLAINED = {
    725: "ILLEGAL LIMIT SETTING", 1300: "BAD SYNTAX", 1301: "ILLEGAL PARAMETER", 539: "OUTPUT VALUE OUT OF RANGE",
    700: "INPUT BUFFER OVERFLOW", 1507: "OUTPUT TRIPPED TO STANDBY",
}  # fmt: skip


class F5700A(Carrying):
    """A 5700A; `own(nominal, unit)` is the characterised value of an output, in V or OHM."""

    maker, model, firmware = "FLUKE", "5700A", "1.6+*"
    no_error = (0, "NO ERROR")
    undefined = (1300, "BAD SYNTAX")

    def __init__(self, serial: str, seed: int, own: Callable[[float, str], float]) -> None:
        self.own = own
        super().__init__(serial, seed)

    def reset(self) -> None:
        """0 V in STANDBY."""
        self.setting, self.unit, self.operating, self.settles = 0.0, "V", False, 0.0

    def talk(self, message: str, now: float, port: Port) -> None:
        """A message longer than the buffer is lost, with an error."""
        if len(message) + 1 > BUFFER:
            self.error(700, EXPLAINED[700], QYE)
            return
        super().talk(message, now, port)

    def actual(self) -> float:
        """What is at the terminals when operating, in `unit`."""
        return self.own(self.setting, self.unit)

    @command("OUT")
    def _out(self, argument: str) -> None:
        found = re.fullmatch(r"([+-]?[\d.]+(?:E[+-]?\d+)?)\s*(V|OHM)(?:\s*,\s*0\s*HZ)?", argument.upper())
        if not found:
            raise DeviceError(1301, EXPLAINED[1301], CME)
        value, unit = float(found[1]), found[2]
        if (unit == "V" and abs(value) > 1100) or (unit == "OHM" and value not in OHMS):
            raise DeviceError(539, EXPLAINED[539])
        if unit == "V" and abs(value) > 22 and abs(value) != abs(self.setting):
            self.operating = False
        self.setting, self.unit, self.settles = value, unit, self.now + 2.0

    @command("OUT?")
    def _out_query(self, _: str) -> str:
        return f"{self.setting:.6E},{self.unit},0E+00"

    @command("ADJOUT?")
    def _adjusted(self, _: str) -> str:
        return f"{self.actual():.8E},{self.unit},0E+00"

    @command("UNCERT?")
    def _uncertainty(self, _: str) -> str:
        return "7.50E+00,PPM"

    @command("OPER")
    def _oper(self, _: str) -> None:
        self.operating, self.settles = True, self.now + 2.0

    @command("STBY")
    def _stby(self, _: str) -> None:
        self.operating = False

    @command("ISR?")
    def _isr(self, _: str) -> str:
        return str(int(self.operating) | (1 << 11) | ((self.operating and self.now >= self.settles) << 12))

    @command("FAULT?")
    def _fault(self, _: str) -> str:
        return str((self.errors.popleft() if self.errors else self.no_error)[0])

    @command("EXPLAIN?")
    def _explain(self, argument: str) -> str:
        return '"' + EXPLAINED.get(int(argument), "UNKNOWN FAULT") + '"'

    @command("ONTIME?")
    def _ontime(self, _: str) -> str:
        return str(int(self.now / 60) + 200)

    @command("EXTSENSE", "EXTGUARD", "RANGELCK", "CUR_POST")
    def _accepted(self, argument: str) -> None:
        if not argument:
            raise DeviceError(1301, EXPLAINED[1301], EXE)

    def fault_trip(self) -> None:
        """The output trips to STANDBY by itself."""
        self.operating = False
        self.error(1507, EXPLAINED[1507], DDE)


class F5720A(F5700A):
    """A 5720A."""

    model = "5720A"


class F5730A(F5700A):
    """A 5730A."""

    model = "5730A"
