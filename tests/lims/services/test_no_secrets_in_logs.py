"""The main path with every logger at DEBUG: no password, token, key or session secret is written."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from lims.services import certificates, rendering, tokens
from web.app import create_app

from .conftest import PASSWORD, Lab


def test_nothing_secret_is_logged_on_the_main_path(
    lab: Lab, caplog: pytest.LogCaptureFixture, database_url: str
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("sqlalchemy.engine", "sqlalchemy.pool", "lims", "web", "pyhanko", "werkzeug"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    try:
        record = lab.verified()
        certificate = certificates.issue(
            lab.session, record.number, PASSWORD, by=lab.who("approver"), at=lab.now(), settings=lab.settings
        )
        token = tokens.make(lab.session, "machine", 10, by=lab.who("tech"), at=lab.now())
        lab.session.commit()
        rendering.render_due(lab.session, at=lab.now(), settings=lab.settings)
        app = create_app(replace(lab.settings, database_url=database_url), TESTING=True)
        app.test_client().post("/sign-in", data={"username": "tech", "password": PASSWORD})
        secrets = [PASSWORD, token, certificate.token, str(app.config["SECRET_KEY"]), "$argon2", "PRIVATE KEY"]
        app.extensions["lims_engine"].dispose()
    finally:
        for name in ("sqlalchemy.engine", "sqlalchemy.pool", "lims", "web", "pyhanko", "werkzeug"):
            logging.getLogger(name).setLevel(logging.NOTSET)
    assert len(caplog.records) > 100  # statements are logged, what they carry is not
    assert "INSERT INTO" in caplog.text
    for secret in secrets:
        assert {record.name for record in caplog.records if secret in record.getMessage()} == set(), secret[:12]
