"""HP / Agilent / Keysight 3458A reference multimeter: its own language, older than SCPI."""

from __future__ import annotations

import re
from typing import Any

from instruments.declare import Action, Measurement, Setting
from instruments.errors import AskedAfter
from instruments.faults import Rebooted, SettingChanged, SettingNotAllowed, SettingsLost
from instruments.reading import Identity
from instruments.roles import Multimeter

FUNCTIONS = {"DCV": "DCV", "ACV": "ACV", "DCI": "DCI", "ACI": "ACI", "R2W": "OHM", "R4W": "OHMF"}
CODES = {"DCV": "1", "ACV": "2", "R2W": "4", "R4W": "5", "DCI": "6", "ACI": "7"}
TERMINALS = {"1": "FRON", "FRONT": "FRON", "2": "REAR", "REAR": "REAR", "0": "OPEN", "OPEN": "OPEN"}


class Word(Setting):
    """A setting of the 3458A: set and asked in one message, without SCPI's colon."""

    def __set__(self, instrument: Any, value: Any) -> None:
        """Set a value; raises SettingNotAllowed, Refused, SettingChanged, or a LinkFault."""
        value = self.allowed(instrument, value)
        message = f"{self.command} {self.text(value)};{self.command}?"
        found = self.parse(instrument, self.command, instrument.converse(message, 1)[0])
        if not self.same(found, value):
            raise SettingChanged(resource=instrument.resource, setting=self.name, found=str(found), right=str(value))
        instrument.changed(self.name, value)


def _seconds(meter: HP3458A) -> float:
    """One reading with autozero on a 50 Hz line; 100 cycles where nobody has set them."""
    return 2 * float(meter.state.get("nplc", 100)) / 50 + 1.0


class HP3458A(Multimeter):
    """HP / Agilent / Keysight 3458A, 8½ digits. GPIB only.

    Commands: user's guide p. 48 (ERRSTR? and its `0,"NO ERROR"`), calibration manual p. 105 (CALSTR?), PyPI hp3458a,
    testgear. It has no serial number to ask for: the laboratory writes `SN …` into CALSTR. It has no *ESE: a number
    of ours in EMASK, asked for after each message, shows that it was not switched off and on.
    """

    maker, model = "HEWLETT-PACKARD", "3458A"
    identity = r"(?i)HP\s*3458A"
    who = "ID?"
    units = {"DCV": "V", "ACV": "V", "DCI": "A", "ACI": "A", "R2W": "ohm", "R4W": "ohm"}
    errors = AskedAfter()
    ends = {"write": "\n", "read": "\r\n"}
    unverified = (
        "overload is reported as 1E+38", "EMASK is 32767 after power on", "FUNC? and TERM? answer with a code or a name",
        "two commands in a message give one answer where one of them asks",
    )  # fmt: skip

    range = Word("RANGE", low=0, high=1e9, doc="Full scale; fixes the range.")
    nplc = Word("NPLC", low=0, high=1000, doc="Integration time in power line cycles.")
    digits = Word("NDIG", among=(3, 4, 5, 6, 7, 8), doc="Digits of the display.")

    reading = Measurement("TRIG SGL", unit="{function}", overload=1e37, takes=_seconds)
    autocalibrate = Action("ACAL ALL", takes=900, doc="Internal autocalibration, some 14 minutes; inputs open.")
    _own: int | None = None

    def begin(self) -> None:
        """EOI with each answer, readings as text and only when triggered, and our number for the next message."""
        for message in ("END ALWAYS", "OFORMAT ASCII", "TRIG HOLD"):
            self.link.send(message)
        if self._own is not None and self.link.query("EMASK?").strip() != str(self._own):
            self.lost = set(self.state)
        self._own = self.link.new_mark()
        self.link.send(f"EMASK {self._own}")

    def _plain(self, message: str, queries: int, timeout: float | None) -> tuple[str, str]:
        answered = super()._plain(message, queries, timeout)
        if self._own is not None:
            found = self.link.query("EMASK?").strip()
            if not found.isdigit():
                raise self.garbled("EMASK?", found, "a whole number")
            if int(found) != self._own:
                self.lost = set(self.state)
                self.prepared.clear()
                raise self._failed(Rebooted(resource=self.resource, sent=message, raw=found))
        return answered

    def ask_identity(self) -> Identity:
        """Model from ID?, firmware from REV?, serial number from the laboratory's own text in CALSTR."""
        model, firmware, text = (self.converse(question, 1)[0].strip() for question in ("ID?", "REV?", "CALSTR?"))
        serial = re.search(r"(?i)\bS/?N\s*[:=]?\s*([A-Z0-9]+)", text)
        number = serial[1] if serial else ""
        return Identity(self.maker, model.upper().removeprefix("HP").strip(), number, firmware, f"{model} {text}")

    def configure(self, function: str, range: float, nplc: float) -> None:
        """Function, fixed range and integration time."""
        if function not in FUNCTIONS:
            right = "one of " + ", ".join(FUNCTIONS)
            raise SettingNotAllowed(setting="function", model=self.model, found=function, right=right)
        size = type(self).range.allowed(self, range)
        self.converse(f"{FUNCTIONS[function]} {size:.9g}")
        self.state.clear()
        self.changed("function", function)
        self.range, self.nplc = size, nplc

    @property
    def terminals(self) -> str:
        """FRON, REAR or OPEN."""
        answer, raw = self.converse("TERM?", 1)
        if answer.strip().upper() not in TERMINALS:
            raise self.garbled("TERM?", raw, "one of " + ", ".join(TERMINALS))
        return TERMINALS[answer.strip().upper()]

    def verify_settings(self) -> None:
        """Raise SettingChanged where function, range or integration time are not what we set."""
        if function := self.state.get("function"):
            found = self.converse("FUNC?", 1)[0].partition(",")[0].strip().upper()
            if found not in (FUNCTIONS[function], CODES[function]):
                raise SettingChanged(resource=self.resource, setting="function", found=found, right=function)
        super().verify_settings()

    def restore(self) -> None:
        """Set everything again that was set before; raises SettingsLost where nothing was."""
        before = dict(self.state)
        if not {"function", "range", "nplc"} <= before.keys():
            raise SettingsLost(resource=self.resource)
        self.configure(before["function"], before["range"], before["nplc"])
        if "digits" in before:
            self.digits = before["digits"]
        self.lost.clear()

    def settings_snapshot(self) -> dict[str, Any]:
        """Every setting, the function as it was set, and which terminals are in use."""
        function = {"function": self.state["function"]} if "function" in self.state else {}
        return function | super().settings_snapshot() | {"terminals": self.terminals}
