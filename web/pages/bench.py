"""The bench before a run: what may be measured, the gates, the start, and readings entered by hand."""

from __future__ import annotations

import json
import re
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from instruments import procedures
from lims.domain.errors import UnusableValue
from lims.domain.rights import may, require
from lims.queries import details, worklists
from lims.services import bench
from web import unit
from web.forms import REFUSALS, Form
from web.live import rows_of
from web.speech import _
from web.viewer import viewer

pages = Blueprint("bench", __name__, url_prefix="/bench")

PLACE = re.compile(r"point (\d+)")
STAGES = ("as_found", "as_left")


@pages.get("/")
def index() -> str:
    by = viewer()
    require(by, "bench.read")
    session = unit.reading()
    return render_template(
        "bench/index.html",
        area="bench",
        running=worklists.open_records(session, by),
        waiting=worklists.to_measure(session, by),
    )


@pages.get("/<number>")
def prepare(number: str) -> str:
    return _prepare(number, Form())[0]


def _prepare(number: str, form: Form) -> tuple[str, int]:
    """A request on the bench: its gate lines for a stage, its records so far, and the start."""
    by = viewer()
    session = unit.reading()
    found = details.request_detail(session, number, by)
    done = {record.stage for record in found.records if record.state != "interrupted"}
    wanted = request.values.get("stage", "")
    stage = wanted if wanted in STAGES else "as_left" if found.request.as_left and "as_found" in done else "as_found"
    lines = bench.gates_before(session, number, by=by, at=unit.now())
    page = render_template(
        "bench/prepare.html",
        area="bench",
        found=found,
        stage=stage,
        stages=STAGES if found.request.as_left else STAGES[:1],
        lines=lines,
        clear=all(line.ok for line in lines),
        going=[record for record in found.records if record.state == "open"],
        may_run=may(by, "bench.run"),
        form=form,
    )
    return page, form.status


@pages.post("/<number>/start")
def start(number: str) -> Any:
    form = Form.sent()
    try:
        with unit.writing() as work:
            record = bench.start(
                work, number, form.value("stage"), by=viewer(), at=unit.now(), settings=unit.settings()
            ).number
    except REFUSALS as error:
        form.refuse(error)
        return _prepare(number, form)
    return redirect(url_for("live.run", number=record))


@pages.route("/<number>/by-hand", methods=("GET", "POST"))
def by_hand(number: str) -> Any:
    """Readings that a person reads from a dial: one line a point, the figures separated by blanks."""
    by = viewer()
    require(by, "bench.run")
    session = unit.reading()
    found = details.request_detail(session, number, by)
    form = Form.sent(stage=request.args.get("stage", "as_found"), temperature="23.0", humidity="50")
    points = _points(found)
    if request.method == "POST":
        try:
            with unit.writing() as work:
                record = bench.enter_readings(
                    work,
                    number,
                    form.value("stage"),
                    _typed(form, points),
                    ambient={name: float(form.decimal(name)) for name in ("temperature", "humidity")},
                    by=by,
                    at=unit.now(),
                ).number
        except REFUSALS as error:
            form.refuse(error)
            found_place = PLACE.match(str(getattr(error, "facts", {}).get("field", "")))
            form.place = f"point-{found_place[1]}" if found_place else form.place
        else:
            flash(_("The readings are kept as record {number}.", number=record), "good")
            return redirect(url_for("records.detail", number=record))
    return render_template("bench/by_hand.html", area="bench", found=found, form=form, points=points), form.status


def _points(found: details.RequestDetail) -> list[Any]:
    """The points of the plan as rows, planned without instruments."""
    assert found.procedure is not None
    procedure = procedures.read(found.procedure.text, file=found.procedure.name)
    item = {"resource": "", "driver": found.item.driver or found.item.model, "maker": found.item.maker}
    item |= {"model": found.item.model, "serial": found.item.serial, "asset": found.item.code}
    plan = procedures.plan(procedure, stage="as_found", item=item, instruments={})
    return rows_of(json.loads(plan.to_json()))


def _typed(form: Form, points: list[Any]) -> list[dict[str, Any]]:
    rows = []
    for point in points:
        typed = form.value(f"point-{point.no}").replace("，", " ").replace(",", " ").replace(";", " ").split()
        if typed:
            rows.append({"point": point.no, "indications": typed})
    if not rows:
        raise UnusableValue(field="readings", found="—", right="at least one reading of each point")
    return rows
