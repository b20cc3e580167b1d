"""What a case needs before each step (by clause), and samples that anybody can draw again."""

from __future__ import annotations

import hashlib

import pytest

from lims.domain import quality
from lims.domain.quality import Entry

STEPS = [
    ("nonconformity", "contained", "containment", "7.10.1 b"),
    ("impact", "evaluated", "cause", "8.7.1 b"),
    ("audit_finding", "evaluated", "effect", "7.10.1 c"),
    ("hazard", "decided", "action", "7.10.1 d"),
    ("nonconformity", "notified", "notification", "7.10.1 e"),
    ("nonconformity", "closed", "effectiveness", "8.7.1 d"),
    ("complaint", "acknowledged", "acknowledgement", "7.9.5"),
    ("complaint", "investigated", "investigation", "7.9.4"),
    ("dispute", "decided", "decision", "7.9.6"),
    ("complaint", "notified", "notification", "7.9.7"),
    ("complaint", "closed", "action", "7.9.3 c"),
]


@pytest.mark.parametrize(("kind", "state", "entry", "clause"), STEPS, ids=[f"{row[0]}-{row[3]}" for row in STEPS])
def test_a_step_waits_for_its_entry(kind: str, state: str, entry: str, clause: str) -> None:
    with_others = [Entry(each, {"effective": True}) for each in quality.ENTRIES if each != entry]
    shut = [line for line in quality.step_lines(kind, state, with_others) if not line.ok]
    assert [(line.code, line.clause) for line in shut] == [(f"entry_{entry}", f"ISO/IEC 17025:2017, {clause}")]
    complete = [*with_others, Entry(entry, {"effective": True})]
    assert all(line.ok for line in quality.step_lines(kind, state, complete))


def test_an_ineffective_action_does_not_count_again() -> None:
    first = [Entry("action"), Entry("notification"), Entry("effectiveness", {"effective": False})]
    for state in ("decided", "notified", "closed"):
        assert not all(line.ok for line in quality.step_lines("nonconformity", state, first))
    again = [*first, Entry("action"), Entry("notification"), Entry("effectiveness", {"effective": True})]
    for state in ("decided", "notified", "closed"):
        assert all(line.ok for line in quality.step_lines("nonconformity", state, again))


def test_halted_work_is_resumed_before_the_case_closes() -> None:
    entries = [Entry("containment", {"halted": True}), Entry("effectiveness", {"effective": True})]
    assert [line.code for line in quality.step_lines("nonconformity", "closed", entries) if not line.ok] == [
        "entry_resumption"
    ]
    entries.append(Entry("resumption"))
    assert all(line.ok for line in quality.step_lines("nonconformity", "closed", entries))


def test_an_impact_closes_when_every_document_has_its_outcome() -> None:
    entries = [Entry("effectiveness", {"effective": True})]
    affected = [{"outcome": "notice"}, {"outcome": None}]
    assert not quality.step_lines("impact", "closed", entries, affected)[-1].ok
    assert quality.step_lines("impact", "closed", entries, [{"outcome": "notice"}])[-1].ok


def test_a_sample_is_the_same_for_the_same_seed_whatever_the_order() -> None:
    """Expected by the written rule: rank by SHA-256 of "seed:name" in hexadecimal."""
    names = [f"YS-2026-{n:06}" for n in range(1, 51)]
    by_hand = sorted(names, key=lambda name: hashlib.sha256(("7:" + name).encode()).hexdigest())[:5]
    assert quality.drawn(reversed(names), 7, 5) == by_hand
    assert quality.drawn(names, 8, 5) != by_hand
    assert quality.population_digest(["b", "a"]) == hashlib.sha256(b"a\nb").hexdigest()


@pytest.mark.parametrize(
    ("likelihood", "consequence", "level"), [(1, 4, "low"), (1, 5, "medium"), (3, 4, "medium"), (3, 5, "high")]
)
def test_levels_of_the_matrix(likelihood: int, consequence: int, level: str) -> None:
    assert quality.level(likelihood, consequence) == level
