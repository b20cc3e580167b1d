"""Standards of the laboratory and their calibrations, which can be entered by hand from a paper certificate."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from lims.domain.errors import UnusableValue
from lims.domain.rights import may, require
from lims.queries import details, worklists
from lims.services import standards
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
        today=local_day(),
    )


@pages.get("/<code>")
def detail(code: str) -> Any:
    by = viewer()
    found = details.standard_detail(unit.reading(), code, by)
    return render_template(
        "standards/detail.html",
        area="standards",
        found=found,
        today=local_day(),
        may_add=may(by, "calibrations.add"),
    )


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
