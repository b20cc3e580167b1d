"""Quality cases and complaints, internal audits, risks."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.queries import cases as lists
from lims.queries import internal_audits as audit_lists
from lims.queries import risks as risk_lists
from lims.records import Instrument, InternalAudit, QualityCase, Risk
from lims.services import cases, internal_audits, people, risks

PAGES = {
    "quality": "/cases/ /cases/?ended=1 /cases/new /cases/ZL-2026-000003 /cases/TS-2026-000001 /audits/ /audits/new "
    "/audits/NS-2026-000001 /audits/NS-2026-000002 /risks/ /risks/1",
    "tech": "/cases/ /cases/impact /cases/ZL-2026-000001 /audits/ /risks/",
    "customer": "/cases/ /cases/new /cases/TS-2026-000001",
}
ROUTES = {
    "any:quality.read,complaints.create": "cases.index cases.detail",
    "any:quality.report,complaints.create": "cases.new",
    "quality.report": "cases.impact",
    "role:technician,verifier,approver,standards_keeper,technical_manager,quality_manager,customer": "cases.entry",
    "quality.manage": "cases.move cases.assign cases.resume cases.outcome audits.new audits.draw audits.finding "
    "audits.report audits.close audits.cancel risks.new risks.change",
    "requests.create": "cases.arbitrate",
    "quality.read": "audits.index audits.detail risks.index risks.detail",
}
YEAR = {"from_day": date(2026, 1, 1), "to_day": date(2026, 12, 31)}


def fill(session: Session) -> None:
    from tests.web.laboratory import AT

    quality, customer = people.by_username(session, "quality"), people.by_username(session, "customer")
    tech = people.by_username(session, "tech")
    told = cases.open_case(
        session, "complaint", "证书交付延迟 𠮷", origin={"type": "other", "number": ""}, by=customer, at=AT
    ).number
    cases.add_entry(session, told, "acknowledgement", "已收到，五个工作日内答复。", by=quality, at=AT)
    cases.move(session, told, "acknowledged", by=quality, at=AT)
    found = cases.open_impact(session, "YQ-2026-000001", "期间核查超出警戒限", **YEAR, by=tech, at=AT)
    cases.add_entry(session, found.number, "containment", "标准器停用。", flag=True, by=tech, at=AT)
    cases.assign(session, found.number, "manager", AT.date(), version=found.version, by=quality, at=AT)
    # other areas' rows are measured with it
    session.scalars(select(Instrument).where(Instrument.code == "YQ-2026-000001")).one().state = "in_service"
    first = internal_audits.plan(session, "技术记录内审", ["7.5", "7.8"], AT.date(), "manager", by=quality, at=AT)
    internal_audits.draw(session, first.number, {"certificate": 2, "record": 2}, **YEAR, seed=7, by=quality, at=AT)
    internal_audits.note_finding(session, first.number, 0, "observation", "签名栏排版", "7.8", by=quality, at=AT)
    internal_audits.plan(session, "设备管理内审", ["6.4"], AT.date(), "quality", by=quality, at=AT)
    risks.enter(session, "市电中断", "设施", 3, 5, review_on=date(2026, 11, 1), by=quality, at=AT)
    risks.enter(session, "关键人员离岗", "人员", 2, 2, review_on=date(2027, 3, 1), by=quality, at=AT)


def a_case(w: Any) -> str:
    return str(w.session.scalars(select(QualityCase.number).order_by(QualityCase.id)).first())


def an_audit(w: Any) -> str:
    return str(w.session.scalars(select(InternalAudit.number).order_by(InternalAudit.id)).first())


def a_risk(w: Any) -> int:
    return w.session.scalars(select(Risk.id).order_by(Risk.id)).first() or 1


OWN = ("customer", "customer2")
DOORS: dict[str, Any] = {
    "queries.cases.by_number": lambda w, by: lists.by_number(w.session, a_case(w), by),
    "queries.cases.page": (lambda w, by: lists.page(w.session, by), *OWN),
    "queries.cases.detail": lambda w, by: lists.detail(w.session, a_case(w), by),
    "queries.cases.staff": lambda w, by: lists.staff(w.session, by),
    "queries.cases.affected_by": lambda w, by: lists.affected_by(w.session, "YQ-2026-000001", **YEAR, viewer=by),
    "queries.internal_audits.by_number": lambda w, by: audit_lists.by_number(w.session, an_audit(w), by),
    "queries.internal_audits.page": lambda w, by: audit_lists.page(w.session, by),
    "queries.internal_audits.detail": lambda w, by: audit_lists.detail(w.session, an_audit(w), by),
    "queries.internal_audits.population": lambda w, by: audit_lists.population(w.session, "record", **YEAR, viewer=by),
    "queries.risks.by_id": lambda w, by: risk_lists.by_id(w.session, a_risk(w), by),
    "queries.risks.page": lambda w, by: risk_lists.page(w.session, by),
    "queries.risks.matrix": lambda w, by: risk_lists.matrix(w.session, by),
    "services.cases.open_case": lambda w, by: cases.open_case(w.session, "nonconformity", "x", origin={}, by=by, at=w.lab.at),
    "services.cases.open_impact": lambda w, by: cases.open_impact(w.session, "YQ-2026-000001", "x", **YEAR, by=by, at=w.lab.at),
    "services.cases.add_entry": lambda w, by: cases.add_entry(w.session, a_case(w), "remark", "x", by=by, at=w.lab.at),
    "services.cases.move": lambda w, by: cases.move(w.session, a_case(w), "contained", by=by, at=w.lab.at),
    "services.cases.lines_before": lambda w, by: cases.lines_before(w.session, QualityCase(kind="nonconformity", affected=[], origin={}), "contained", by=by),
    "services.cases.resume": lambda w, by: cases.resume(w.session, a_case(w), "x", "x", by=by, at=w.lab.at),
    "services.cases.decide_outcome": lambda w, by: cases.decide_outcome(w.session, a_case(w), "x", "notice", "x", by=by, at=w.lab.at),
    "services.cases.order_arbitration": lambda w, by: cases.order_arbitration(w.session, a_case(w), by=by, at=w.lab.at),
    "services.cases.assign": lambda w, by: cases.assign(w.session, a_case(w), "tech", None, version=1, by=by, at=w.lab.at),
    "services.internal_audits.plan": lambda w, by: internal_audits.plan(w.session, "x", ["7.5"], date(2026, 1, 1), "tech", by=by, at=w.lab.at),
    "services.internal_audits.draw": lambda w, by: internal_audits.draw(w.session, an_audit(w), {"record": 1}, **YEAR, seed=1, by=by, at=w.lab.at),
    "services.internal_audits.note_finding": lambda w, by: internal_audits.note_finding(w.session, an_audit(w), 0, "ok", "", by=by, at=w.lab.at),
    "services.internal_audits.report": lambda w, by: internal_audits.report(w.session, an_audit(w), "x", by=by, at=w.lab.at),
    "services.internal_audits.close": lambda w, by: internal_audits.close(w.session, an_audit(w), by=by, at=w.lab.at),
    "services.internal_audits.cancel": lambda w, by: internal_audits.cancel(w.session, an_audit(w), "x", by=by, at=w.lab.at),
    "services.risks.enter": lambda w, by: risks.enter(w.session, "x", "x", 1, 1, review_on=None, by=by, at=w.lab.at),
    "services.risks.change": lambda w, by: risks.change(w.session, a_risk(w), "accepted", 1, 1, "x", review_on=date(2027, 1, 1), version=1, by=by, at=w.lab.at),
}  # fmt: skip
INNER = {
    "services.cases.arbitration_of": "of a case that a service has read",
    "queries.cases.shown_to_customer": "reads a value",
    "queries.cases.involved_in": "of a case that a door gave",
}
