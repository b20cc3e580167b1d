"""Conversations kept as text: recorded from a link, played back to a driver, read again by an auditor.

    # a comment
    > READ?;:SYST:ERR?          what we send
    < +9.99E+00;+0,"No error"   what comes back; \\xNN stands for a byte that is no ASCII
    ~ +9.98E+00                 what comes without being asked
    ! timeout                   nothing comes; or: ! lost, the connection goes

A driver that says anything else than the conversation is wrong: Mismatch.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from instruments.faults import Garbled, LinkLost, OutOfStep, Timeout
from instruments.link import Link
from instruments.roles import Instrument

D = TypeVar("D", bound=Instrument)
KINDS = ">", "<", "~", "!"


class Mismatch(AssertionError):
    """The driver left the conversation."""


class Recorder:
    """A journal for a Link that keeps the conversation as lines: `Link(…, journal=Recorder())`."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def __call__(self, direction: str, data: bytes) -> None:
        text = data.decode("latin-1")
        if direction == "!":
            self.lines.append("# " + text)
            if " did not answer " in text:
                self.lines.append("! timeout")
            elif " is lost " in text:
                self.lines.append("! lost")
            return
        shown = re.sub(r"[^\x20-\x7e]", lambda m: f"\\x{ord(m[0]):02x}", text.rstrip("\r\n"))
        self.lines.append(f"{direction} {shown}")

    def write(self, path: str | Path) -> None:
        """Write the conversation to a .talk file."""
        Path(path).write_text("\n".join(self.lines) + "\n", "utf-8")


def read_lines(*sources: str | Path) -> list[tuple[str, str]]:
    """(kind, text) of every line of a conversation; sources are lines, or files. Raises ValueError for other lines."""
    found = []
    for source in sources:
        lines = source.read_text("utf-8").splitlines() if isinstance(source, Path) else [source]
        for number, line in enumerate(lines, start=1):
            if not line.strip() or line.startswith("#"):
                continue
            kind, _, text = line.partition(" ")
            if kind not in KINDS:
                raise ValueError(f"line {number} of a conversation begins with >, <, ~, ! or #: found {line!r}")
            found.append((kind, text))
    return found


class ScriptedLink(Link):
    """A link whose other end is a conversation."""

    def __init__(self, *sources: str | Path) -> None:
        super().__init__("transcript")
        self.left = read_lines(*sources)
        self.cleared = 0

    def open(self) -> None:
        """The conversation is always open."""
        self._session = self

    def close(self) -> None:
        """Nothing to close."""
        self._session = None

    def clear(self) -> None:
        """Device clear, as a repair asks for."""
        self.cleared += 1

    def speak(self, **_: Any) -> None:
        """Terminators are not part of a conversation."""

    def drain(self, quiet: float = 0.05) -> str:
        """What came unasked."""
        del quiet
        found = []
        while self.left and self.left[0][0] == "~":
            found.append(self.left.pop(0)[1])
        return repr("\n".join(found)) if found else ""

    def new_mark(self) -> int:
        """The mark that the conversation used."""
        following = next((text for kind, text in self.left if kind == ">" and "*ESE " in text), "*ESE 1")
        return int(re.findall(r"\*ESE (\d+)", following)[-1])

    def _send(self, message: str) -> None:
        if self.left and self.left[0][0] == "~":
            self._fail(OutOfStep(resource=self.resource, sent=message, raw=self.drain()))
        kind, text = self.left.pop(0) if self.left else ("", "the end")
        if kind != ">" or text != message:
            raise Mismatch(f"the driver sent {message!r}, the conversation has {kind} {text!r}")

    def _receive(self, message: str, timeout: float) -> str:
        kind, text = self.left.pop(0) if self.left else ("", "the end")
        if kind == "!":
            self._silence(message, text, timeout)
        if kind != "<":
            raise Mismatch(f"the driver waits for the answer to {message!r}, the conversation has {kind} {text!r}")
        plain = re.sub(r"\\x([0-9a-f]{2})", lambda m: chr(int(m[1], 16)), text)
        if not plain.isascii():
            self._fail(Garbled(resource=self.resource, sent=message, raw=text, right="ASCII text"))
        return plain

    def _silence(self, message: str, text: str, timeout: float) -> NoReturn:
        if text.startswith("lost"):
            self._fail(LinkLost(resource=self.resource, why="the conversation ends here"))
        self._fail(Timeout(resource=self.resource, sent=message, seconds=timeout, raw="nothing"))

    def _arrived(self, seconds: float) -> bool:
        del seconds
        return bool(self.left) and self.left[0][0] == "~"


@contextmanager
def transcript(driver: type[D], *sources: str | Path, marked: bool = False, begun: bool = True) -> Iterator[D]:
    """A driver in front of a conversation, which must be said to its end.

    marked: the conversation holds the marks that a real link adds. begun: it holds no beginning of the driver.
    Raises Mismatch.
    """
    link = ScriptedLink(*sources)
    instrument = driver(link, marked=marked)
    instrument._began = begun
    yield instrument
    if link.left:
        raise Mismatch(f"the conversation was left before {' '.join(link.left[0])!r}")
