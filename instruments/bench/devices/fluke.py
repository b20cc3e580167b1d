"""Fluke 5522A: DC voltage source of the bench."""

from __future__ import annotations

import re

from instruments.bench.device import DDE, EAV, EXE, Device, DeviceError, command
from instruments.bench.physics import Settling
from instruments.bench.truth import Truth

HAZARDOUS = 33.0  # V: above it a new output drops to STANDBY, and HIVOLT is set
# Name of the range, its upper end in V, settling time constant in s, reply of RANGE?, resolution in V.
RANGES = (
    ("330 mV", 0.3299999, 0.08, "DC330MV", 1e-7),
    ("3.3 V", 3.299999, 0.05, "DC3_3V", 1e-6),
    ("33 V", 32.99999, 0.08, "DC33V", 1e-5),
    ("330 V", 329.9999, 0.25, "DC330V", 1e-4),
    ("1000 V", 1020.0, 0.40, "DC1000V", 1e-3),
)
UNITS = {"UV": 1e-6, "MV": 1e-3, "V": 1.0, "KV": 1e3}
OPER, HIVOLT, REMOTE, SETTLED = 1 << 0, 1 << 7, 1 << 11, 1 << 12


class Fluke5522A(Device):
    """A 5522A with the true errors of `truth`; its voltage at a moment is `voltage(t)`."""

    maker, model, firmware = "FLUKE", "5522A", "1.5+1.3+2.0+*"
    no_error = (0, "No Error")
    undefined = (1300, "Bad syntax")
    overflow = (-350, "Queue overflow")
    queue_length = 16

    def __init__(self, serial: str, seed: int, truth: Truth) -> None:
        self.truth = truth
        self.output = Settling()
        self._ranged = (0.0, RANGES[0])
        super().__init__(serial, seed)

    def reset(self) -> None:
        """0 V in STANDBY."""
        self.setting, self.operating = 0.0, False
        self.output.go(0.0, 0.01, self.now if hasattr(self, "now") else 0.0)

    # -- physics ------------------------------------------------------------------------------------------------

    def range(self) -> tuple[str, float, float, str, float]:
        """The range that the present setting needs."""
        if self.setting != self._ranged[0]:
            self._ranged = (self.setting, next(r for r in RANGES if abs(self.setting) <= r[1]))
        return self._ranged[1]

    def voltage(self, t: float) -> float:
        """True voltage at the terminals at t, V; in STANDBY the terminals are at rest."""
        value = self.output.at(t)
        if self.operating:
            name = self.range()[0]
            gain, zero = self.truth.calibrator_tempco[name]
            away = self.truth.room.temperature(t) - 23.0
            value += (self.setting * gain + zero) * away
            value += self.draw.gauss(0.0, self.truth.calibrator_noise * max(0.1, abs(self.setting)))
        return value

    def resistance(self) -> float:
        """Source resistance of the present range, ohm."""
        return self.truth.source_resistance[self.range()[0]]

    def _go(self) -> None:
        name, _, tau, _, _ = self.range()
        target = self.setting + self.truth.calibrator_error(name, self.setting) if self.operating else 0.0
        self.output.go(target, tau, self.now)

    def is_settled(self, t: float) -> bool:
        """Whether the output has settled to within its specification."""
        _, upper, *_ = self.range()
        return self.operating and abs(self.output.residual(t)) <= 2e-7 * abs(self.setting) + 2e-7 * upper

    # -- commands -----------------------------------------------------------------------------------------------

    def status_byte(self, message_available: bool = False) -> int:
        """The status byte, with EAV."""
        return super().status_byte(message_available) | (EAV if self.errors else 0)

    @command("OUT")
    def _out(self, argument: str) -> None:
        value = re.fullmatch(r"([+-]?[\d.]+(?:E[+-]?\d+)?)\s*(UV|MV|KV|V)(?:\s*,\s*0\s*HZ)?", argument.upper())
        if not value:
            raise DeviceError(1301, "Illegal parameter")
        setting = float(value[1]) * UNITS[value[2]]
        if abs(setting) > RANGES[-1][1]:
            raise DeviceError(539, "Output value is out of range")
        resolution = next(r for r in RANGES if abs(setting) <= r[1])[4]
        setting = round(setting / resolution) * resolution
        setting = float(f"{setting:.9g}")
        if abs(setting) > HAZARDOUS and abs(setting) != abs(self.setting):
            self.operating = False
        self.setting = setting
        self._go()

    @command("OUT?")
    def _out_query(self, _: str) -> str:
        return f"{self.setting:.6E},V,0E+00,0,0.00E+00"

    @command("OPER")
    def _oper(self, _: str) -> None:
        self.operating = True
        self._go()

    @command("OPER?")
    def _oper_query(self, _: str) -> str:
        return str(int(self.operating))

    @command("STBY")
    def _stby(self, _: str) -> None:
        self.operating = False
        self._go()

    @command("RANGE?")
    def _range_query(self, _: str) -> str:
        return f"{self.range()[3]},0"

    @command("FUNC?")
    def _func(self, _: str) -> str:
        return "DCV"

    @command("ISR?")
    def _isr(self, _: str) -> str:
        bits = REMOTE | (OPER if self.operating else 0) | (HIVOLT if abs(self.setting) > HAZARDOUS else 0)
        return str(bits | (SETTLED if self.is_settled(self.now) else 0))

    @command("ERR?")
    def _err(self, _: str) -> str:
        code, text = self.errors.popleft() if self.errors else self.no_error
        return f'{code},"{text}"'

    @command("FAULT?")
    def _fault(self, _: str) -> str:
        return str((self.errors.popleft() if self.errors else self.no_error)[0])

    @command("EARTH", "LOWS", "EXTSENSE", "RANGELCK")
    def _accepted(self, argument: str) -> None:
        if not argument:
            raise DeviceError(1301, "Illegal parameter", EXE)

    @command("ONTIME?")
    def _ontime(self, _: str) -> str:
        return str(int(self.now / 60) + 240)

    # -- faults -------------------------------------------------------------------------------------------------

    def fault_trip(self) -> None:
        """The output trips to STANDBY by itself."""
        self.operating = False
        self.now = self.busy_until
        self._go()
        self.error(1507, "Output tripped to standby", DDE)

    def fault_range_change(self, setting: float = 0.0) -> None:
        """Somebody sets another value at the front panel."""
        self.now = self.busy_until
        self.setting = float(setting)
        self._go()
