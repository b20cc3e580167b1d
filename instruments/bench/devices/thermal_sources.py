"""Dry wells and baths of the thermal bench: the Fluke 914x family and the Hart 7341."""

from __future__ import annotations

import re

from instruments.bench.device import Device, DeviceError, command, number
from instruments.bench.devices.scpi import ON_OFF, Knob
from instruments.bench.devices.thermal import CELSIUS_OR_F, HartDevice
from instruments.bench.devices.thermal_physics import Block


class F9144(HartDevice):
    """A dry well: `block` holds what its control sensor takes for the set-point. The heater is off after power on."""

    model, firmware = "9144", "1.32"
    reply_end = b"\r\n"
    knobs = (
        Knob("UNIT:TEMPerature", "C", CELSIUS_OR_F),
        Knob("OUTPut:STATe", "0", ON_OFF),
        Knob("SOURce:STABility:LIMit", 0.05, low=0.01, high=9.99),
    )

    def __init__(self, serial: str, seed: int, block: Block) -> None:
        self.block = block
        self.stuck: float | None = None
        super().__init__(serial, seed)

    def reset(self) -> None:
        """Heater off, set to 25 degC or the lowest."""
        super().reset()
        self.setpoint = max(25.0, self.block.low)
        self._go(False)

    def _go(self, on: bool) -> None:
        self.block.go(getattr(self, "now", 0.0), target=self.block.true_target(self.setpoint), on=on)

    def turned(self, notation: str) -> None:
        """Control on or off."""
        if notation == "OUTPut:STATe":
            self._go(self.at[notation] == "1")

    @command("SOURce:SPOint")
    def _set(self, argument: str) -> None:
        value = number(argument, -1e4, 1e4)
        t = value if self.at[self.unit_header] == "C" else (value - 32.0) / 1.8
        if not self.block.low - 1e-9 <= t <= self.block.high + 1e-9:
            raise DeviceError(-222, "Data out of range")
        self.setpoint = t
        self._go(self.block.on)

    @command("SOURce:SPOint?")
    def _set_query(self, _: str) -> str:
        return f"{self.in_unit(self.setpoint):.2f}"

    @command("SOURce:SENSor:DATA?")
    def _data(self, _: str) -> str:
        t = self.block.indication(self.now) if self.stuck is None else self.stuck
        return f"{self.in_unit(t):.3f}"

    @command("SOURce:STABility:TEST?")
    def _stable(self, _: str) -> str:
        limit = self.figure("SOURce:STABility:LIMit") / (1.0 if self.at[self.unit_header] == "C" else 1.8)
        return str(int(self.block.is_stable(self.now, limit)))

    # -- faults -------------------------------------------------------------------------------------------------

    def fault_trip(self) -> None:
        """The over-temperature cut-out switches the heater off."""
        self.now = max(self.now, self.busy_until)
        self.at["OUTPut:STATe"] = "0"
        self._go(False)
        self.error(-300, "Cutout tripped")

    def fault_stuck_reading(self) -> None:
        """The display stands still."""
        self.stuck = self.block.indication(self.busy_until)

    def fault_healthy(self) -> None:
        """The display moves, degC."""
        self.stuck = None
        self.at[self.unit_header] = "C"


class F9142(F9144):
    """A dry well that cools as well."""

    model = "9142"


class HartBath(Device):
    """A 7341: letters, no errors, no serial number. Heats or cools whenever it is on; echoes until du=h."""

    maker, model, firmware = "HART", "7341", "1.21"
    reply_end = b"\r\n"
    message_time = 0.05

    def __init__(self, serial: str, seed: int, block: Block) -> None:
        self.block = block
        self.stuck: float | None = None
        super().__init__(serial, seed)

    def reset(self) -> None:
        """25 degC, echo, CR LF."""
        self.unit, self.echo = "C", True
        self.setpoint = 25.0
        self.block.go(getattr(self, "now", 0.0), target=self.block.true_target(self.setpoint), on=True)

    def shown(self, t: float) -> str:
        """A temperature as it writes it."""
        return f"{t if self.unit == 'C' else t * 1.8 + 32.0:.2f} {self.unit}"

    def execute(self, message: str) -> str | None:
        """One command a line; what it does not know it does not answer."""
        echo, text = self.echo, message.strip().lower()
        answer = self._answer(text)
        if not echo:
            return answer
        return message if answer is None else f"{message}\r\n{answer}"

    def _answer(self, text: str) -> str | None:
        if "=" in text:
            self._told(*text.split("=", 1))
            return None
        t = self.block.indication(self.now) if self.stuck is None else self.stuck
        answers = {
            "s": f"set: {self.shown(self.setpoint)}",
            "t": f"t: {self.shown(t)}",
            "u": f"u: {self.unit}",
            "po": f"po: {self.block.power(self.now):.0f}",
            "*ver": f"ver.{self.model},{self.firmware}",
        }
        return answers.get(text)

    def _told(self, word: str, data: str) -> None:
        if word == "du":
            self.echo = not data.startswith("h")
        elif word == "u" and data[:1] in ("c", "f"):
            self.unit = data[0].upper()
        elif word == "s" and re.fullmatch(r"[+-]?\d+(\.\d*)?", data):
            t = float(data) if self.unit == "C" else (float(data) - 32.0) / 1.8
            if self.block.low <= t <= self.block.high:
                self.setpoint = t
                self.block.go(self.now, target=self.block.true_target(t))

    # -- faults -------------------------------------------------------------------------------------------------

    def fault_unit_change(self, unit: str = "F") -> None:
        """Somebody changes the unit at the front panel."""
        self.unit = unit

    def fault_stuck_reading(self) -> None:
        """The display stands still."""
        self.stuck = self.block.indication(self.busy_until)

    def fault_healthy(self) -> None:
        """The display moves, degC."""
        self.stuck, self.unit = None, "C"
