"""What the bench and review do beside runs, for machines: readings typed or from a file, corrections, worklists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marshmallow import Schema, fields, validate

from lims.domain.errors import UnusableValue
from lims.domain.rights import require
from lims.queries import items as item_lists
from lims.queries import rules as gate_lists
from lims.queries import worklists
from lims.services import bench, certificates, data_files, review
from lims.words import N_
from web import unit
from web.api import shapes
from web.api.area import Page, Said, Signed, area, cut, made, name_of, picked, today, written
from web.api.bearer import caller
from web.api.calls import ROW
from web.api.items import Photo, Text, file_of

calls = area("measuring", "", "Readings, corrections, review, amendments")

STAGES = ("as_found", "as_left")


class PointReadings(Schema):
    """What was read at one point, as it was read: decimal text."""

    point = fields.Integer(required=True, validate=ROW)
    indications = fields.List(fields.String(), required=True, validate=validate.Length(min=1, max=1000))


class Typed(Schema):
    """Readings of one stage. ambient: temperature in °C, humidity in %. standards: role → code of the standard."""

    stage = fields.String(load_default="as_found", validate=validate.OneOf(STAGES))
    readings = fields.List(fields.Nested(PointReadings), required=True, validate=validate.Length(max=1000))
    ambient = fields.Dict(keys=fields.String(), values=fields.Float(), load_default=None, allow_none=True)
    standards = fields.Dict(keys=fields.String(), values=fields.String(), load_default=dict)


class DataFile(Photo):
    """A file of readings. content: base64. origin: what wrote it. standards: column → code of the standard."""

    origin = fields.String(required=True)
    standards = fields.Dict(keys=fields.String(), values=fields.String(), load_default=dict)


class CorrectedReading(Schema):
    """A reading that was written down wrongly; what it said stays legible."""

    reading = fields.Integer(required=True, validate=ROW)
    new = fields.String(required=True)
    reason = fields.String(required=True)


class Amendment(Signed, Said):
    """Why, and the approver's password."""


class WaitingQuery(Page):
    state = fields.String(
        load_default="submitted", validate=validate.OneOf(["open", "returned", "submitted", "verified"])
    )


@calls.route("/records", methods=["GET"])
@calls.arguments(WaitingQuery, location="query")
@calls.response(200)
def list_records(query: dict[str, Any]) -> Any:
    """Records that wait, the oldest first: to be submitted, verified or approved."""
    require(caller(), "records.read")
    size, given = query["limit"], {"after": query["after"], "size": query["limit"] + 1}
    found = worklists.by_record_state(unit.reading(), caller(), (query["state"],), **given)
    lines, after = cut(found, size, lambda line: line.record and line.record.id)
    return {"records": [shapes.request_line(each) for each in lines], "after": after}


@calls.route("/to-measure", methods=["GET"])
@calls.response(200)
def to_measure() -> Any:
    """What waits to be measured, the most urgent on top."""
    require(caller(), "bench.read")
    return {"items": [shapes.request_line(each) for each in worklists.to_measure(unit.reading(), caller(), on=today())]}


@calls.route("/items/<number>/people", methods=["GET"])
@calls.response(200)
def people_for(number: str) -> Any:
    """Who may measure an item today, and who may check it."""
    by, session = caller(), unit.reading()
    require(by, "items.read")
    procedure = item_lists.detail(session, number, by).request.procedure_name
    found = {role: item_lists.people_for(session, [procedure], role, today(), by) for role in ("perform", "verify")}
    return {role: [{"id": each.id, "name": name_of(each)} for each in people] for role, people in found.items()}


def require_some(readings: Sequence[Any]) -> None:
    """A record of no reading is none. Raises UnusableValue."""
    if not readings:
        raise UnusableValue(field="readings", found="—", right=N_("at least one reading of each point"))


@calls.route("/requests/<number>/readings", methods=["POST"])
@calls.arguments(Typed)
@calls.response(201)
def type_readings(entered: dict[str, Any], number: str) -> Any:
    """Readings that a person read from a dial, as a new record."""
    require(caller(), "readings.enter")
    require_some(entered["readings"])
    given = {"ambient": entered["ambient"], "standards": entered["standards"]}
    return {"record": made("number", bench.enter_readings, number, entered["stage"], entered["readings"], **given)}


@calls.route("/requests/<number>/data-files", methods=["POST"])
@calls.arguments(DataFile)
@calls.response(201)
def import_readings(entered: dict[str, Any], number: str) -> Any:
    """Readings from a file, kept whole with its digest, as a new record."""
    require(caller(), "readings.import")
    name, content = file_of(entered)
    given = {"provenance": {"origin": entered["origin"], "type": "text/csv"}, "standards": entered["standards"]}
    safe = name.replace("\\", "/").rpartition("/")[2][:200]
    return {"record": made("number", data_files.import_readings, number, safe, content, **given)}


@calls.route("/records/<number>/corrections", methods=["POST"])
@calls.arguments(CorrectedReading)
@calls.response(201)
def correct(entered: dict[str, Any], number: str) -> Any:
    """Correct a reading; the old one stays legible beside it."""
    written(review.correct, number, entered["reading"], entered["new"], entered["reason"])
    return {"record": number, "reading": entered["reading"], "new": entered["new"]}


@calls.route("/records/<number>/notes", methods=["POST"])
@calls.arguments(Text)
@calls.response(201)
def note(entered: dict[str, Any], number: str) -> Any:
    """A reviewer's note beside the record, no part of it."""
    written(review.note, number, entered["text"])
    return {"record": number}


SHOWN = {
    "result": "measurand value u unit reported",
    "reading": "id seq n indication unit raw status flag at",
    "correction": "reading_id field old new reason at",
    "event": "kind at payload",
}


def _exception(found: dict[str, Any]) -> dict[str, Any]:
    told = {name: picked(found[name], names) for name, names in SHOWN.items() if name in found}
    return {"kind": found["kind"], "point": found["point"]} | told


@calls.route("/records/<number>/review", methods=["GET"])
@calls.response(200)
def exceptions(number: str) -> Any:
    """What a verifier has to look at, by exception."""
    found = review.exceptions(unit.reading(), number, by=caller())
    return {"record": number, "exceptions": [_exception(each) for each in found.exceptions], "rest": len(found.rest)}


@calls.route("/records/<number>/interruption", methods=["POST"])
@calls.response(200)
def close_interrupted(number: str) -> Any:
    """Close a record whose run died; what it captured is kept."""
    written(bench.close_interrupted, number, settings=unit.settings())
    return {"record": number}


@calls.route("/records/<number>/report", methods=["POST"])
@calls.response(201)
def report(number: str) -> Any:
    """An evaluation report, no certificate, of a record whose traceability is not declared."""
    return {"report": made("number", certificates.evaluation_report, number, settings=unit.settings())}


@calls.route("/certificates/<number>/amendment", methods=["POST"])
@calls.arguments(Amendment)
@calls.response(201)
def amend(entered: dict[str, Any], number: str) -> Any:
    """Replace a certificate by a new one, with the reason."""
    given = {"settings": unit.settings()}
    return {"certificate": made("number", certificates.amend, number, entered["reason"], entered["password"], **given)}


@calls.route("/evidence/<any(request, record, certificate, service_request):kind>/<number>", methods=["GET"])
@calls.response(200)
def evidence(kind: str, number: str) -> Any:
    """What the gates said at each step of a thing."""
    found = gate_lists.evidence(unit.reading(), kind, number, caller())
    return {"evidence": [picked(each, "step ok lines at") for each in found]}
