"""Chains of the demonstration: every kind of gap, computed anew when the scope changes; only the centre enters them."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from lims.domain.errors import NotAllowed, UnusableValue, WrongState
from lims.queries import industry as boards
from lims.records import ChainParameter
from lims.services import demonstration, industry, scope
from uncertainty.errors import UnitError

from .conftest import Lab

BOTH = {"zh": "一", "en": "one"}
ROW: dict[str, Any] = {
    "chain": BOTH, "node": BOTH, "position": 1, "product": BOTH, "stage": "production", "parameter": BOTH,
    "measurand": "DCV", "unit": "V", "low": 1.0, "high": 2.0, "required": 1e-3,
}  # fmt: skip


def kinds(lab: Lab) -> dict[str, int]:
    counted: dict[str, int] = {}
    for chain in boards.board(lab.session, lab.who("auditor"), lab.now().date()):
        assert chain.total == sum(len(node.lines) for node in chain.nodes)
        for kind, n in chain.counts.items():
            counted[kind] = counted.get(kind, 0) + n
    return counted


def test_the_demonstration_shows_every_kind_of_gap(lab: Lab) -> None:
    assert set(kinds(lab)) == {"measurable", "inaccurate", "partial", "no_method"}
    names = [chain.name["zh"] for chain in boards.board(lab.session, lab.who("auditor"), lab.now().date())]
    assert len(names) == 2 and all("虚构" in name for name in names)


def test_a_new_line_of_the_scope_closes_gaps_at_once(lab: Lab) -> None:
    before = kinds(lab)
    data = demonstration.SCOPE | {
        "code": "CMC-ACV-1", "measurand": "ACV", "rows": [{"range": [0, 1_000_000], "U": 1.0}],
    }  # fmt: skip
    line = scope.propose(lab.session, data, valid_from=lab.now().date(), by=None, at=lab.now())
    assert kinds(lab) == before  # proposed is not published
    scope.recognise(lab.session, line.code, line.version, by=None, at=lab.now())
    assert kinds(lab)["no_method"] == before["no_method"] - 1


def test_rows_are_frozen_and_taken_off_with_a_reason(lab: Lab) -> None:
    row = industry.add(lab.session, **ROW, by=lab.who("keeper"), at=lab.now())
    lab.session.commit()
    with pytest.raises(UnusableValue):
        industry.withdraw(lab.session, row.id, "", by=lab.who("keeper"), at=lab.now())
    industry.withdraw(lab.session, row.id, "no longer asked for", by=lab.who("keeper"), at=lab.now())
    with pytest.raises(WrongState):
        industry.withdraw(lab.session, row.id, "again", by=lab.who("keeper"), at=lab.now())
    lab.session.commit()
    row.required = 2.0
    with pytest.raises(DBAPIError):
        lab.session.flush()
    lab.session.rollback()


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"unit": "furlong"}, UnitError),
        ({"stage": "dreaming"}, UnusableValue),
        ({"low": 3.0}, UnusableValue),
        ({"required": 0.0}, UnusableValue),
        ({"ratio": float("nan")}, UnusableValue),
        ({"high": float("inf")}, UnusableValue),
    ],
)
def test_a_wrong_parameter_is_refused_and_nothing_is_kept(
    lab: Lab, change: dict[str, Any], error: type[Exception]
) -> None:
    before = lab.session.query(ChainParameter).count()
    with pytest.raises(error):
        industry.add(lab.session, **ROW | change, by=lab.who("keeper"), at=lab.now())
    assert lab.session.query(ChainParameter).count() == before


@pytest.mark.parametrize("who", ["tech", "auditor", "customer", "approver"])
def test_only_the_centre_enters_parameters(lab: Lab, who: str) -> None:
    with pytest.raises(NotAllowed):
        industry.add(lab.session, **ROW, by=lab.who(who), at=lab.now())
