"""A control chart and two rounds of a proficiency test for the demonstration, clearly fictional."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lims.records.series import ZONE
from lims.services import chart_points, charts, people, proficiency

CHART = "CC-DCV-10V"
COLLECTED = (
    *("9.9999982", "10.0000011", "9.9999995", "10.0000024", "9.9999991", "10.0000003", "10.0000016", "9.9999976"),
    *("10.0000008", "9.9999987", "10.0000019", "9.9999999", "10.0000005", "9.9999984", "10.0000013", "10.0000001"),
    *("9.9999993", "10.0000021", "9.9999989", "10.0000007"),
)
WATCHED = ("10.0000002", "10.0000015", "9.9999988", "10.0000009", "10.0000027", "9.9999996", "10.0000012", "9.9999985")
"""10 V of the check standard against the calibrator, in V, one a fortnight; made up."""
OWN = "1 V; 1.0000021; 0.0000052\n10 V; 10.000012; 0.000038\n100 V; 100.00031; 0.00042"
REFERENCE = "1 V; 1.0000004; 0.0000020\n10 V; 9.999999; 0.000016\n100 V; 100.00005; 0.00018"
"""DC voltage, U with k = 2; made up."""
STEP = timedelta(days=14)


def enter(session: Session, *, at: datetime) -> None:
    """Both, into a laboratory that has just been founded; the last check was made five days ago."""
    keeper, quality = (people.by_username(session, name) for name in ("keeper", "quality"))
    n = len(COLLECTED) + len(WATCHED)
    days = [at - timedelta(days=5) - STEP * (n - 1 - i) for i in range(n)]
    charts.create(
        session,
        code=CHART,
        title={"zh": "10 V 核查标准（虚构）", "en": "10 V check standard (fictional)"},
        quantity="DCV",
        unit="V",
        chart="shewhart",
        period_days=STEP.days,
        by=keeper,
        at=at,
    )
    entries = [chart_points.Entry([value], day) for value, day in zip((*COLLECTED, *WATCHED), days, strict=True)]
    first = len(COLLECTED)
    chart_points.add_points(session, CHART, entries[:first], by=keeper, at=at)
    charts.fix_baseline(session, CHART, "moving_range", by=keeper, at=at)
    chart_points.add_points(session, CHART, entries[first:], by=keeper, at=at)
    today = at.astimezone(ZONE).date()
    past = proficiency.plan(
        session,
        scheme="FNMI-PT-2026-DC（虚构）",
        provider="虚构国家计量院",
        measurand="DCV",
        unit="V",
        planned=today - timedelta(days=90),
        by=quality,
        at=at,
    )
    proficiency.enter_results(session, past.number, OWN, by=keeper, at=at)
    proficiency.report(session, past.number, by=quality, at=at)
    proficiency.evaluate(session, past.number, REFERENCE, by=quality, at=at)
    proficiency.plan(
        session,
        scheme="FNMI-PT-2027-RES（虚构）",
        provider="虚构国家计量院",
        measurand="impedance",
        unit="mohm",
        planned=today + timedelta(days=120),
        by=quality,
        at=at,
    )
