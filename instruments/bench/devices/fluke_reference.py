"""Fluke 8508A, 8588A, 8558A of the bench; what they see is a callable."""

from __future__ import annotations

import re

from instruments.bench.device import CME, DeviceError, command, number
from instruments.bench.devices.scpi import ON_OFF, Carrying, Knob, ScpiDevice, Value, words

FLAGS = {"FILT_OFF", "FILT_ON", "FAST_ON", "FAST_OFF", "TWO_WR", "FOUR_WR", "LOI_ON", "LOI_OFF", "TFER_ON", "TFER_OFF",
         "FILT40HZ", "FILT100HZ", "ACCP", "DCCP"}  # fmt: skip
FUNCTIONS = ("VOLT", "VOLT:AC", "CURR", "CURR:AC", "RES", "FRES")


class F8508A(Carrying):
    """An 8508A that sees `value(t)` in the unit of its function: 2 counts of overrange, no error queue but *ESR?."""

    maker, model, firmware = "FLUKE", "8508A", "1.14"

    def __init__(self, serial: str, seed: int, value: Value) -> None:
        self.value = value
        super().__init__(serial, seed)

    def reset(self) -> None:
        """DC volts, 1 kV, triggering by itself, front terminals."""
        self.function, self.size, self.resolution = "DCV", 1000.0, 6
        self.flags: set[str] = set()
        self.trigger, self.input = "INT", "FRONT"

    def _configure(self, function: str, argument: str) -> None:
        for item in argument.upper().split(","):
            if found := re.fullmatch(r"RESL([5-8])", item):
                self.resolution = int(found[1])
            elif item in FLAGS:
                self.flags.add(item)
            elif item != "AUTO":
                self.size = number(item, 0, 1100 if function.endswith("V") else 2e10)
        self.function = function

    @command("DCV")
    def _dcv(self, argument: str) -> None:
        self._configure("DCV", argument)

    @command("ACV")
    def _acv(self, argument: str) -> None:
        self._configure("ACV", argument)

    @command("DCI")
    def _dci(self, argument: str) -> None:
        self._configure("DCI", argument)

    @command("OHMS", "TRUE_OHMS")
    def _ohms(self, argument: str) -> None:
        self._configure("OHMS", argument)

    @command("TRG_SRCE")
    def _source(self, argument: str) -> None:
        if argument.upper() not in ("INT", "EXT"):
            raise DeviceError(1, "trigger source", CME)
        self.trigger = argument.upper()

    @command("INPUT")
    def _input(self, argument: str) -> None:
        if argument.upper() not in ("FRONT", "REAR", "OFF"):
            raise DeviceError(1, "input", CME)
        self.input = argument.upper()

    @command("GUARD")
    def _guard(self, _: str) -> None:
        return

    @command("MZERO?")
    def _zero(self, _: str) -> str:
        self.now += 60.0
        return "0"

    @command("X?", "RDG?")
    def _read(self, _: str) -> str:
        self.now += 6.4
        value = self.value(self.now)
        if abs(value) > 2 * self.size:
            return "+2.00000000E+35" if value > 0 else "-2.00000000E+35"
        return f"{value:+.8E}"


class F8588A(ScpiDevice):
    """An 8588A that sees `value(t)` in the unit of its function, and overloads above 2.02 times its range."""

    maker, model, firmware = "FLUKE", "8588A", "1.38"
    reply_end = b"\r\n"
    knobs = (
        Knob("[SENSe:]FUNCtion", '"VOLT"', words(*(f'"{name}"' for name in FUNCTIONS))),
        *(Knob(f"[SENSe:]{name}:RANGe", 1000.0, low=0, high=1e10) for name in FUNCTIONS),
        *(Knob(f"[SENSe:]{name}:RANGe:AUTO", "1", ON_OFF) for name in FUNCTIONS),
        *(Knob(f"[SENSe:]{name}:NPLCycles", 10.0, low=0, high=500) for name in FUNCTIONS if not name.endswith("AC")),
    )

    def __init__(self, serial: str, seed: int, value: Value) -> None:
        self.value = value
        self.terminals = "FRONT"
        super().__init__(serial, seed)

    def turned(self, notation: str) -> None:
        """A range ends autoranging."""
        if notation.endswith("RANGe"):
            self.at[f"{notation}:AUTO"] = "0"

    @command("READ?")
    def _read(self, _: str) -> str:
        name = str(self.at["[SENSe:]FUNCtion"]).strip('"')
        self.now += 2 * float(self.at.get(f"[SENSe:]{name}:NPLCycles", 10.0)) / 50 + 0.005
        value = self.value(self.now)
        fixed = self.at[f"[SENSe:]{name}:RANGe:AUTO"] == "0"
        if fixed and abs(value) > 2.02 * self.figure(f"[SENSe:]{name}:RANGe"):
            return "+9.90000000E+37" if value > 0 else "-9.90000000E+37"
        return f"{value:+.8E}"

    @command("ROUTe:TERMinals?")
    def _terminals(self, _: str) -> str:
        return self.terminals

    def fault_wrong_terminal(self) -> None:
        """The switch says rear."""
        self.terminals = "REAR"


class F8558A(F8588A):
    """An 8558A."""

    model = "8558A"
