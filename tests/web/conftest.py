"""A laboratory for page tests, built once and copied for each test."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event

from tests.web import laboratory
from web.app import create_app

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    laboratory.build(folder)
    return folder


@pytest.fixture
def app(built: Path, tmp_path: Path) -> Iterator[Flask]:
    folder = tmp_path / "data"
    shutil.copytree(built, folder)
    app = create_app(laboratory.settings_in(folder), TESTING=True, LIMS_CLOCK=lambda: laboratory.AT)
    yield app
    app.extensions["lims_engine"].dispose()


class Visitor:
    """A browser without JavaScript: keeps its cookies and sends the form's token."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, **options: object):  # type: ignore[no-untyped-def]
        return self.client.get(path, headers={"Accept": "text/html"}, **options)

    def post(self, path: str, page: str | None = None, **fields: object):  # type: ignore[no-untyped-def]
        """Post a form as it stands on a page (by default any page that carries a token)."""
        found = TOKEN.search(self.get(page or "/verify/").get_data(as_text=True))
        assert found, "no form on the page"
        data = {"csrf_token": found[1]} | fields
        return self.client.post(path, data=data, headers={"Accept": "text/html"})

    def sign_in(self, username: str, password: str = laboratory.PASSWORD):  # type: ignore[no-untyped-def]
        return self.post("/sign-in", username=username, password=password)


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    return Visitor(app.test_client())


@pytest.fixture
def signed_in(app: Flask) -> Callable[[str], Visitor]:
    def as_(username: str) -> Visitor:
        someone = Visitor(app.test_client())
        assert someone.sign_in(username).status_code == 302
        return someone

    return as_


@pytest.fixture
def statements(app: Flask) -> Iterator[list[str]]:
    """The SQL statements sent since the test began."""
    sent: list[str] = []
    engine: Engine = app.extensions["lims_engine"]

    def record(_connection, _cursor, statement, *_rest) -> None:  # type: ignore[no-untyped-def]
        if not statement.startswith(("PRAGMA", "BEGIN", "SET TRANSACTION")):
            sent.append(statement)

    event.listen(engine, "before_cursor_execute", record)
    yield sent
    event.remove(engine, "before_cursor_execute", record)
