"""Other laboratories that work may be given to."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for

from lims.domain import states
from lims.domain.rights import may, require
from lims.queries import providers as lists
from lims.services import providers
from web import order_form, unit
from web.forms import REFUSALS, Form
from web.pages.today import local_day
from web.speech import _
from web.viewer import viewer

pages = Blueprint("providers", __name__, url_prefix="/providers")


@pages.get("/")
def index() -> Any:
    return _page(Form())


def _page(form: Form) -> Any:
    by = viewer()
    return (
        render_template(
            "providers/index.html",
            area="standards",
            lines=lists.all_of(unit.reading(), by),
            form=form,
            manage=may(by, "providers.manage"),
            machine=states.PROVIDER,
            today=local_day(),
            me=by.person_id,
        ),
        form.status,
    )


@pages.post("/")
def propose() -> Any:
    require(viewer(), "providers.manage")
    form = Form.sent()
    try:
        zh = form.text("name")
        with unit.writing() as work:
            providers.propose(
                work,
                name={"zh": zh, "en": form.value("name_en")},
                accreditation=form.value("accreditation"),
                scope=form.value("scope").replace("，", ",").replace("、", ",").split(","),
                valid_to=order_form.optional_day(form, "valid_to"),
                note=form.value("note"),
                by=viewer(),
                at=unit.now(),
            )
    except REFUSALS as error:
        form.refuse(error)
        return _page(form)
    flash(_("{name} is proposed; another person approves it.", name=zh), "good")
    return redirect(url_for("providers.index"))


@pages.post("/<int:provider_id>/state")
def move(provider_id: int) -> Any:
    require(viewer(), "providers.manage")
    form = Form.sent()
    try:
        with unit.writing() as work:
            version, to, reason = form.whole("version"), form.value("to"), form.value("reason")
            providers.move(work, provider_id, to, reason, version=version, by=viewer(), at=unit.now())
    except REFUSALS as error:
        form.refuse(error)
        form.entered = {}  # the sentence stands above the list: each provider has a field of this name
        return _page(form)
    return redirect(url_for("providers.index"))
