"""The register of compulsory verification: what is overdue and due first."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from lims.domain import orders as words
from lims.domain import states
from lims.domain.rights import may, require
from lims.queries import compulsory as lists
from lims.services import compulsory
from web import unit
from web.forms import REFUSALS, Form
from web.pages.today import local_day
from web.speech import N_, _
from web.viewer import viewer

pages = Blueprint("compulsory", __name__, url_prefix="/compulsory")

WAYS = {
    "overdue": N_("overdue"),
    "due": N_("due within 60 days"),
    "waiting": N_("waiting for the verification"),
    "failed": N_("failed"),
}


@pages.get("/")
def index() -> str:
    asked: dict[str, Any] = {name: request.args.get(name, "") for name in ("q", "way")}
    found = lists.page(
        unit.reading(),
        viewer(),
        on=local_day(),
        text=asked["q"],
        way=asked["way"],
        after=request.args.get("after", ""),
    )
    return render_template(
        "compulsory/index.html",
        area="intake",
        found=found,
        asked=asked,
        ways=WAYS,
        counts=lists.counts(unit.reading(), viewer(), on=local_day()),
        uses=words.USES,
        manage=may(viewer(), "compulsory.manage"),
        next=None if found.after is None else url_for("compulsory.index", **asked, after=found.after),
    )


@pages.route("/new", methods=("GET", "POST"))
def new() -> Any:
    """File an instrument of the ledger, by its code from the label or the scanner."""
    by = viewer()
    require(by, "compulsory.manage")
    form = Form.sent(code=request.args.get("code", ""), use="trade")
    if request.method == "POST":
        try:
            with unit.writing() as work:
                number = compulsory.file(
                    work,
                    form.text("code"),
                    form.value("use"),
                    place=form.value("place"),
                    authority=form.value("authority"),
                    by=by,
                    at=unit.now(),
                ).number
        except REFUSALS as error:
            form.refuse(error)
        else:
            flash(_("Filed as {number}.", number=number), "good")
            return redirect(url_for("compulsory.detail", number=number))
    return render_template("compulsory/new.html", area="intake", form=form, uses=words.USES), form.status


@pages.get("/<number>")
def detail(number: str) -> Any:
    return _detail(number, Form({}))


def _detail(number: str, form: Form) -> Any:
    line = lists.entry(unit.reading(), number, viewer(), on=local_day())
    return (
        render_template(
            "compulsory/detail.html",
            area="intake",
            line=line,
            form=form,
            uses=words.USES,
            ways=[way for way in ("applied", "deregistered") if states.COMPULSORY.allows(line.entry.state, way)]
            if may(viewer(), "compulsory.manage")
            else [],
        ),
        form.status,
    )


@pages.post("/<number>/<any(applied, deregistered):step>")
def move(number: str, step: str) -> Any:
    form = Form.sent()
    try:
        with unit.writing() as work:
            if step == "applied":
                compulsory.apply(work, number, by=viewer(), at=unit.now())
            elif step == "deregistered":
                compulsory.deregister(work, number, form.value("reason"), by=viewer(), at=unit.now())
            else:
                abort(404)
    except REFUSALS as error:
        form.refuse(error)
        return _detail(number, form)
    flash(_("The entry has been changed."), "good")
    return redirect(url_for("compulsory.detail", number=number))
