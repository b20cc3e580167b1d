"""How balances and pressure controllers tell that they refused a command: in the text of the reply itself."""

from __future__ import annotations

import re
from dataclasses import dataclass

from instruments.errors import ErrorStyle, ReplyPrefix
from instruments.specifications.phrase import Phrase

SICS_WORDS = {
    "ES": Phrase("{reply} (syntax error)", reply="ES"),
    "ET": Phrase("{reply} (transmission error)", reply="ET"),
    "EL": Phrase("{reply} (logical error)", reply="EL"),
    "I": Phrase("{reply} (not executable now)", reply="I"),
    "L": Phrase("{reply} (wrong parameter)", reply="L"),
}


@dataclass(frozen=True)
class SicsLetters(ErrorStyle):
    """MT-SICS: `ES`, `ET`, `EL` alone, or the letter I or L after the command's own name.

    + and - (overload, underload) are no refusals but readings without a number. Source: Mettler Toledo, operating
    instructions AT balances p. 87 and AL-IC p. 72 (stored copies of the pages).
    """

    def unwrap(self, reply: str) -> tuple[str, str | None]:
        """The reply, and what it refuses in words."""
        fields = reply.split()
        letter = fields[0] if fields[:1] and fields[0] in ("ES", "ET", "EL") else ""
        if not letter and len(fields) == 2 and fields[1] in ("I", "L"):
            letter = fields[1]
        return reply, Phrase(SICS_WORDS[letter].msgid, reply=reply.strip()) if letter else None


@dataclass(frozen=True)
class SbiCodes(ErrorStyle):
    """Sartorius SBI: `Err ###`, or `ERR ###`, `APP.ERR`, `DIS.ERR`, `PRT.ERR` in a status line.

    Source: Sartorius LE manual p. 51, Entris II p. 3 (stored copies of the pages).
    """

    pattern: str = r"(?i)(?:Stat)?\s*(err\s+\d+|(?:app|dis|prt)\.err?)\b"

    def unwrap(self, reply: str) -> tuple[str, str | None]:
        """The line, and its error code."""
        found = re.match(self.pattern, reply)
        return reply, found[1] if found else None


@dataclass(frozen=True)
class MensorPrefix(ReplyPrefix):
    """A space, or E while an error waits; anything else is no answer of this command set.

    Source: operating instructions CPC6050 p. 73 (stored copy of the page).
    """


def after_header(question: str, reply: str) -> str | None:
    """What follows the echoed header in a reply; None where the reply echoes another header than was asked.

    Druck PACE answers `:OUTP:STAT?` with `:OUTP:STAT 0` (K0472 revision A, examples throughout section 4).
    """
    header, _, value = reply.strip().partition(" ")
    if not header.startswith((":", "*")):
        return reply.strip()
    return value.strip() if header.upper() == question.rstrip("?").upper() else None
