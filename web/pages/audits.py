"""Internal audits: planned by clauses, a sample drawn with its seed, findings, a report to print."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from lims.domain import quality
from lims.domain.rights import may, require
from lims.queries import cases as case_lists
from lims.queries import internal_audits as lists
from lims.services import internal_audits
from web import unit
from web.forms import REFUSALS, Form
from web.pages.cases import needed_day, place
from web.pages.today import local_day
from web.speech import _
from web.viewer import viewer

pages = Blueprint("audits", __name__, url_prefix="/audits")


@pages.get("/")
def index() -> str:
    by, before = viewer(), place(request.args.get("before", ""))
    found = lists.page(unit.reading(), by, before=before)
    shown = found[: lists.PAGE]
    here = f"{shown[-1].planned}_{shown[-1].id}" if shown else None
    return render_template(
        "audits/index.html",
        area="quality",
        lines=shown,
        today=local_day(),
        manage=may(by, "quality.manage"),
        page={
            "next": url_for("audits.index", before=here) if len(found) > lists.PAGE else None,
            "previous": url_for("audits.index") if before else None,
        },
    )


@pages.route("/new", methods=("GET", "POST"))
def new() -> Any:
    """An audit for the plan."""
    by = viewer()
    require(by, "quality.manage")
    form = Form.sent(planned=local_day().isoformat(), lead=by.username)
    chosen = request.form.getlist("clauses")
    if request.method == "POST":
        try:
            with unit.writing() as work:
                number = internal_audits.plan(
                    work,
                    form.text("title"),
                    chosen,
                    needed_day(form, "planned"),
                    form.value("lead"),
                    by=by,
                    at=unit.now(),
                ).number
        except REFUSALS as error:
            form.refuse(error)
        else:
            flash(_("{number} is planned.", number=number), "good")
            return redirect(url_for("audits.detail", number=number))
    staff = case_lists.staff(unit.reading(), by)
    return (
        render_template("audits/new.html", area="quality", form=form, words=quality, chosen=chosen, staff=staff),
        form.status,
    )


@pages.get("/<number>")
def detail(number: str) -> Any:
    return _page(number, Form({}))


def _page(number: str, form: Form) -> Any:
    by = viewer()
    found = lists.detail(unit.reading(), number, by)
    today = local_day()
    if not form.entered:
        days = {"from_day": today.replace(month=1, day=1).isoformat(), "to_day": today.isoformat()}
        form = Form(None, {**days, "certificate": 5, "record": 5, "authorisation": 2})
    objects = found.audit.sample.get("objects", [])
    return (
        render_template(
            "audits/detail.html",
            area="quality",
            found=found,
            audit=found.audit,
            objects=objects,
            left=sum(not each["finding"] for each in objects),
            form=form,
            words=quality,
            manage=may(by, "quality.manage"),
        ),
        form.status,
    )


@pages.post("/<number>/sample")
def draw(number: str) -> Any:
    """The sample is drawn; a seed is thrown where none was typed."""
    require(viewer(), "quality.manage")

    def act(form: Form) -> None:
        typed = form.value("seed").strip()
        seed = form.whole("seed") if typed else secrets.randbelow(internal_audits.LARGEST_SEED)
        days = {"from_day": needed_day(form, "from_day"), "to_day": needed_day(form, "to_day")}
        sizes = {kind: form.whole(kind) for kind in quality.SAMPLED}
        with unit.writing() as work:
            internal_audits.draw(work, number, sizes, **days, seed=seed, by=viewer(), at=unit.now())

    return _done(number, act, _("The sample is drawn."))


@pages.post("/<number>/findings")
def finding(number: str) -> Any:
    """What was found at one object."""
    require(viewer(), "quality.manage")

    def act(form: Form) -> None:
        named = (form.value("finding"), form.value("note"), form.value("clause"))
        with unit.writing() as work:
            internal_audits.note_finding(work, number, form.whole("index"), *named, by=viewer(), at=unit.now())

    return _done(number, act, _("The finding is kept."))


@pages.post("/<number>/report")
def report(number: str) -> Any:
    require(viewer(), "quality.manage")

    def act(form: Form) -> None:
        with unit.writing() as work:
            internal_audits.report(work, number, form.value("report"), by=viewer(), at=unit.now())

    return _done(number, act, _("The report is kept."))


@pages.post("/<number>/end")
def close(number: str) -> Any:
    require(viewer(), "quality.manage")

    def act(_form: Form) -> None:
        with unit.writing() as work:
            internal_audits.close(work, number, by=viewer(), at=unit.now())

    return _done(number, act, _("The audit is closed."))


@pages.post("/<number>/cancel")
def cancel(number: str) -> Any:
    require(viewer(), "quality.manage")

    def act(form: Form) -> None:
        with unit.writing() as work:
            internal_audits.cancel(work, number, form.value("reason"), by=viewer(), at=unit.now())

    return _done(number, act, _("The audit is cancelled."))


def _done(number: str, act: Callable[[Form], None], said: str) -> Any:
    form = Form.sent()
    try:
        act(form)
    except REFUSALS as error:
        form.refuse(error)
        return _page(number, form)
    flash(said, "good")
    return redirect(url_for("audits.detail", number=number))
