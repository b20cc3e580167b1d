"""The scope of the laboratory: versions, the gate before a run, and U ≥ CMC before issue, on both databases."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from lims import audit
from lims.domain.errors import NotAllowed, UnusableValue, WrongState
from lims.queries import scope as scopes
from lims.records import Result
from lims.services import bench, demonstration, requests, scope

from .conftest import Lab

TODAY = date(2026, 11, 20)


def line(lab: Lab, U: Any = 1e-5, *, code: str = "CMC-DCV-1", **more: Any) -> Any:
    data = demonstration.SCOPE | {"code": code, "rows": [{"range": [-1000, 1000], "U": U}]}
    day = more.pop("valid_from", lab.now().date())
    made = scope.propose(lab.session, data, valid_from=day, by=lab.who("keeper"), at=lab.now(), **more)
    scope.recognise(lab.session, made.code, made.version, by=lab.who("keeper"), at=lab.now())
    return made


def test_a_new_version_ends_the_one_before_and_both_stay_readable(lab: Lab) -> None:
    day = lab.now().date()
    made = line(lab, 2e-5, valid_from=day + timedelta(days=10))
    assert made.version == 2
    assert [entry.rows[0].function["kind"] for entry in scopes.entries(lab.session, day + timedelta(days=10))] == [
        "value"
    ]
    rows = scopes.lines(lab.session, lab.who("keeper"), all_states=True)
    assert [(row.version, row.state) for row in rows] == [(2, "recognised"), (1, "changed")]
    assert rows[1].valid_to == day + timedelta(days=9)


def test_what_was_published_is_frozen_by_the_database(lab: Lab) -> None:
    made = line(lab)
    lab.session.commit()
    made.data = made.data | {"rows": []}
    with pytest.raises(DBAPIError):
        lab.session.flush()
    lab.session.rollback()


def test_nobody_but_the_keeper_changes_the_scope_and_each_step_is_audited(lab: Lab) -> None:
    for who in ("tech", "approver", "auditor", "customer"):
        with pytest.raises(NotAllowed):
            scope.propose(lab.session, demonstration.SCOPE, valid_from=TODAY, by=lab.who(who), at=lab.now())
    before = audit.last(lab.session)["seq"]
    made = line(lab)
    scope.withdraw(lab.session, made.code, made.version, "re-evaluated", by=lab.who("keeper"), at=lab.now())
    lab.session.commit()
    assert audit.last(lab.session)["seq"] == before + 3
    with pytest.raises(WrongState):
        scope.recognise(lab.session, made.code, made.version, by=lab.who("keeper"), at=lab.now())


def test_a_withdrawal_wants_its_reason(lab: Lab) -> None:
    made = line(lab)
    with pytest.raises(UnusableValue):
        scope.withdraw(lab.session, made.code, made.version, " ", by=lab.who("keeper"), at=lab.now())


def received(lab: Lab) -> str:
    request = requests.create(
        lab.session,
        customer_id=lab.who("customer").customer_id or 0,
        instrument=demonstration.ITEM,
        procedure="DMM-DCV",
        document_kind="calibration",
        rule={"rule": "none"},
        by=lab.who("customer"),
        at=lab.now(),
    )
    return request.number


def in_scope(lab: Lab, number: str) -> list[Any]:
    lines = bench.gates_before(lab.session, number, by=lab.who("tech"), at=lab.now())
    return [found for found in lines if found.code == "in_scope"]


def test_iso_17025_7_1_1_c_what_lies_outside_the_scope_is_said_before_the_start(lab: Lab) -> None:
    number = received(lab)
    assert [found.ok for found in in_scope(lab, number)] == [True]
    first = scopes.lines(lab.session, lab.who("keeper"))[0]
    scope.withdraw(lab.session, first.code, first.version, "test", by=lab.who("keeper"), at=lab.now())
    assert in_scope(lab, number) == []  # a laboratory without a published scope is not held to one
    data = demonstration.SCOPE | {"code": "CMC-2", "rows": [{"range": [-100, 100], "U": 1e-5}]}
    made = scope.propose(lab.session, data, valid_from=lab.now().date(), by=None, at=lab.now())
    scope.recognise(lab.session, made.code, made.version, by=None, at=lab.now())
    (closed,) = in_scope(lab, number)
    assert not closed.ok and "100 … 500 V" in closed.text["en"] and closed.clause.endswith("7.1.1 c)")


def printed(point: int, nominal: str, U: str, unit: str = "V") -> Result:
    return Result(point=point, unit=unit, reported={"function": "DCV", "nominal": nominal, "U": U})


def test_ilac_p14_5_4_a_printed_u_below_the_accredited_capability_is_refused(lab: Lab) -> None:
    day = lab.now().date()
    line(lab, 1.0e-5, code="CMC-A", accreditation="fictional L0000")
    good = scopes.not_below(
        scopes.accredited_on(lab.session, day), [printed(1, "10", "0.000010"), printed(2, "-10", "0.00012")]
    )
    assert [found.ok for found in good] == [True]
    low = scopes.not_below(
        scopes.accredited_on(lab.session, day), [printed(1, "10", "0.000010"), printed(7, "100", "0.0095", "mV")]
    )
    assert [found.ok for found in low] == [False]
    assert "Point 7" in low[0].text["en"] and "0.010 mV" in low[0].text["en"]


def test_a_line_without_accreditation_holds_no_certificate_back(lab: Lab) -> None:
    assert scopes.accredited_on(lab.session, lab.now().date()) == []


def test_a_customer_searches_the_scope(lab: Lab) -> None:
    answer = scopes.search(lab.session, lab.who("customer"), "DCV", 10, 100_000, "mV", lab.now().date())
    assert answer.ok and answer.entry is not None and answer.entry.code == "CMC-DCV-1"
