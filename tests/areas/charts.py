"""Control charts, intermediate checks and proficiency tests."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.queries import charts as lists
from lims.queries import proficiency as rounds
from lims.records import ProficiencyTest
from lims.services import chart_cases, chart_points, charts, people, proficiency
from lims.services.chart_examples import CHART
from lims.services.chart_points import Entry
from tests.factories import TODAY

PAGES = {
    "tech": f"/charts/ /charts/{CHART} /charts/CC-RED /charts/CC-NEW /charts/CC-SUM /proficiency/",
    "keeper": f"/charts/new /charts/{CHART} /charts/CC-NEW /charts/CC-RED?span=1",
    "quality": "/proficiency/ /proficiency/new /proficiency/NL-2026-000001 /proficiency/NL-2026-000003",
}
ROUTES = {
    "quality.read": "charts.index charts.detail charts.data proficiency.index proficiency.detail proficiency.data",
    "charts.add": "charts.add charts.paste charts.from_record proficiency.results",
    "any:quality.manage,standards.manage": "charts.new charts.baseline charts.restart charts.leave_out charts.end",
    "quality.manage": "proficiency.new proficiency.report proficiency.evaluate proficiency.cancel",
}
FLOW = ["49.6", "47.6", "49.9", "51.3", "47.8", "51.2", "52.6", "52.4", "53.6", "52.1"]
"""NIST/SEMATECH e-Handbook 6.3.2.2."""


def fill(session: Session) -> None:
    """A chart with a signal, one that is collecting, and a round whose results are asked for."""
    from tests.web.laboratory import AT

    keeper, quality = people.by_username(session, "keeper"), people.by_username(session, "quality")
    for code, kind in (("CC-RED", "shewhart"), ("CC-NEW", "ewma"), ("CC-SUM", "cusum")):
        charts.create(
            session,
            code=code,
            title={"zh": "流量核查标准", "en": "flow check standard"},
            quantity="flow",
            unit="L/min",
            chart=kind,
            period_days=7,
            rules={"least": 10},
            by=keeper,
            at=AT,
        )
    chart_points.add_points(session, "CC-RED", [Entry([each]) for each in FLOW], by=keeper, at=AT)
    charts.fix_baseline(session, "CC-RED", "moving_range", by=keeper, at=AT)
    chart_points.add_points(session, "CC-RED", [Entry(["50.2"]), Entry(["56.4"])], by=keeper, at=AT)
    chart_points.add_points(session, "CC-NEW", [Entry(["50.2"])], by=keeper, at=AT)
    charts.fix_baseline(session, "CC-SUM", "stated", centre=50.0, s=1.5, note="NIST", by=keeper, at=AT)
    chart_points.add_points(session, "CC-SUM", [Entry([each]) for each in FLOW], by=keeper, at=AT)
    proficiency.plan(
        session,
        scheme="PT-3",
        provider="提供者",
        measurand="flow",
        unit="L/min",
        planned=date(2026, 11, 1),
        by=quality,
        at=AT,
    )


def a_round(w: Any) -> str:
    return str(w.session.scalars(select(ProficiencyTest.number).order_by(ProficiencyTest.id)).first())


PLAN: dict[str, Any] = {"scheme": "x", "provider": "x", "measurand": "x", "unit": "V", "planned": TODAY}
NEW: dict[str, Any] = {
    "code": "X",
    "title": {"zh": "x"},
    "quantity": "x",
    "unit": "V",
    "chart": "shewhart",
    "period_days": 1,
}
DOORS = {
    "queries.charts.by_code": lambda w, by: lists.by_code(w.session, CHART, by),
    "queries.charts.lines": lambda w, by: lists.lines(w.session, by, on=TODAY),
    "queries.charts.due": lambda w, by: lists.due(w.session, by, on=TODAY),
    "queries.charts.history": lambda w, by: lists.history(w.session, CHART, by, on=TODAY),
    "queries.proficiency.by_number": lambda w, by: rounds.by_number(w.session, a_round(w), by),
    "queries.proficiency.lines": lambda w, by: rounds.lines(w.session, by, on=TODAY),
    "queries.proficiency.years": lambda w, by: rounds.years(w.session, by, on=TODAY),
    "queries.proficiency.scores": lambda w, by: rounds.scores(w.session, by),
    "queries.proficiency.detail": lambda w, by: rounds.detail(w.session, a_round(w), by, on=TODAY),
    "services.chart_cases.open_case": lambda w, by: chart_cases.open_case(
        w.session, title="x", origin={}, severity="minor", by=by, at=w.lab.at
    ),
    "services.charts.create": lambda w, by: charts.create(w.session, **NEW, by=by, at=w.lab.at),
    "services.charts.fix_baseline": lambda w, by: charts.fix_baseline(
        w.session, CHART, "moving_range", by=by, at=w.lab.at
    ),
    "services.charts.restart": lambda w, by: charts.restart(w.session, CHART, "x", by=by, at=w.lab.at),
    "services.charts.leave_out": lambda w, by: charts.leave_out(w.session, CHART, 1, "x", by=by, at=w.lab.at),
    "services.charts.end": lambda w, by: charts.end(w.session, CHART, "x", by=by, at=w.lab.at),
    "services.chart_points.add_points": lambda w, by: chart_points.add_points(
        w.session, CHART, [Entry(["10"])], by=by, at=w.lab.at
    ),
    "services.chart_points.add_from_record": lambda w, by: chart_points.add_from_record(
        w.session, CHART, w.issued.number, 1, by=by, at=w.lab.at
    ),
    "services.proficiency.plan": lambda w, by: proficiency.plan(w.session, **PLAN, by=by, at=w.lab.at),
    "services.proficiency.enter_results": lambda w, by: proficiency.enter_results(
        w.session, a_round(w), "a;1;1", by=by, at=w.lab.at
    ),
    "services.proficiency.report": lambda w, by: proficiency.report(w.session, a_round(w), by=by, at=w.lab.at),
    "services.proficiency.evaluate": lambda w, by: proficiency.evaluate(
        w.session, a_round(w), "a;1;1", by=by, at=w.lab.at
    ),
    "services.proficiency.cancel": lambda w, by: proficiency.cancel(w.session, a_round(w), "x", by=by, at=w.lab.at),
}
INNER = {
    "queries.charts.points_of": "of a chart that a door gave",
    "services.chart_examples.enter": "founding",
}
