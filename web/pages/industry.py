"""The industry metrology centre: chains, nodes, key parameters, and what cannot be measured yet (Article 9)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from lims.domain import industry as kinds
from lims.domain.rights import may, require
from lims.queries import industry as boards
from lims.services import industry
from web import unit
from web.errors import KNOWN
from web.forms import Form
from web.pages.today import local_day
from web.speech import N_, _
from web.viewer import viewer

pages = Blueprint("industry", __name__, url_prefix="/industry")

STAGES = {
    "design": N_("design"),
    "production": N_("production"),
    "delivery": N_("delivery"),
    "operation": N_("operation"),
    "service": N_("after-sales service"),
}


@pages.get("/")
def index() -> str:
    """The map and the list of gaps, computed from the scope in force today."""
    by = viewer()
    chains = boards.board(unit.reading(), by, local_day())
    return render_template(
        "industry/index.html",
        area="industry",
        chains=chains,
        kinds=kinds.KINDS,
        stages=STAGES,
        manage=may(by, "industry.manage"),
    )


@pages.route("/new", methods=("GET", "POST"))
def new() -> Any:
    """A key parameter of a chain, typed by the centre."""
    by = viewer()
    require(by, "industry.manage")
    form = Form.sent(
        position="1", ratio="3", stage="production", **{k: request.args.get(k, "") for k in ("chain", "node")}
    )
    if request.method == "POST":
        try:
            with unit.writing() as work:
                industry.add(work, **_entered(form), by=by, at=unit.now())
        except KNOWN as error:
            form.refuse(error)
            if form.place is None and "unit" in str(getattr(error, "code", "")):
                form.place = "unit"
        else:
            flash(_("The parameter is on the map."), "good")
            return redirect(url_for("industry.index"))
    return render_template("industry/new.html", area="industry", form=form, stages=STAGES), form.status


def _entered(form: Form) -> dict[str, Any]:
    def both(name: str) -> dict[str, str]:
        text = form.text(name)
        return {"zh": text, "en": form.value(f"{name}_en").strip() or text}

    return {
        "chain": both("chain"),
        "node": both("node"),
        "position": form.whole("position"),
        "product": both("product"),
        "stage": form.value("stage"),
        "parameter": both("parameter"),
        "measurand": form.text("measurand"),
        "unit": form.text("unit"),
        "low": float(form.decimal("low")),
        "high": float(form.decimal("high")),
        "required": float(form.decimal("required")),
        "ratio": float(form.decimal("ratio", "1")),
        "note": form.value("note").strip(),
    }


@pages.post("/<int:row>/withdrawal")
def withdraw(row: int) -> Any:
    with unit.writing() as work:
        industry.withdraw(work, row, request.form.get("reason", ""), by=viewer(), at=unit.now())
    flash(_("The parameter is taken off the map."), "good")
    return redirect(url_for("industry.index"))
