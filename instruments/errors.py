"""How instruments tell that they refused a command: four styles, chosen by a line in each driver."""

from __future__ import annotations

import re
from dataclasses import dataclass


class ErrorStyle:
    """No error report at all; also the base of the styles.

    query: appended to each message so that the report travels with it, or None where the reply itself reports.
    good: the report's usual text when nothing is wrong. sync: sent when a session begins. marks: whether the
    instrument can keep a number of ours between messages (*ESE) and give it back.
    """

    query: str | None = None
    good = ""
    sync = ""
    marks = False

    def wrong(self, report: str) -> str | None:
        """The error in a report, or None."""
        return report or None

    def unwrap(self, reply: str) -> tuple[str, str | None]:
        """Value and error of a reply that reports by itself."""
        return reply, None


@dataclass(frozen=True)
class ScpiErrors(ErrorStyle):
    """SCPI error queue: `+0,"No error"` or `-113,"Undefined header"`."""

    query: str = ":SYST:ERR?"
    good: str = '+0,"No error"'
    sync: str = "*CLS"
    marks: bool = True

    def wrong(self, report: str) -> str | None:
        """The error in a report, or None; what is no report at all is an error too."""
        return None if re.match(r"[+-]?0\b", report) else report


@dataclass(frozen=True)
class FaultWord(ScpiErrors):
    """`ERR?` of Fluke's calibrators: `0,"No Error"` or `539,"…"`."""

    query: str = "ERR?"
    good: str = '0,"No Error"'


@dataclass(frozen=True)
class ReplyPrefix(ErrorStyle):
    """Each reply begins with a character that says good or bad (Mensor: a space, or E)."""

    fine: str = " "
    bad: str = "E"

    def unwrap(self, reply: str) -> tuple[str, str | None]:
        """Value without its prefix; the reply is the error where the prefix says so."""
        return (reply[1:], None) if reply.startswith(self.fine) else (reply, reply)


@dataclass(frozen=True)
class InlineFault(ErrorStyle):
    """Errors come as text in place of the reply."""

    pattern: str = r"(?i)(fault|error|unknown command)\b"

    def unwrap(self, reply: str) -> tuple[str, str | None]:
        """Value, or the text that reports an error."""
        return (reply, reply) if re.match(self.pattern, reply) else (reply, None)


def units_of(reply: str) -> list[str]:
    """The replies of a compound message: split at semicolons outside quotes."""
    return re.findall(r'(?:[^;"]|"[^"]*"?)+|(?<=;)(?=;|$)', reply) if ";" in reply else [reply]
