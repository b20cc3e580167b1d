"""Each fault has a code of its own, keeps its facts, and has its sentence in both languages."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po

import instruments.bench.server
from instruments import faults
from instruments.faults import InstrumentError

PO = Path(__file__).parents[3] / "lims" / "words" / "zh" / "instruments.po"


def every(root: type[InstrumentError]) -> Iterator[type[InstrumentError]]:
    yield root
    for kind in root.__subclasses__():
        yield from every(kind)


OURS = [
    kind for kind in every(InstrumentError) if kind.__module__ in (faults.__name__, instruments.bench.server.__name__)
]


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_codes_are_unique() -> None:
    assert len({kind.code for kind in OURS}) == len(OURS) >= 14


@pytest.mark.parametrize("kind", OURS)
def test_a_fault_keeps_its_facts_and_speaks_both_languages(kind: type[InstrumentError]) -> None:
    facts = {name: f"<{name}>" for name in fields(kind.sentence)}
    error = kind(**facts)
    assert error.facts == facts
    assert all(f"<{name}>" in str(error) for name in facts)
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.facts) == (kind, facts)
    with PO.open("rb") as file:
        message = read_po(file, locale="zh").get(kind.sentence)
    assert message is not None, kind.sentence
    assert fields(str(message.string)) == fields(kind.sentence)
