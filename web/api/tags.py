"""E-tags: nothing read twice in vain, and of two people who edit one thing the second is told (RFC 9110, 8.8, 13.1).

A tag is "version-digest". An edit is held to the version alone: what stands beside the thing itself (the state of its
jobs, say) may change meanwhile. A thing without a version has "0-digest", and its steps are held by its states.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Response, abort, g, jsonify, request

from lims import words
from lims.domain.errors import StaleEdit
from lims.domain.rights import require
from lims.queries import edits
from web import unit
from web.api.bearer import caller
from web.speech import N_, _, language

TAG = re.compile(r'^(?:W/)?"?(\d{1,9})(?:-[0-9a-f]+)?"?$')
NEEDED = N_("Say which version you edit: send its ETag, as GET answers it, in If-Match.")


def versioned(version: int) -> None:
    """What this call answers is the thing at a version."""
    g.version = version


def tag(answer: Response) -> Response:
    """After a call: the tag of what was read or edited; 304 with nothing where the caller has it already."""
    version = g.pop("version", None)
    if answer.status_code not in (200, 201) or answer.direct_passthrough:
        return answer
    if request.method != "GET" and version is None:
        return answer
    answer.set_etag(f"{version or 0}-{hashlib.sha256(answer.get_data()).hexdigest()[:20]}")
    if request.method == "GET":
        answer.make_conditional(request)
    return answer


@contextmanager
def edited(right: str, kind: str, number: str, now: Callable[[], Any]) -> Iterator[int]:
    """The version that the caller edits. 428 without If-Match; 412 with an old one, and what it says now.

    right: asked first, so that who may not edit is told that and no more. kind, number: as the audit chain names it.
    """
    require(caller(), right)
    said = TAG.match(request.headers.get("If-Match", "").strip())
    if said is None:
        abort(_answer(428, "version_needed", _(NEEDED)))
    try:
        yield int(said[1])
    except StaleEdit as error:
        abort(_answer(412, error.code, str(words.sentence(error, language())), _changed(kind, number), now()))


def _changed(kind: str, number: str) -> dict[str, Any] | None:
    found = edits.last(unit.reading(), kind, number, caller())
    return None if found is None else {"by": found.by, "at": found.at.isoformat(), "act": found.act}


def _answer(status: int, code: str, sentence: str, changed: Any = None, now: Any = None) -> Response:
    told = {"error": {"code": code, "sentence": sentence}}
    if now is not None:
        told |= {"changed": changed, "now": now}
    answer = jsonify(told)
    answer.status_code = status
    if now is not None and "version" in g:
        answer.set_etag(str(g.version))
    return answer
