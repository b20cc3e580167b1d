"""A fault in the journal of a run, said in the reader's language: the journal holds its code and facts beside the words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from instruments.faults import InstrumentError
from lims import words


def sentence(event: Mapping[str, Any], lang: str) -> str:
    """One sentence about a fault event; as it was written where its code or facts are not known here."""
    written = str(event.get("sentence") or event.get("code") or "")
    kind, facts = _kinds().get(str(event.get("code"))), event.get("facts")
    if kind is None or not isinstance(facts, Mapping):
        return words.gettext(written, lang)
    try:
        return words.sentence(kind(**facts), lang)
    except (KeyError, IndexError, TypeError, ValueError):
        return written


@cache
def _kinds() -> dict[str, type[InstrumentError]]:
    return {kind.code: kind for kind in _below(InstrumentError)}


def _below(root: type[InstrumentError]) -> Iterator[type[InstrumentError]]:
    yield root
    for kind in root.__subclasses__():
        yield from _below(kind)
