"""JSON for machines under /api/v1, described by OpenAPI at /api/v1/openapi.json; bearer tokens, no cookies."""

from __future__ import annotations

from flask import Flask, abort, request
from flask_smorest import Api
from flask_wtf.csrf import CSRFProtect
from marshmallow import Schema, fields

from web.api import (
    batches,
    bookings,
    budgets,
    competence,
    control,
    documents,
    items,
    legal,
    measuring,
    money,
    office,
    orders,
    procedures,
    quality,
    registers,
    standards,
    work,
)

PREFIX = "/api/v1"
AREAS = (
    budgets, orders, items, registers, measuring, work, documents, standards, legal, control, batches, office,
    quality, money, competence, procedures, bookings,
)  # fmt: skip


class Told(Schema):
    code = fields.String(required=True)
    sentence = fields.String(required=True)


class Refused(Schema):
    """What every refusal answers: a code for machines, a sentence for people."""

    error = fields.Nested(Told, required=True)


class QuietApi(Api):  # type: ignore[misc]
    """flask-smorest without its error handlers: web.errors answers for pages and machines alike."""

    ERROR_SCHEMA = Refused

    def _register_error_handlers(self) -> None:
        return None


def init_app(app: Flask, csrf: CSRFProtect) -> None:
    app.config.update(
        API_TITLE="Suyuan",
        API_VERSION="v1",
        OPENAPI_VERSION="3.0.3",
        OPENAPI_URL_PREFIX=PREFIX,
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={
            "info": {"description": "Suyuan: from a reading to a signed certificate. Every call needs a bearer token."},
            "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
            "security": [{"bearer": []}],
        },
    )
    api = QuietApi(app)
    for blueprint in (each.calls for each in AREAS):
        csrf.exempt(blueprint)
        api.register_blueprint(blueprint, url_prefix=PREFIX + str(blueprint.url_prefix or ""))
    csrf.exempt(documents.public)
    api.register_blueprint(documents.public, url_prefix=PREFIX)

    @app.before_request
    def only_what_is_described() -> None:
        """An address below /api that nothing answers is 404 for everybody, signed in or not."""
        if request.path.startswith("/api/") and request.endpoint is None:
            abort(404)
