"""create_app(settings): the one place that wires everything."""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, url_for
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import select
from werkzeug.routing import IntegerConverter
from werkzeug.wrappers import Response

from lims.config import Settings
from lims.records import Laboratory, Person
from lims.records.engine import open_engine, reader_factory, session_factory
from web import api, errors, figures, journal_words, pages, security, speech, states, unit, viewer

LARGEST_UPLOAD = 16 * 1024 * 1024
KEY_FILE = "web-secret.key"


class RowId(IntegerConverter):
    """A row's number in an address: what no column of the database could hold is no address at all."""

    regex = r"\d{1,9}"


def create_app(settings: Settings, **config: Any) -> Flask:
    """The web app of one laboratory. config: Flask's own settings, for tests."""
    app = Flask(__name__)
    app.url_map.converters["int"] = RowId
    app.config.update(
        LIMS=settings,
        SECRET_KEY=settings.secret_key or kept_secret(settings.data),
        MAX_CONTENT_LENGTH=LARGEST_UPLOAD,
        MAX_FORM_PARTS=2000,
        SESSION_COOKIE_NAME="suyuan",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.session_cookie_secure,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        WTF_CSRF_TIME_LIMIT=12 * 3600,
        WTF_CSRF_SSL_STRICT=settings.session_cookie_secure,
        PROPAGATE_EXCEPTIONS=False,
        LIMS_ZONE=settings.time_zone,
    )
    app.config.update(config)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    engine = open_engine(settings.database)
    app.extensions["lims_engine"] = engine
    app.extensions["lims_writers"] = session_factory(engine)
    app.extensions["lims_readers"] = reader_factory(engine)
    read_laboratory(app)

    unit.init_app(app)
    security.init_app(app)
    speech.init_app(app)
    csrf = CSRFProtect(app)
    viewer.init_app(app)
    errors.init_app(app)
    journal_words.init_app(app)
    for blueprint in pages.blueprints():
        app.register_blueprint(blueprint)
    api.init_app(app, csrf)

    @app.get("/health")
    def health() -> Response:
        return app.response_class("ok\n", mimetype="text/plain")

    app.jinja_env.globals.update(
        asset=asset,
        look=states.look,
        steps=states.steps,
        role_words=states.ROLE_WORDS,
        document_kinds=states.KINDS,
        rule_words=states.RULES,
        point_bar=figures.point_bar,
        error_plot=figures.error_plot,
        zone_name=settings.time_zone,
        laboratory_name=app.config["LIMS_LABORATORY"],
    )
    return app


def read_laboratory(app: Flask) -> None:
    """The laboratory's name, and whether demonstration people exist: read once, for every page says so."""
    with app.extensions["lims_readers"]() as session:
        laboratory = session.get(Laboratory, 1)
        profile = laboratory.profile if laboratory is not None else {}
        people = session.scalar(select(Person.id).where(Person.demonstration, Person.active).limit(1)) is not None
    app.config["LIMS_LABORATORY"] = profile.get("name", {"zh": "", "en": ""})
    app.config["LIMS_DEMONSTRATION_PEOPLE"] = people
    app.config["LIMS_DEMONSTRATION"] = people or bool(profile.get("demonstration"))


def kept_secret(data: Path) -> str:
    """The key that signs session cookies: made once in the laboratory's folder, readable by its owner alone."""
    file = data / KEY_FILE
    if not file.is_file():
        handle, made = tempfile.mkstemp(dir=data, prefix=f".{KEY_FILE}.")  # 0600
        with os.fdopen(handle, "w", encoding="ascii") as new:
            new.write(secrets.token_hex(32))
        try:
            Path(file).hardlink_to(made)  # whole or not at all, and never over another's
        except FileExistsError:
            pass
        finally:
            Path(made).unlink()
    return file.read_text(encoding="ascii").strip()


@cache
def _mark(file: str) -> str:
    return hashlib.sha256((Path(__file__).parent / "static" / file).read_bytes()).hexdigest()[:12]


def asset(file: str) -> str:
    """Address of a static file with a mark of its content, so that browsers may keep it for ever."""
    return url_for("static", filename=file, v=_mark(file))
