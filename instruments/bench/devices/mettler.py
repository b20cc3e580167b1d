"""A balance of the mass bench that speaks MT-SICS."""

from __future__ import annotations

from instruments.bench.device import Device, Port
from instruments.bench.mass import MassTruth, Pan

PATIENCE = 30.0  # s that S, Z and T wait for stability


class MTSICS(Device):
    """An analytical balance; S, Z and T wait for stability in bench time, C3 answers twice."""

    maker, model, firmware = "Mettler-Toledo", "XS204", "4.52 11.28.0.493.142"
    reply_end = b"\r\n"
    message_time = 0.05

    def __init__(self, serial: str, seed: int, truth: MassTruth) -> None:
        self.truth, self.pan = truth, Pan(truth)
        self.stuck: str | None = None
        super().__init__(serial, seed)

    def reset(self) -> None:
        """Zero of the empty pan, no tare."""
        self.zeroed, self.tared = 0.0, 0.0

    def talk(self, message: str, now: float, port: Port) -> None:
        """As any device; the internal adjustment says a second time when it is done."""
        super().talk(message, now, port)
        if message == "C3":
            self.busy_until += self.truth.adjusting
            self.pan.adjust(self.busy_until)
            port.pending.append((self.busy_until, b"C3 A" + self.reply_end))

    def execute(self, message: str) -> str | None:
        """One command a line."""
        match message:
            case "S":
                return self._stable("S") or self._weight("S")
            case "SI":
                return self._weight("S")
            case "Z":
                return self._stable("Z") or self._zero()
            case "T":
                return self._stable("T") or self._tare()
            case "C3":
                return "C3 B"
            case "@" | "I4":
                return f'I4 A "{self.serial}"'
            case "I2":
                return f'I2 A "{self.model} {self.truth.capacity:.4f} g"'
            case "I3":
                return f'I3 A "{self.firmware}"'
        return "ES"

    def _stable(self, command: str) -> str | None:
        """Wait for stability; what is said where it does not come."""
        ends = self.now + PATIENCE
        while not self.pan.is_stable(self.now):
            self.now += 0.1
            if self.now > ends:
                return f"{command} I"
        return None

    def _weight(self, command: str) -> str:
        if self.stuck is not None:
            return self.stuck
        gross = self.pan.indication(self.now) - self.zeroed
        if gross > self.truth.capacity + 9 * self.truth.digit:
            return f"{command} +"
        if gross < -0.02 * self.truth.capacity:
            return f"{command} -"
        letter = "S" if self.pan.is_stable(self.now) else "D"
        return f"{command} {letter} {self._rounded(gross - self.tared):10.4f} g"

    def _rounded(self, value: float) -> float:
        return round(value / self.truth.digit) * self.truth.digit + 0.0

    def _zero(self) -> str:
        value = self.pan.indication(self.now)
        if abs(value) > 0.02 * self.truth.capacity:
            return "Z +" if value > 0 else "Z -"
        self.zeroed, self.tared = value, 0.0
        return "Z A"

    def _tare(self) -> str:
        self.tared = self.pan.indication(self.now) - self.zeroed
        return f"T S {self._rounded(self.tared):10.4f} g"

    # -- faults -------------------------------------------------------------------------------------------------

    def fault_stuck_reading(self, line: str = "S S   100.0000 g") -> None:
        """The same weight for ever."""
        self.stuck = line

    def fault_slow(self, draught: float = 50.0) -> None:
        """A draught: nothing becomes stable."""
        self.truth.draught = draught

    def fault_healthy(self) -> None:
        """Still air."""
        self.stuck, self.truth.draught = None, 1.0
