"""Compulsory verification, rules of the gates, scope and industry map, for machines."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from lims.domain import gate_rules
from lims.domain import orders as words
from lims.domain.rights import require
from lims.queries import compulsory as entries
from lims.queries import industry as boards
from lims.queries import registers
from lims.queries import rules as lists
from lims.queries import scope as scopes
from lims.services import compulsory, industry, rules, scope
from web import unit
from web.api import shapes, tags
from web.api.area import Said, area, day, made, picked, plain, texts, today, written
from web.api.bearer import caller

calls = area("legal", "", "Compulsory verification, rules, scope, industry")

ENTRY = "number use place authority state last due result filed_at version"
RULE = "id code jurisdiction version effect parameters source valid_from valid_to state"


class CompulsoryQuery(Schema):
    """`after`: what the page before it answered."""

    q = fields.String(load_default="")
    way = fields.String(load_default="", validate=validate.OneOf(["", "overdue", "due", "waiting", "failed"]))
    after = fields.String(load_default="")
    limit = fields.Integer(load_default=40, validate=validate.Range(min=1, max=200))


class Filing(Schema):
    """An instrument of the ledger by its code, and what it is used for."""

    code = fields.String(required=True)
    use = fields.String(required=True, validate=validate.OneOf(list(words.USES)))
    place = fields.String(load_default="")
    authority = fields.String(load_default="")


class NewRule(Schema):
    """A new version of a rule, with the text it comes from; another person puts it in force."""

    code = fields.String(required=True, validate=validate.OneOf(list(gate_rules.CODES)))
    jurisdiction = fields.String(required=True)
    effect = fields.String(required=True, validate=validate.OneOf(list(gate_rules.EFFECTS)))
    parameters = fields.Dict(load_default=dict)
    source = fields.Dict(required=True)
    valid_from = day(required=True)


class ScopeQuery(Schema):
    """Without low: every line; with it: the smallest U that is published for the span."""

    measurand = fields.String(load_default="")
    low = fields.Float(load_default=None, allow_none=True)
    high = fields.Float(load_default=None, allow_none=True)
    unit = fields.String(load_default="")


class ScopeLine(Schema):
    """A line of the scope. rows: [{"range": [low, high], "U": figure or function, "relative"?: true}]."""

    code = fields.String(required=True)
    measurand = fields.String(required=True)
    instrument = texts(required=True)
    method = fields.String(load_default="")
    unit = fields.String(required=True)
    rows = fields.List(fields.Dict(), required=True)
    valid_from = day(required=True)
    valid_to = day(load_default=None, allow_none=True)
    accreditation = fields.String(load_default="")


class ChainParameter(Schema):
    """A key parameter of an industry's chain, and the U that it needs."""

    chain = texts(required=True)
    node = texts(required=True)
    position = fields.Integer(required=True, validate=validate.Range(min=0, max=10000))
    product = texts(required=True)
    stage = fields.String(required=True)
    parameter = texts(required=True)
    measurand = fields.String(required=True)
    unit = fields.String(required=True)
    low = fields.Float(required=True)
    high = fields.Float(required=True)
    required = fields.Float(required=True)
    ratio = fields.Float(load_default=1.0)
    note = fields.String(load_default="")


def _entry(line: entries.Line) -> dict[str, Any]:
    return picked(line.entry, ENTRY) | {
        "item": shapes.item(line.item),
        "customer": plain(line.customer),
        "listed": picked(line.listed, "catalogue number name mode interval"),
        "standing": line.state,
        "days_left": line.days_left,
    }


def _filed(number: str) -> dict[str, Any]:
    found = entries.entry(unit.reading(), number, caller(), on=today())
    tags.versioned(found.entry.version)
    return _entry(found)


@calls.route("/compulsory", methods=["GET"])
@calls.arguments(CompulsoryQuery, location="query")
@calls.response(200)
def list_compulsory(query: dict[str, Any]) -> Any:
    """Instruments filed for compulsory verification."""
    found = entries.page(
        unit.reading(), caller(), on=today(), text=query["q"], way=query["way"], after=query["after"],
        size=query["limit"],
    )  # fmt: skip
    return {"entries": [_entry(each) for each in found.lines], "after": found.after}


@calls.route("/compulsory", methods=["POST"])
@calls.arguments(Filing)
@calls.response(201)
def file_compulsory(entered: dict[str, Any]) -> Any:
    """File an instrument."""
    return _filed(made("number", compulsory.file, entered.pop("code"), entered.pop("use"), **entered))


@calls.route("/compulsory/<number>", methods=["GET"])
@calls.response(200)
def one_compulsory(number: str) -> Any:
    """One entry with its standing today."""
    return _filed(number)


@calls.route("/compulsory/<number>/application", methods=["POST"])
@calls.response(200)
def apply_compulsory(number: str) -> Any:
    """The verification is applied for."""
    written(compulsory.apply, number)
    return _filed(number)


@calls.route("/compulsory/<number>/deregistration", methods=["POST"])
@calls.arguments(Said)
@calls.response(200)
def deregister(entered: dict[str, Any], number: str) -> Any:
    """The instrument is no longer used for that."""
    written(compulsory.deregister, number, entered["reason"])
    return _filed(number)


@calls.route("/rules", methods=["GET"])
@calls.response(200)
def list_rules() -> Any:
    """Every rule with its source; which apply today; the catalogue of compulsory verification."""
    session, by = unit.reading(), caller()
    every = lists.history(session, by)
    places = lists.jurisdictions(registers.laboratory(session))
    applies = gate_rules.prevailing([each for each in every if each.state in lists.IN_FORCE], places, today())
    catalogue = "catalogue number version name uses mode interval source"
    return {
        "rules": [picked(each, RULE) for each in every],
        "applies": {code: picked(each, "id effect parameters") for code, each in applies.items()},
        "catalogue": [picked(each, catalogue) for each in lists.catalogue_on(session, today())],
    }


def _rule(rule_id: int) -> dict[str, Any]:
    return picked(lists.rule(unit.reading(), rule_id, caller()), RULE)


@calls.route("/rules", methods=["POST"])
@calls.arguments(NewRule)
@calls.response(201)
def propose_rule(entered: dict[str, Any]) -> Any:
    """Propose a version of a rule."""
    return _rule(made("id", rules.propose, **entered))


@calls.route("/rules/<int:rule_id>/force", methods=["POST"])
@calls.response(200)
def force_rule(rule_id: int) -> Any:
    """Put a rule in force that another person proposed."""
    written(rules.put_in_force, rule_id)
    return _rule(rule_id)


@calls.route("/rules/<int:rule_id>/withdrawal", methods=["POST"])
@calls.arguments(Said)
@calls.response(200)
def withdraw_rule(entered: dict[str, Any], rule_id: int) -> Any:
    """Withdraw a rule."""
    written(rules.withdraw, rule_id, entered["reason"])
    return _rule(rule_id)


@calls.route("/scope", methods=["GET"])
@calls.arguments(ScopeQuery, location="query")
@calls.response(200)
def read_scope(query: dict[str, Any]) -> Any:
    """The laboratory's scope; the smallest U for a span, where one is asked for."""
    session, by = unit.reading(), caller()
    names = "code version measurand accreditation data digest valid_from valid_to state"
    if query["low"] is None:
        return {"lines": [picked(each, names) for each in scopes.lines(session, by)]}
    high = query["low"] if query["high"] is None else query["high"]
    found = scopes.search(session, by, query["measurand"], query["low"], high, query["unit"], today())
    return {"answer": shapes.fields_of(found)}


@calls.route("/scope", methods=["POST"])
@calls.arguments(ScopeLine)
@calls.response(201)
def publish_scope(entered: dict[str, Any]) -> Any:
    """Propose and publish a line of the scope."""
    times = {name: entered.pop(name) for name in ("valid_from", "valid_to", "accreditation")}
    by, at = caller(), unit.now()
    with unit.writing() as session:
        given = {name: each for name, each in times.items() if each is not None}
        line = scope.propose(session, entered, **given, by=by, at=at)
        scope.recognise(session, line.code, line.version, by=by, at=at)
        return picked(line, "code version state digest")


@calls.route("/scope/<code>/<int:version>/withdrawal", methods=["POST"])
@calls.arguments(Said)
@calls.response(200)
def withdraw_scope(entered: dict[str, Any], code: str, version: int) -> Any:
    """Take a line out of the scope."""
    written(scope.withdraw, code, version, entered["reason"])
    return {"code": code, "version": version, "state": "withdrawn"}


@calls.route("/industry", methods=["GET"])
@calls.response(200)
def industry_map() -> Any:
    """The chains of industries: which key parameters the scope covers today, and the gaps."""
    require(caller(), "industry.read")
    found = boards.board(unit.reading(), caller(), today())
    return {"chains": [_chain(each) for each in found]}


def _chain(found: boards.Chain) -> dict[str, Any]:
    names = "id product stage parameter measurand unit low high required ratio note"
    nodes = [
        {
            "name": plain(node.name),
            "parameters": [
                picked(line.parameter, names) | {"found": shapes.fields_of(line.found)} for line in node.lines
            ],
        }
        for node in found.nodes
    ]
    return {"name": plain(found.name), "counts": plain(found.counts), "nodes": nodes}


@calls.route("/industry", methods=["POST"])
@calls.arguments(ChainParameter)
@calls.response(201)
def add_parameter(entered: dict[str, Any]) -> Any:
    """A key parameter of a chain."""
    return {"id": made("id", industry.add, **entered)}


@calls.route("/industry/<int:row_id>/withdrawal", methods=["POST"])
@calls.arguments(Said)
@calls.response(200)
def withdraw_parameter(entered: dict[str, Any], row_id: int) -> Any:
    """Take a parameter off the map."""
    written(industry.withdraw, row_id, entered["reason"])
    return {"id": row_id, "state": "withdrawn"}
