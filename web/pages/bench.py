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
from lims.queries import details, registers, worklists
from lims.records import Instrument, Record
from lims.services import bench, connections, data_files
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


ROLE_NAMES = {"source": N_("Calibrator"), "ambient": N_("Monitor of the room"), "meter": N_("Meter")}
"""Role on the bench → the label of its choice."""


@pages.get("/<number>")
def prepare(number: str) -> str:
    return _prepare(number, Form())[0]


def _prepare(
    number: str, form: Form, connection: Form | None = None, answer: connections.Answer | None = None
) -> tuple[str, int]:
    """A request on the bench: its gate lines for a stage, its records so far, and the start."""
    by = viewer()
    session = unit.reading()
    found = details.request_detail(session, number, by)
    done = {record.stage for record in found.records if record.state != "interrupted"}
    wanted = request.values.get("stage", "")
    stage = wanted if wanted in STAGES else "as_left" if found.request.as_left and "as_found" in done else "as_found"
    offered, standards = _standards(found)
    lines = bench.gates_before(session, number, by=by, at=unit.now(), stage=stage, standards=standards)
    page = render_template(
        "bench/prepare.html",
        area="bench",
        found=found,
        stage=stage,
        offered=offered,
        standards=standards,
        role_names=ROLE_NAMES,
        drivers=connections.drivers(),
        connection_form=connection or Form(None, {n: getattr(found.item, n) or "" for n in ("resource", "driver")}),
        answer=answer,
        opened=connection is not None or answer is not None,
        stages=STAGES if found.request.as_left else STAGES[:1],
        lines=lines,
        clear=not any(line.blocks for line in lines),
        columns=_columns(found),
        going=[record for record in found.records if record.state == "open"],
        may_run=may(by, "bench.run"),
        form=form,
    )
    return page, form.status if connection is None else connection.status


@pages.post("/<number>/connection")
def connect(number: str) -> Any:
    """Where the item is connected, and which driver speaks to it."""
    by, form = viewer(), Form.sent()
    require(by, "bench.run")
    code = details.request_detail(unit.reading(), number, by).item.code
    try:
        with unit.writing() as work:
            named = (form.value("resource"), form.value("driver"))
            connections.connect(work, code, *named, version=form.whole("version"), by=by, at=unit.now())
    except REFUSALS as error:
        form.refuse(error)
        return _prepare(number, Form(), form)
    flash(_("The connection is kept."), "good")
    return redirect(url_for("bench.prepare", number=number))


@pages.post("/<number>/ask")
def ask(number: str) -> Any:
    """Who answers where the item is connected."""
    by, form = viewer(), Form(None, {})
    require(by, "bench.run")
    code = details.request_detail(unit.reading(), number, by).item.code
    try:
        answer = connections.ask(unit.reading(), code, by=by, settings=unit.settings())
    except REFUSALS as error:
        form.refuse(error)
        return _prepare(number, Form(), form)
    return _prepare(number, Form(), None, answer)


def _standards(found: details.RequestDetail) -> tuple[dict[str, list[Instrument]], dict[str, str]]:
    """Role → the standards that may play it, and role → code of the one that was chosen, where there is a choice."""
    if found.procedure is None:
        return {}, {}
    playing = registers.instruments_for(unit.reading(), registers.procedure_of(found.procedure).needs)
    offered = {role: each for role, each in playing.items() if len(each) > 1}
    return offered, {role: request.values[role][:40] for role in offered if request.values.get(role)}


@pages.post("/<number>/start")
def start(number: str) -> Any:
    form, by = Form.sent(), viewer()
    require(by, "bench.run")
    standards = _standards(details.request_detail(unit.reading(), number, by))[1]
    try:
        with unit.writing() as work:
            record = bench.start(
                work,
                number,
                form.value("stage"),
                by=by,
                at=unit.now(),
                settings=unit.settings(),
                standards=standards,
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
    offered, standards = _standards(found)
    if request.method == "POST":
        try:
            with unit.writing() as work:
                record = bench.enter_readings(
                    work,
                    number,
                    form.value("stage"),
                    _typed(form, points),
                    ambient={name: float(form.decimal(name)) for name in ("temperature", "humidity")},
                    standards=standards,
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
    page = render_template(
        "bench/by_hand.html",
        area="bench",
        found=found,
        form=form,
        points=points,
        offered=offered,
        standards=standards,
        role_names=ROLE_NAMES,
    )
    return page, form.status


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
