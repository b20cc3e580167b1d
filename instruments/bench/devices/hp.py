"""HP/Agilent/Keysight 34401A: the multimeter under test of the bench."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, sin, sqrt

from instruments.bench.device import Device, DeviceError, command, number
from instruments.bench.physics import DAY, Wander
from instruments.bench.truth import Truth

LINE = 50.0  # Hz
RANGES = (0.1, 1.0, 10.0, 100.0, 1000.0)
NPLCS = (0.02, 0.2, 1.0, 10.0, 100.0)
ROUNDING = {0.02: 1e-4, 0.2: 1e-5, 1.0: 3e-6, 10.0: 1e-6, 100.0: 1e-6}  # of range; 6½ digits at 10 and 100
OVERLOAD = 9.9e37
PI = 3.141592653589793
HEADERS = {"VOLT": "VOLT", "VOLT:DC": "VOLT", "VOLT:AC": "VOLT:AC", "CURR": "CURR", "CURR:DC": "CURR", "RES": "RES", "FRES": "FRES"}  # fmt: skip


class HP34401A(Device):
    """A 34401A that looks at the voltage of `source(t)` through `resistance()` with the true errors of `truth`."""

    maker, model, firmware = "HEWLETT-PACKARD", "34401A", "10-5-2"
    queue_length = 20

    def __init__(
        self, serial: str, seed: int, truth: Truth, source: Callable[[float], float], resistance: Callable[[], float]
    ) -> None:
        self.truth, self.source, self.resistance = truth, source, resistance
        self.emf = Wander(f"{seed}/emf", fastest=60)
        self.flicker = Wander(f"{seed}/flicker", fastest=20)
        self.stuck: float | None = None
        self.slowness = 1.0
        self.terminals = "FRON"
        super().__init__(serial, seed)

    def reset(self) -> None:
        """DC volts, autorange, 10 power line cycles, 10 MΩ."""
        self.function, self.size, self.auto, self.nplc = "VOLT", 10.0, True, 10.0
        self.autozero, self.high_impedance, self.samples = True, False, 1
        self.trigger, self.memory = "IMM", [0.0][:0]

    # -- physics ------------------------------------------------------------------------------------------------

    def measure(self) -> float:
        """One reading, taken over its aperture from `now` on; V."""
        aperture = self.nplc / LINE
        self.now += self.slowness * (aperture * (2 if self.autozero else 1) + 0.005)
        if self.stuck is not None:
            return self.stuck
        if self.function != "VOLT":
            return self.draw.gauss(0.0, 1e-6)
        t = self.now
        truth = self.truth
        if self.terminals == "FRON":
            volts = self.source(t) + truth.thermal_emf * self.emf.at(t)
            resistance = self.resistance()
            if resistance:
                volts *= 1 / (1 + resistance / (1e10 if self.high_impedance and self.size <= 10 else 1e7))
        else:
            volts = self.draw.gauss(0.0, 5e-3)  # open leads
        if self.auto:
            self.size = next((size for size in RANGES if abs(volts) <= 1.2 * size), RANGES[-1])
        size = self.size
        m = truth.meter[size]
        away = truth.room.temperature(t) - 23.0
        value = volts * (1 + m.gain + m.drift * t / DAY) * (1 + m.tempco_gain * away)
        value += m.offset + m.tempco_offset * away + m.linearity * size * sin(PI * volts / size)
        value += self.draw.gauss(0.0, m.noise / sqrt(self.nplc)) + m.flicker * self.flicker.at(t)
        if not self.autozero:
            value += 2e-6 * size * self.flicker.at(t / 3)
        if self.nplc < 1:
            value += 3e-5 * size * sin(2 * PI * LINE * t)  # pickup of the line is not averaged out
        if abs(value) > (1.05 if size == 1000 else 1.2) * size:
            return OVERLOAD if value > 0 else -OVERLOAD
        step = size * ROUNDING[self.nplc]
        return round(value / step) * step

    # -- commands -----------------------------------------------------------------------------------------------

    @command("READ?")
    def _read(self, _: str) -> str:
        if self.trigger != "IMM":
            raise DeviceError(-214, "Trigger deadlock")
        if self.samples == 1:
            return f"{self.measure():+.8E}"
        return ",".join(f"{self.measure():+.8E}" for _ in range(self.samples))

    @command("INITiate")
    def _init(self, _: str) -> None:
        self.memory = [self.measure() for _ in range(self.samples)]

    @command("FETCh?")
    def _fetch(self, _: str) -> str:
        if not self.memory:
            raise DeviceError(-230, "Data stale")
        return ",".join(f"{value:+.8E}" for value in self.memory)

    @command("[SENSe:]FUNCtion")
    def _function(self, argument: str) -> None:
        name = argument.strip("\"'").upper().replace("VOLTAGE", "VOLT").replace("RESISTANCE", "RES")
        if name not in HEADERS:
            raise DeviceError(-224, "Illegal parameter value")
        self.function, self.auto = HEADERS[name], True

    @command("[SENSe:]FUNCtion?")
    def _function_query(self, _: str) -> str:
        return f'"{self.function}"'

    @command("[SENSe:]VOLTage[:DC]:RANGe")
    def _range(self, argument: str) -> None:
        wanted = {"MIN": RANGES[0], "MAX": RANGES[-1]}.get(argument.upper())
        wanted = number(argument, -inf, inf) if wanted is None else wanted
        size = next((size for size in RANGES if abs(wanted) <= 1.2 * size or size == abs(wanted)), None)
        if size is None:
            raise DeviceError(-222, "Data out of range")
        self.size, self.auto = size, False

    @command("[SENSe:]VOLTage[:DC]:RANGe?")
    def _range_query(self, _: str) -> str:
        return f"{self.size:+.8E}"

    @command("[SENSe:]VOLTage[:DC]:RANGe:AUTO")
    def _auto(self, argument: str) -> None:
        self.auto = _flag(argument)

    @command("[SENSe:]VOLTage[:DC]:RANGe:AUTO?")
    def _auto_query(self, _: str) -> str:
        return str(int(self.auto))

    @command("[SENSe:]VOLTage[:DC]:NPLCycles")
    def _nplc(self, argument: str) -> None:
        value = number(argument, 0, 100)
        self.nplc = next(nplc for nplc in NPLCS if value <= nplc)

    @command("[SENSe:]VOLTage[:DC]:NPLCycles?")
    def _nplc_query(self, _: str) -> str:
        return f"{self.nplc:+.8E}"

    @command("[SENSe:]ZERO:AUTO")
    def _zero(self, argument: str) -> None:
        self.autozero = argument.upper() == "ONCE" or _flag(argument)

    @command("[SENSe:]ZERO:AUTO?")
    def _zero_query(self, _: str) -> str:
        return str(int(self.autozero))

    @command("INPut:IMPedance:AUTO")
    def _impedance(self, argument: str) -> None:
        self.high_impedance = _flag(argument)

    @command("INPut:IMPedance:AUTO?")
    def _impedance_query(self, _: str) -> str:
        return str(int(self.high_impedance))

    @command("TRIGger:SOURce")
    def _trigger(self, argument: str) -> None:
        if argument.upper() not in ("IMM", "BUS", "EXT"):
            raise DeviceError(-224, "Illegal parameter value")
        self.trigger = argument.upper()

    @command("SAMPle:COUNt")
    def _samples(self, argument: str) -> None:
        self.samples = int(number(argument, 1, 50000))

    @command("*TRG")
    def _trg(self, _: str) -> None:
        self.memory = [self.measure()]

    @command("CONFigure?")
    def _configured(self, _: str) -> str:
        return f'"{self.function} {self.size:+.6E},{self.size * ROUNDING[self.nplc]:+.6E}"'

    @command("ROUTe:TERMinals?")
    def _terminals(self, _: str) -> str:
        return self.terminals

    @command("SYSTem:ERRor?")
    def _err(self, _: str) -> str:
        code, text = self.errors.popleft() if self.errors else self.no_error
        return f'{code:+d},"{text}"'

    @command("SYSTem:REMote", "SYSTem:LOCal", "*PSC")
    def _remote(self, _: str) -> None:
        return

    # -- faults -------------------------------------------------------------------------------------------------

    def fault_range_change(self, range: float = 1000.0) -> None:
        """Somebody presses a range key."""
        self.size, self.auto = float(range), False

    def fault_function_change(self, function: str = "VOLT:AC") -> None:
        """Somebody presses a function key."""
        self.function = function

    def fault_stuck_reading(self, value: float = 1.0) -> None:
        """The same reading for ever."""
        self.stuck = float(value)

    def fault_slow(self, times: float = 100.0) -> None:
        """Everything takes so many times as long."""
        self.slowness = float(times)

    def fault_wrong_terminal(self) -> None:
        """The leads are at the front, the switch says rear."""
        self.terminals = "REAR"

    def fault_healthy(self) -> None:
        """The instrument as it should be."""
        self.stuck, self.slowness, self.terminals = None, 1.0, "FRON"


def _flag(text: str) -> bool:
    if text.upper() in ("1", "ON"):
        return True
    if text.upper() in ("0", "OFF"):
        return False
    raise DeviceError(-224, "Illegal parameter value")
