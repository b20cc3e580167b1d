"""Rounds of proficiency tests from the plan to the scores."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from lims.domain.errors import NotAllowed, UnusableValue, WrongState
from lims.queries import proficiency as lists
from lims.records import ProficiencyTest, QualityCase
from lims.services import proficiency

from .conftest import Lab

OWN = "a; 10.5; 0.3\nb; 20.1; 0.3"
GOOD = "a; 10.1; 0.4\nb; 20.0; 0.4"
BAD = "a; 9.9; 0.4\nb; 20.0; 0.4"
WARN = "a; 10.2; 0.2; 0.075\nb; 20.1; 0.4; 1"
"""En of a: 0.8 and 1.2 (triangle 3-4-5, ISO 13528:2022, 9.7); WARN: z′ = 0.3/√(0.075² + 0.1²) = 2.4 with En = 0.83 (9.5)."""


def planned(lab: Lab, **more: object) -> ProficiencyTest:
    given: dict[str, object] = {
        "scheme": "PT-1",
        "provider": "提供者",
        "measurand": "DCV",
        "unit": "V",
        "planned": date(2026, 10, 1),
    }
    return proficiency.plan(lab.session, **(given | more), by=lab.who("quality"), at=lab.now())  # type: ignore[arg-type]


def evaluated(lab: Lab, reference: str) -> ProficiencyTest:
    number, quality = planned(lab).number, lab.who("quality")
    proficiency.enter_results(lab.session, number, OWN, by=lab.who("tech"), at=lab.now())
    proficiency.report(lab.session, number, by=quality, at=lab.now())
    return proficiency.evaluate(lab.session, number, reference, by=quality, at=lab.now())


def test_a_good_round_is_evaluated_without_a_case(lab: Lab) -> None:
    row = evaluated(lab, GOOD)
    lab.session.commit()
    lab.session.expire_all()
    assert (row.state, row.outcome, row.case_id) == ("evaluated", "satisfactory", None)
    assert [each["En"] for each in row.results] == pytest.approx([0.8, 0.2])
    assert row.results[0]["x"] == "10.5"


@pytest.mark.parametrize(
    ("reference", "outcome", "severity"),
    [(BAD, "unsatisfactory", "major"), ("a; 10.5; 0.4\nb; 20.1; 0.4; 1\n", "satisfactory", None), (WARN, "questionable", "minor")],
)  # fmt: skip
def test_a_score_beyond_its_limit_opens_a_case(lab: Lab, reference: str, outcome: str, severity: str | None) -> None:
    row = evaluated(lab, reference)
    case = None if row.case_id is None else lab.session.get(QualityCase, row.case_id)
    assert (row.outcome, case and case.severity) == (outcome, severity)
    if case is not None:
        assert case.kind == "nonconformity" and case.origin["number"] == row.number
        assert case.origin["points"] == ["a"]


def test_own_results_may_be_mended_until_they_are_reported(lab: Lab) -> None:
    number, tech = planned(lab).number, lab.who("tech")
    proficiency.enter_results(lab.session, number, "a; 105; 0.3", by=tech, at=lab.now())
    row = proficiency.enter_results(lab.session, number, OWN, by=tech, at=lab.now())
    assert (row.state, [each["x"] for each in row.results]) == ("measured", ["10.5", "20.1"])


def test_own_results_stand_once_they_are_reported(lab: Lab) -> None:
    row = evaluated(lab, GOOD)
    with pytest.raises(WrongState):
        proficiency.enter_results(lab.session, row.number, OWN, by=lab.who("tech"), at=lab.now())
    with pytest.raises(WrongState):
        proficiency.evaluate(lab.session, row.number, GOOD, by=lab.who("quality"), at=lab.now())


def test_the_reference_is_not_taken_before_the_own_results_are_reported(lab: Lab) -> None:
    """Scores against a reference that was known beforehand would prove nothing."""
    row = planned(lab)
    proficiency.enter_results(lab.session, row.number, OWN, by=lab.who("tech"), at=lab.now())
    with pytest.raises(WrongState):
        proficiency.evaluate(lab.session, row.number, GOOD, by=lab.who("quality"), at=lab.now())


def test_plan_against_done(lab: Lab) -> None:
    viewer, on = lab.who("auditor"), lab.at.date()
    [before] = [y for y in lists.years(lab.session, viewer, on=on) if y.year == 2026]
    evaluated(lab, GOOD)
    planned(lab)  # its day has passed
    gone = planned(lab)
    proficiency.cancel(lab.session, gone.number, "提供者取消", by=lab.who("quality"), at=lab.now())
    [after] = [y for y in lists.years(lab.session, viewer, on=on) if y.year == 2026]
    assert (after.planned - before.planned, after.evaluated - before.evaluated) == (3, 1)
    assert (after.late - before.late, after.cancelled - before.cancelled) == (1, 1)
    assert {s.point for s in lists.scores(lab.session, viewer)} >= {"a", "b"}


def test_pages_of_rounds_go_on_where_the_last_ended(lab: Lab) -> None:
    for n in range(4):
        planned(lab, planned=lab.at.date() + timedelta(days=n // 2))
    whole = [line.test.id for line in lists.lines(lab.session, lab.who("auditor"), on=lab.at.date())]
    first = lists.lines(lab.session, lab.who("auditor"), on=lab.at.date(), size=2)[:2]
    last = first[-1].test
    rest = lists.lines(lab.session, lab.who("auditor"), on=lab.at.date(), before=(last.planned, last.id))
    assert [line.test.id for line in (*first, *rest)] == whole


def test_who_may_do_what(lab: Lab) -> None:
    row = planned(lab)
    with pytest.raises(NotAllowed):
        proficiency.enter_results(lab.session, row.number, OWN, by=lab.who("verifier"), at=lab.now())
    with pytest.raises(NotAllowed):
        proficiency.cancel(lab.session, row.number, "x", by=lab.who("tech"), at=lab.now())
    with pytest.raises(UnusableValue):
        proficiency.cancel(lab.session, row.number, "", by=lab.who("quality"), at=lab.now())
    with pytest.raises(UnusableValue):
        planned(lab, scheme="")
    with pytest.raises(UnusableValue):
        planned(lab, planned=date(9999, 1, 1))
