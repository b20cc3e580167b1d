"""Who may do what, for machines: the matrix, a person's file, an authorisation's way (ISO/IEC 17025:2017, 6.2)."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from lims.domain import competence as rules
from lims.queries import competence as lists
from lims.services import competence
from web import unit
from web.api.area import Said, area, day, made, name_of, picked, plain, today, written
from web.api.bearer import caller
from web.api.calls import ROW

calls = area("competence", "", "Training, observation, authorisations")

AUTHORISATION = "id procedure_name role valid_from valid_to state scope"
TRAINING = "id kind subject procedure_name on_day outcome note at"


class MatrixQuery(Schema):
    """gaps: only procedures in force with too few performers. after: what the page before it answered."""

    text = fields.String(load_default="", validate=validate.Length(max=80))
    role = fields.String(load_default="", validate=validate.OneOf(["", *rules.ROLES]))
    gaps = fields.Boolean(load_default=False)
    after = fields.String(load_default="")


class FileQuery(Schema):
    before = fields.Integer(load_default=None, allow_none=True, validate=ROW)


class Evidence(Schema):
    """What a person was trained in, observed at or examined in."""

    kind = fields.String(required=True, validate=validate.OneOf(list(rules.KINDS)))
    subject = fields.String(required=True)
    procedure = fields.String(load_default="")
    on_day = day(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(list(rules.OUTCOMES)))
    note = fields.String(load_default="")


class Proposal(Schema):
    procedure = fields.String(required=True)
    role = fields.String(required=True, validate=validate.OneOf(list(rules.ROLES)))


class Reach(Schema):
    """A part of a procedure's range; all empty for the whole of it."""

    measurand = fields.String(load_default="")
    unit = fields.String(load_default="")
    low = fields.String(load_default="")
    high = fields.String(load_default="")


class Grant(Schema):
    valid_from = day(required=True)
    valid_to = day(required=True)
    scope = fields.Nested(Reach, load_default=lambda: {"measurand": "", "unit": "", "low": "", "high": ""})


def _held(key: int) -> dict[str, Any]:
    found = lists.one(unit.reading(), key, caller())
    person = {"username": found.person.username, "name": plain(found.person.name)}
    return picked(found.row, AUTHORISATION) | {"person": person, "state_today": lists.state_on(found.row, today())}


@calls.route("/competence", methods=["GET"])
@calls.arguments(MatrixQuery, location="query")
@calls.response(200)
def matrix(query: dict[str, Any]) -> Any:
    """Procedures by name, each with who is authorised for it today in which role."""
    found = lists.matrix(unit.reading(), caller(), today(), **query)
    people = {each.id: each.username for each in found.people}
    return {
        "procedures": [
            {
                "name": line.name,
                "title": plain(line.title),
                "performers": line.performers,
                "authorised": [
                    {"person": people.get(person), "id": mark.key} | picked(mark, "role state valid_to limited")
                    for person, marks in line.marks.items()
                    for mark in marks
                ],
            }
            for line in found.lines
        ],
        "after": found.next,
    }


@calls.route("/competence/people/<username>", methods=["GET"])
@calls.arguments(FileQuery, location="query")
@calls.response(200)
def person_file(query: dict[str, Any], username: str) -> Any:
    """A person's roles, authorisations and what they have shown, the newest first."""
    found = lists.file_of(unit.reading(), username, caller(), today(), before=query["before"])
    return {
        "person": {"username": found.person.username, "name": name_of(found.person)},
        "roles": plain(found.roles),
        "authorisations": [picked(each, AUTHORISATION) for each in found.authorisations],
        "evidence": [picked(each, TRAINING) for each in found.trainings],
        "before": found.more,
    }


@calls.route("/competence/people/<username>/evidence", methods=["POST"])
@calls.arguments(Evidence)
@calls.response(201)
def note_training(entered: dict[str, Any], username: str) -> Any:
    """A training, an observation at work, an examination or a qualification."""
    return {
        "id": made("id", competence.note_training, username, entered.pop("kind"), entered.pop("subject"), **entered)
    }


@calls.route("/competence/people/<username>/proposals", methods=["POST"])
@calls.arguments(Proposal)
@calls.response(201)
def propose(entered: dict[str, Any], username: str) -> Any:
    """A person is to be authorised for a procedure in a role."""
    return _held(made("id", competence.propose, username, entered["procedure"], entered["role"]))


@calls.route("/authorisations/<int:key>", methods=["GET"])
@calls.response(200)
def one_authorisation(key: int) -> Any:
    """One authorisation or proposal."""
    return _held(key)


@calls.route("/authorisations/<int:key>/grant", methods=["POST"])
@calls.arguments(Grant)
@calls.response(200)
def grant(entered: dict[str, Any], key: int) -> Any:
    """Authorise who has been trained and assessed, from a day to a day."""
    reach = rules.range_of(**entered["scope"])
    written(competence.grant, key, valid_from=entered["valid_from"], valid_to=entered["valid_to"], scope=reach)
    return _held(key)


@calls.route("/authorisations/<int:key>/suspension", methods=["POST"])
@calls.arguments(Said)
@calls.response(200)
def suspend(entered: dict[str, Any], key: int) -> Any:
    """Work stops at once."""
    written(competence.suspend, key, entered["reason"])
    return _held(key)


@calls.route("/authorisations/<int:key>/resumption", methods=["POST"])
@calls.arguments(Said)
@calls.response(200)
def resume(entered: dict[str, Any], key: int) -> Any:
    """A suspended authorisation counts again."""
    written(competence.resume, key, entered["reason"])
    return _held(key)


@calls.route("/authorisations/<int:key>/withdrawal", methods=["POST"])
@calls.arguments(Said)
@calls.response(200)
def withdraw(entered: dict[str, Any], key: int) -> Any:
    """The end of an authorisation or of a proposal."""
    written(competence.withdraw, key, entered["reason"])
    return _held(key)
