"""How instruments tell that they refused a command: a few styles, chosen by a line in each driver."""

from __future__ import annotations

import re
from dataclasses import dataclass


class ErrorStyle:
    """No error report at all; also the base of the styles.

    query: appended to each message so that the report travels with it, or None where the reply itself reports.
    good: the report's usual text when nothing is wrong. sync: sent when a session begins. marks: whether the
    instrument can keep a number of ours between messages (*ESE) and give it back. shape: what a report of an error
    begins with; anything else is no report. explain: the question that puts a code into words, with {code}. after:
    a question asked in a message of its own after each message, where two answers cannot travel together.
    """

    query: str | None = None
    good = ""
    sync = ""
    marks = False
    shape = r"[+-]?\d+,"
    explain = ""
    after: str | None = None

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
class FaultCode(ScpiErrors):
    """`FAULT?` of Fluke's 5700 family: 0, or a code that `EXPLAIN? code` puts into words (5-28 of its manual)."""

    query: str = "FAULT?"
    good: str = "0"
    shape: str = r"\d+$"
    explain: str = "EXPLAIN? {code}"


@dataclass(frozen=True)
class EventWord(ScpiErrors):
    """`*ESR?` of IEEE 488.2 (11.5.1.1): bits 2 query, 3 device dependent, 4 execution, 5 command error."""

    query: str = "*ESR?"
    good: str = "0"
    shape: str = r"\d+$"

    def wrong(self, report: str) -> str | None:
        """The errors in the register, in words; other events (power on, operation complete) are none."""
        if not report.isdigit():
            return report
        bits = ((4, "query error"), (8, "device-dependent error"), (16, "execution error"), (32, "command error"))
        return ", ".join(word for bit, word in bits if int(report) & bit) or None


@dataclass(frozen=True)
class AskedAfter(ErrorStyle):
    """`ERRSTR?` of the 3458A: `0,"NO ERROR"` or `105,"…"`, asked after each message, one error an answer."""

    after: str = "ERRSTR?"

    def wrong(self, report: str) -> str | None:
        """The error in a report, or None."""
        return None if re.match(r"[+-]?0\s*,", report) else report


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
