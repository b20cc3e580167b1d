"""HP 3458A of the bench: its own language, no *IDN?, error bits instead of a queue; what it sees is a callable."""

from __future__ import annotations

from instruments.bench.device import Device, DeviceError, number
from instruments.bench.devices.scpi import Value

CODES = {"DCV": 1, "ACV": 2, "OHM": 4, "OHMF": 5, "DCI": 6, "ACI": 7}
RANGES = (0.1, 1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9)
OVERLOAD = " 1.000000000E+38"


class HP3458A(Device):
    """A 3458A that sees `value(t)` in the unit of its function; overload above 1.2 times its range.

    calibration_text: CALSTR; {serial} stands for the serial number.
    """

    maker, model, firmware = "HEWLETT-PACKARD", "3458A", "9,2"
    reply_end = b"\r\n"

    def __init__(self, serial: str, seed: int, value: Value, calibration_text: str = "SN {serial}") -> None:
        self.value, self.calibration_text = value, calibration_text
        self.terminal = 1
        super().__init__(serial, seed)

    def reset(self) -> None:
        """PRESET NORM, triggering by itself; EMASK as after power on."""
        self.function, self.size, self.nplc, self.digits = "DCV", 10.0, 10.0, 7
        self.trigger, self.mask = "AUTO", 32767

    def execute(self, message: str) -> str | None:
        """The commands of a message in order; the last answer is what is read (the buffer holds one)."""
        answer = None
        for unit in message.split(";"):
            word, _, argument = unit.strip().upper().partition(" ")
            try:
                found = self._obey(word, argument.strip())
            except DeviceError as error:
                self.error(error.code, error.text)
                continue
            answer = answer if found is None else found
        return answer

    def _obey(self, word: str, argument: str) -> str | None:
        if word.endswith("?"):
            return self._answer(word[:-1])
        if word in CODES:
            self.function = word
            self.size = self._range(argument)
        elif word == "RANGE":
            self.size = self._range(argument)
        elif word == "NPLC":
            self.nplc = number(argument, 0, 1000)
        elif word == "NDIG":
            self.digits = int(number(argument, 3, 8))
        elif word == "EMASK":
            self.mask = int(number(argument, 0, 32767))
        elif word == "TRIG" and argument == "SGL":
            self.trigger = "HOLD"
            return self._measure()
        elif word == "TRIG" and argument in ("HOLD", "AUTO"):
            self.trigger = argument
        elif word == "ACAL":
            self.now += 840.0
        elif word not in ("END", "OFORMAT", "PRESET", "AZERO"):
            raise DeviceError(101, f"CMD NOT RECOGNIZED: {word}")
        return None

    def _answer(self, word: str) -> str:
        match word:
            case "ID":
                return "HP3458A"
            case "ERRSTR":
                code, text = self.errors.popleft() if self.errors else (0, "NO ERROR")
                return f'{code},"{text}"'
            case "CALSTR":
                return '"' + self.calibration_text.format(serial=self.serial) + '"'
        values = {"REV": self.firmware, "FUNC": f"{CODES[self.function]},{self.size:g}", "TERM": self.terminal,
                  "RANGE": f" {self.size:.9E}", "NPLC": f" {self.nplc:.9E}", "NDIG": self.digits, "EMASK": self.mask}  # fmt: skip
        if word not in values:
            raise DeviceError(101, f"CMD NOT RECOGNIZED: {word}?")
        return str(values[word])

    def _range(self, argument: str) -> float:
        wanted = number(argument, 0, 1.2e9)
        size = next((size for size in RANGES if wanted <= 1.2 * size), None)
        if size is None or (self.function.endswith("V") and size > 1000):
            raise DeviceError(105, "PARAMETER OUT OF RANGE")
        return size

    def _measure(self) -> str:
        self.now += 2 * self.nplc / 50 + 0.01
        value = self.value(self.now)
        if abs(value) > 1.2 * self.size:
            return OVERLOAD if value > 0 else OVERLOAD.replace(" ", "-", 1)
        return f"{value: .9E}"

    def fault_function_change(self, function: str = "OHM") -> None:
        """Somebody presses a function key."""
        self.function = function

    def fault_wrong_terminal(self) -> None:
        """The switch says rear."""
        self.terminal = 2
