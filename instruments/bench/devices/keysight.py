"""Keysight: Truevolt multimeters, 53230A counter, E4980A LCR meter, N1913A power meter; what they see is a callable."""

from __future__ import annotations

from collections.abc import Callable
from math import log10
from typing import ClassVar

from instruments.bench.device import DeviceError, command
from instruments.bench.devices.scpi import ON_OFF, Knob, ScpiDevice, Value, words

OVERLOAD, NOTHING = "+9.90000000E+37", "+9.91000000E+37"
FUNCTIONS = ("VOLT", "VOLT:AC", "CURR", "CURR:AC", "RES", "FRES")
LONG = {"VOLT": "VOLTage", "VOLT:AC": "VOLTage:AC", "CURR": "CURRent", "CURR:AC": "CURRent:AC", "RES": "RESistance",
        "FRES": "FRESistance"}  # fmt: skip


def _of_functions() -> tuple[Knob, ...]:
    knobs = []
    for name in FUNCTIONS:
        knobs.append(Knob(f"[SENSe:]{LONG[name]}:RANGe", 10.0, low=0, high=1e9))
        knobs.append(Knob(f"[SENSe:]{LONG[name]}:RANGe:AUTO", "1", ON_OFF))
        if not name.endswith("AC"):
            knobs.append(Knob(f"[SENSe:]{LONG[name]}:NPLCycles", 10.0, low=0.02, high=100))
            knobs.append(Knob(f"[SENSe:]{LONG[name]}:ZERO:AUTO", "1", ON_OFF))
    return tuple(knobs)


class K34461A(ScpiDevice):
    """A 34461A that sees `value(t)` in the unit of its function, and overloads above 1.2 times its range."""

    maker, model, firmware = "Keysight Technologies", "34461A", "A.02.08-02.37-02.08-00.49-01-01"
    knobs = (
        Knob("[SENSe:]FUNCtion", '"VOLT"', {f'"{name}"': f'"{name}"' for name in FUNCTIONS}),
        *_of_functions(),
        Knob("VOLTage:IMPedance:AUTO", "0", ON_OFF),
    )

    def __init__(self, serial: str, seed: int, value: Value) -> None:
        self.value = value
        self.terminals = "FRON"
        super().__init__(serial, seed)

    def turned(self, notation: str) -> None:
        """A range ends autoranging."""
        if notation.endswith("RANGe"):
            self.at[f"{notation}:AUTO"] = "0"

    @command("READ?")
    def _read(self, _: str) -> str:
        name = LONG[str(self.at["[SENSe:]FUNCtion"]).strip('"')]
        self.now += 2 * float(self.at.get(f"[SENSe:]{name}:NPLCycles", 10.0)) / 50 + 0.005
        value = self.value(self.now)
        if self.at[f"[SENSe:]{name}:RANGe:AUTO"] == "0" and abs(value) > 1.2 * self.figure(f"[SENSe:]{name}:RANGe"):
            return OVERLOAD if value > 0 else OVERLOAD.replace("+", "-", 1)
        return f"{value:+.8E}"

    @command("ROUTe:TERMinals?")
    def _terminals(self, _: str) -> str:
        return self.terminals

    def fault_wrong_terminal(self) -> None:
        """The switch says rear."""
        self.terminals = "REAR"

    def fault_range_change(self, range: float = 1000.0) -> None:
        """Somebody presses a range key."""
        name = LONG[str(self.at["[SENSe:]FUNCtion"]).strip('"')]
        self.at[f"[SENSe:]{name}:RANGe"] = float(range)


class K34465A(K34461A):
    """A 34465A."""

    model = "34465A"


class K34470A(K34461A):
    """A 34470A."""

    model = "34470A"


class K53230A(ScpiDevice):
    """A 53230A that sees a signal of `frequency(t)` Hz; 0 or less is no signal."""

    maker, model, firmware = "Keysight Technologies", "53230A", "02.05-1519.666-1.19-4.15-127-155-35"
    knobs = (
        Knob("[SENSe:]FUNCtion", '"FREQ 1"', words('"FREQ 1"', '"PER 1"')),
        Knob("[SENSe:]FREQuency:GATE:TIME", 0.1, low=1e-6, high=1000),
        Knob("[SENSe:]ROSCillator:SOURce", "INT", words("INT", "EXT", INTERNAL="INT", EXTERNAL="EXT")),
        Knob("INPut1:IMPedance", 1e6, low=50, high=1e6),
        Knob("INPut1:COUPling", "AC", words("AC", "DC")),
        Knob("INPut1:LEVel", 0.0, low=-50, high=50),
    )

    def __init__(self, serial: str, seed: int, frequency: Value) -> None:
        self.frequency = frequency
        self.external = True  # whether the laboratory's standard is at the rear
        super().__init__(serial, seed)

    @command("READ?")
    def _read(self, _: str) -> str:
        if self.at["[SENSe:]ROSCillator:SOURce"] == "EXT" and not self.external:
            raise DeviceError(-241, "Hardware missing; external timebase")
        self.now += self.figure("[SENSe:]FREQuency:GATE:TIME")
        found = self.frequency(self.now)
        if found <= 0:
            return NOTHING
        return f"{found if 'FREQ' in str(self.at['[SENSe:]FUNCtion']) else 1 / found:+.14E}"


class E4980A(ScpiDevice):
    """An E4980A that sees `parameters(t)`: primary, secondary; status as in table of p. 261 of its guide."""

    maker, model, firmware = "Keysight Technologies", "E4980A", "A.06.15"
    knobs = (
        Knob("FUNCtion:IMPedance[:TYPE]", "CPD", words("CPD", "CPQ", "CSD", "LSQ", "LSRS", "RX", "ZTD", "ZTR", "GB")),
        Knob("FREQuency", 1000.0, low=20, high=2e6),
        Knob("VOLTage", 1.0, low=0, high=2),
        Knob("APERture", "MED,1", words("SHOR,1", "MED,1", "LONG,1")),
        Knob("TRIGger:SOURce", "INT", words("INT", "BUS", "EXT", "HOLD")),
    )

    def __init__(self, serial: str, seed: int, parameters: Callable[[float], tuple[float, float]]) -> None:
        self.parameters = parameters
        self.status = 0
        super().__init__(serial, seed)

    def reset(self) -> None:
        """Nothing measured yet."""
        super().reset()
        self.answer: str | None = None

    @command("TRIGger:IMMediate", "TRIGger[:IMMediate]")
    def _trigger(self, _: str) -> None:
        if self.at["TRIGger:SOURce"] != "BUS":
            raise DeviceError(-211, "Trigger ignored")
        self.now += {"SHOR,1": 0.012, "MED,1": 0.09, "LONG,1": 0.22}[str(self.at["APERture"])]
        values = self.parameters(self.now) if self.status in (0, 3, 4) else (9.9e37, 9.9e37)
        self.answer = f"{values[0]:+.5E},{values[1]:+.5E},{self.status:+d}"

    @command("FETCh[:IMPedance]?")
    def _fetch(self, _: str) -> str:
        if self.answer is None:
            raise DeviceError(-230, "Data corrupt or stale")
        return self.answer


class N1913A(ScpiDevice):
    """An N1913A whose sensor sees `power(t)` W; uncalibrated it indicates 5 % too much, overload above 100 mW."""

    maker, model, firmware = "Keysight Technologies", "N1913A", "A1.01.07"
    most: ClassVar[float] = 0.1  # W
    knobs = (
        Knob("UNIT1:POWer", "DBM", words("DBM", "W")),
        Knob("INITiate1:CONTinuous", "1", ON_OFF),
        Knob("[SENSe1:]FREQuency", 50e6, low=1e3, high=1e12),
        Knob("OUTPut:ROSCillator", "0", ON_OFF),
    )

    def __init__(self, serial: str, seed: int, power: Value) -> None:
        self.power = power
        super().__init__(serial, seed)

    def reset(self) -> None:
        """Neither zeroed nor calibrated."""
        super().reset()
        self.zeroed = self.calibrated = False

    @command("CALibration1:ZERO:AUTO")
    def _zero(self, _: str) -> None:
        self.now += 11.0
        if self.power(self.now) > 1e-6:
            raise DeviceError(-231, "Data questionable;ZERO ERROR")
        self.zeroed = True

    @command("CALibration1:AUTO")
    def _calibrate(self, _: str) -> None:
        self.now += 13.0
        if not abs(self.power(self.now) - 1e-3) < 1e-4:
            raise DeviceError(-231, "Data questionable;CAL ERROR")
        self.calibrated = True

    @command("READ1?")
    def _read(self, _: str) -> str:
        if self.at["INITiate1:CONTinuous"] == "1":
            raise DeviceError(-213, "INIT ignored")
        self.now += 1.0
        watts = self.power(self.now) * (1.0 if self.calibrated else 1.05)
        if not 0 < watts <= self.most:
            return NOTHING
        return f"{watts if self.at['UNIT1:POWer'] == 'W' else 10 * log10(watts / 1e-3):+.8E}"
