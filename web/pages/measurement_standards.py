"""Measurement standards (计量标准): the one that ends first on top, and the life of each."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for

from lims.domain import states
from lims.domain.errors import UnusableValue
from lims.domain.rights import may
from lims.queries import measurement_standards as lists
from lims.services import measurement_standards
from web import unit
from web.forms import REFUSALS, Form
from web.pages.today import local_day
from web.speech import N_, _
from web.viewer import viewer

pages = Blueprint("measurement_standards", __name__, url_prefix="/measurement-standards")

EVENTS = {
    "entered": N_("entered in the register"),
    "note": N_("note"),
    "in_force": N_("certificate in force"),
    "changed": N_("change to be declared"),
    "re_examination": N_("re-examination"),
    "sealed": N_("sealed"),
    "revoked": N_("revoked"),
    "preparing": N_("being set up"),
    "applied": N_("applied for"),
    "examined": N_("examined"),
}


@pages.get("/")
def index() -> str:
    found = lists.lines(unit.reading(), viewer(), on=local_day())
    return render_template("measurement_standards/index.html", area="standards", found=found)


@pages.get("/<code>")
def detail(code: str) -> Any:
    return _page(code, Form({}))


def _page(code: str, form: Form) -> Any:
    by = viewer()
    found = lists.life(unit.reading(), code, by, on=local_day())
    return (
        render_template(
            "measurement_standards/detail.html",
            area="standards",
            found=found,
            standard=found.standard,
            form=form,
            levels=measurement_standards.LEVELS,
            events=EVENTS,
            ways=states.MEASUREMENT_STANDARD.table[found.standard.state] if may(by, "standards.manage") else (),
            may_note=may(by, "standards.test"),
        ),
        form.status,
    )


@pages.post("/<code>/state")
def move(code: str) -> Any:
    """The next state, with what it wants: a certificate, a reason, an approval."""
    form = Form.sent()
    try:
        with unit.writing() as work:
            measurement_standards.move(
                work,
                code,
                form.value("state"),
                form.value("note"),
                certificate_number=form.value("certificate_number"),
                valid_from=_day(form, "valid_from"),
                valid_to=_day(form, "valid_to"),
                approval=form.value("approval"),
                by=viewer(),
                at=unit.now(),
            )
    except REFUSALS as error:
        form.refuse(error)
        return _page(code, form)
    flash(_("The state of the measurement standard has been changed."), "good")
    return redirect(url_for("measurement_standards.detail", code=code))


@pages.post("/<code>/notes")
def note(code: str) -> Any:
    form = Form.sent()
    try:
        with unit.writing() as work:
            measurement_standards.note(work, code, form.value("text"), by=viewer(), at=unit.now())
    except REFUSALS as error:
        form.refuse(error)
        return _page(code, form)
    return redirect(url_for("measurement_standards.detail", code=code))


def _day(form: Form, name: str) -> date | None:
    if not form.value(name).strip():
        return None
    try:
        return date.fromisoformat(form.value(name).strip())
    except ValueError:
        raise UnusableValue(field=name, found=form.value(name), right=N_("a day such as 2026-11-23")) from None
