"""A laboratory for commands, with a certificate issued by real keys, built once; and what an answer has to be."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims import audit
from lims.commands import main
from lims.config import Settings
from lims.records import Base
from lims.records.engine import open_engine, session_factory
from lims.records.upgrade import upgrade
from lims.services import certificates, demonstration, people, rendering
from tests.lims.services.conftest import PASSWORD, Lab

NOW = datetime.now(UTC)


@dataclass
class Home:
    """A folder with a laboratory in ./data, an issued certificate in ./out, and a request that waits to be measured."""

    folder: Path
    number: str
    token: str
    waiting: str

    def settings(self) -> Settings:
        return Settings(data=self.folder / "data")

    def session(self) -> Session:
        engine = open_engine(self.settings().database)
        return session_factory(engine)()

    def state(self) -> dict[str, Any]:
        """Rows of every table but tries to sign in, and the head of the audit chain."""
        with self.session() as session:
            tables = [table for table in Base.metadata.sorted_tables if table.name != "signin_attempt"]
            counted = {t.name: session.scalar(select(func.count()).select_from(t)) for t in tables}
            found = counted | {"head": audit.head(session)}
            session.get_bind().dispose()  # type: ignore[union-attr]
        return found | {"files": sorted(str(p) for p in (self.folder / "data" / "runs").rglob("*"))}


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("laboratory")
    settings = Settings(data=folder / "data")
    settings.data.mkdir()
    upgrade(settings.database)
    engine = open_engine(settings.database)
    with session_factory(engine)() as session:
        lab = Lab(session, settings, at=NOW - timedelta(hours=3))
        demonstration.found(session, at=lab.at - timedelta(days=1), settings=settings)
        record = lab.verified()
        issued = certificates.issue(
            session, record.number, PASSWORD, by=lab.who("approver"), at=lab.now(), settings=settings
        )
        waiting = lab.request().number
        person = people.add_person(
            session, username="newcomer", name={"zh": "新人", "en": "Newcomer"}, password=PASSWORD, roles=["technician"],
            by=None, at=lab.now(),
        )  # fmt: skip
        assert person.id
        session.commit()
        rendering.render_due(session, at=lab.now(), settings=settings)
        out = folder / "out"
        out.mkdir()
        for kind in ("pdf", "dcc"):
            made = rendering.document(session, issued.number, kind)
            assert made is not None
            (out / f"certificate.{kind}").write_bytes(made.bytes)
        home = Home(folder, issued.number, issued.token, waiting)
    engine.dispose()
    return home


@pytest.fixture
def home(built: Home, tmp_path: Path) -> Home:
    """A copy of its own for a test that changes something."""
    shutil.copytree(built.folder, tmp_path / "home")
    return Home(tmp_path / "home", built.number, built.token, built.waiting)


def said(stderr: str) -> list[str]:
    """The lines of an answer without the questions for name and password."""
    asked = re.compile(
        r"^(Name|Password|姓名|密码)(, [a-z ]+)?: |.*GetPassWarning.*|Warning: Password.*|\s+passwd = .*"
    )
    return [left for line in stderr.splitlines() if (left := asked.sub("", line).strip())]


ENGLISH = re.compile(r"\b[a-z]+ [a-z]+ [a-z]+\b")


def one_sentence(answer: Any, lang: str, code: int, *, quotes: bool = False) -> str:
    assert answer.returncode == code, answer.stdout + answer.stderr
    assert "Traceback" not in answer.stderr + answer.stdout
    lines = said(answer.stderr)
    assert len(lines) == 1, lines
    if lang == "zh":
        assert re.search(r"[一-鿿]", lines[0]), lines[0]
        assert quotes or not ENGLISH.search(lines[0]), lines[0]
    else:
        assert not re.search(r"[一-鿿]", lines[0]), lines[0]
    return lines[0]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., CompletedProcess[str]]:
    """A command in this process, where many are tried: what it prints, and the code it would end with."""

    def run(*words: str, cwd: Path) -> CompletedProcess[str]:
        monkeypatch.chdir(cwd)
        monkeypatch.setenv("LIMS_DATA", str(cwd / "data"))
        monkeypatch.setattr(sys, "argv", ["lims", *words])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        said = capfd.readouterr()
        assert isinstance(ended.value.code, int)
        return CompletedProcess(words, ended.value.code, said.out, said.err)

    return run
