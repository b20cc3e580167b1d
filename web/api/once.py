"""Idempotency-Key: a post sent again under the same key gets the answer of the first, and nothing is done twice."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from flask import Response, current_app, g, jsonify, request

from lims.domain.errors import KeyInUse
from lims.services import idempotency
from web import unit
from web.api.bearer import caller

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
TAKEN = KeyInUse.code


def begin() -> Any:
    """Before a call, once its caller is known: the answer of before, or the key is taken with the work's transaction."""
    if request.method != "POST" or HEADER not in request.headers:
        return None
    key, digest, who = idempotency.check(request.headers[HEADER].strip()), _digest(), caller().person_id
    known = idempotency.find(unit.reading(), who, key, digest)
    if known is not None:
        again = jsonify(known.answer)
        again.status_code = known.status
        again.headers[REPLAYED] = "true"
        return again
    g.once = (who, key)
    g.first_of_writing = lambda session: idempotency.claim(session, who, key, digest, at=unit.now())
    return None


def end(answer: Response) -> Response:
    """After a call: keep what was answered; where the work was refused, the key is free again."""
    found = g.pop("once", None)
    if found is None or "first_of_writing" in g:  # no key, or nothing was written
        return answer
    who, key = found
    with unit.writing() as session:
        if answer.status_code < 400 and answer.is_json:
            idempotency.keep(session, who, key, answer.status_code, answer.get_json())
        elif (
            400 <= answer.status_code < 500
            and (answer.get_json(silent=True) or {}).get("error", {}).get("code") != TAKEN
        ):
            idempotency.forget(session, who, key)
    return answer


def _digest() -> str:
    """Keyed, since a body may hold a password."""
    said = b"\0".join([request.method.encode(), request.full_path.encode(), request.get_data()])
    return hmac.new(str(current_app.config["SECRET_KEY"]).encode(), said, hashlib.sha256).hexdigest()
