"""The laboratory's scope: what it can measure, with what U; searched by anybody signed in, kept by the keeper."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from lims.domain import cmc
from lims.domain.errors import UnusableValue
from lims.domain.rights import may, require
from lims.queries import scope as scopes
from lims.services import scope
from web import unit
from web.errors import KNOWN
from web.forms import REFUSALS, Form, decimal_of
from web.pages.today import local_day
from web.speech import N_, _
from web.viewer import viewer

pages = Blueprint("scope", __name__, url_prefix="/scope")


@pages.get("/")
def index() -> Any:
    """The scope, and a search: a measurand, a span of values, the smallest U that is published for it."""
    by = viewer()
    session = unit.reading()
    manage = may(by, "scope.manage")
    lines = [(line, scopes.entry_of(line)) for line in scopes.lines(session, by, all_states=manage)]
    form = Form({name: request.args.get(name, "") for name in ("measurand", "low", "high", "unit")})
    answer = None
    if form.value("low").strip():
        try:
            answer = _searched(form)
        except KNOWN as error:
            form.refuse(error)
    return (
        render_template(
            "scope/index.html",
            area="scope",
            lines=lines,
            form=form,
            answer=answer,
            measurands=sorted({line.measurand for line, _entry in lines}),
            manage=manage,
            spoken=spoken,
        ),
        form.status,
    )


def _searched(form: Form) -> cmc.Answer:
    low = float(form.decimal("low"))
    high = float(form.decimal("high")) if form.value("high").strip() else low
    if high < low:
        raise UnusableValue(field="high", found=form.value("high"), right=N_("not below the lower end"))
    return scopes.search(unit.reading(), viewer(), form.text("measurand"), low, high, form.text("unit"), local_day())


def spoken(row: cmc.Row, symbol: str) -> str:
    """U of a row as people write it."""
    function, part = row.function, " × |x|" if row.relative else ""
    match function["kind"]:
        case "value":
            return f"{function['U']:g}{part or ' ' + symbol}"
        case "interpolation":
            ends = function["points"]
            return f"{ends[0][1]:g} … {ends[-1][1]:g}{part or ' ' + symbol}"
        case "formula":
            return f"{function['expression']}{part or ' (' + symbol + ')'}"
        case _:
            cells = [float(cell) for line in function["U"] for cell in line]
            return f"{min(cells):g} … {max(cells):g}{part or ' ' + symbol}"


@pages.route("/new", methods=("GET", "POST"))
def new() -> Any:
    """A line of the scope: proposed and published in one step by who keeps it."""
    by = viewer()
    require(by, "scope.manage")
    form = Form.sent(unit="V", measurand="DCV", valid_from=local_day().isoformat())
    if request.method == "POST":
        try:
            with unit.writing() as work:
                line = scope.propose(work, _entered(form), **_times(form), by=by, at=unit.now())
                scope.recognise(work, line.code, line.version, by=by, at=unit.now())
                code = line.code
        except REFUSALS as error:
            form.refuse(error)
            if form.place is None and str(getattr(error, "facts", {}).get("field", "")).startswith("rows"):
                form.place = "rows"
        else:
            flash(_("{code} is published.", code=code), "good")
            return redirect(url_for("scope.index"))
    return render_template("scope/new.html", area="scope", form=form), form.status


def _times(form: Form) -> dict[str, Any]:
    times: dict[str, Any] = {"accreditation": form.value("accreditation").strip()}
    for name in ("valid_from", "valid_to"):
        if form.value(name).strip():
            try:
                times[name] = date.fromisoformat(form.value(name).strip())
            except ValueError as error:
                right = N_("a day such as 2026-11-23")
                raise UnusableValue(field=name, found=form.value(name), right=right) from error
    return times


def _entered(form: Form) -> dict[str, Any]:
    instrument = form.text("instrument")
    return {
        "code": form.text("code"),
        "measurand": form.text("measurand"),
        "instrument": {"zh": instrument, "en": form.value("instrument_en").strip() or instrument},
        "method": form.value("method").strip(),
        "unit": form.text("unit"),
        "rows": [_row(line) for line in form.text("rows").splitlines() if line.strip()],
    }


def _row(line: str) -> dict[str, Any]:
    """`low; high; U` where U is a number, a part of the value (2e-6 rel), or a formula of x."""
    cells = [cell.strip() for cell in line.replace("；", ";").split(";")]
    if len(cells) != 3:
        raise UnusableValue(field="rows", found=line.strip(), right=N_("low; high; U"))
    ends = [float(decimal_of(cell, "rows")) for cell in cells[:2]]
    stated = cells[2]
    if stated.endswith("rel"):
        return {"range": ends, "U": float(decimal_of(stated.removesuffix("rel"), "rows")), "relative": True}
    if "x" in stated:
        return {"range": ends, "U": {"kind": "formula", "expression": stated}}
    return {"range": ends, "U": float(decimal_of(stated, "rows"))}


@pages.post("/<code>/<int:version>/withdrawal")
def withdraw(code: str, version: int) -> Any:
    with unit.writing() as work:
        scope.withdraw(work, code, version, request.form.get("reason", ""), by=viewer(), at=unit.now())
    flash(_("{code} is withdrawn from the scope.", code=code), "good")
    return redirect(url_for("scope.index"))
