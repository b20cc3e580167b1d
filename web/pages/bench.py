"""The bench before a run: what may be measured, the gates, the start, readings entered by hand or from a file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from instruments import procedures
from lims.domain.errors import UnusableValue
from lims.domain.rights import may, require
from lims.queries import details, worklists
from lims.records import Record
from lims.services import bench, data_files
from web import unit
from web.forms import REFUSALS, Form
from web.live import rows_of
from web.pages.today import local_day
from web.speech import N_, _
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
        waiting=worklists.to_measure(session, by, on=local_day()),
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
        clear=not any(line.blocks for line in lines),
        columns=_columns(found),
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


@pages.route("/<number>/from-file", methods=("GET", "POST"))
def from_file(number: str) -> Any:
    """Readings that come as a file: kept whole with its digest, its origin and the standards of its columns."""
    by = viewer()
    require(by, "readings.import")
    session = unit.reading()
    found = details.request_detail(session, number, by)
    columns = _columns(found)
    if not columns:
        abort(404)
    form = Form.sent()
    if request.method == "POST":
        try:
            with unit.writing() as work:
                record = _imported(work, number, form, columns).number
        except REFUSALS as error:
            form.refuse(error)
        else:
            flash(_("The readings are kept as record {number}.", number=record), "good")
            return redirect(url_for("records.detail", number=record))
    standards = worklists.standards(session, by, on=local_day()) if may(by, "standards.read") else []
    page = render_template(
        "bench/from_file.html",
        area="bench",
        found=found,
        form=form,
        columns=columns,
        example=",".join(f"{name} ({symbol})" for name, symbol in columns.items()),
        choices=[("", _("not declared"))]
        + [(line.instrument.code, f"{line.instrument.code} · {line.instrument.model}") for line in standards],
    )
    return page, form.status


def _columns(found: details.RequestDetail) -> dict[str, str]:
    """Column → unit of the files that the procedure reads; empty where it measures on the bench."""
    if found.procedure is None:
        return {}
    data = procedures.read(found.procedure.text, file=found.procedure.name).data
    return {} if data is None else dict(data.columns)


def _imported(work: Session, number: str, form: Form, columns: Mapping[str, str]) -> Record:
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise UnusableValue(field="file", found="—", right=N_("a CSV file of readings"))
    declared = {column: form.value(f"standard-{column}") for column in columns}
    return data_files.import_readings(
        work,
        number,
        sent.filename.replace("\\", "/").rpartition("/")[2][:200],
        sent.stream.read(),
        provenance={"origin": form.text("origin"), "type": "text/csv"},
        standards={column: code for column, code in declared.items() if code},
        by=viewer(),
        at=unit.now(),
    )


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
        raise UnusableValue(field="readings", found="—", right=N_("at least one reading of each point"))
    return rows
