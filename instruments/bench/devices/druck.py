"""Druck PACE5000: the pressure controller of the bench; SCPI with the header repeated in each answer."""

from __future__ import annotations

from math import inf

from instruments.bench.device import Device, DeviceError, command, number
from instruments.bench.pressure import PressureTruth, Volume

UNITS = {"PA": 1e-3, "HPA": 0.1, "MBAR": 0.1, "KPA": 1.0, "BAR": 100.0, "MPA": 1e3, "PSI": 6.894757293168}  # kPa


class PACE5000(Device):
    """A PACE5000 with a gauge range at a volume of gas; answers one question a message."""

    maker, model, firmware = "GE Druck", "PACE5000 User Interface", "02.00.13"
    message_time = 0.01

    def __init__(self, serial: str, seed: int, truth: PressureTruth) -> None:
        self.truth = truth
        self.volume = Volume(truth, self._tripped)
        super().__init__(serial, seed)

    def reset(self) -> None:
        """Control off, vent closed, mbar."""
        self.unit, self.vent, self.slew_mode = "MBAR", 0, "MAX"
        self.target, self.slew = 0.0, 10.0
        now = getattr(self, "now", 0.0)
        self.volume.go("measure" if self.volume.at(now) else "vent", now)

    def execute(self, message: str) -> str | None:
        """One unit; a question is answered with its own header before the value."""
        answer = super().execute(message)
        return None if answer is None else f"{message.strip().rstrip('?')} {answer}"

    def kpa(self, value: float) -> float:
        """A value in the present unit as kPa."""
        return value * UNITS[self.unit]

    def _tripped(self) -> None:
        self.error(-200, "Over-range: controller tripped")

    def _go(self) -> None:
        slew = self.slew if self.slew_mode == "LIN" else 0.2 * self.truth.full_scale
        self.volume.go(self.volume.mode, self.now, target=self.target, slew=slew)

    # -- commands -----------------------------------------------------------------------------------------------

    @command("SYSTem:ERRor?")
    def _err(self, _: str) -> str:
        code, text = self.errors.popleft() if self.errors else self.no_error
        return f'{code},"{text}"'

    @command("UNIT:PRESsure")
    def _unit(self, argument: str) -> None:
        if argument.upper() not in UNITS:
            raise DeviceError(-224, "Illegal parameter value")
        self.unit = argument.upper()

    @command("UNIT:PRESsure?")
    def _unit_query(self, _: str) -> str:
        return self.unit

    @command("SENSe:PRESsure:INLimits?")
    def _in_limits(self, _: str) -> str:
        true = self.volume.at(self.now)
        shown = true + self.truth.controller_error(true) + self.draw.gauss(0.0, self.truth.noise)
        return f"{shown / UNITS[self.unit]:.7f}, {int(self.volume.is_settled(self.now))}"

    @command("SENSe:PRESsure:BARometer?")
    def _barometer(self, _: str) -> str:
        return f"{self.volume.atmosphere(self.now) / UNITS[self.unit]:.5f}"

    @command("SOURce:PRESsure:RANGe?")
    def _range(self, _: str) -> str:
        return f'"{self.truth.full_scale / 100:.2f}BARG"'

    @command("SOURce:PRESsure:LEVel:IMMediate:AMPLitude")
    def _target(self, argument: str) -> None:
        value = self.kpa(number(argument, -inf, inf))
        if not -100 <= value <= 1.05 * self.truth.full_scale:
            raise DeviceError(-222, "Data out of range")
        self.target = value
        self._go()

    @command("SOURce:PRESsure:LEVel:IMMediate:AMPLitude?")
    def _target_query(self, _: str) -> str:
        return f"{self.target / UNITS[self.unit]:.9g}"

    @command("SOURce:PRESsure:SLEW")
    def _slew(self, argument: str) -> None:
        self.slew = self.kpa(number(argument, 0, inf))
        self._go()

    @command("SOURce:PRESsure:SLEW?")
    def _slew_query(self, _: str) -> str:
        return f"{self.slew / UNITS[self.unit]:.9g}"

    @command("SOURce:PRESsure:SLEW:MODE")
    def _slew_mode(self, argument: str) -> None:
        if argument.upper() not in ("MAX", "LIN"):
            raise DeviceError(-224, "Illegal parameter value")
        self.slew_mode = argument.upper()
        self._go()

    @command("SOURce:PRESsure:SLEW:MODE?")
    def _slew_mode_query(self, _: str) -> str:
        return self.slew_mode

    @command("OUTPut:STATe")
    def _output(self, argument: str) -> None:
        on = argument.upper() in ("1", "ON")
        self.vent = 0 if on else self.vent
        self.volume.go("control" if on else "measure", self.now)
        self._go()

    @command("OUTPut:STATe?")
    def _output_query(self, _: str) -> str:
        self.volume.at(self.now)
        return str(int(self.volume.mode == "control"))

    @command("SOURce:PRESsure:LEVel:IMMediate:AMPLitude:VENT")
    def _vent(self, argument: str) -> None:
        self.vent = int(number(argument, 0, 1))
        self.volume.go("vent" if self.vent else "measure", self.now)

    @command("SOURce:PRESsure:LEVel:IMMediate:AMPLitude:VENT?")
    def _vent_query(self, _: str) -> str:
        if self.vent == 1 and abs(self.volume.at(self.now)) < 0.2:
            self.vent = 2
        return str(self.vent)

    # -- faults -------------------------------------------------------------------------------------------------

    def fault_trip(self) -> None:
        """The regulator runs away until the over-range trip isolates it."""
        self.volume.go("control", self.busy_until)
        self.volume.runaway = True

    def fault_unit_change(self, unit: str = "PSI") -> None:
        """Somebody changes the unit at the front panel."""
        self.unit = unit

    def fault_healthy(self) -> None:
        """The regulator works."""
        self.volume.runaway = False
