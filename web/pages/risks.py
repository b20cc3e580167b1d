"""The register of risks with its matrix, and the days of review."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from lims.domain import quality, states
from lims.domain.errors import UnusableValue
from lims.domain.rights import may, require
from lims.queries import risks as lists
from lims.services import risks
from web import unit
from web.forms import REFUSALS, Form
from web.pages.cases import day_of, place
from web.pages.today import local_day
from web.speech import N_, _
from web.viewer import viewer

pages = Blueprint("risks", __name__, url_prefix="/risks")
LEVELS = {
    "low": (N_("low risk"), "good", "done"),
    "medium": (N_("medium risk"), "attention", "diamond"),
    "high": (N_("high risk"), "bad", "cross"),
}
"""Level → word, colour, shape."""


@pages.get("/")
def index() -> Any:
    return _index(Form(None, {"likelihood": 3, "consequence": 3}))


def _index(form: Form) -> Any:
    by, session = viewer(), unit.reading()
    after, closed = place(request.args.get("after", "")), request.args.get("closed") == "1"
    found = lists.page(session, by, closed=closed, after=after)
    shown = found[: lists.PAGE]
    here = f"{shown[-1].review_on or lists.NO_DAY}_{shown[-1].id}" if shown else None
    keep: dict[str, Any] = {"closed": 1 if closed else None}
    return (
        render_template(
            "risks/index.html",
            area="quality",
            lines=shown,
            closed=closed,
            matrix=lists.matrix(session, by),
            level=quality.level,
            levels=LEVELS,
            today=local_day(),
            form=form,
            manage=may(by, "quality.manage"),
            page={
                "next": url_for("risks.index", after=here, **keep) if len(found) > lists.PAGE else None,
                "previous": url_for("risks.index", **keep) if after else None,
            },
        ),
        form.status,
    )


@pages.post("/")
def new() -> Any:
    """A risk for the register."""
    by = viewer()
    require(by, "quality.manage")
    form = Form.sent()
    try:
        ratings = form.whole("likelihood"), form.whole("consequence")
        with unit.writing() as work:
            risks.enter(
                work,
                form.value("title"),
                form.value("concerns"),
                *ratings,
                review_on=day_of(form, "review_on"),
                by=by,
                at=unit.now(),
            )
    except REFUSALS as error:
        form.refuse(error)
        return _index(form)
    flash(_("The risk is in the register."), "good")
    return redirect(url_for("risks.index"))


@pages.get("/<int:key>")
def detail(key: int) -> Any:
    return _page(key, None)


def _page(key: int, form: Form | None) -> Any:
    by = viewer()
    risk = lists.by_id(unit.reading(), key, by)
    defaults = {name: getattr(risk, name) for name in ("state", "likelihood", "consequence", "treatment", "review_on")}
    shown = form or Form(None, defaults)
    return (
        render_template(
            "risks/detail.html",
            area="quality",
            risk=risk,
            form=shown,
            level=LEVELS[quality.level(risk.likelihood, risk.consequence)],
            offered=[risk.state, *states.RISK.table[risk.state]],
            manage=may(by, "quality.manage") and risk.state != "closed",
            today=local_day(),
        ),
        shown.status,
    )


@pages.post("/<int:key>")
def change(key: int) -> Any:
    """Judged again."""
    by = viewer()
    require(by, "quality.manage")
    form = Form.sent()
    try:
        if form.value("state") not in states.RISK.table:
            raise UnusableValue(field="state", found=form.value("state") or "—", right=", ".join(states.RISK.table))
        ratings = form.whole("likelihood"), form.whole("consequence")
        with unit.writing() as work:
            risks.change(
                work,
                key,
                form.value("state"),
                *ratings,
                form.value("treatment"),
                review_on=day_of(form, "review_on"),
                version=form.whole("version"),
                by=by,
                at=unit.now(),
            )
    except REFUSALS as error:
        form.refuse(error)
        return _page(key, form)
    flash(_("The risk is judged again."), "good")
    return redirect(url_for("risks.detail", key=key))
