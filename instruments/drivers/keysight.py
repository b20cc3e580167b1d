"""Keysight (Agilent): Truevolt multimeters, 53230A counter, N1913A power meter; the E4980A is in keysight_lcr."""

from __future__ import annotations

from typing import Any

from instruments.declare import Choice, Flag, Measurement, Setting
from instruments.errors import ScpiErrors
from instruments.faults import SettingNotAllowed
from instruments.roles import Counter, Multimeter, PowerMeter

MAKER = r"(?i)(Keysight|Agilent)[^,]*,\s*"


def _aperture(meter: K34461A) -> float:
    """One reading with autozero on a 50 Hz line; 100 cycles where nobody has set them."""
    return 2 * float(meter.state.get("nplc", 100)) / 50 + 0.1


class _Cycles(Setting):
    """Integration time in power line cycles, which AC functions do not have."""

    def allowed(self, instrument: Any, value: Any) -> Any:
        """The value as it will be kept; raises SettingNotAllowed."""
        if str(instrument.state.get("function", "")).startswith("AC"):
            right = "left out: AC functions have no power line cycles"
            raise SettingNotAllowed(setting=self.name, model=instrument.model, found=str(value), right=right)
        return super().allowed(instrument, value)


class K34461A(Multimeter):
    """Keysight 34461A Truevolt multimeter, 6½ digits. GPIB, USB, LAN (VXI-11; socket 5025).

    Commands: QCoDeS 344xxA submodules and its simulated 34465A.
    """

    maker, model = "Keysight Technologies", "34461A"
    identity = MAKER + "34461A"
    units = {"DCV": "V", "ACV": "V", "DCI": "A", "ACI": "A", "R2W": "ohm", "R4W": "ohm"}
    errors = ScpiErrors(sync="*CLS;*PSC 1")
    unverified = ("overload is reported as 9.9E37", "socket 5025", "VOLT:IMP:AUTO and ZERO:AUTO by function")

    function = Choice(
        "FUNC", DCV='"VOLT"', ACV='"VOLT:AC"', DCI='"CURR"', ACI='"CURR:AC"', R2W='"RES"', R4W='"FRES"'
    )  # fmt: skip
    range = Setting("{function}:RANG", unit="{function}", low=0, high=1e9, doc="Full scale; fixes the range.")
    autorange = Flag("{function}:RANG:AUTO")
    nplc = _Cycles("{function}:NPLC", among=(0.02, 0.2, 1, 10, 100), doc="Integration in power line cycles.")
    autozero = Flag("{function}:ZERO:AUTO")
    high_impedance = Flag("VOLT:IMP:AUTO", doc="More than 10 GΩ in the 0.1, 1 and 10 V ranges, else 10 MΩ.")

    terminals = Measurement("ROUT:TERM?", text=True, doc="FRON or REAR.")
    reading = Measurement("READ?", unit="{function}", overload=9.9e37, takes=_aperture)

    def configure(self, function: str, range: float, nplc: float) -> None:
        """Function, fixed range and integration time (which AC functions do not have), in the meter's order."""
        self.function = function
        self.range = range
        if not function.startswith("AC"):
            self.nplc = nplc

    def settings_snapshot(self) -> dict[str, Any]:
        """Every setting that the function has, and which terminals are in use."""
        alternating = str(self.state.get("function", "")).startswith("AC")
        with self.link.lock:
            known = [name for name in self._settings() if self._is_known(name)]
            found = {name: getattr(self, name) for name in known if not (alternating and name in ("nplc", "autozero"))}
        return found | {"terminals": self.terminals}


class K34465A(K34461A):
    """Keysight 34465A Truevolt multimeter, 6½ digits, also 0.06 power line cycles."""

    model = "34465A"
    identity = MAKER + "34465A"
    nplc = _Cycles("{function}:NPLC", among=(0.02, 0.06, 0.2, 1, 10, 100), doc="Integration in power line cycles.")


class K34470A(K34465A):
    """Keysight 34470A Truevolt multimeter, 7½ digits."""

    model = "34470A"
    identity = MAKER + "34470A"


class K53230A(Counter):
    """Keysight 53230A counter, input 1. GPIB, USB, LAN (socket 5025).

    Commands: opronningen/53230A-Toolkit. The time base is a setting of its own, so that each reading carries it.
    """

    maker, model = "Keysight Technologies", "53230A"
    identity = MAKER + "532[23]0A"
    units = {"FREQ": "Hz", "PER": "s"}
    unverified = ("FUNC answers as it was set", "9.91E37 where there is no signal", "limits of the gate time")

    function = Choice("FUNC", FREQ='"FREQ 1"', PER='"PER 1"')
    gate_time = Setting("FREQ:GATE:TIME", unit="s", low=1e-4, high=1000)
    reference = Choice("ROSC:SOUR", doc="Time base: INT, or EXT for the laboratory's standard.", INT="INT", EXT="EXT")
    impedance = Setting("INP1:IMP", unit="ohm", among=(50, 1e6))
    coupling = Choice("INP1:COUP", AC="AC", DC="DC")
    level = Setting("INP1:LEV", unit="V", low=-50, high=50, doc="Trigger level.")

    reading = Measurement("READ?", unit="{function}", overload=9.9e37, takes=lambda c: c.state.get("gate_time", 1) + 1)

    def configure(self, function: str, gate_time: float, reference: str) -> None:
        """Function, gate time in s, time base."""
        self.function, self.gate_time, self.reference = function, gate_time, reference


class N1913A(PowerMeter):
    """Keysight N1913A (N1914A, channel 1) EPM power meter with its sensor.

    Commands: P-series programming guide p. 146 (READ? wants INIT:CONT OFF), pyVirtualLab, MET/CAL's EPM procedures.
    Zero with no power applied; calibrate with the sensor on POWER REF. Each reading says whether both were done.
    """

    maker, model = "Keysight Technologies", "N1913A"
    identity = MAKER + "N191[34]A"
    units = {"W": "W", "dBm": "dBm"}
    unverified = ("9.91E37 where there is no number", "EPM meters take the P-series' INIT1:CONT, READ1?, UNIT1:POW")

    unit = Choice("UNIT1:POW", W="W", dBm="DBM")
    continuous = Flag("INIT1:CONT")
    frequency = Setting("SENS1:FREQ", unit="Hz", low=1e3, high=110e9, doc="Selects the sensor's calibration factor.")
    reference = Flag("OUTP:ROSC", doc="1 mW, 50 MHz at POWER REF.")

    reading = Measurement("READ1?", unit="{unit}", overload=9e37, takes=10)

    def configure(self, frequency: float, unit: str = "W") -> None:
        """Frequency in Hz and unit; single measurements."""
        self.continuous, self.unit, self.frequency = False, unit, frequency

    def zero(self) -> None:
        """Zero the sensor, some 10 s; no power may be applied."""
        self._completed("CAL1:ZERO:AUTO ONCE", 20.0)
        self.changed("zeroed", True)

    def calibrate(self) -> None:
        """Calibrate the sensor, some 13 s; the operator has fitted it to POWER REF."""
        self._completed("CAL1:AUTO ONCE", 30.0)
        self.changed("calibrated", True)

    def _completed(self, message: str, seconds: float) -> None:
        done, raw = self.converse(f"{message};*OPC?", 1, self.link.timeout + 1.5 * seconds)
        if done.strip("+") != "1":
            raise self.garbled(message, raw, "1 when it is complete")
