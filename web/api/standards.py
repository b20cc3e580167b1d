"""Equipment with its calibrations, and measurement standards with their tests and plans, for machines."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from lims.domain import measurement_standards as rules
from lims.queries import details, worklists
from lims.queries import measurement_standards as lists
from lims.queries import standard_file as files
from lims.services import connections, measurement_standards, standards
from web import unit
from web.api import shapes, tags
from web.api.area import area, day, made, name_of, picked, plain, texts, today, written
from web.api.bearer import caller
from web.api.calls import ROW

calls = area("standards", "", "Equipment, calibrations, measurement standards")

VERSION = (
    "id certificate_number issuer issued valid_from valid_to route_class state functions upstream correlation digest"
)
STANDARD = "code name level certificate_number valid_from valid_to place scope environment plan state public entered_at version"


class CalibratedPoint(Schema):
    """One line of a certificate: decimal text as it is printed, in the unit of the function."""

    at = fields.String(required=True)
    correction = fields.String(required=True)
    U = fields.String(required=True)
    k = fields.String(load_default="2")
    dof = fields.String(load_default=None, allow_none=True)


class CalibratedRange(Schema):
    range = fields.String(required=True)
    upper = fields.String(required=True)
    points = fields.List(fields.Nested(CalibratedPoint), required=True, validate=validate.Length(max=10000))


class CalibratedFunction(Schema):
    """What a certificate says of one function. drift_per_year: relative, absolute."""

    function = fields.String(required=True)
    unit = fields.String(required=True)
    ranges = fields.List(fields.Nested(CalibratedRange), required=True, validate=validate.Length(max=100))
    drift_per_year = fields.Dict(
        keys=fields.String(validate=validate.OneOf(["relative", "absolute"])), values=fields.String(), load_default=dict
    )


class Above(Schema):
    """A certificate above this one: of the register by its id, or by its number and issuer."""

    version_id = fields.Integer(validate=ROW)
    certificate = fields.String()
    issuer = texts()


class NewCalibration(Schema):
    """A certificate of a standard, point by point, as it is printed."""

    certificate_number = fields.String(required=True)
    issuer = texts(required=True)
    issued = day(required=True)
    valid_from = day(required=True)
    valid_to = day(required=True)
    route_class = fields.String(required=True, validate=validate.OneOf(list(standards.ROUTE_CLASSES)))
    functions = fields.List(fields.Nested(CalibratedFunction), required=True)
    upstream = fields.List(fields.Nested(Above), load_default=list)
    correlation = fields.Dict(load_default=lambda: {"kind": "unknown"})


class NewTest(Schema):
    """Readings of one test, judged at once. given: for a comparison U, reference, U_reference."""

    kind = fields.String(required=True, validate=validate.OneOf(list(rules.TESTS)))
    on_day = day(required=True)
    readings = fields.List(fields.Float(), required=True, validate=validate.Length(max=1000))
    conditions = fields.String(load_default="")
    given = fields.Dict(keys=fields.String(), values=fields.Float(), load_default=dict)


class Plan(Schema):
    """What the tests of a kind are held to, and how often. figures: months, and s, U, mpe, reference or limit."""

    figures = fields.Dict(keys=fields.String(), values=fields.Float(), required=True)


class StandardMove(Schema):
    """The next state with what it wants: a certificate, a reason, an approval."""

    state = fields.String(required=True)
    note = fields.String(load_default="")
    certificate_number = fields.String(load_default="")
    valid_from = day(load_default=None, allow_none=True)
    valid_to = day(load_default=None, allow_none=True)
    approval = fields.String(load_default="")


class NewEquipment(Schema):
    """role: what it plays on the bench, null for one above another in a chain."""

    description = texts(required=True)
    maker = fields.String(required=True)
    model = fields.String(required=True)
    serial = fields.String(required=True)
    kind = fields.String(load_default="standard", validate=validate.OneOf(standards.KINDS))
    role = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(standards.ROLES))


class Connection(Schema):
    """resource: a VISA name; driver: the name of its class, empty for the one of its model."""

    resource = fields.String(required=True)
    driver = fields.String(load_default="")


class StandardNote(Schema):
    text = fields.String(required=True)


def _equipment(code: str) -> dict[str, Any]:
    found = details.standard_detail(unit.reading(), code, caller())
    tags.versioned(found.instrument.version)
    return (
        shapes.item(found.instrument)
        | picked(found.instrument, "id kind state due role resource driver version")
        | {"calibrations": [picked(each, VERSION) for each in found.versions]}
    )


@calls.route("/standards", methods=["GET"])
@calls.response(200)
def list_equipment() -> Any:
    """Equipment with the calibration in force."""
    found = worklists.standards(unit.reading(), caller(), on=today())
    names = "certificate_number valid_from valid_to"
    rows = [
        shapes.item(each.instrument)
        | {"state": each.instrument.state, "days_left": each.days_left}
        | {"calibration": None if each.calibration is None else picked(each.calibration, names)}
        for each in found
    ]
    return {"standards": rows}


@calls.route("/standards", methods=["POST"])
@calls.arguments(NewEquipment)
@calls.response(201)
def register(entered: dict[str, Any]) -> Any:
    """Register a standard or a monitor of the laboratory."""
    return _equipment(made("code", standards.register, **entered))


@calls.route("/standards/<code>/connection", methods=["PUT"])
@calls.arguments(Connection)
@calls.response(200)
@calls.edit
def connect(entered: dict[str, Any], code: str) -> Any:
    """Where it is connected, and which driver speaks to it."""
    with tags.edited("standards.manage", "instrument", code, lambda: _equipment(code)) as version:
        written(connections.connect, code, entered["resource"], entered["driver"], version=version)
    return _equipment(code)


@calls.route("/standards/<code>/identity", methods=["POST"])
@calls.response(200)
def ask(code: str) -> Any:
    """Ask who answers where it is connected; nothing is energised. same: the instrument of the register; null: nobody."""
    answer = connections.ask(unit.reading(), code, by=caller(), settings=unit.settings())
    who = answer.found.identity
    told = None if who is None else picked(who, "maker model serial firmware")
    return {"same": answer.same, "identity": told, "why": answer.found.why}


@calls.route("/standards/<code>", methods=["GET"])
@calls.response(200)
def one_equipment(code: str) -> Any:
    """One piece of equipment with its calibrations."""
    return _equipment(code)


@calls.route("/standards/<code>/calibrations", methods=["POST"])
@calls.arguments(NewCalibration)
@calls.response(201)
def add_calibration(entered: dict[str, Any], code: str) -> Any:
    """A new certificate of a standard; it is the one in force from now on."""
    written(standards.add_calibration, code, **entered, source="manual")
    return _equipment(code)


def _standard(code: str) -> dict[str, Any]:
    found = lists.life(unit.reading(), code, caller(), on=today())
    tags.versioned(found.standard.version)
    return picked(found.standard, STANDARD) | {
        "keeper": name_of(found.keeper),
        "days_left": found.days_left,
        "equipment": [
            picked(part, "part from_day to_day") | {"item": shapes.item(item)} for part, item, _version in found.parts
        ],
        "events": [picked(each, "kind note payload at") for each in found.events],
        "tests": [picked(each, "kind on_day unit readings outcome ok conditions at") for each in found.tests],
        "due": plain(files.due_of(found)),
    }


@calls.route("/measurement-standards", methods=["GET"])
@calls.response(200)
def list_standards() -> Any:
    """Measurement standards, the one that ends first on top."""
    found = lists.lines(unit.reading(), caller(), on=today())
    names = "code name level certificate_number valid_from valid_to state version"
    return {"measurement_standards": [picked(each.standard, names) | {"days_left": each.days_left} for each in found]}


@calls.route("/measurement-standards/<code>", methods=["GET"])
@calls.response(200)
def one_standard(code: str) -> Any:
    """The life of a measurement standard."""
    return _standard(code)


@calls.route("/measurement-standards/<code>/tests", methods=["POST"])
@calls.arguments(NewTest)
@calls.response(201)
def add_test(entered: dict[str, Any], code: str) -> Any:
    """A test of repeatability, stability, an intermediate check or a comparison."""
    entered["conditions"] = {"text": entered["conditions"].strip()[:1000]}
    written(
        measurement_standards.add_test, code, *(entered.pop(name) for name in ("kind", "on_day", "readings")), **entered
    )
    return _standard(code)


@calls.route("/measurement-standards/<code>/plan/<any(repeatability, stability, intermediate_check, capability):kind>",
             methods=["PUT"])  # fmt: skip
@calls.arguments(Plan)
@calls.response(200)
@calls.edit
def plan(entered: dict[str, Any], code: str, kind: str) -> Any:
    """What the tests of a kind are held to from now on, and how often."""
    with tags.edited("standards.manage", "measurement_standard", code, lambda: _standard(code)) as version:
        written(measurement_standards.plan, code, kind, entered["figures"], version=version)
    return _standard(code)


@calls.route("/measurement-standards/<code>/state", methods=["POST"])
@calls.arguments(StandardMove)
@calls.response(200)
def move_standard(entered: dict[str, Any], code: str) -> Any:
    """The next state of a measurement standard."""
    written(measurement_standards.move, code, entered.pop("state"), entered.pop("note"), **entered)
    return _standard(code)


@calls.route("/measurement-standards/<code>/notes", methods=["POST"])
@calls.arguments(StandardNote)
@calls.response(201)
def note_standard(entered: dict[str, Any], code: str) -> Any:
    """A note in the book of a measurement standard."""
    written(measurement_standards.note, code, entered["text"])
    return _standard(code)
