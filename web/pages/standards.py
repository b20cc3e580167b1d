"""Standards of the laboratory and their calibrations, which can be entered by hand from a paper certificate."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from lims.domain.errors import UnusableValue
from lims.domain.rights import may, require
from lims.queries import details, worklists
from lims.services import connections, standards
from web import unit
from web.forms import REFUSALS, Form
from web.pages.today import local_day
from web.speech import N_, _
from web.viewer import viewer

pages = Blueprint("standards", __name__, url_prefix="/standards")


@pages.get("/")
def index() -> str:
    return render_template(
        "standards/index.html",
        area="standards",
        lines=worklists.standards(unit.reading(), viewer(), on=local_day()),
        may_manage=may(viewer(), "standards.manage"),
        today=local_day(),
    )


@pages.route("/new", methods=("GET", "POST"))
def new() -> Any:
    """A standard or monitor of the laboratory, or one above them in a chain."""
    by = viewer()
    require(by, "standards.manage")
    form = Form.sent(kind="standard")
    if request.method == "POST":
        try:
            with unit.writing() as work:
                code = standards.register(work, **_described(form), by=by, at=unit.now()).code
        except REFUSALS as error:
            form.refuse(error)
        else:
            flash(_("{code} is registered; now enter its certificate.", code=code), "good")
            return redirect(url_for("standards.detail", code=code))
    return render_template("standards/new.html", area="standards", form=form, kinds=KINDS, roles=ROLES), form.status


KINDS = {"standard": N_("Standard"), "monitor": N_("Monitor of the environment")}
ROLES = {
    "": N_("none: it stands above another in a chain"),
    "source": N_("source (calibrator)"),
    "ambient": N_("monitor of the room"),
}
"""What it plays on the bench."""


def _described(form: Form) -> dict[str, Any]:
    zh = form.value("description").strip()
    return {
        "description": {"zh": zh, "en": form.value("description_en").strip() or zh},
        "maker": form.value("maker").strip(),
        "model": form.value("model").strip(),
        "serial": form.value("serial").strip(),
        "kind": form.value("kind"),
        "role": form.value("role") or None,
    }


@pages.get("/<code>")
def detail(code: str) -> Any:
    return _detail(code, None)


def _detail(code: str, form: Form | None, answer: connections.Answer | None = None) -> Any:
    by = viewer()
    found = details.standard_detail(unit.reading(), code, by)
    known = {name: getattr(found.instrument, name) or "" for name in ("resource", "driver", "version")}
    shown = form or Form(None, known)
    page = render_template(
        "standards/detail.html",
        area="standards",
        found=found,
        today=local_day(),
        may_add=may(by, "calibrations.add"),
        may_manage=may(by, "standards.manage"),
        form=shown,
        drivers=connections.drivers(),
        answer=answer,
    )
    return page, shown.status


@pages.post("/<code>/connection")
def connect(code: str) -> Any:
    """Where it is connected, and which driver speaks to it."""
    by, form = viewer(), Form.sent()
    require(by, "standards.manage")
    try:
        with unit.writing() as work:
            named = (form.value("resource"), form.value("driver"))
            connections.connect(work, code, *named, version=form.whole("version"), by=by, at=unit.now())
    except REFUSALS as error:
        form.refuse(error)
        return _detail(code, form)
    flash(_("The connection is kept."), "good")
    return redirect(url_for("standards.detail", code=code))


@pages.post("/<code>/ask")
def ask(code: str) -> Any:
    """Who answers where it is connected."""
    by, form = viewer(), Form(None, {})
    require(by, "standards.manage")
    try:
        answer = connections.ask(unit.reading(), code, by=by, settings=unit.settings())
    except REFUSALS as error:
        form.refuse(error)
        return _detail(code, form)
    return _detail(code, None, answer)


@pages.route("/<code>/calibrations/new", methods=("GET", "POST"))
def add(code: str) -> Any:
    """A certificate typed from paper: one line a point, as the certificate prints them."""
    by = viewer()
    require(by, "calibrations.add")
    session = unit.reading()
    found = details.standard_detail(session, code, by)
    form = Form.sent(route_class="a", correlation="unknown", function="DCV", unit="V")
    if request.method == "POST":
        try:
            with unit.writing() as work:
                standards.add_calibration(work, code, **_entered(form), by=by, at=unit.now(), source="manual")
        except REFUSALS as error:
            form.refuse(error)
        else:
            flash(
                _("Certificate {number} is the current calibration now.", number=form.value("certificate_number")),
                "good",
            )
            return redirect(url_for("standards.detail", code=code))
    return (
        render_template(
            "standards/add.html",
            area="standards",
            found=found,
            form=form,
            routes=standards.ROUTE_CLASSES,
            upstream=details.upstream_choices(session),
        ),
        form.status,
    )


def _entered(form: Form) -> dict[str, Any]:
    issuer = form.text("issuer")
    drift = {
        name: str(form.decimal(f"drift_{name}"))
        for name in ("relative", "absolute")
        if form.value(f"drift_{name}").strip()
    }
    above = form.value("upstream")
    issued = _day(form, "issued")
    return {
        "certificate_number": form.text("certificate_number"),
        "issuer": {"zh": issuer, "en": form.value("issuer_en").strip() or issuer},
        "issued": issued,
        "valid_from": _day(form, "valid_from") if form.value("valid_from") else issued,
        "valid_to": _day(form, "valid_to"),
        "route_class": form.value("route_class"),
        "functions": [
            {
                "function": form.text("function"),
                "unit": form.text("unit"),
                "drift_per_year": drift,
                "ranges": _ranges(form.text("points")),
            }
        ],
        "upstream": [{"version_id": int(above)}] if above.isascii() and above.isdigit() else [],
        "correlation": {"kind": form.value("correlation")},
    }


def _day(form: Form, name: str) -> date:
    try:
        return date.fromisoformat(form.value(name).strip())
    except ValueError:
        raise UnusableValue(field=name, found=form.value(name) or "—", right=N_("a day such as 2026-11-23")) from None


def _ranges(text: str) -> list[dict[str, Any]]:
    """Lines of `range; upper end; point; correction; U; k` gathered by range."""
    ranges: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.replace("；", ";").replace("\t", ";").split(";")]
        if not any(cells):
            continue
        if len(cells) not in (6, 7):
            raise UnusableValue(
                field="points", found=line.strip(), right=N_("range; upper end; point; correction; U; k")
            )
        name, upper, at, correction, U, k, *dof = cells
        point = {"at": at, "correction": correction, "U": U, "k": k, "dof": dof[0] if dof and dof[0] else None}
        ranges.setdefault((name, upper), []).append(point)
    return [{"range": name, "upper": upper, "points": points} for (name, upper), points in ranges.items()]
