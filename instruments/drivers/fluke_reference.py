"""Fluke 8508A, 8588A, 8558A: reference multimeters."""

from __future__ import annotations

from typing import Any

from instruments.declare import Choice, Flag, Measurement, Setting
from instruments.errors import EventWord, ScpiErrors
from instruments.faults import Refused, SettingNotAllowed, SettingsLost
from instruments.roles import Multimeter

# Function: command, and what is set with the range: two-wire or four-wire, filters off, full resolution.
FUNCTIONS = {
    "DCV": ("DCV", "FILT_OFF,FAST_OFF,TWO_WR", 7),
    "ACV": ("ACV", "FILT40HZ,TFER_ON,TWO_WR", 6),
    "DCI": ("DCI", "FILT_OFF,FAST_OFF", 7),
    "ACI": ("ACI", "FILT40HZ", 6),
    "R2W": ("OHMS", "FILT_OFF,FAST_OFF,TWO_WR,LOI_OFF", 7),
    "R4W": ("OHMS", "FILT_OFF,FAST_OFF,FOUR_WR,LOI_OFF", 7),
    "RTRUE": ("TRUE_OHMS", "FILT_OFF,FAST_OFF,FOUR_WR,LOI_OFF", 7),
}


class F8508A(Multimeter):
    """Fluke 8508A reference multimeter, 8½ digits; 488.2 with commands of its own, GPIB.

    Commands: testgear F8508A and MET/CAL "Sub HZAC". What is set cannot be asked for: it is sent as one command, and
    the mark that each message leaves in *ESE tells that the meter still is the one that took it.
    """

    maker, model = "FLUKE", "8508A"
    identity = r"(?i)FLUKE,\s*8508A"
    units = {name: "V" if name.endswith("V") else "A" if name.endswith("I") else "ohm" for name in FUNCTIONS}
    errors = EventWord()
    unverified = (
        "overload is reported as 2E+35", "several settings in one command, as MET/CAL has them",
        "MZERO? answers 0, or 1 where it failed",
    )  # fmt: skip

    reading = Measurement("X?", unit="{function}", overload=1e30, takes=30, doc="Triggered, then read.")

    def begin(self) -> None:
        """No trigger but ours; guard inside."""
        self.link.send("TRG_SRCE EXT;GUARD INT")

    def configure(self, function: str, range: float, digits: int | None = None, terminals: str = "FRONT") -> None:
        """Function, fixed range, digits of resolution (5 to 8 full digits, the most by default), terminals."""
        code, with_it, most = FUNCTIONS.get(function, ("", "", 0))
        if not code:
            raise self._not_allowed("function", function, "one of " + ", ".join(FUNCTIONS))
        if not 0 < range <= 2e10:
            raise self._not_allowed("range", str(range), "above 0, to 2e+10")
        if digits is not None and digits not in (5, 6, 7, 8)[: most - 4]:
            raise self._not_allowed("digits", str(digits), f"5 to {most}")
        if terminals not in ("FRONT", "REAR"):
            raise self._not_allowed("terminals", terminals, "FRONT or REAR")
        resolution = most if digits is None else digits
        self.converse(f"INPUT {terminals};{code} {range:.9g},RESL{resolution},{with_it}")
        for name, value in zip(
            ("function", "range", "digits", "terminals"), (function, range, resolution, terminals[:4]), strict=True
        ):
            self.changed(name, value)

    def zero(self) -> None:
        """Measure the short that the operator fitted and keep the offset, up to two minutes."""
        answer, raw = self.converse("MZERO?", 1, self.link.timeout + 180.0)
        if answer.strip("+") not in ("0", "1"):
            raise self.garbled("MZERO?", raw, "0 or 1")
        if answer.strip("+") == "1":
            raise Refused(resource=self.resource, sent="MZERO?", error="1 (the zero failed)")

    def _not_allowed(self, setting: str, found: str, right: str) -> SettingNotAllowed:
        return SettingNotAllowed(setting=setting, model=self.model, found=found, right=right)

    @property
    def terminals(self) -> str:
        """FRON or REAR, as they were set; raises SettingsLost where nobody has set them."""
        if self.lost or "terminals" not in self.state:
            raise SettingsLost(resource=self.resource)
        return str(self.state["terminals"])

    def restore(self) -> None:
        """Set everything again that was set before; raises SettingsLost where nothing was."""
        before = dict(self.state)
        if "function" not in before:
            raise SettingsLost(resource=self.resource)
        ends = {"FRON": "FRONT"}.get(before["terminals"], before["terminals"])
        self.configure(before["function"], before["range"], before["digits"], ends)
        self.lost.clear()

    def settings_snapshot(self) -> dict[str, Any]:
        """What was set; the meter has no way to be asked."""
        return dict(self.state)


class F8588A(Multimeter):
    """Fluke 8588A reference multimeter, 8½ digits; SCPI. LAN socket 3490, CR LF.

    Commands: PyPI fluke8588a and testgear F8588A.
    """

    maker, model = "FLUKE", "8588A"
    identity = r"(?i)FLUKE,\s*8588A"
    units = {"DCV": "V", "ACV": "V", "DCI": "A", "ACI": "A", "R2W": "ohm", "R4W": "ohm"}
    errors = ScpiErrors()
    ends = {"write": "\r\n", "read": "\r\n"}
    unverified = ("overload is reported as 9.9E37", "names of the functions but FRES", "longest NPLC")

    function = Choice(
        "SENS:FUNC", DCV='"VOLT"', ACV='"VOLT:AC"', DCI='"CURR"', ACI='"CURR:AC"', R2W='"RES"', R4W='"FRES"'
    )  # fmt: skip
    range = Setting("SENS:{function}:RANG", unit="{function}", low=0, high=1e10, doc="Full scale; fixes the range.")
    autorange = Flag("SENS:{function}:RANG:AUTO")
    nplc = Setting("SENS:{function}:NPLC", low=0, high=500, doc="Integration in power line cycles.")

    reading = Measurement(
        "READ?", unit="{function}", overload=9.9e37, takes=lambda m: m.state.get("nplc", 500) / 25 + 1
    )
    _terminals = Measurement("ROUT:TERM?", text=True)

    @property
    def terminals(self) -> str:
        """FRON or REAR; the meter says FRONT."""
        return str(self._terminals).strip().upper()[:4]

    def configure(self, function: str, range: float, nplc: float) -> None:
        """Function, fixed range and integration time (DC functions only)."""
        self.function = function
        self.range = range
        if not function.startswith("AC"):
            self.nplc = nplc

    def settings_snapshot(self) -> dict[str, Any]:
        """Every setting that the function has, and which terminals are in use."""
        left_out = ("nplc",) if str(self.state.get("function", "")).startswith("AC") else ()
        with self.link.lock:
            names = [name for name in self._settings() if self._is_known(name) and name not in left_out]
            return {name: getattr(self, name) for name in names} | {"terminals": self.terminals}


class F8558A(F8588A):
    """Fluke 8558A multimeter, 8½ digits: the commands of the 8588A."""

    model = "8558A"
    identity = r"(?i)FLUKE,\s*8558A"
