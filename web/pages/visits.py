"""Work at customers': planned, begun, ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from lims.domain.errors import UnusableValue
from lims.domain.rights import may, require
from lims.queries import visits as lists
from lims.services import visits
from web import order_form, unit
from web.forms import REFUSALS, Form
from web.pages.orders import after
from web.speech import N_, _
from web.viewer import viewer

pages = Blueprint("visits", __name__, url_prefix="/visits")


@pages.get("/")
def index() -> Any:
    return _index(Form())


def _index(form: Form) -> Any:
    by = viewer()
    found = lists.page(unit.reading(), by, after=after())
    further = None if found.after is None else url_for("visits.index", after=found.after)
    return (
        render_template(
            "visits/index.html",
            area="intake",
            found=found,
            form=form,
            next=further,
            may_plan=may(by, "items.assign"),
            may_go=may(by, "items.handle"),
        ),
        form.status,
    )


@pages.route("/new", methods=("GET", "POST"))
def new() -> Any:
    by = viewer()
    require(by, "items.assign")
    form = Form.sent(work_order=request.args.get("work_order", "")[:40])
    if request.method == "POST":
        try:
            _plan(form)
        except REFUSALS as error:
            form.refuse(error)
        else:
            flash(_("The visit is planned."), "good")
            return redirect(url_for("visits.index"))
    chosen = {name: request.form.getlist(name) for name in ("people", "equipment")}
    found = lists.choices(unit.reading(), by)
    return render_template("visits/new.html", area="intake", form=form, found=found, chosen=chosen), form.status


def _plan(form: Form) -> None:
    days = {}
    for name in ("from_day", "to_day"):
        day = order_form.optional_day(form, name)
        if day is None:
            raise UnusableValue(field=name, found="—", right=N_("a day such as 2026-11-23"))
        days[name] = day
    with unit.writing() as work:
        visits.plan(
            work,
            form.text("work_order"),
            site=form.value("site"),
            **days,
            people=[int(each) for each in request.form.getlist("people") if each.isdecimal() and len(each) < 10],
            equipment=request.form.getlist("equipment")[:50],
            note=form.value("note"),
            by=viewer(),
            at=unit.now(),
        )


@pages.post("/<int:visit_id>")
def act(visit_id: int) -> Any:
    """The people are there, or the work there is done."""
    form = Form.sent()
    return _done(form, lambda work: _act(work, visit_id, form))


def _act(work: Session, visit_id: int, form: Form) -> None:
    if form.value("do") == "begin":
        visits.begin(work, visit_id, by=viewer(), at=unit.now())
    else:
        visits.end(work, visit_id, form.value("said"), by=viewer(), at=unit.now())


@pages.post("/<int:visit_id>/cancel")
def cancel(visit_id: int) -> Any:
    form = Form.sent()
    return _done(form, lambda work: visits.cancel(work, visit_id, form.value("said"), by=viewer(), at=unit.now()))


def _done(form: Form, act: Callable[[Session], object]) -> Any:
    try:
        with unit.writing() as work:
            act(work)
    except REFUSALS as error:
        form.refuse(error)
        return _index(form)
    return redirect(url_for("visits.index"))
