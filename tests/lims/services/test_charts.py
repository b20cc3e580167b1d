"""Control charts as the laboratory uses them: collecting, watching, signals and their case, new spans, points of records."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from lims.domain.errors import LimsError, NotAllowed, NotFound, UnusableValue, WrongState
from lims.queries import charts as lists
from lims.records import AuditEntry, ChartPoint, ControlChart, QualityCase, Result
from lims.services import chart_points, charts
from lims.services.chart_points import Entry
from lims.services.evaluation import latest_evaluation
from tests.lims.domain.test_charts import CUSUM, EWMA, FLOW

from .conftest import Lab
from .test_together import at_once


def a_chart(lab: Lab, code: str = "CC-1", **more: object) -> ControlChart:
    given: dict[str, object] = {
        "title": {"zh": "流量", "en": "flow rate"},
        "quantity": "flow",
        "unit": "V",
        "chart": "shewhart",
        "period_days": 30,
        "rules": {"rules": "limits", "least": 10},
    }
    return charts.create(lab.session, code=code, **(given | more), by=lab.who("keeper"), at=lab.now())  # type: ignore[arg-type]


def add(lab: Lab, values: list[float], code: str = "CC-1") -> list[ChartPoint]:
    entries = [Entry([repr(value)]) for value in values]
    return chart_points.add_points(lab.session, code, entries, by=lab.who("tech"), at=lab.now())


def watched(lab: Lab) -> ControlChart:
    """NIST's flow rates as the baseline: 50.81, limits 45.8159 and 55.8041 (e-Handbook 6.3.2.2)."""
    a_chart(lab)
    add(lab, FLOW)
    return charts.fix_baseline(lab.session, "CC-1", "moving_range", by=lab.who("keeper"), at=lab.now())


def test_a_chart_collects_is_fixed_and_watches(lab: Lab) -> None:
    chart = watched(lab)
    assert chart.state == "watched"
    inside, outside = add(lab, [55.7]), add(lab, [55.9])
    assert (inside[0].signals, outside[0].signals) == ([], ["beyond_3_sigma"])
    found = lists.history(lab.session, "CC-1", lab.who("auditor"), on=lab.at.date())
    assert (len(found.now.base), len(found.now.later)) == (10, 2)
    assert found.now.fixed is not None and found.now.fixed.n == 10


def test_cusum_and_ewma_of_nist_from_stated_baselines(lab: Lab) -> None:
    """6.3.2.3: samples 14 to 20 are out of control. 6.3.2.4: no point is."""
    keeper = lab.who("keeper")
    a_chart(lab, "CUSUM", chart="cusum", rules={"k": 0.5, "h": 4.1959 / 0.635})
    a_chart(lab, "EWMA", chart="ewma", rules={"weight": 0.3, "width": 3.0})
    for code, centre, s in (("CUSUM", 325.0, 0.635), ("EWMA", 50.0, 2.0539)):
        charts.fix_baseline(lab.session, code, "stated", centre=centre, s=s, note="NIST 6.3.2", by=keeper, at=lab.now())
    out = [i for i, point in enumerate(add(lab, CUSUM, "CUSUM"), 1) if point.signals]
    assert out == list(range(14, 21))
    assert not any(point.signals for point in add(lab, EWMA, "EWMA"))


def test_readings_of_a_check_are_averaged_and_kept_as_typed(lab: Lab) -> None:
    a_chart(lab)
    [point] = chart_points.add_points(
        lab.session, "CC-1", [Entry(["１０.００", " 10.10", "\u22120.1"], note="x")], by=lab.who("tech"), at=lab.now()
    )
    assert point.value == pytest.approx(20 / 3)
    assert point.readings == ["１０.００", "10.10", "\u22120.1"]


def test_too_few_points_fix_no_baseline_and_a_strange_one_wants_its_note(lab: Lab) -> None:
    a_chart(lab)
    add(lab, FLOW[:9])
    keeper = lab.who("keeper")
    with pytest.raises(UnusableValue):
        charts.fix_baseline(lab.session, "CC-1", "moving_range", by=keeper, at=lab.now())
    add(lab, [*[50.0, 50.1] * 10, 80.0])
    with pytest.raises(UnusableValue) as refused:
        charts.fix_baseline(lab.session, "CC-1", "moving_range", by=keeper, at=lab.now())
    assert refused.value.facts["field"] == "note"
    charts.fix_baseline(lab.session, "CC-1", "moving_range", note="cause found", by=keeper, at=lab.now())


def test_a_new_baseline_begins_a_new_span_and_the_old_one_stays_readable(lab: Lab) -> None:
    watched(lab)
    add(lab, [55.9])
    keeper = lab.who("keeper")
    with pytest.raises(UnusableValue):
        charts.restart(lab.session, "CC-1", " ", by=keeper, at=lab.now())
    charts.restart(lab.session, "CC-1", "换用新核查标准", by=keeper, at=lab.now())
    assert add(lab, [90.0])[0].signals == []  # nothing to judge by while it collects
    lab.session.commit()
    lab.session.expire_all()
    found = lists.history(lab.session, "CC-1", lab.who("auditor"), on=lab.at.date())
    old, new = found.spans
    assert old.fixed is not None and old.fixed.centre == pytest.approx(50.81)
    assert (len(old.points), len(new.points), new.fixed, new.reason) == (11, 1, None, "换用新核查标准")
    assert found.points[10].signals == ["beyond_3_sigma"]


def test_a_slip_of_the_pen_is_left_out_with_its_reason_and_stays(lab: Lab) -> None:
    watched(lab)
    [slip] = add(lab, [508.1])
    keeper = lab.who("keeper")
    base = lists.history(lab.session, "CC-1", keeper, on=lab.at.date()).points[0]
    with pytest.raises(UnusableValue):
        charts.leave_out(lab.session, "CC-1", base.id, "x", by=keeper, at=lab.now())
    charts.leave_out(lab.session, "CC-1", slip.id, "小数点错位", by=keeper, at=lab.now())
    found = lists.history(lab.session, "CC-1", keeper, on=lab.at.date())
    assert slip in found.points and slip not in found.now.points
    assert found.chart.baseline["left_out"][str(slip.id)]["reason"] == "小数点错位"


@pytest.mark.parametrize(
    ("readings", "shift", "field"),
    [
        (["1e308", "1e308"], 0, "readings"),
        (["ten"], 0, "readings"),
        ([], 0, "readings"),
        (["nan"], 0, "readings"),
        (["1"], 1, "at"),
        (["1"], -3, "at"),
    ],
)
def test_points_that_cannot_be_used_are_refused(lab: Lab, readings: list[str], shift: int, field: str) -> None:
    a_chart(lab)
    add(lab, [1.0])
    at = lab.now()
    with pytest.raises(UnusableValue) as refused:
        chart_points.add_points(
            lab.session, "CC-1", [Entry(readings, at + timedelta(hours=shift))], by=lab.who("tech"), at=at
        )
    assert refused.value.facts["field"] == field


def test_a_point_is_taken_from_a_record_once_in_the_charts_unit(lab: Lab) -> None:
    record = lab.submitted()
    evaluation = latest_evaluation(lab.session, record)
    assert evaluation is not None
    result = lab.session.query(Result).filter_by(evaluation_id=evaluation.id, point=1).one()
    assert result.unit == "mV"
    a_chart(lab, unit="V", procedure_name="DMM-DCV")
    tech = lab.who("tech")
    point = chart_points.add_from_record(lab.session, "CC-1", record.number, 1, by=tech, at=lab.now())
    assert point.value == pytest.approx(result.value / 1000)
    assert point.readings[0]["record"] == record.number
    for number, n, wrong in (
        (record.number, 1, UnusableValue),
        (record.number, 999, UnusableValue),
        ("R-0", 1, NotFound),
    ):
        with pytest.raises(wrong):
            chart_points.add_from_record(lab.session, "CC-1", number, n, by=tech, at=lab.now())


def test_a_record_of_another_instrument_or_procedure_is_no_point(lab: Lab) -> None:
    record = lab.submitted()
    a_chart(lab, "CC-1", instrument="YQ-2026-000003")
    a_chart(lab, "CC-2", procedure_name="IMPEDANCE")
    for code in ("CC-1", "CC-2"):
        with pytest.raises(UnusableValue) as refused:
            chart_points.add_from_record(lab.session, code, record.number, 1, by=lab.who("tech"), at=lab.now())
        assert refused.value.facts["field"] == "record"


def test_an_open_record_is_no_point(lab: Lab) -> None:
    record = lab.record()
    a_chart(lab)
    with pytest.raises(UnusableValue):
        chart_points.add_from_record(lab.session, "CC-1", record.number, 1, by=lab.who("tech"), at=lab.now())


def test_an_ended_chart_takes_nothing_and_is_due_no_more(lab: Lab) -> None:
    a_chart(lab)
    later = (lab.at + timedelta(days=31)).date()
    assert "CC-1" in [line.chart.code for line in lists.due(lab.session, lab.who("tech"), on=later)]
    charts.end(lab.session, "CC-1", "停用", by=lab.who("keeper"), at=lab.now())
    assert "CC-1" not in [line.chart.code for line in lists.due(lab.session, lab.who("tech"), on=later)]
    with pytest.raises(WrongState):
        add(lab, [1.0])


def test_the_next_check_is_due_a_period_after_the_last_point(lab: Lab) -> None:
    a_chart(lab)
    day = lab.at.date()
    add(lab, [1.0])
    assert [x.days_left for x in lists.lines(lab.session, lab.who("tech"), on=day) if x.chart.code == "CC-1"] == [30]
    due = lists.due(lab.session, lab.who("tech"), on=day + timedelta(days=31))
    assert {line.chart.code: line.days_left for line in due}["CC-1"] == -1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"chart": "pie"}, "chart"),
        ({"code": ""}, "code"),
        ({"code": "A/B"}, "code"),
        ({"code": "new"}, "code"),
        ({"code": ".."}, "code"),
        ({"period_days": -1}, "period_days"),
        ({"quantity": " "}, "quantity"),
        ({"rules": {"least": 5}}, "least"),
    ],
)
def test_a_chart_that_cannot_be_is_refused_at_its_field(lab: Lab, change: dict[str, object], field: str) -> None:
    with pytest.raises(UnusableValue) as refused:
        a_chart(lab, **change)  # type: ignore[arg-type]
    assert refused.value.facts["field"] == field


def test_unknown_units_instruments_and_codes_twice_are_refused(lab: Lab) -> None:
    a_chart(lab)
    for change in ({}, {"code": "CC-2", "unit": "furlong"}, {"code": "CC-2", "instrument": "YQ-0"}):
        with pytest.raises(LimsError):
            a_chart(lab, **change)


def test_a_technician_adds_points_and_keeps_no_baseline(lab: Lab) -> None:
    a_chart(lab)
    add(lab, FLOW)
    tech = lab.who("tech")
    with pytest.raises(NotAllowed):
        charts.fix_baseline(lab.session, "CC-1", "moving_range", by=tech, at=lab.now())
    with pytest.raises(NotAllowed):
        chart_points.add_points(lab.session, "CC-1", [Entry(["1"])], by=lab.who("verifier"), at=lab.now())


def test_a_signal_opens_one_case_until_that_is_closed(lab: Lab) -> None:
    """A lasting shift is one nonconformity (7.10), not one a check; after its end the next signal is a new one."""
    watched(lab)
    first, second, quiet = add(lab, [56.0]), add(lab, [56.1]), add(lab, [50.0])
    case = lab.session.get(QualityCase, first[0].case_id)
    assert case is not None and second[0].case_id == case.id and quiet[0].case_id is None
    assert (case.kind, case.state, case.opened_by_id) == ("nonconformity", "opened", lab.who("tech").person_id)
    assert (case.origin["type"], case.origin["number"]) == ("control_chart", "CC-1")
    assert case.origin["signals"] == ["beyond_3_sigma"] and "超出 3 s" in case.title
    case.state = "closed"
    lab.session.flush()
    third = add(lab, [56.2])
    assert third[0].case_id not in (None, case.id)
    found = lists.history(lab.session, "CC-1", lab.who("auditor"), on=lab.at.date())
    assert {each.number for each in found.cases.values()} == {"ZL-2026-000001", "ZL-2026-000002"}


def test_signal_case_and_point_are_one_transaction_in_the_audit_trail(lab: Lab) -> None:
    watched(lab)
    add(lab, [56.0])
    lab.session.commit()
    acts = [entry.act for entry in lab.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(2))]
    assert acts == ["control_chart.points_added", "quality_case.opened"]
    add(lab, [57.0])
    lab.session.rollback()
    assert len(lists.history(lab.session, "CC-1", lab.who("auditor"), on=lab.at.date()).points) == 11


def test_two_signals_at_once_are_one_case(lab: Lab, sessions: sessionmaker[Session]) -> None:
    """The second person waits for the first, sees the case that is running, and opens no other."""
    watched(lab)
    by, at = lab.who("tech"), lab.now()
    lab.session.commit()
    outcomes = at_once(sessions, lambda s: chart_points.add_points(s, "CC-1", [Entry(["56.0"])], by=by, at=at))
    assert outcomes == ["done", "done"]
    lab.session.expire_all()
    points = lists.history(lab.session, "CC-1", lab.who("auditor"), on=lab.at.date()).points
    assert len(points) == 12 and points[10].case_id == points[11].case_id is not None
