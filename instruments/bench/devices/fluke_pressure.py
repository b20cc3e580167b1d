"""Fluke 6270A: a pressure controller of the bench."""

from __future__ import annotations

from math import inf

from instruments.bench.device import Device, DeviceError, command, number
from instruments.bench.pressure import PressureTruth, Volume

UNITS = {"PA": 1e-3, "HPA": 0.1, "MBAR": 0.1, "KPA": 1.0, "BAR": 100.0, "MPA": 1e3, "PSI": 6.894757293168}  # kPa
MODES = {"CONT": "control", "MEAS": "measure", "VENT": "vent"}


class F6270A(Device):
    """A 6270A in gauge mode at a volume of gas."""

    maker, model, firmware = "FLUKE", "6270A", "1.20"
    message_time = 0.01

    def __init__(self, serial: str, seed: int, truth: PressureTruth) -> None:
        self.truth = truth
        self.volume = Volume(truth, lambda: self.error(-200, "Over-range: controller tripped"))
        super().__init__(serial, seed)

    def reset(self) -> None:
        """Vented, kPa."""
        self.unit, self.mode, self.on, self.sense = "KPA", "VENT", False, "GAUGE"
        self.target, self.slew, self.tolerance = 0.0, 10.0, 2e-5 * self.truth.full_scale
        self.volume.go("vent", getattr(self, "now", 0.0))

    def _go(self) -> None:
        mode = "measure" if self.mode == "CONT" and not self.on else MODES[self.mode]
        self.volume.go(mode, self.now, target=self.target, slew=self.slew)

    # -- commands -----------------------------------------------------------------------------------------------

    @command("SYSTem:ERRor?")
    def _err(self, _: str) -> str:
        code, text = self.errors.popleft() if self.errors else self.no_error
        return f'{code:+d},"{text}"'

    @command("MEASure:PRESsure?")
    def _measure(self, _: str) -> str:
        true = self.volume.at(self.now)
        shown = true + self.truth.controller_error(true) + self.draw.gauss(0.0, self.truth.noise)
        return f"{shown / UNITS[self.unit]:+.8E}"

    @command("STATus:OPERation:CONDition?")
    def _condition(self, _: str) -> str:
        near = abs(self.volume.at(self.now) - self.target) <= self.tolerance
        return str(16 if near and self.volume.mode == "control" else 0)

    @command("SENSe:PRESsure:MODE?")
    def _sense(self, _: str) -> str:
        return self.sense

    @command("UNIT:PRESsure")
    def _unit(self, argument: str) -> None:
        if argument.upper() not in UNITS:
            raise DeviceError(-224, "Illegal parameter value")
        self.unit = argument.upper()

    @command("UNIT:PRESsure?")
    def _unit_query(self, _: str) -> str:
        return self.unit

    @command("OUTPut:PRESsure:MODE")
    def _mode(self, argument: str) -> None:
        if argument.upper()[:4] not in MODES:
            raise DeviceError(-224, "Illegal parameter value")
        self.mode = argument.upper()[:4]
        self._go()

    @command("OUTPut:PRESsure:MODE?")
    def _mode_query(self, _: str) -> str:
        return {"CONT": "CONTROL", "MEAS": "MEASURE", "VENT": "VENT"}[self.mode]

    @command("OUTPut:STATe")
    def _state(self, argument: str) -> None:
        self.on = argument.upper() in ("1", "ON")
        self._go()

    @command("OUTPut:STATe?")
    def _state_query(self, _: str) -> str:
        return str(int(self.on))

    @command("SOURce:PRESsure:SLEW")
    def _slew(self, argument: str) -> None:
        self.slew = number(argument, 0, inf) * UNITS[self.unit]
        self._go()

    @command("SOURce:PRESsure:SLEW?")
    def _slew_query(self, _: str) -> str:
        return f"{self.slew / UNITS[self.unit]:.9g}"

    @command("SOURce:PRESsure:TOLerance")
    def _tolerance(self, argument: str) -> None:
        self.tolerance = number(argument, 0, inf) * UNITS[self.unit]

    @command("SOURce:PRESsure:TOLerance?")
    def _tolerance_query(self, _: str) -> str:
        return f"{self.tolerance / UNITS[self.unit]:.9g}"

    @command("SOURce:PRESsure:LEVel:IMMediate:AMPLitude")
    def _target(self, argument: str) -> None:
        value = number(argument, -inf, inf) * UNITS[self.unit]
        if not -100 <= value <= 1.05 * self.truth.full_scale:
            return self.error(-222, "Data out of range")  # an execution error: what follows is still answered
        self.target = value
        return self._go()

    @command("SOURce:PRESsure:LEVel:IMMediate:AMPLitude?")
    def _target_query(self, _: str) -> str:
        return f"{self.target / UNITS[self.unit]:.9g}"

    # -- faults -------------------------------------------------------------------------------------------------

    def fault_trip(self) -> None:
        """The regulator runs away until the over-range trip isolates it."""
        self.mode, self.on = "CONT", True
        self.volume.go("control", self.busy_until)
        self.volume.runaway = True

    def fault_unit_change(self, unit: str = "PSI") -> None:
        """Somebody changes the unit at the front panel."""
        self.unit = unit

    def fault_function_change(self, sense: str = "ABSOLUTE") -> None:
        """Somebody changes to absolute pressure."""
        self.sense = sense
