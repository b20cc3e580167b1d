"""The map of industry chains: each key parameter held against the scope that is in force on a day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.domain import cmc, industry
from lims.domain.actor import Actor
from lims.domain.rights import require
from lims.queries import scope
from lims.records import ChainParameter

Text = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Line:
    """A key parameter with what the scope says of it."""

    parameter: ChainParameter
    found: industry.Assessment


@dataclass(frozen=True, slots=True)
class Node:
    """A node of a chain with its parameters."""

    name: Text
    lines: Sequence[Line]

    @property
    def gaps(self) -> int:
        return sum(line.found.kind != industry.MEASURABLE for line in self.lines)


@dataclass(frozen=True, slots=True)
class Chain:
    """An industry chain: its nodes in order, and how many parameters are of each kind."""

    name: Text
    nodes: Sequence[Node]
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def board(session: Session, viewer: Actor, day: date) -> list[Chain]:
    """Every chain, in three statements however many parameters there are."""
    require(viewer, "industry.read")
    entries = scope.entries(session, day)
    chains: dict[str, tuple[Text, dict[str, tuple[Text, list[Line]]]]] = {}
    for each in session.scalars(
        select(ChainParameter)
        .where(ChainParameter.state == "identified")
        .order_by(ChainParameter.position, ChainParameter.id)
    ):
        nodes = chains.setdefault(str(each.chain), (each.chain, {}))[1]
        nodes.setdefault(str(each.node), (each.node, []))[1].append(Line(each, assessed(each, entries, day)))
    return [
        Chain(
            name,
            [Node(node, lines) for node, lines in nodes.values()],
            Counter(line.found.kind for _, lines in nodes.values() for line in lines),
        )
        for name, nodes in chains.values()
    ]


def assessed(parameter: ChainParameter, entries: Sequence[cmc.Entry], day: date) -> industry.Assessment:
    answer = cmc.can_measure(
        entries, parameter.measurand, parameter.low, parameter.high, parameter.unit, day, parameter.conditions
    )
    return industry.assess(answer, parameter.unit, parameter.required, parameter.ratio)
