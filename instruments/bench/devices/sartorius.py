"""A balance of the mass bench that speaks Sartorius SBI."""

from __future__ import annotations

from instruments.bench.device import Device
from instruments.bench.mass import MassTruth, Pan


class SBI(Device):
    """An analytical balance; lines of 16 characters with their end, or 22 with an identifier. Zero and tare are silent."""

    maker, model, firmware = "Sartorius", "MSE225S", "00-39-16"
    reply_end = b"\r\n"
    message_time = 0.1

    def __init__(self, serial: str, seed: int, truth: MassTruth) -> None:
        self.truth, self.pan = truth, Pan(truth)
        self.long_lines, self.error_code = False, ""
        super().__init__(serial, seed)

    def reset(self) -> None:
        """Zero of the empty pan."""
        self.zeroed = 0.0

    def execute(self, message: str) -> str | None:
        """One escape sequence a line."""
        match message.removeprefix("\x1b"):
            case "P":
                return self._line()
            case "V" | "U" if self.pan.is_stable(self.now) and not self.error_code:
                self.zeroed = self.pan.indication(self.now)
            case "x1_":
                return f"{self.model:<14}"
            case "x2_":
                return f"{self.serial:>14}"
            case "x3_":
                return f"{self.firmware:<14}"
        return None

    def _line(self) -> str:
        if self.error_code:
            return f"Stat     ERR {self.error_code:<3}    " if self.long_lines else f"Err {self.error_code:<3}       "
        value = self.pan.indication(self.now) - self.zeroed
        if not -0.02 * self.truth.capacity < value < self.truth.capacity + 9 * self.truth.digit:
            word = "High" if value > 0 else "Low "
            return f"Stat        {word}    " if self.long_lines else f"    {word}      "
        shown = round(value / self.truth.digit) * self.truth.digit + 0.0
        unit = "g  " if self.pan.is_stable(self.now) else "   "
        line = f"{'-' if shown < 0 else '+'} {abs(shown):8.4f} {unit}"
        return f"N     {line}" if self.long_lines else line

    # -- faults -------------------------------------------------------------------------------------------------

    def fault_sensor_fault(self, code: str = "54") -> None:
        """An error code in place of weights."""
        self.error_code = code

    def fault_slow(self, draught: float = 50.0) -> None:
        """A draught: nothing becomes stable."""
        self.truth.draught = draught

    def fault_healthy(self) -> None:
        """Still air, no error."""
        self.error_code, self.truth.draught = "", 1.0
