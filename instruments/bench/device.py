"""A simulated instrument: messages in, replies out, IEEE 488.2 status behind; its physics is in devices/.

A device knows neither transport nor wall clock: a message comes at a moment of bench time and is answered after a
duration of bench time. Ports (one a bus address, or one a connection) hold what is on its way.
"""

# ruff: noqa: S311  (draws of a simulation, not secrets)
from __future__ import annotations

import random
import re
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Protocol

Handler = Callable[["Device", str], "str | None"]

OPC, QYE, DDE, EXE, CME, PON = 1, 4, 8, 16, 32, 128
EAV, MAV, ESB, RQS = 8, 16, 32, 64


class Meddler(Protocol):
    """What may come between a device and its port (instruments.bench.faults.Injection)."""

    def meet(self, device: Device, port: Port, replies: list[tuple[float, bytes]]) -> list[tuple[float, bytes]]:
        """The replies as it leaves them."""


class DeviceError(Exception):
    """An error for the device's own queue."""

    def __init__(self, code: int, text: str, bit: int = EXE) -> None:
        super().__init__(code, text)
        self.code, self.text, self.bit = code, text, bit


def command(*notations: str) -> Callable[[Any], Any]:
    """Mark a method as the handler of these headers: `[SENSe:]VOLTage:NPLCycles?`; capitals are the short form."""

    def mark(method: Any) -> Any:
        method.headers = notations
        return method

    return mark


def spellings(notation: str) -> Iterator[str]:
    """All spellings of a header, in capitals."""
    optional = re.match(r"\[([^\]]+)\](.*)", notation)
    if optional:
        yield from spellings(optional[1] + optional[2])
        yield from spellings(optional[2])
        return
    inner = re.search(r"\[(:[^\]]+)\]", notation)
    if inner:
        yield from spellings(notation[: inner.start()] + inner[1] + notation[inner.end() :])
        yield from spellings(notation[: inner.start()] + notation[inner.end() :])
        return
    parts = notation.split(":")
    heads = [{part.upper(), re.sub("[a-z]", "", part)} for part in parts]
    done = [""]
    for head in heads:
        done = [f"{before}:{word}" if before else word for before in done for word in sorted(head)]
    yield from done


class Port:
    """One conversation with a device: bytes coming in, replies on their way out."""

    def __init__(self, device: Device, *, stream: bool) -> None:
        self.device, self.stream = device, stream
        self.pending: deque[tuple[float, bytes]] = deque()
        self.lost = False
        self._in = bytearray()

    def feed(self, data: bytes, now: float, *, end: bool = False) -> None:
        """Bytes from the controller at `now`; end: the bus says that the message ends here."""
        if end and not self._in and data.find(b"\n") == len(data) - 1 and data.find(b"\r") < 0:
            self._take(data, now)  # one whole message, the usual case
            return
        self._in += data
        while True:
            place = min((i for i in (self._in.find(b"\n"), self._in.find(b"\r")) if i >= 0), default=-1)
            if place < 0:
                break
            line = bytes(self._in[:place])
            del self._in[: place + 1]
            self._take(line, now)
        if end and self._in:
            line = bytes(self._in)
            self._in.clear()
            self._take(line, now)

    def _take(self, line: bytes, now: float) -> None:
        text = line.decode("ascii", "replace").strip()
        if text:
            self.device.talk(text, now, self)

    def clear(self) -> None:
        """Device clear: nothing is on its way any more."""
        self._in.clear()
        self.pending.clear()


class Device:
    """Base of simulated instruments: parses messages, keeps the 488.2 registers and the error queue."""

    maker: ClassVar[str] = ""
    model: ClassVar[str] = ""
    firmware: ClassVar[str] = "1.0"
    reply_end: ClassVar[bytes] = b"\n"
    no_error: ClassVar[tuple[int, str]] = (0, "No error")
    undefined: ClassVar[tuple[int, str]] = (-113, "Undefined header")
    overflow: ClassVar[tuple[int, str]] = (-350, "Too many errors")
    queue_length: ClassVar[int] = 20
    message_time: ClassVar[float] = 0.001  # bench seconds a message takes at least
    _handlers: ClassVar[dict[str, Handler]]

    def __init_subclass__(cls) -> None:
        handlers: dict[str, Handler] = {}
        for base in reversed(cls.__mro__):
            for method in vars(base).values():
                for notation in getattr(method, "headers", ()):
                    handlers.update(dict.fromkeys(spellings(notation), method))
        cls._handlers = handlers

    def __init__(self, serial: str, seed: int) -> None:
        self.serial = self.true_serial = serial
        self.draw = random.Random(f"{seed}/{self.model}")
        self.injections: list[Meddler] = []
        self.errors: deque[tuple[int, str]] = deque()
        self.now = 0.0  # the moment being lived through while a message is executed
        self.busy_until = 0.0
        self.srq_lost = False
        self._known: dict[str, tuple[tuple[Handler | None, str, bool], ...]] = {}
        self.power_on()

    # -- power and status ---------------------------------------------------------------------------------------

    def power_on(self) -> None:
        """Everything as after switching on; subclasses add their settings."""
        self.esr, self.ese, self.sre = PON, 0, 0
        self.errors.clear()
        self.reset()

    def reset(self) -> None:
        """The settings of *RST."""

    def status_byte(self, message_available: bool = False) -> int:
        """The status byte: MAV, ESB, and RQS where enabled."""
        byte = (MAV if message_available else 0) | (ESB if self.esr & self.ese else 0)
        return byte | (RQS if byte & self.sre & ~RQS else 0)

    def error(self, code: int, text: str, bit: int = EXE) -> None:
        """Put an error into the queue."""
        self.esr |= bit
        if len(self.errors) >= self.queue_length:
            self.errors[-1] = self.overflow
        else:
            self.errors.append((code, text))

    # -- conversation -------------------------------------------------------------------------------------------

    def talk(self, message: str, now: float, port: Port) -> None:
        """Execute a message; its reply, as the injected faults leave it, goes to the port."""
        self.now = max(now, self.busy_until) + self.message_time
        reply = self.execute(message)
        self.busy_until = self.now
        if not self.injections:
            if reply is not None:
                port.pending.append((self.now, reply.encode("ascii") + self.reply_end))
            return
        replies = [] if reply is None else [(self.now, reply.encode("ascii") + self.reply_end)]
        for injection in list(self.injections):
            replies = injection.meet(self, port, replies)
        port.pending.extend(replies)

    def execute(self, message: str) -> str | None:
        """Execute the units of a message in order; the replies of its queries, joined by semicolons."""
        units = self._known.get(message)
        if units is None:
            if len(self._known) > 2000:
                self._known.clear()
            units = self._known[message] = tuple(self._parsed(message))
        answers: list[str] = []
        for handler, argument, is_query in units:
            try:
                if handler is None:
                    raise DeviceError(*self.undefined, CME)
                answer = handler(self, argument)
            except DeviceError as error:
                self.error(error.code, error.text, error.bit)
                if is_query:
                    continue
                break
            if answer is not None:
                answers.append(answer)
        return ";".join(answers) if answers else None

    def _parsed(self, message: str) -> Iterator[tuple[Handler | None, str, bool]]:
        for unit in re.findall(r"""(?:[^;"']|"[^"]*"|'[^']*')+""", message):
            header, _, argument = unit.strip().partition(" ")
            header = header.upper().lstrip(":")
            if header:
                yield self._handlers.get(header), argument.strip(), header.endswith("?")

    # -- IEEE 488.2 ---------------------------------------------------------------------------------------------

    def identification(self) -> str:
        """The reply to *IDN?."""
        return f"{self.maker},{self.model},{self.serial},{self.firmware}"

    @command("*IDN?")
    def _idn(self, _: str) -> str:
        return self.identification()

    @command("*RST")
    def _rst(self, _: str) -> None:
        self.reset()

    @command("*CLS")
    def _cls(self, _: str) -> None:
        self.esr = 0
        self.errors.clear()

    @command("*ESE")
    def _ese(self, argument: str) -> None:
        self.ese = int(number(argument, 0, 255))

    @command("*ESE?")
    def _ese_query(self, _: str) -> str:
        return str(self.ese)

    @command("*ESR?")
    def _esr(self, _: str) -> str:
        found, self.esr = self.esr, 0
        return str(found)

    @command("*SRE")
    def _sre(self, argument: str) -> None:
        self.sre = int(number(argument, 0, 255))

    @command("*SRE?")
    def _sre_query(self, _: str) -> str:
        return str(self.sre)

    @command("*STB?")
    def _stb(self, _: str) -> str:
        return str(self.status_byte())

    @command("*OPC")
    def _opc(self, _: str) -> None:
        self.esr |= OPC

    @command("*OPC?")
    def _opc_query(self, _: str) -> str:
        return "1"

    @command("*WAI")
    def _wai(self, _: str) -> None:
        return


def number(text: str, low: float, high: float) -> float:
    """A number in an argument; the device's own errors where it is none, or outside."""
    try:
        value = float(text)
    except ValueError:
        raise DeviceError(-104, "Data type error", CME) from None
    if not low <= value <= high:
        raise DeviceError(-222, "Data out of range")
    return value
