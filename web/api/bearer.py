"""Before every call of the API: who holds the token."""

from __future__ import annotations

from flask import abort, g, request

from lims.domain.actor import Actor
from lims.services import tokens
from web import unit


def ask() -> None:
    """401 without a token that is good today, 400 for a body nested deeper than anybody can read."""
    kind, _space, token = request.headers.get("Authorization", "").partition(" ")
    found = tokens.holder(unit.reading(), token.strip(), at=unit.now()) if kind.lower() == "bearer" else None
    if found is None:
        abort(401)
    g.caller = found
    try:
        request.get_json(silent=True)  # kept for the call; what is no JSON is told there, with its place
    except RecursionError:
        abort(400)


def caller() -> Actor:
    actor = g.caller
    assert isinstance(actor, Actor)
    return actor
