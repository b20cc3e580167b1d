"""Certificates, their files and chains for machines; the public question whether one is genuine."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, abort, request
from marshmallow import Schema, fields

from lims.queries import certificates as lists
from lims.queries import fees as prices
from lims.queries import traceability
from lims.services import authentication, certificates, rendering
from web import unit
from web.api import once, shapes, tags
from web.api.bearer import ask, caller
from web.api.calls import ROW, Calls

calls = Calls("api-documents", __name__, description="Certificates")
calls.before_request(ask)
calls.before_request(once.begin)
calls.after_request(tags.tag)
calls.after_request(once.end)
public = Calls("api-public", __name__, description="Authenticity, without a token")

TYPES = {"pdf": "application/pdf", "dcc": "application/xml"}


class ListQuery(Schema):
    after = fields.Integer(load_default=None, allow_none=True, validate=ROW)
    q = fields.String(load_default="")
    state = fields.String(load_default="")


class Reason(Schema):
    reason = fields.String(required=True)


class Token(Schema):
    token = fields.String(required=True)


@calls.route("/certificates", methods=["GET"])
@calls.arguments(ListQuery, location="query")
@calls.response(200)
def list_certificates(query: dict[str, Any]) -> Any:
    """Newest first; `after` continues a page."""
    page = lists.page(unit.reading(), caller(), after=query["after"], text=query["q"], status=query["state"], size=100)
    return {"certificates": [shapes.certificate_line(line) for line in page.lines], "after": page.after}


@calls.route("/certificates/<number>", methods=["GET"])
@calls.response(200)
def one_certificate(number: str) -> Any:
    """The frozen content of a certificate, with its state today."""
    session = unit.reading()
    found = certificates.by_number(session, number, by=caller())
    prices.release(session, found, caller())
    return {
        "number": found.number,
        "status": certificates.status_of(session, found).status,
        "digest": found.digest,
        "content": json.loads(found.snapshot),
    }


@calls.route("/certificates/<number>/<any(pdf, dcc):kind>", methods=["GET"])
@calls.response(200, content_type="application/octet-stream")
def document(number: str, kind: str) -> Any:
    """The signed file, byte for byte."""
    session = unit.reading()
    prices.release(session, certificates.by_number(session, number, by=caller()), caller())
    found = rendering.document(session, number, kind)
    if found is None:
        abort(404)
    answer = Response(found.bytes, mimetype=TYPES[kind])
    answer.headers["Content-Disposition"] = f'attachment; filename="{found.file_name}"'
    return answer


@calls.route("/certificates/<number>/chain", methods=["GET"])
@calls.response(200)
def chain(number: str) -> Any:
    """The chain to the SI."""
    found = traceability.chain(unit.reading(), number, caller())
    return {"number": number, "complete": found.complete, "links": [shapes.link(link) for link in found.links]}


@calls.route("/certificates/<number>/withdrawal", methods=["POST"])
@calls.arguments(Reason)
@calls.response(200)
def withdraw(entered: dict[str, Any], number: str) -> Any:
    """Withdraw an issued certificate."""
    with unit.writing() as session:
        certificates.withdraw(session, number, entered["reason"], by=caller(), at=unit.now())
    return {"number": number, "status": "withdrawn"}


@public.route("/verify/<number>", methods=["GET"])
@public.arguments(Token, location="query")
@public.response(200)
@public.doc(security=[])
def verify(query: dict[str, Any], number: str) -> Any:
    """What the laboratory says of a certificate today, to whoever holds number and token."""
    with unit.writing() as session:
        found = authentication.status(
            session, number[:100], query["token"], at=unit.now(), address=request.remote_addr or ""
        )
    return shapes.public_status(found)
