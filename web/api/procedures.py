"""Procedures under document control, for machines: drafts on their way through three people, and what is in force."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from lims.queries import procedures as lists
from lims.services import procedures
from web import unit
from web.api.area import Signed, area, made, name_of, picked, plain, today, written
from web.api.bearer import caller

calls = area("procedures", "/procedures", "Procedures")

VERSION = "id name version title digest state method_code"


class ProceduresQuery(Schema):
    text = fields.String(load_default="", validate=validate.Length(max=80))
    after = fields.String(load_default="")


class VersionQuery(Schema):
    version = fields.String(load_default="")


class ChangesQuery(Schema):
    """Two versions; by default the newest and the one before it."""

    old = fields.String(load_default="", data_key="from")
    new = fields.String(load_default="", data_key="to")


class Draft(Schema):
    """The whole document as YAML, and why there is a new version."""

    text = fields.String(required=True)
    reason = fields.String(required=True)


def _shown(name: str, version: str = "") -> dict[str, Any]:
    found = lists.detail(unit.reading(), name, caller(), today(), version=version)
    return picked(found.shown, VERSION) | {
        "text": found.shown.text,
        "versions": [picked(each, "id version state") for each in found.versions],
        "signatures": [
            picked(each.signature, "meaning at object_digest") | {"person": name_of(each.person)}
            for each in found.signed
        ],
    }


def _at(key: int) -> dict[str, Any]:
    return _shown(*lists.named(unit.reading(), key, caller()))


@calls.route("", methods=["GET"])
@calls.arguments(ProceduresQuery, location="query")
@calls.response(200)
def list_procedures(query: dict[str, Any]) -> Any:
    """Procedures by name, each with its newest version in force or on its way."""
    found = lists.page(unit.reading(), caller(), **query)
    return {"procedures": [picked(each, VERSION) for each in found.versions], "after": found.next}


@calls.route("", methods=["POST"])
@calls.arguments(Draft)
@calls.response(201)
def draft(entered: dict[str, Any]) -> Any:
    """A draft; two other people verify and approve it."""
    return _at(made("id", procedures.draft, entered["text"], entered["reason"]))


@calls.route("/<name>", methods=["GET"])
@calls.arguments(VersionQuery, location="query")
@calls.response(200)
def one_procedure(query: dict[str, Any], name: str) -> Any:
    """A version with its text and signatures; by default the one in force."""
    return _shown(name, query["version"])


@calls.route("/<name>/changes", methods=["GET"])
@calls.arguments(ChangesQuery, location="query")
@calls.response(200)
def changes(query: dict[str, Any], name: str) -> Any:
    """What changed between two versions, line by line."""
    known = lists.versions_of(unit.reading(), name, caller())
    new = lists.chosen(known, name, query["new"])
    earlier = next((each.version for each in known if each.id < new.id), new.version)
    old = lists.chosen(known, name, query["old"] or earlier)
    lines = [
        plain({"kind": e.kind, "text": e.text, "old": e.old, "new": e.new}) for e in lists.changes(old.text, new.text)
    ]
    return {"from": old.version, "to": new.version, "lines": lines}


@calls.route("/versions/<int:key>/verification", methods=["POST"])
@calls.arguments(Signed)
@calls.response(200)
def verify_procedure(entered: dict[str, Any], key: int) -> Any:
    """Sign a draft as a second person."""
    written(procedures.verify, key, entered["password"])
    return _at(key)


@calls.route("/versions/<int:key>/approval", methods=["POST"])
@calls.arguments(Signed)
@calls.response(200)
def approve_procedure(entered: dict[str, Any], key: int) -> Any:
    """Sign a verified draft as a third person."""
    written(procedures.approve, key, entered["password"])
    return _at(key)


@calls.route("/versions/<int:key>/force", methods=["POST"])
@calls.response(200)
def put_in_force(key: int) -> Any:
    """An approved version takes the place of the one in force."""
    written(procedures.put_in_force, key)
    return _at(key)
