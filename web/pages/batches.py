"""Batches: identical items as one act, from the set-up to the certificates."""

from __future__ import annotations

import csv
import io
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for

from lims.domain import batches as rules
from lims.domain.errors import UnusableValue
from lims.domain.rights import may, require
from lims.queries import batches as lists
from lims.services import batches
from web import unit
from web.figures import strip
from web.forms import REFUSALS, Form
from web.pages.orders import after
from web.speech import N_, _
from web.states import EXCEPTIONS
from web.viewer import viewer

pages = Blueprint("batches", __name__, url_prefix="/batches")

SHOWN = 50
"""Wrong cells of a table that are listed; the rest is counted."""
WHY = EXCEPTIONS | {"outlier": N_("far from the rest of the batch")}


@pages.get("/")
def index() -> str:
    found = lists.page(unit.reading(), viewer(), after=after(), size=41)
    return render_template(
        "batches/index.html",
        area="intake",
        found=found[:40],
        offered=lists.offered(unit.reading(), viewer()) if may(viewer(), "readings.enter") else [],
        next=url_for("batches.index", after=found[39][0].id) if len(found) > 40 else None,
    )


@pages.route("/new", methods=("GET", "POST"))
def new() -> Any:
    """The requests of one kind become a batch, with a set-up for all of them."""
    by = viewer()
    require(by, "readings.enter")
    form = Form.sent(stage="as_found", temperature="23.0", humidity="50")
    groups = lists.offered(unit.reading(), by)
    if request.method == "POST":
        try:
            ambient = {name: float(form.decimal(name)) for name in ("temperature", "humidity")}
            with unit.writing() as work:
                number = batches.make(
                    work,
                    request.form.getlist("requests")[: rules.LARGEST + 1],
                    stage=form.value("stage"),
                    ambient=ambient,
                    note=form.value("note"),
                    by=by,
                    at=unit.now(),
                ).number
        except REFUSALS as error:
            form.refuse(error)
        else:
            return redirect(url_for("batches.detail", number=number))
    wanted = request.values.get("group", "0")
    place = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 6 else 0
    group = groups[place] if place < len(groups) else None
    return render_template("batches/new.html", area="intake", form=form, group=group, place=place), form.status


@pages.get("/<number>")
def detail(number: str) -> Any:
    return _detail(number, Form(None, {"item": ""}))


def _detail(number: str, form: Form, wrong: list[rules.WrongCell] | None = None) -> Any:
    by, session = viewer(), unit.reading()
    found = lists.view(session, number, by)
    stands = found.standing
    points = batches.points_of(session, found.batch)
    waiting = {"open": "submit", "measured": "verify", "verified": "issue"}.get(stands, "")
    right = {"submit": "records.submit", "verify": "records.verify", "issue": "certificates.issue"}.get(waiting, "")
    return (
        render_template(
            "batches/detail.html",
            area="intake",
            found=found,
            stands=stands,
            points=points,
            strips=[(point, strip(found.spread[point.no], *_limits(found, point.no))) for point in points
                    if point.no in found.spread],
            empty_items=[item for item in found.items if item.record is None],
            done=sum(item.record is not None for item in found.items),
            why=WHY,
            waiting=waiting if may(by, right) else "",
            may_enter=may(by, "readings.enter") and stands == "open",
            wrong=(wrong or [])[:SHOWN],
            wrong_count=len(wrong or []),
            form=form,
        ),
        422 if wrong else form.status,
    )  # fmt: skip


def _limits(found: lists.View, point: int) -> tuple[Any, Any]:
    """The limits of error at a point, from any item that is evaluated."""
    rows = (row for item in found.items for row in item.rows if row["point"] == point)
    row = next(rows, None)
    return (None, None) if row is None else (row.get("low"), row.get("high"))


@pages.get("/<number>/sheet.csv")
def sheet(number: str) -> Response:
    """An empty table for the readings: a line an item, a column a point; it comes back through `table`."""
    session = unit.reading()
    found = lists.view(session, number, viewer())
    out = io.StringIO(newline="")
    lines = csv.writer(out)
    lines.writerow(["serial", *(point.no for point in batches.points_of(session, found.batch))])
    lines.writerows([item.instrument.serial] for item in found.items if item.record is None)
    head = {"Content-Disposition": f"attachment; filename={number}.csv"}
    return Response("\ufeff" + out.getvalue(), mimetype="text/csv", headers=head)


@pages.post("/<number>/readings")
def enter(number: str) -> Any:
    """One item by its serial number, code or request: typed or scanned."""
    require(viewer(), "readings.enter")
    form = Form.sent()
    try:
        found = lists.view(unit.reading(), number, viewer())
        item = _scanned(found, form.text("item"))
        rows = [
            {"point": point.no, "indications": form.value(f"point-{point.no}").split()}
            for point in batches.points_of(unit.reading(), found.batch)
            if form.value(f"point-{point.no}").strip()
        ]
        if not rows:
            raise UnusableValue(field="item", found="—", right=N_("the readings of at least one point"))
        with unit.writing() as work:
            batches.enter(work, number, {item.request.number: rows}, by=viewer(), at=unit.now())
    except REFUSALS as error:
        form.refuse(error)
        return _detail(number, form)
    flash(_("The readings of {serial} are kept.", serial=item.instrument.serial), "good")
    return redirect(url_for("batches.detail", number=number, _anchor="enter"))


def _scanned(found: lists.View, said: str) -> lists.Item:
    for item in found.items:
        if said.strip() in (item.instrument.serial, item.instrument.code, item.request.number):
            return item
    raise UnusableValue(
        field="item", found=said[:80], right=N_("the serial number, code or request of an item of this batch")
    )


@pages.post("/<number>/table")
def table(number: str) -> Any:
    """All readings as one CSV table; a wrong cell refuses all of it and every wrong one is shown."""
    require(viewer(), "readings.enter")
    form = Form.sent()
    try:
        found = lists.view(unit.reading(), number, viewer())
        sent = request.files.get("file")
        content = b"" if sent is None else sent.read()
        if not content:
            raise UnusableValue(field="file", found="—", right=N_("a CSV file"))
        empty = {item.instrument.serial: item.request.number for item in found.items if item.record is None}
        points = [point.no for point in batches.points_of(unit.reading(), found.batch)]
        read, wrong = rules.read_table(content, list(empty), points)
        if wrong:
            return _detail(number, form, wrong)
        with unit.writing() as work:
            rows = {empty[serial]: each for serial, each in read.rows.items()}
            count = batches.enter(work, number, rows, by=viewer(), at=unit.now())
    except REFUSALS as error:
        form.refuse(error)
        return _detail(number, form)
    flash(_("Readings of {n} items are kept.", n=count), "good")
    return redirect(url_for("batches.detail", number=number))


@pages.post("/<number>/<any(submit, verify, issue):step>")
def sign(number: str, step: str) -> Any:
    """One signature for the batch: of the performer, of the verifier, of the approver."""
    form = Form.sent()
    by, at, password = viewer(), unit.now(), form.value("password")
    looked_at = set(request.form.getlist("looked_at"))
    try:
        with unit.writing() as work:
            if step == "submit":
                count = batches.submit(work, number, password, by=by, at=at, settings=unit.settings())
            elif step == "verify":
                count = batches.verify(work, number, password, looked_at=looked_at, by=by, at=at)
            elif step == "issue":
                count = len(
                    batches.issue(work, number, password, looked_at=looked_at, by=by, at=at, settings=unit.settings())
                )
            else:
                abort(404)
    except REFUSALS as error:
        form.refuse_signature(error)
        return _detail(number, form)
    said = {
        "submit": _("{n} records are handed over for verification.", n=count),
        "verify": _("{n} records are verified.", n=count),
        "issue": _("{n} certificates are issued; their documents are being made.", n=count),
    }
    flash(said[step], "good")
    return redirect(url_for("batches.detail", number=number))


@pages.post("/<number>/leave")
def take_out(number: str) -> Any:
    form = Form.sent()
    try:
        with unit.writing() as work:
            batches.take_out(work, number, form.value("request"), form.value("reason"), by=viewer(), at=unit.now())
    except REFUSALS as error:
        form.refuse(error)
        return _detail(number, form)
    flash(_("The item has left the batch and goes on alone."), "good")
    return redirect(url_for("batches.detail", number=number))
