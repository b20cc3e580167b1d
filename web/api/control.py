"""Control charts and proficiency tests for machines."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from lims.domain import charts as rules
from lims.queries import charts as lists
from lims.queries import proficiency as rounds
from lims.services import chart_points, charts, proficiency
from web import unit
from web.api import tags
from web.api.area import DayPage, Said, area, cut, day, day_and_row, instant, made, picked, plain, texts, today, written
from web.api.bearer import caller
from web.api.calls import ROW

calls = area("control", "", "Control charts and proficiency tests")

CHART = "code title quantity unit chart procedure_name period_days state entered_at version"
ROUND = "number provider scheme measurand unit procedure_name planned results outcome state entered_at version"


class ChartQuery(Schema):
    """`after`: what the page before it answered."""

    after = fields.String(load_default="")
    limit = fields.Integer(load_default=40, validate=validate.Range(min=1, max=200))


class NewChart(Schema):
    """A chart of a quantity that is checked again and again. instrument: a code of the ledger."""

    code = fields.String(required=True)
    title = texts(required=True)
    quantity = fields.String(required=True)
    unit = fields.String(required=True)
    chart = fields.String(required=True, validate=validate.OneOf(list(rules.CHARTS)))
    period_days = fields.Integer(required=True, validate=validate.Range(min=0, max=3660))
    rules = fields.Dict(load_default=None, allow_none=True)
    instrument = fields.String(load_default=None, allow_none=True)
    procedure_name = fields.String(load_default=None, allow_none=True)


class ChartEntry(Schema):
    """One check: a reading, or several whose mean is the point, as decimal text."""

    readings = fields.List(fields.String(), required=True, validate=validate.Length(min=1, max=1000))
    at = instant(load_default=None, allow_none=True)
    note = fields.String(load_default="")


class ChartEntries(Schema):
    entries = fields.List(fields.Nested(ChartEntry), required=True, validate=validate.Length(max=1000))


class OfRecord(Schema):
    record = fields.String(required=True)
    point = fields.Integer(required=True, validate=ROW)
    measurand = fields.String(load_default="")


class Baseline(Schema):
    """How the centre and s are found. method stated: centre and s are given."""

    method = fields.String(required=True, validate=validate.OneOf(list(rules.METHODS)))
    centre = fields.Float(load_default=None, allow_none=True)
    s = fields.Float(load_default=None, allow_none=True)
    note = fields.String(load_default="")


class LeftOut(Said):
    point = fields.Integer(required=True, validate=ROW)


class NewRound(Schema):
    scheme = fields.String(required=True)
    provider = fields.String(required=True)
    measurand = fields.String(required=True)
    unit = fields.String(required=True)
    planned = day(required=True)
    procedure_name = fields.String(load_default=None, allow_none=True)


class RoundRows(Schema):
    """Lines as they are pasted on the page: figures with semicolons between."""

    rows = fields.String(required=True)


def _chart(code: str) -> dict[str, Any]:
    found = lists.history(unit.reading(), code, caller(), on=today())
    tags.versioned(found.chart.version)
    fixed = found.now.fixed
    return picked(found.chart, CHART) | {
        "instrument": None if found.instrument is None else found.instrument.code,
        "measurement_standard": None if found.standard is None else found.standard.code,
        "due": plain(found.due),
        "days_left": found.days_left,
        "baseline": None if fixed is None else picked(fixed, "centre s method n at"),
        "points": [picked(each, "id value readings signals note at") for each in found.points],
    }


@calls.route("/charts", methods=["GET"])
@calls.arguments(ChartQuery, location="query")
@calls.response(200)
def list_charts(query: dict[str, Any]) -> Any:
    """Control charts by code, with the day each is due."""
    size = query["limit"]
    found = lists.lines(unit.reading(), caller(), on=today(), after=query["after"], size=size)
    rows, after = cut(found, size, lambda line: line.chart.code)
    return {
        "charts": [picked(each.chart, CHART) | {"due": plain(each.due), "days_left": each.days_left} for each in rows],
        "after": after,
    }


@calls.route("/charts", methods=["POST"])
@calls.arguments(NewChart)
@calls.response(201)
def create_chart(entered: dict[str, Any]) -> Any:
    """A new control chart."""
    return _chart(made("code", charts.create, **entered))


@calls.route("/charts/<code>", methods=["GET"])
@calls.response(200)
def one_chart(code: str) -> Any:
    """A chart with its points, and its baseline now."""
    return _chart(code)


@calls.route("/charts/<code>/points", methods=["POST"])
@calls.arguments(ChartEntries)
@calls.response(201)
def add_points(entered: dict[str, Any], code: str) -> Any:
    """Add checks, judged at once."""
    entries = [chart_points.Entry(each["readings"], each["at"], each["note"]) for each in entered["entries"]]
    written(chart_points.add_points, code, entries)
    return _chart(code)


@calls.route("/charts/<code>/points-of-records", methods=["POST"])
@calls.arguments(OfRecord)
@calls.response(201)
def add_from_record(entered: dict[str, Any], code: str) -> Any:
    """A point of a record."""
    given = {"measurand": entered["measurand"]}
    written(chart_points.add_from_record, code, entered["record"], entered["point"], **given)
    return _chart(code)


@calls.route("/charts/<code>/baseline", methods=["POST"])
@calls.arguments(Baseline)
@calls.response(200)
def fix_baseline(entered: dict[str, Any], code: str) -> Any:
    """Fix the centre and s; the chart is watched from now on."""
    written(charts.fix_baseline, code, entered.pop("method"), **entered)
    return _chart(code)


@calls.route("/charts/<code>/restart", methods=["POST"])
@calls.arguments(Said)
@calls.response(200)
def restart_chart(entered: dict[str, Any], code: str) -> Any:
    """Collect a new baseline; the old one stays readable."""
    written(charts.restart, code, entered["reason"])
    return _chart(code)


@calls.route("/charts/<code>/left-out", methods=["POST"])
@calls.arguments(LeftOut)
@calls.response(200)
def leave_out(entered: dict[str, Any], code: str) -> Any:
    """A point that does not count any more; it stays with its reason."""
    written(charts.leave_out, code, entered["point"], entered["reason"])
    return _chart(code)


@calls.route("/charts/<code>/end", methods=["POST"])
@calls.arguments(Said)
@calls.response(200)
def end_chart(entered: dict[str, Any], code: str) -> Any:
    """End a chart."""
    written(charts.end, code, entered["reason"])
    return _chart(code)


def _round(number: str) -> dict[str, Any]:
    found = rounds.detail(unit.reading(), number, caller(), on=today())
    tags.versioned(found.test.version)
    return picked(found.test, ROUND) | {"late": found.late, "case": None if found.case is None else found.case.number}


@calls.route("/proficiency", methods=["GET"])
@calls.arguments(DayPage, location="query")
@calls.response(200)
def list_rounds(query: dict[str, Any]) -> Any:
    """Rounds of proficiency testing, the latest planned on top."""
    before, size = day_and_row(query["after"]), query["limit"]
    found = rounds.lines(unit.reading(), caller(), on=today(), before=before, size=size)
    rows, after = cut(found, size, lambda line: f"{line.test.planned}_{line.test.id}")
    names = "number provider scheme measurand planned outcome state version"
    return {"rounds": [picked(each.test, names) | {"late": each.late} for each in rows], "after": after}


@calls.route("/proficiency", methods=["POST"])
@calls.arguments(NewRound)
@calls.response(201)
def plan_round(entered: dict[str, Any]) -> Any:
    """Plan a round."""
    return _round(made("number", proficiency.plan, **entered))


@calls.route("/proficiency/<number>", methods=["GET"])
@calls.response(200)
def one_round(number: str) -> Any:
    """One round with its results and scores."""
    return _round(number)


@calls.route("/proficiency/<number>/results", methods=["POST"])
@calls.arguments(RoundRows)
@calls.response(200)
def enter_results(entered: dict[str, Any], number: str) -> Any:
    """Own results; they may be mended until they are reported."""
    written(proficiency.enter_results, number, entered["rows"])
    return _round(number)


@calls.route("/proficiency/<number>/report", methods=["POST"])
@calls.response(200)
def report_round(number: str) -> Any:
    """The results went to the provider."""
    written(proficiency.report, number)
    return _round(number)


@calls.route("/proficiency/<number>/evaluation", methods=["POST"])
@calls.arguments(RoundRows)
@calls.response(200)
def evaluate_round(entered: dict[str, Any], number: str) -> Any:
    """Reference values; the scores follow."""
    written(proficiency.evaluate, number, entered["rows"])
    return _round(number)


@calls.route("/proficiency/<number>/cancellation", methods=["POST"])
@calls.arguments(Said)
@calls.response(200)
def cancel_round(entered: dict[str, Any], number: str) -> Any:
    """A round that does not take place."""
    written(proficiency.cancel, number, entered["reason"])
    return _round(number)
