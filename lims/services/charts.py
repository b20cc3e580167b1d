"""Check standards on control charts: set up, baseline fixed, begun anew, ended (ISO/IEC 17025:2017, 6.4.10, 7.7.1).

The baseline is fixed once enough points are there; a new one begins a new span and the old one stays readable.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import audit
from lims.domain import charts, states
from lims.domain.actor import Actor
from lims.domain.errors import NotFound, UnusableValue
from lims.domain.rights import may, require
from lims.queries import charts as lists
from lims.records import ControlChart, Instrument
from lims.words import N_

LONGEST_PERIOD = 3660
CODE = re.compile(r"\w[\w.-]{0,59}")
"""It stands in addresses; `new` is the page of the form."""


def create(
    session: Session,
    *,
    code: str,
    title: Mapping[str, str],
    quantity: str,
    unit: str,
    chart: str,
    period_days: int,
    by: Actor,
    at: datetime,
    rules: Mapping[str, Any] | None = None,
    instrument: str | None = None,
    procedure_name: str | None = None,
) -> ControlChart:
    """A chart that collects its baseline. instrument: code of the check standard. Raises UnusableValue, NotFound."""
    _require_keeper(by)
    charts.require_unit(unit)
    for field, found in (("code", code), ("title", title.get("zh", "")), ("quantity", quantity)):
        if not found.strip():
            raise UnusableValue(field=field, found="—", right=N_("filled in"))
    if not CODE.fullmatch(code.strip()) or code.strip() == "new":
        raise UnusableValue(field="code", found=code, right=N_("letters, digits, hyphens and dots, such as CC-DCV-10V"))
    if chart not in charts.CHARTS:
        raise UnusableValue(field="chart", found=chart or "—", right=", ".join(charts.CHARTS))
    if not 0 <= period_days <= LONGEST_PERIOD:
        raise UnusableValue(field="period_days", found=str(period_days), right=N_("days, 0 for no fixed period"))
    if session.scalar(select(ControlChart.id).where(ControlChart.code == code.strip())) is not None:
        raise UnusableValue(field="code", found=code, right=N_("a code that no other chart has"))
    opened = charts.begin(charts.read_rules(rules or {}), 0, at.isoformat(), by.username)
    row = ControlChart(
        code=code.strip(),
        title=dict(title),
        instrument_id=_instrument_id(session, instrument),
        measurement_standard_id=None,
        procedure_name=(procedure_name or "").strip() or None,
        quantity=quantity.strip(),
        unit=unit,
        chart=chart,
        baseline={"spans": [opened], "left_out": {}},
        period_days=period_days,
        state=states.CONTROL_CHART.initial,
        entered_at=at,
    )
    session.add(row)
    session.flush()
    _audit(session, "control_chart.created", row, by, at, {"chart": chart, "unit": unit, "rules": opened["rules"]})
    return row


def fix_baseline(
    session: Session,
    code: str,
    method: str,
    *,
    by: Actor,
    at: datetime,
    centre: float | None = None,
    s: float | None = None,
    note: str = "",
) -> ControlChart:
    """Centre and s from what has been collected, or stated with where they come from; the chart is watched from now on.

    Points of the baseline beyond their own limits want a note that says why they stay. Raises UnusableValue, WrongState.
    """
    _require_keeper(by)
    chart = lists.by_code(session, code, by, lock=True)
    states.CONTROL_CHART.require(code, chart.state, "watched")
    points = lists.points_of(session, chart)
    span = charts.spans(chart.baseline, points)[-1]
    if method == "stated":
        found, n = _stated(centre, s, note), 0
    else:
        values = [point.value for point in span.points]
        found, n = charts.centre_and_s(values, method, span.rules.least), len(values)
        if charts.outside_of_own(values, *found) and not note.strip():
            right = N_("why points beyond 3 s stay in the baseline; or leave them out first")
            raise UnusableValue(field="note", found="—", right=right)
    last = points[-1].id if points else 0
    fixed = charts.Fixed(*found, method, n, last, at.isoformat(), by.username, note.strip())
    baseline = deepcopy(chart.baseline)
    baseline["spans"][-1]["fixed"] = asdict(fixed)
    chart.baseline = baseline
    states.CONTROL_CHART.move(chart, "watched")
    session.flush()
    facts = {"centre": fixed.centre, "s": fixed.s, "method": method, "n": n}
    _audit(session, "control_chart.fixed", chart, by, at, facts, note.strip())
    return chart


def restart(
    session: Session, code: str, reason: str, *, by: Actor, at: datetime, rules: Mapping[str, Any] | None = None
) -> ControlChart:
    """A new span begins: points are collected for a new baseline; what was before stays as it was judged."""
    _require_keeper(by)
    chart = lists.by_code(session, code, by, lock=True)
    states.CONTROL_CHART.require(code, chart.state, "collecting")
    _require_reason(reason)
    points = lists.points_of(session, chart)
    baseline = deepcopy(chart.baseline)
    wanted = charts.read_rules(rules if rules is not None else baseline["spans"][-1]["rules"])
    after = points[-1].id if points else 0
    baseline["spans"].append(charts.begin(wanted, after, at.isoformat(), by.username, reason.strip()))
    chart.baseline = baseline
    states.CONTROL_CHART.move(chart, "collecting")
    session.flush()
    _audit(session, "control_chart.restarted", chart, by, at, {"span": len(baseline["spans"])}, reason.strip())
    return chart


def leave_out(session: Session, code: str, point_id: int, reason: str, *, by: Actor, at: datetime) -> ControlChart:
    """A point that does not count any more, such as a slip of the pen; it stays readable with the reason.

    A point that a baseline in force rests on cannot be left out: begin a new one.
    """
    _require_keeper(by)
    chart = lists.by_code(session, code, by, lock=True)
    _require_reason(reason)
    points = lists.points_of(session, chart)
    span = charts.spans(chart.baseline, points)[-1]
    point = next((each for each in points if each.id == point_id), None)
    if point is None:
        raise NotFound(kind="chart_point", number=str(point_id))
    if point not in span.points or (span.fixed is not None and point in span.base):
        raise UnusableValue(field="point", found=f"{point.value:g}", right=N_("a point after the baseline in force"))
    baseline = deepcopy(chart.baseline)
    baseline["left_out"][str(point_id)] = {"reason": reason.strip(), "by": by.username, "at": at.isoformat()}
    chart.baseline = baseline
    session.flush()
    facts = {"point": point_id, "value": point.value}
    _audit(session, "control_chart.point_left_out", chart, by, at, facts, reason.strip())
    return chart


def end(session: Session, code: str, reason: str, *, by: Actor, at: datetime) -> ControlChart:
    """The chart takes no more points and is due no more."""
    _require_keeper(by)
    chart = lists.by_code(session, code, by, lock=True)
    states.CONTROL_CHART.require(code, chart.state, "ended")
    _require_reason(reason)
    states.CONTROL_CHART.move(chart, "ended")
    session.flush()
    _audit(session, "control_chart.ended", chart, by, at, {}, reason.strip())
    return chart


def _require_keeper(by: Actor) -> None:
    """Baselines are kept by who keeps the standards or quality."""
    if not may(by, "quality.manage"):
        require(by, "standards.manage")


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise UnusableValue(field="reason", found="—", right=N_("a reason"))


def _instrument_id(session: Session, code: str | None) -> int | None:
    if not (code or "").strip():
        return None
    own = select(Instrument.id).where(Instrument.code == str(code).strip(), Instrument.customer_id.is_(None))
    found = session.scalar(own)
    if found is None:
        raise NotFound(kind="instrument", number=str(code).strip())
    return found


def _stated(centre: float | None, s: float | None, note: str) -> tuple[float, float]:
    if centre is None or not math.isfinite(centre):
        raise UnusableValue(field="centre", found="—", right=N_("a number such as 10.00012 or 1e-3"))
    if s is None or not (math.isfinite(s) and s > 0):
        raise UnusableValue(field="s", found="—" if s is None else f"{s:g}", right=N_("a number above 0"))
    if not note.strip():
        raise UnusableValue(field="note", found="—", right=N_("where the stated centre and s come from"))
    return centre, s


def _audit(
    session: Session,
    act: str,
    chart: ControlChart,
    by: Actor,
    at: datetime,
    payload: Mapping[str, Any],
    reason: str = "",
) -> None:
    audit.append(
        session, act, "control_chart", chart.code, by=by.username, at=at, payload=dict(payload), reason=reason or None
    )
