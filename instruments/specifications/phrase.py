"""A piece of a sentence that another language can say: English text that remembers its pattern and its facts.

`lims.words` says a fact that has a `msgid` in the reader's language; everybody else sees plain English text.
"""

from __future__ import annotations


class Phrase(str):
    """str(pattern with its facts): Phrase("at most {most} V", most="100") is "at most 100 V"."""

    __slots__ = ("facts", "msgid")
    msgid: str
    facts: dict[str, object]

    def __new__(cls, msgid: str, /, **facts: object) -> Phrase:
        """The text of the pattern with its facts."""
        phrase = super().__new__(cls, msgid.format(**facts) if facts else msgid)
        phrase.msgid, phrase.facts = msgid, facts
        return phrase

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, object]]:
        return (self.msgid,), self.facts
