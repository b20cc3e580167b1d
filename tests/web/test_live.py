"""The live page: parts that follow the journal, streams that resume, and what a person says to the run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from instruments import capture, procedures
from lims.records import Instrument, ProcedureVersion, Record, Request
from lims.services import people
from tests.web import laboratory
from tests.web.conftest import Visitor
from web import live
from web.pages import live as pages

As = Callable[[str], Visitor]
RUN = "JL-LIVE"


@pytest.fixture
def run(app: Flask) -> Iterator[Path]:
    """A record whose run has asked, energised, read one point and goes on."""
    with app.extensions["lims_writers"]() as session:
        request = session.scalars(select(Request).order_by(Request.id)).first()
        assert request is not None
        version = session.scalars(select(ProcedureVersion).where(ProcedureVersion.name == "DMM-DCV")).one()
        item = session.get_one(Instrument, request.instrument_id)
        plan = procedures.plan(
            procedures.read(version.text),
            item={
                "maker": item.maker,
                "model": item.model,
                "serial": item.serial,
                "driver": item.model,
                "resource": "",
            },
        )
        session.add(
            Record(
                number=RUN,
                request_id=request.id,
                procedure_version_id=version.id,
                stage="as_found",
                performer_id=people.by_username(session, "tech").person_id,
                state="open",
                run_dir=f"runs/{RUN}",
                software={},
                setup={},
                started_at=laboratory.AT,
            )
        )
        session.commit()
    folder = app.config["LIMS"].data / "runs" / RUN
    folder.mkdir(parents=True)
    (folder / "plan.json").write_text(plan.to_json(), encoding="utf-8")
    journal = capture.Journal(folder)
    journal.append("opened", plan=plan.digest, software={}, clock_speed=60.0, pid=1)
    say = {"zh": "请检查接线", "en": "Check the connections"}
    journal.append("prompt", prompt="P1", id="P1", asks="energise", text=say, voltage=0.01, point=2)
    journal.append("confirmed", prompt="P1", by="tech")
    journal.append("point_started", point=2, attempt=1, range=0.1, nominal=0.01)
    facts: dict[str, Any] = {"unit": "V", "status": "ok", "setup": {}}
    journal.append(
        "reading", role="ambient", channel="temperature", indication=23.04, raw="23.04", **facts | {"unit": "degC"}
    )
    for n in (1, 2):
        journal.append("reading", role="item", channel="V", point=2, n=n, indication=0.01000104, raw="+1E-2", **facts)
    journal.append("mark", point=2, mean=0.01000104, error=1.04e-6, low=-4e-6, high=4e-6, inside=True)
    journal.append("point_finished", point=2, attempt=1)
    journal.append("prompt", prompt="P2", id="P2", asks="energise", text=say, voltage=500.0, point=15)
    yield folder  # the journal stays open: a capture that holds it is a run that goes on
    journal.close()


@pytest.fixture
def dead_run(run: Path) -> Path:
    """The same run after its capture has ended without a word: nobody holds the journal."""
    (run / "capture.lock").unlink()
    return run


def test_the_page_shows_readings_marks_and_the_question_without_javascript(signed_in: As, run: Path) -> None:
    page = signed_in("tech").get(f"/bench/run/{RUN}").get_data(as_text=True)
    assert "10.001<i class=d3>04</i>" in page or "10.001" in page
    assert "500" in page.split('class="volts"')[1][:200]
    assert 'http-equiv="refresh"' in page
    assert "限内（暂定）" in page


def test_a_run_whose_capture_died_says_so_and_offers_to_resume_or_to_close(signed_in: As, dead_run: Path) -> None:
    page = signed_in("tech").get(f"/bench/run/{RUN}").get_data(as_text=True)
    assert "采集进程已停止" in page
    assert 'value="resume"' in page
    assert f"/bench/run/{RUN}/close" in page
    assert 'class="volts"' not in page


def test_the_numbers_of_a_row_are_in_the_unit_of_its_point(run: Path) -> None:
    view = live.start(run)
    view.feed(capture.tail(run, after=0))
    row = view.row(2)
    assert row is not None
    assert (row.indication, row.error, row.unit, row.mark, row.read) == ("10.00104", "0.00104", "mV", "inside", 2)
    assert view.indication == ("10.00104", "mV")
    assert view.prompt is not None and view.prompt["voltage"] == 500.0
    assert view.done == 1


def test_only_the_parts_that_changed_since_an_event_are_sent(signed_in: As, run: Path) -> None:
    tech = signed_in("tech")
    everything = json.loads(tech.client.get(f"/bench/run/{RUN}/parts?after=0").data)
    assert {"display", "prompt", "row-2", "plot", "ambient", "progress"} <= set(everything["parts"])
    nothing = json.loads(tech.client.get(f"/bench/run/{RUN}/parts?after={everything['seq']}").data)
    assert nothing["parts"] == {}
    later = json.loads(tech.client.get(f"/bench/run/{RUN}/parts?after={everything['seq'] - 1}").data)
    assert set(later["parts"]) == {"prompt", "controls"}


def test_a_stream_resumes_after_the_last_event_and_gives_its_place_back(
    signed_in: As, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "LASTS", 0.2)
    tech = signed_in("tech")
    for _ in range(20):  # more than there are places
        answer = tech.client.get(f"/bench/run/{RUN}/events", headers={"Last-Event-ID": "8"})
        assert answer.status_code == 200
        assert answer.mimetype == "text/event-stream"
        body = answer.get_data(as_text=True)
        answer.close()
    data = next(line for line in body.splitlines() if line.startswith("data: "))
    assert "row-2" in json.loads(data.removeprefix("data: "))
    assert "ambient" not in json.loads(data.removeprefix("data: "))
    assert "id: 10" in body


def test_beyond_sixteen_streams_the_page_is_told_to_ask(signed_in: As, run: Path) -> None:
    tech = signed_in("tech")
    held = 0
    try:
        while pages.STREAMS.acquire(blocking=False):
            held += 1
        assert held == 16
        assert tech.client.get(f"/bench/run/{RUN}/events").status_code == 503
    finally:
        for _ in range(held):
            pages.STREAMS.release()


def test_a_word_to_the_run_is_written_for_the_capture_and_audited(app: Flask, signed_in: As, run: Path) -> None:
    tech = signed_in("tech")
    answer = tech.post(f"/bench/run/{RUN}/command", f"/bench/run/{RUN}", do="confirm", prompt="P2")
    assert answer.status_code == 302
    said = [json.loads(line) for line in (run / "control.jsonl").read_text("utf-8").splitlines()]
    assert said[-1] | {"at": ""} == {"do": "confirm", "by": "tech", "prompt": "P2", "at": ""}
    assert signed_in("auditor").post(f"/bench/run/{RUN}/command", do="abort").status_code == 403


def test_a_command_that_is_none_is_refused(signed_in: As, run: Path) -> None:
    assert signed_in("tech").post(f"/bench/run/{RUN}/command", do="energise").status_code == 400
