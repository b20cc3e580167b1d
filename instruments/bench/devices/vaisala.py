"""Vaisala PTU300: the room's monitor; a line-oriented device that speaks no 488.2."""

from __future__ import annotations

import math
import re

from instruments.bench.device import Device
from instruments.bench.truth import Truth

UNITS = {"P": ("hPa", "inHg"), "T": ("'C", "'F"), "RH": ("%RH", "%RH")}
LAG = 60.0  # s: the sensor follows the air with this time constant
TOKEN = re.compile(r'"[^"]*"|\S+')


class PTU300(Device):
    """A PTU300 in the room of `truth`, with the sensors' true errors; readings are as old as its lag makes them."""

    maker, model, firmware = "Vaisala", "PTU300", "2.05"
    reply_end = b"\r\n"
    message_time = 0.05

    def __init__(self, serial: str, seed: int, truth: Truth) -> None:
        self.truth = truth
        self.form = ""
        self.metric = True
        self.flags = "0000"
        self._kept: dict[str, tuple[float, float]] = {}
        super().__init__(serial, seed)

    def reset(self) -> None:
        """The default output format."""
        self.form = '6.1 "P=" P " " U6 3.1 "T=" T " " U3 3.1 "RH=" RH " " U4 #r #n'
        self.metric = True

    # -- physics ------------------------------------------------------------------------------------------------

    def quantity(self, name: str) -> float:
        """What the sensor indicates now: hPa, degC or %RH; a first-order lag behind the air, plus its true error."""
        key = {"P": "pressure", "T": "temperature", "RH": "humidity"}[name]
        true: float = getattr(self.truth.room, key)(self.now)
        if name != "P":
            before, at = self._kept.get(name, (true, self.now))
            true += (before - true) * math.exp(-max(self.now - at, 0.0) / LAG)
            self._kept[name] = (true, self.now)
        indicated = (
            true + self.truth.sensor_error[key](true) + self.draw.gauss(0.0, {"P": 0.01, "T": 0.003, "RH": 0.03}[name])
        )
        if self.metric:
            return indicated
        return {"P": indicated / 33.8639, "T": indicated * 1.8 + 32, "RH": indicated}[name]

    # -- commands -----------------------------------------------------------------------------------------------

    def execute(self, message: str) -> str | None:
        """One command a line; what is unknown is answered in words."""
        word, _, rest = message.partition(" ")
        match word.upper():
            case "SEND":
                return self._line()
            case "FORM" if rest.strip() in ("", "?"):
                return self.form.replace("#", "\\")
            case "FORM":
                return self._set_form(rest.strip())
            case "VERS":
                return f"{self.model} / {self.firmware}"
            case "SNUM":
                return f"Serial number : {self.serial}"
            case "ERRS":
                return "No errors" if self.flags == "0000" else f"Sensor failure {self.flags}"
            case "ECHO":
                return "Echo : OFF"
            case "UNIT":
                self.metric = not rest.upper().startswith("N")
                return f"Output units : {'Metric' if self.metric else 'Non metric'}"
            case "S":
                return None
        return "Unknown command."

    def _set_form(self, form: str) -> str:
        if form == "/":
            self.reset()
        else:
            self.form = form
        return "OK"

    def _line(self) -> str:
        out, width, last = "", "4.1", "T"
        for token in TOKEN.findall(self.form):
            if token[0] == '"':
                out += token[1:-1]
            elif re.fullmatch(r"\d+\.\d+", token):
                width = token
            elif token in UNITS:
                whole, _, places = width.partition(".")
                out += f"{self.quantity(token):{int(whole) + 1 + int(places)}.{places}f}"
                last = token
            elif re.fullmatch(r"U\d?", token):
                out += f"{UNITS[last][not self.metric]:<{int(token[1:] or 0)}}"
            elif token in ("#t", "#T"):
                out += "\t"
            else:
                words = {"SN": self.serial, "ERR": self.flags, "CS4": f"{sum(out.encode()) % 65536:04X}"}
                out += words.get(token, "")
        return out

    # -- faults -------------------------------------------------------------------------------------------------

    def fault_unit_change(self) -> None:
        """Somebody changes to Fahrenheit and inches of mercury."""
        self.metric = False

    def fault_sensor_fault(self, flags: str = "0100") -> None:
        """A sensor fails: flags for P, T, Ta, RH."""
        self.flags = flags

    def fault_healthy(self) -> None:
        """All sensors work."""
        self.flags, self.metric = "0000", True
