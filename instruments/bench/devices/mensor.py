"""Mensor CPC6000 with the Mensor command set: a pressure controller of the bench."""

from __future__ import annotations

from collections.abc import Callable

from instruments.bench.device import Device
from instruments.bench.pressure import PressureTruth, Volume

UNITS = {"PA": 1e-3, "HPA": 0.1, "MBAR": 0.1, "KPA": 1.0, "BAR": 100.0, "MPA": 1e3, "PSI": 6.894757293168}  # kPa
MODES = {"STANDBY": "measure", "MEASURE": "measure", "CONTROL": "control", "VENT": "vent"}


class CPC6000(Device):
    """A CPC6000 in gauge mode at a volume of gas. Commands have no answer; an answer begins with a space, or E."""

    maker, model, firmware = "MENSOR", "CPC6000", "4.00"
    reply_end = b"\r\n"
    queue_length = 10
    message_time = 0.02

    def __init__(self, serial: str, seed: int, truth: PressureTruth) -> None:
        self.truth = truth
        self.volume = Volume(truth, lambda: self.error(1, "Over-range: controller tripped"))
        super().__init__(serial, seed)

    def reset(self) -> None:
        """Vented, psi, keys unlocked."""
        self.unit, self.mode, self.keylock, self.ptype = "PSI", "VENT", "NO", "GAUGE"
        self.target, self.rate = 0.0, 0.02 * self.truth.full_scale
        self.volume.go("vent", getattr(self, "now", 0.0))

    def execute(self, message: str) -> str | None:
        """One command or question a line."""
        word, _, data = message.strip().partition(" ")
        if word.endswith("?"):
            answer = self._asked(word.upper()[:-1])
            if answer is None:
                self.error(2, "Unknown command")
            flag = "E" if self.errors else " "
            return flag + (answer or "")
        self._told(word.upper(), data.strip().upper())
        return None

    def _asked(self, word: str) -> str | None:
        u, volume = UNITS[self.unit], self.volume
        true = volume.at(self.now)
        shown = true + self.truth.controller_error(true) + self.draw.gauss(0.0, self.truth.noise)
        self.mode = "STANDBY" if self.mode == "CONTROL" and volume.mode == "measure" else self.mode
        answers: dict[str, Callable[[], str]] = {
            "ID": lambda: f"{self.maker}, {self.model}, {self.serial}, {self.firmware}",
            "A": lambda: f"{shown / u:+.7E}",
            "AS": lambda: "YES" if volume.is_settled(self.now) else "NO",
            "UNITS": lambda: self.unit,
            "MODE": lambda: self.mode,
            "SETPT": lambda: f"{self.target / u:+.7E}",
            "RSETPT": lambda: f"{self.rate / u:+.7E}",
            "KEYLOCK": lambda: self.keylock,
            "PTYPE": lambda: self.ptype,
            "BARO": lambda: f"{volume.atmosphere(self.now) / u:+.7E}",
            "ERROR": self._next_error,
        }
        return answers[word]() if word in answers else None

    def _next_error(self) -> str:
        return self.errors.popleft()[1] if self.errors else "NO ERRORS"

    def _told(self, word: str, data: str) -> None:
        u = UNITS[self.unit]
        if word == "UNITS" and data in UNITS:
            self.unit = data
        elif word == "KEYLOCK" and data in ("YES", "NO"):
            self.keylock = data
        elif word == "MODE" and data in MODES:
            self.mode = data
            self.volume.go(MODES[data], self.now, target=self.target, slew=self.rate)
        elif word in ("SETPT", "RSETPT"):
            self._number(word, data, u)
        else:
            self.error(2, f"Unknown command {word}")

    def _number(self, word: str, data: str, u: float) -> None:
        try:
            value = float(data) * u
        except ValueError:
            return self.error(3, f"{word} takes a number")
        if word == "SETPT" and not -100 <= value <= 1.05 * self.truth.full_scale:
            return self.error(4, "Set-point outside the control limits")
        if word == "SETPT":
            self.target = value
        else:
            self.rate = value
        return self.volume.go(self.volume.mode, self.now, target=self.target, slew=self.rate)

    # -- faults -------------------------------------------------------------------------------------------------

    def fault_trip(self) -> None:
        """The regulator runs away until the over-range trip isolates it."""
        self.mode = "CONTROL"
        self.volume.go("control", self.busy_until)
        self.volume.runaway = True

    def fault_unit_change(self, unit: str = "MBAR") -> None:
        """Somebody changes the unit at the front panel."""
        self.unit = unit
