"""Cases, complaints, internal audits and risks, for machines."""

from __future__ import annotations

import secrets
from typing import Any

from marshmallow import Schema, fields, validate

from lims.domain import quality as rules
from lims.domain import states
from lims.domain.rights import require
from lims.queries import cases as lists
from lims.queries import internal_audits as audit_lists
from lims.queries import risks as risk_lists
from lims.services import cases, internal_audits, risks
from web import unit
from web.api import tags
from web.api.area import DayPage, Said, area, cut, day, day_and_row, made, name_of, picked, written
from web.api.bearer import caller

calls = area("quality", "", "Cases, complaints, internal audits, risks")

CASE = "number kind title origin severity due from_day to_day state opened_at closed_at version"
AUDIT = "number title clauses planned sample report state version"
RISK = "id title area likelihood consequence treatment review_on state version"
OF_LABORATORY = ("nonconformity", "hazard")
STEPS = sorted({*states.NONCONFORMITY.table, *states.COMPLAINT.table})
FIVE = validate.Range(min=1, max=5)


class CaseQuery(DayPage):
    kind = fields.String(load_default="")
    ended = fields.Boolean(load_default=False)


class Origin(Schema):
    type = fields.String(load_default="other", validate=validate.OneOf(["other", "certificate", "request", "record"]))
    number = fields.String(load_default="")


class NewCase(Schema):
    """Nonconforming work, or a hazard."""

    kind = fields.String(load_default="nonconformity", validate=validate.OneOf(OF_LABORATORY))
    title = fields.String(required=True)
    origin = fields.Nested(Origin, load_default=lambda: {"type": "other", "number": ""})
    severity = fields.String(load_default="minor", validate=validate.OneOf(list(rules.SEVERITIES)))
    due = day(load_default=None, allow_none=True)


class NewComplaint(Schema):
    """A complaint, or an objection to a result (a dispute)."""

    kind = fields.String(load_default="complaint", validate=validate.OneOf(list(rules.BY_CUSTOMER)))
    title = fields.String(required=True)
    origin = fields.Nested(Origin, load_default=lambda: {"type": "other", "number": ""})


class Impact(Schema):
    """A standard was found wrong: everything that rests on it in these days is listed."""

    code = fields.String(required=True)
    title = fields.String(required=True)
    from_day = day(required=True)
    to_day = day(required=True)


class CaseEntry(Schema):
    kind = fields.String(required=True)
    text = fields.String(required=True)
    who = fields.String(load_default="")
    day = day(load_default=None, allow_none=True)
    flag = fields.Boolean(load_default=False)


class CaseStep(Schema):
    state = fields.String(required=True, validate=validate.OneOf(STEPS))


class Owner(Schema):
    owner = fields.String(required=True)
    due = day(load_default=None, allow_none=True)


class Resumption(Schema):
    text = fields.String(required=True)
    password = fields.String(required=True, load_only=True)


class Outcome(Schema):
    document = fields.String(required=True)
    outcome = fields.String(required=True)
    reason = fields.String(load_default="")


class NewAudit(Schema):
    title = fields.String(required=True)
    clauses = fields.List(fields.String(), required=True)
    planned = day(required=True)
    lead = fields.String(required=True)


class AuditSample(Schema):
    """sizes: kind of object → how many. Without a seed one is thrown and kept with the sample."""

    sizes = fields.Dict(
        keys=fields.String(validate=validate.OneOf(list(rules.SAMPLED))),
        values=fields.Integer(validate=validate.Range(min=0, max=1000)),
        required=True,
    )
    from_day = day(required=True)
    to_day = day(required=True)
    seed = fields.Integer(
        load_default=None, allow_none=True, validate=validate.Range(min=0, max=internal_audits.LARGEST_SEED)
    )


class AuditFinding(Schema):
    """index: the place of the object in the sample, from 0."""

    index = fields.Integer(required=True, validate=validate.Range(min=0, max=10_000))
    finding = fields.String(required=True)
    note = fields.String(load_default="")
    clause = fields.String(load_default="")


class AuditReport(Schema):
    text = fields.String(required=True)


class RiskEdit(Schema):
    state = fields.String(required=True, validate=validate.OneOf(list(states.RISK.table)))
    likelihood = fields.Integer(required=True, validate=FIVE)
    consequence = fields.Integer(required=True, validate=FIVE)
    treatment = fields.String(load_default="")
    review_on = day(load_default=None, allow_none=True)


class NewRisk(Schema):
    title = fields.String(required=True)
    area = fields.String(required=True)
    likelihood = fields.Integer(required=True, validate=FIVE)
    consequence = fields.Integer(required=True, validate=FIVE)
    review_on = day(load_default=None, allow_none=True)


class RiskQuery(DayPage):
    closed = fields.Boolean(load_default=False)


def _case(number: str) -> dict[str, Any]:
    found = lists.detail(unit.reading(), number, caller())
    tags.versioned(found.case.version)
    told = picked(found.case, CASE) | {
        "owner": name_of(found.owner),
        "opened_by": name_of(found.opener),
        "entries": [picked(each, "kind text at") | {"by": name_of(who)} for each, who in found.entries],
    }
    return told if caller().customer_id is not None else told | picked(found.case, "affected")


@calls.route("/cases", methods=["GET"])
@calls.arguments(CaseQuery, location="query")
@calls.response(200)
def list_cases(query: dict[str, Any]) -> Any:
    """Cases, the earliest due first; a customer's own complaints alone."""
    place, size = day_and_row(query["after"]), query["limit"]
    found = lists.page(unit.reading(), caller(), kind=query["kind"], ended=query["ended"], after=place, size=size)
    rows, after = cut(found, size, lambda case: f"{case.due or lists.NO_DAY}_{case.id}")
    return {"cases": [picked(each, "number kind title severity due state version") for each in rows], "after": after}


@calls.route("/cases", methods=["POST"])
@calls.arguments(NewCase)
@calls.response(201)
def open_case(entered: dict[str, Any]) -> Any:
    """Open a case of the laboratory's own."""
    return _case(made("number", cases.open_case, entered.pop("kind"), entered.pop("title"), **entered))


@calls.route("/complaints", methods=["POST"])
@calls.arguments(NewComplaint)
@calls.response(201)
def complain(entered: dict[str, Any]) -> Any:
    """A complaint or an objection, of a customer or taken in for one."""
    return _case(made("number", cases.open_case, entered.pop("kind"), entered.pop("title"), **entered))


@calls.route("/cases/impact", methods=["POST"])
@calls.arguments(Impact)
@calls.response(201)
def open_impact(entered: dict[str, Any]) -> Any:
    """Open the case of a standard that was found wrong."""
    return _case(made("number", cases.open_impact, entered.pop("code"), entered.pop("title"), **entered))


@calls.route("/cases/<number>", methods=["GET"])
@calls.response(200)
def one_case(number: str) -> Any:
    """One case with what was done; a customer reads what is meant for them."""
    return _case(number)


@calls.route("/cases/<number>/entries", methods=["POST"])
@calls.arguments(CaseEntry)
@calls.response(201)
def add_entry(entered: dict[str, Any], number: str) -> Any:
    """Something was done or found."""
    written(cases.add_entry, number, entered.pop("kind"), entered.pop("text"), **entered)
    return _case(number)


@calls.route("/cases/<number>/arbitration", methods=["POST"])
@calls.response(201)
def order_arbitration(number: str) -> Any:
    """The item of a disputed result is measured again, its state frozen."""
    return {"request": made("number", cases.order_arbitration, number)}


@calls.route("/cases/<number>/state", methods=["POST"])
@calls.arguments(CaseStep)
@calls.response(200)
def move_case(entered: dict[str, Any], number: str) -> Any:
    """The case takes a step."""
    written(cases.move, number, entered["state"])
    return _case(number)


@calls.route("/cases/<number>/owner", methods=["PUT"])
@calls.arguments(Owner)
@calls.response(200)
@calls.edit
def own_case(entered: dict[str, Any], number: str) -> Any:
    """Who follows it, until when."""
    with tags.edited("quality.manage", "quality_case", number, lambda: _case(number)) as version:
        written(cases.assign, number, entered["owner"], entered["due"], version=version)
    return _case(number)


@calls.route("/cases/<number>/resumption", methods=["POST"])
@calls.arguments(Resumption)
@calls.response(200)
def resume_case(entered: dict[str, Any], number: str) -> Any:
    """Work goes on, signed."""
    written(cases.resume, number, entered["text"], entered["password"])
    return _case(number)


@calls.route("/cases/<number>/outcomes", methods=["POST"])
@calls.arguments(Outcome)
@calls.response(200)
def decide_outcome(entered: dict[str, Any], number: str) -> Any:
    """What becomes of one affected document."""
    written(cases.decide_outcome, number, entered["document"], entered["outcome"], entered["reason"])
    return _case(number)


def _audit(number: str) -> dict[str, Any]:
    found = audit_lists.detail(unit.reading(), number, caller())
    tags.versioned(found.audit.version)
    return picked(found.audit, AUDIT) | {"lead": name_of(found.lead)}


@calls.route("/internal-audits", methods=["GET"])
@calls.arguments(DayPage, location="query")
@calls.response(200)
def list_audits(query: dict[str, Any]) -> Any:
    """Internal audits, the latest planned on top."""
    place, size = day_and_row(query["after"]), query["limit"]
    found = audit_lists.page(unit.reading(), caller(), before=place, size=size)
    rows, after = cut(found, size, lambda each: f"{each.planned}_{each.id}")
    return {"internal_audits": [picked(each, "number title planned state version") for each in rows], "after": after}


@calls.route("/internal-audits", methods=["POST"])
@calls.arguments(NewAudit)
@calls.response(201)
def plan_audit(entered: dict[str, Any]) -> Any:
    """Plan an internal audit."""
    given = [entered[name] for name in ("title", "clauses", "planned", "lead")]
    return _audit(made("number", internal_audits.plan, *given))


@calls.route("/internal-audits/<number>", methods=["GET"])
@calls.response(200)
def one_audit(number: str) -> Any:
    """One internal audit with its sample and findings."""
    return _audit(number)


@calls.route("/internal-audits/<number>/sample", methods=["POST"])
@calls.arguments(AuditSample)
@calls.response(200)
def draw_sample(entered: dict[str, Any], number: str) -> Any:
    """Draw the sample; the same seed over the same days draws the same objects again."""
    seed = secrets.randbelow(internal_audits.LARGEST_SEED) if entered["seed"] is None else entered["seed"]
    days = {"from_day": entered["from_day"], "to_day": entered["to_day"]}
    written(internal_audits.draw, number, entered["sizes"], **days, seed=seed)
    return _audit(number)


@calls.route("/internal-audits/<number>/findings", methods=["POST"])
@calls.arguments(AuditFinding)
@calls.response(201)
def note_finding(entered: dict[str, Any], number: str) -> Any:
    """What was found at one object of the sample."""
    given = [entered[name] for name in ("index", "finding", "note", "clause")]
    written(internal_audits.note_finding, number, *given)
    return _audit(number)


@calls.route("/internal-audits/<number>/report", methods=["POST"])
@calls.arguments(AuditReport)
@calls.response(200)
def report_audit(entered: dict[str, Any], number: str) -> Any:
    """The audit's report."""
    written(internal_audits.report, number, entered["text"])
    return _audit(number)


@calls.route("/internal-audits/<number>/closing", methods=["POST"])
@calls.response(200)
def close_audit(number: str) -> Any:
    """Close an audit whose cases are closed."""
    written(internal_audits.close, number)
    return _audit(number)


@calls.route("/internal-audits/<number>/cancellation", methods=["POST"])
@calls.arguments(Said)
@calls.response(200)
def cancel_audit(entered: dict[str, Any], number: str) -> Any:
    """An audit that does not take place."""
    written(internal_audits.cancel, number, entered["reason"])
    return _audit(number)


@calls.route("/risks", methods=["GET"])
@calls.arguments(RiskQuery, location="query")
@calls.response(200)
def list_risks(query: dict[str, Any]) -> Any:
    """Risks and opportunities, the earliest to be looked at first."""
    require(caller(), "quality.read")
    place, size = day_and_row(query["after"]), query["limit"]
    found = risk_lists.page(unit.reading(), caller(), closed=query["closed"], after=place, size=size)
    rows, after = cut(found, size, lambda each: f"{each.review_on or risk_lists.NO_DAY}_{each.id}")
    return {"risks": [picked(each, RISK) for each in rows], "after": after}


@calls.route("/risks", methods=["POST"])
@calls.arguments(NewRisk)
@calls.response(201)
def enter_risk(entered: dict[str, Any]) -> Any:
    """Enter a risk."""
    given = [entered.pop(name) for name in ("title", "area", "likelihood", "consequence")]
    return {"id": made("id", risks.enter, *given, **entered)}


def _risk(key: int) -> dict[str, Any]:
    found = risk_lists.by_id(unit.reading(), key, caller())
    tags.versioned(found.version)
    return picked(found, RISK)


@calls.route("/risks/<int:key>", methods=["GET"])
@calls.response(200)
def one_risk(key: int) -> Any:
    """One risk."""
    return _risk(key)


@calls.route("/risks/<int:key>", methods=["PUT"])
@calls.arguments(RiskEdit)
@calls.response(200)
@calls.edit
def edit_risk(entered: dict[str, Any], key: int) -> Any:
    """Judge a risk again."""
    given = [entered[name] for name in ("state", "likelihood", "consequence", "treatment")]
    with tags.edited("quality.manage", "risk", str(key), lambda: _risk(key)) as version:
        written(risks.change, key, *given, review_on=entered["review_on"], version=version)
    return _risk(key)
