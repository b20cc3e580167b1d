"""The live page: parts that follow the journal, streams that resume, and what a person says to the run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from instruments import capture
from lims.records import AuditEntry, Record
from tests.web.conftest import Visitor
from tests.web.running import RUN, a_run
from web import live
from web.pages import live as pages

As = Callable[[str], Visitor]


@pytest.fixture
def run(app: Flask) -> Iterator[Path]:
    """A record whose run has asked, energised, read one point and goes on."""
    with a_run(app.config["LIMS"]) as folder:
        yield folder


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
    assert "id: 11" in body


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


def test_a_measured_point_can_be_asked_for_again_and_says_so_until_it_is(app: Flask, signed_in: As, run: Path) -> None:
    tech = signed_in("tech")
    path = f"/bench/run/{RUN}"
    assert 'name="point" value="2"' in tech.get(path).get_data(as_text=True)
    assert 'name="point" value="3"' not in tech.get(path).get_data(as_text=True)
    assert 'name="point"' not in signed_in("auditor").get(path).get_data(as_text=True)
    assert tech.post(f"{path}/command", path, do="repeat", point="2").status_code == 302
    said = [json.loads(line) for line in (run / "control.jsonl").read_text("utf-8").splitlines()]
    assert (said[-1]["do"], said[-1]["point"], said[-1]["by"]) == ("repeat", 2, "tech")
    with app.extensions["lims_readers"]() as session:
        assert session.scalar(select(AuditEntry.act).order_by(AuditEntry.seq.desc())) == "run.repeat"
    view = live.start(run)
    view.feed([*capture.tail(run, after=0), {"seq": 90, "at": "", "kind": "repeat_asked", "point": 2, "by": "tech"}])
    row = view.row(2)
    assert row is not None and row.again and not view.repeatable(row)
    view.feed([{"seq": 91, "at": "", "kind": "point_restarted", "point": 2}])
    assert (row.again, row.state, row.flags) == (False, "next", 0)


def test_a_flagged_reading_is_shown_at_its_point_and_in_the_log(signed_in: As, run: Path) -> None:
    page = signed_in("tech").get(f"/bench/run/{RUN}").get_data(as_text=True)
    assert "1 个有标记" in page
    assert "第 2 次读数：偏离中位数超过 5 倍换算绝对中位差" in page


def test_a_run_that_died_is_closed_with_its_consequence_said_and_measured_again(
    app: Flask, signed_in: As, dead_run: Path
) -> None:
    tech = signed_in("tech")
    path = f"/bench/run/{RUN}"
    page = tech.get(path).get_data(as_text=True)
    assert "可以重新开始测量" in page and 'name="point"' not in page
    closed = tech.post(f"{path}/close", path)
    page = tech.get(closed.headers["Location"]).get_data(as_text=True)
    assert "本次测量已按中断关闭" in page and "/bench/WT-2026-000001?stage=as_found" in page
    with app.extensions["lims_readers"]() as session:
        assert session.scalar(select(Record.state).where(Record.number == RUN)) == "interrupted"
