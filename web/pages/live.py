"""A run while it runs: the page, its stream of parts, and what a person says to it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    jsonify,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)

from lims.domain.actor import Actor
from lims.domain.rights import may, require
from lims.queries import details
from lims.records import Record, Request
from lims.services import bench
from web import live, unit
from web.errors import wants_json
from web.forms import Form
from web.speech import _
from web.viewer import viewer

pages = Blueprint("live", __name__, url_prefix="/bench/run")

STREAMS = threading.BoundedSemaphore(16)
"""At most 16 streams hold a thread each; beyond that a page asks every two seconds."""
LASTS = 30.0
EVERY = 0.15
COMMANDS = ("confirm", "refuse", "pause", "resume", "repeat", "abort")


def _record(number: str, by: Actor) -> tuple[Record, Path]:
    require(by, "bench.read")
    record = bench.record_by_number(unit.reading(), number)
    if not record.run_dir:
        abort(404)
    return record, bench.run_dir(record, unit.settings())


def _folded(number: str, folder: Path, by: Actor) -> live.Live:
    view = live.start(folder)
    view.feed(bench.events(unit.reading(), number, 0, by=by, settings=unit.settings()))
    state = bench.run_state(unit.reading(), number, by=by, settings=unit.settings())
    if state == "interrupted" and not view.ended:
        view.stop()
    return view


@pages.get("/<number>")
def run(number: str) -> Any:
    return _page(number, Form())


def _page(number: str, form: Form) -> Any:
    by = viewer()
    record, folder = _record(number, by)
    view = _folded(number, folder, by)
    view.take_dirty()
    request_number = unit.reading().get_one(Request, record.request_id).number
    found = details.request_detail(unit.reading(), request_number, by)
    return (
        render_template(
            "bench/run.html",
            area="bench",
            record=record,
            found=found,
            live=view,
            form=form,
            may_run=may(by, "bench.run"),
            mine=record.performer_id == by.person_id,
        ),
        form.status,
    )


def _parts(view: live.Live, record: Record, names: set[str], may_run: bool) -> dict[str, str]:
    """The changed parts of the page as HTML, by the id they replace."""
    return {
        name: render_template("bench/part.html", part=name, live=view, record=record, may_run=may_run, form=Form())
        for name in sorted(names)
    }


@pages.get("/<number>/events")
def events(number: str) -> Response:
    """Changed parts of the page as server-sent events; closed after 30 s, resumed by Last-Event-ID."""
    by = viewer()
    record, folder = _record(number, by)
    try:
        after = int(request.headers.get("Last-Event-ID") or request.args.get("after") or 0)
    except ValueError:
        abort(400)
    may_run = may(by, "bench.run")
    view = live.start(folder)
    first = bench.events(unit.reading(), number, 0, by=by, settings=unit.settings())
    view.feed(event for event in first if event["seq"] <= after)
    view.take_dirty()
    view.feed(event for event in first if event["seq"] > after)
    if not STREAMS.acquire(blocking=False):
        abort(503)
    settings = unit.settings()

    def stream() -> Iterator[str]:
        until = time.monotonic() + LASTS
        yield "retry: 1000\n\n"
        while True:
            changed = view.take_dirty()
            if changed:
                data = json.dumps(_parts(view, record, changed, may_run), ensure_ascii=False)
                yield f"id: {view.seq}\nevent: parts\ndata: {data}\n\n"
            if view.ended:
                yield f"id: {view.seq}\nevent: ended\ndata: {view.state}\n\n"
                return
            if time.monotonic() > until:
                return
            time.sleep(EVERY)
            with unit.reader() as session:
                view.feed(bench.events(session, number, view.seq, by=by, settings=settings))
                quiet = not view.dirty and view.state != "stopped"
                if quiet and bench.run_state(session, number, by=by, settings=settings) == "interrupted":
                    view.stop()

    answer = Response(stream_with_context(stream()), mimetype="text/event-stream")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Accel-Buffering"] = "no"
    answer.call_on_close(STREAMS.release)
    return answer


@pages.get("/<number>/parts")
def parts(number: str) -> Any:
    """The same parts at once, for a page that asks instead of listening."""
    by = viewer()
    record, folder = _record(number, by)
    try:
        after = int(request.args.get("after") or 0)
    except ValueError:
        abort(400)
    seen = bench.events(unit.reading(), number, 0, by=by, settings=unit.settings())
    view = live.start(folder)
    view.feed(event for event in seen if event["seq"] <= after)
    view.take_dirty()
    view.feed(event for event in seen if event["seq"] > after)
    if bench.run_state(unit.reading(), number, by=by, settings=unit.settings()) == "interrupted" and not view.ended:
        view.stop()
    changed = view.take_dirty()
    return jsonify(seq=view.seq, ended=view.ended, parts=_parts(view, record, changed, may(by, "bench.run")))


@pages.post("/<number>/command")
def command(number: str) -> Any:
    """A person's word to the run: confirm, refuse, pause, resume, repeat a point, abort."""
    form = Form.sent()
    do = form.value("do")
    if do not in COMMANDS:
        abort(400)
    with unit.writing() as work:
        bench.command(
            work,
            number,
            do,
            prompt=form.value("prompt") or None,
            point=form.whole("point") if form.value("point") else None,
            reason=form.value("reason"),
            by=viewer(),
            at=unit.now(),
            settings=unit.settings(),
        )
    if wants_json():
        return jsonify(done=do)
    return redirect(url_for("live.run", number=number))


@pages.post("/<number>/close")
def close(number: str) -> Any:
    """The technician closes a run that died: its readings stay."""
    with unit.writing() as work:
        bench.close_interrupted(work, number, by=viewer(), at=unit.now(), settings=unit.settings())
    flash(_("Record {number} is closed as interrupted; its readings are kept.", number=number), "good")
    return redirect(url_for("records.detail", number=number))
