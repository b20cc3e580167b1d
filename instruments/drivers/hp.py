"""Hewlett-Packard, Agilent, Keysight."""

from __future__ import annotations

from typing import Any

from instruments.declare import Action, Choice, Flag, Measurement, Setting
from instruments.errors import ScpiErrors
from instruments.roles import Multimeter

NPLCS = (0.02, 0.2, 1, 10, 100)


def _seconds(meter: HP34401A) -> float:
    """One reading with autozero on a 50 Hz line; 100 cycles where nobody has set them."""
    return 2 * float(meter.state.get("nplc", 100)) / 50 + 0.1


class HP34401A(Multimeter):
    """HP / Agilent / Keysight 34401A multimeter, 6½ digits.

    Commands: pymeasure's hp34401A.py and the User's Guide 34401-90004. Over RS-232 (9600 8N2) it must be told to go
    remote; DTR/DSR handshake as the line's driver gives it.
    """

    maker, model = "HEWLETT-PACKARD", "34401A"
    identity = r"(?i)(HEWLETT-PACKARD|Agilent|Keysight)[^,]*,\s*34401A"
    units = {"DCV": "V", "ACV": "V", "DCI": "A", "R2W": "ohm", "R4W": "ohm"}
    errors = ScpiErrors(sync="*CLS;*PSC 1")
    serial_line = {"baud_rate": 9600, "data_bits": 8, "stop_bits": 20}
    unverified = ("overload is reported as 9.9E37", "SYST:REM and DTR/DSR on RS-232")

    function = Choice("FUNC", DCV='"VOLT"', ACV='"VOLT:AC"', DCI='"CURR"', R2W='"RES"', R4W='"FRES"')
    range = Setting("{function}:RANG", unit="{function}", low=0, high=1e9, doc="Full scale; fixes the range.")
    autorange = Flag("{function}:RANG:AUTO")
    nplc = Setting("{function}:NPLC", among=NPLCS, doc="Integration time in power line cycles.")
    autozero = Flag("ZERO:AUTO")
    high_impedance = Flag("INP:IMP:AUTO", doc="More than 10 GΩ in the 0.1, 1 and 10 V ranges, else 10 MΩ.")

    terminals = Measurement("ROUT:TERM?", text=True, doc="FRON or REAR.")
    reading = Measurement("READ?", unit="{function}", overload=9.9e37, takes=_seconds)
    zero = Action("ZERO:AUTO ONCE", takes=5, doc="Measure the internal zero once and keep it.")

    def begin(self) -> None:
        """Remote, on a serial line."""
        if self.link.resource.upper().startswith("ASRL"):
            self.link.send("SYST:REM")

    def configure(self, function: str, range: float, nplc: float) -> None:
        """Function, fixed range and integration time, in the order the instrument needs."""
        self.function = function
        self.range = range
        self.nplc = nplc

    def settings_snapshot(self) -> dict[str, Any]:
        """Every setting, and which terminals are in use."""
        return super().settings_snapshot() | {"terminals": self.terminals}
