"""Every page on PostgreSQL: what SQLite forgives (a lock in a read-only transaction, a loose type) shows here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from lims.config import Settings
from tests.database import PostgresServer
from tests.web import laboratory
from tests.web.conftest import Visitor
from tests.web.running import RUN, a_run
from tests.web.test_look import CERTIFICATE, PAGES
from web.app import create_app

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def served(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    name = postgres_server.copy()
    folder = tmp_path_factory.mktemp("postgresql")
    settings = Settings(data=folder, bench_speed=1000.0, database_url=postgres_server.url(name))
    laboratory.build(folder, settings)
    with a_run(settings):
        app = create_app(settings, TESTING=True, LIMS_CLOCK=lambda: laboratory.AT)
        yield app
        app.extensions["lims_engine"].dispose()
    postgres_server.drop(name)


@pytest.fixture
def as_(served: Flask) -> Callable[[str | None], Visitor]:
    def visitor(username: str | None) -> Visitor:
        found = Visitor(served.test_client())
        if username is not None:
            assert found.sign_in(username).status_code == 302
        return found

    return visitor


@pytest.mark.parametrize("username", list(PAGES), ids=str)
def test_every_page_opens(as_: Callable[[str | None], Visitor], username: str | None) -> None:
    visitor = as_(username)
    for path in PAGES[username].split():
        answer = visitor.get(path)
        assert answer.status_code == (404 if path in ("/nothing", f"/verify/{CERTIFICATE}?token=no") else 200), path
        assert "Traceback" not in answer.get_data(as_text=True)


def test_the_chain_is_verified_and_a_run_is_spoken_to(as_: Callable[[str | None], Visitor]) -> None:
    said = as_("auditor").post("/quality/verification", "/quality/")
    assert said.status_code == 200 and "note bad" in said.get_data(as_text=True)  # the sample carries an invented head
    path = f"/bench/run/{RUN}"
    assert as_("tech").post(f"{path}/command", path, do="pause").status_code == 302


def test_two_tries_with_a_wrong_password_are_kept(served: Flask, as_: Callable[[str | None], Visitor]) -> None:
    visitor = as_(None)
    assert visitor.sign_in("verifier", "wrong").status_code == 403
    assert visitor.sign_in("verifier").status_code == 302
    assert Path(served.config["LIMS"].data).is_dir()
