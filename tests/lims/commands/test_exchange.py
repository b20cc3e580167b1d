"""`lims export` and `lims import`."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from lims.commands import cli
from lims.config import Settings
from lims.migrations import upgrade
from lims.records.engine import open_engine, session_factory
from lims.services import demonstration


@pytest.fixture
def laboratory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings = Settings(data=tmp_path / "data")
    settings.data.mkdir()
    engine = open_engine(settings.database)
    upgrade(engine)
    with session_factory(engine)() as session:
        demonstration.found(session, at=datetime.now(UTC), settings=settings)
        session.commit()
    engine.dispose()
    monkeypatch.setenv("LIMS_DATA", str(settings.data))
    return tmp_path


def test_everything_goes_out_once(laboratory: Path) -> None:
    out = laboratory / "all.zip"
    done = CliRunner().invoke(cli, ["export", "--out", str(out)])
    assert done.exit_code == 0, done.output
    with zipfile.ZipFile(out) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        assert manifest["files"]["tables/person.jsonl"]["rows"] == len(demonstration.PEOPLE)
    assert CliRunner().invoke(cli, ["export", "--out", str(out)]).exit_code != 0, "nothing is overwritten"


def test_a_sheet_is_looked_at_and_then_taken_over(laboratory: Path) -> None:
    sheet = laboratory / "customers.csv"
    sheet.write_text("名称,地址\n东岭量具厂,\n", "utf-8")
    command = ["--lang", "en", "import", "customers", str(sheet), "--user", "manager", "--apply"]
    refused = CliRunner().invoke(cli, command, input="suyuan-demo\n")
    assert refused.exit_code == 1
    assert "2:2 地址" in refused.output
    sheet.write_text("名称,地址\n东岭量具厂,三路 3 号\n", "utf-8")
    done = CliRunner().invoke(cli, command, input="suyuan-demo\n")
    assert done.exit_code == 0, done.output
    assert "1 new, 0 there already, 0 wrong" in done.output
