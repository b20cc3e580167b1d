"""From what the laboratory refuses to a status and one sentence: the only place where errors become status codes."""

from __future__ import annotations

from typing import Any

from flask import Flask, jsonify, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from instruments.faults import InstrumentError, SettingNotAllowed
from instruments.procedures import BudgetNotBound, PlanRefused, WrongReadings
from instruments.roles_mechanical import UnusableEntry
from instruments.specifications.lines import DocumentError
from lims import words
from lims.domain import errors as lims_errors
from uncertainty.errors import UncertaintyError
from web.speech import _, language

KNOWN: tuple[type[Exception], ...] = (lims_errors.LimsError, UncertaintyError, InstrumentError)
# The first class that fits gives the status; what the person typed is 422, what the state forbids 409.
STATUS: tuple[tuple[type[Exception], int], ...] = (
    (lims_errors.NotFound, 404),
    (lims_errors.NotAllowed, 403),
    (lims_errors.SignInLocked, 429),
    (lims_errors.WrongPassword, 403),
    (lims_errors.UnusableValue, 422),
    (lims_errors.GateClosed, 409),
    (lims_errors.WrongState, 409),
    (lims_errors.RunStillGoing, 409),
    (lims_errors.LintRefused, 409),
    (lims_errors.DatabaseNotReady, 503),
    (lims_errors.LimsError, 409),
    (UncertaintyError, 422),
    *(
        (kind, 422)
        for kind in (DocumentError, PlanRefused, WrongReadings, BudgetNotBound, SettingNotAllowed, UnusableEntry)
    ),
    (InstrumentError, 502),
)
HTTP_SENTENCES = {
    400: "The request could not be understood; go back and try again.",
    401: "Sign in to see this page.",
    403: "Your role does not open this page.",
    404: "There is nothing at this address; check it, or start from Today.",
    405: "This address does not take that kind of request.",
    413: "The file is larger than 16 MB; choose a smaller one.",
    429: "Too many at once; wait a moment and try again.",
    503: "All live streams are taken; the page goes on by asking every two seconds.",
}


def status_of(error: Exception) -> int:
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


def sentence_of(error: Exception) -> str:
    """One sentence in the language of the page."""
    if isinstance(error, KNOWN):
        return str(words.sentence(error, language()))
    if isinstance(error, HTTPException):
        return _(HTTP_SENTENCES.get(error.code or 500, "Something failed on our side; what was captured is kept."))
    return _("Something failed on our side; what was captured is kept.")


def wants_json() -> bool:
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return request.path.startswith("/api/") or best == "application/json"


def answer(status: int, sentence: str, code: str, extra: dict[str, Any] | None = None) -> Any:
    if wants_json():
        return jsonify({"error": {"code": code, "sentence": sentence} | (extra or {})}), status
    return render_template("error.html", status=status, sentence=sentence, code=code), status


def init_app(app: Flask) -> None:
    for kind in KNOWN:
        app.register_error_handler(kind, refused)
    app.register_error_handler(CSRFError, stale)
    app.register_error_handler(HTTPException, http)
    app.register_error_handler(Exception, failed)


def refused(error: Exception) -> Any:
    facts = getattr(error, "facts", {})
    place = {name: str(facts[name]) for name in ("field", "place", "line") if name in facts}
    return answer(status_of(error), sentence_of(error), str(getattr(error, "code", "lims")), place)


def stale(error: CSRFError) -> Any:
    del error
    return answer(400, _("The form is too old or came from elsewhere; open the page again and repeat."), "csrf")


def http(error: HTTPException) -> Any:
    if error.code is not None and error.code < 400:
        return error
    messages = getattr(error, "data", {}).get("messages") if error.code == 422 else None
    if messages:  # what marshmallow found, by place
        return answer(
            422,
            _("The request does not have the shape that /api/v1/openapi.json describes."),
            "shape",
            {"places": messages},
        )
    return answer(error.code or 500, sentence_of(error), (error.name or "error").lower().replace(" ", "_"))


def failed(error: Exception) -> Any:
    """What nobody foresaw: logged with its traceback, answered with one sentence and no traceback."""
    from flask import current_app

    current_app.logger.exception("%s %s", request.method, request.path)
    if current_app.config.get("PROPAGATE_EXCEPTIONS"):
        raise error
    return answer(500, sentence_of(error), "failed")
