"""Measurement standards (计量标准): the one that ends first on top, and the life of each."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, url_for

from lims import __version__
from lims.documents import standard_file
from lims.domain import measurement_standards as rules
from lims.domain import states
from lims.domain.errors import UnusableValue
from lims.domain.rights import may, require
from lims.queries import measurement_standards as lists
from lims.queries import standard_file as files
from lims.services import measurement_standards
from web import unit
from web.forms import REFUSALS, Form, decimal_of
from web.pages.today import local_day
from web.speech import N_, _, language
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
    "tested": N_("tested"),
    "planned": N_("plan of tests changed"),
}
FIGURES = {
    "repeatability": ("s",),
    "stability": ("U", "mpe"),
    "intermediate_check": ("reference", "limit"),
    "capability": (),
}
"""What the plan of a kind of test holds beside its months."""
FIGURE_WORDS = {
    "months": N_("Months between two tests"),
    "s": N_("s of the approved evaluation"),
    "U": N_("U (k = 2)"),
    "mpe": N_("Maximum permissible error"),
    "reference": N_("Reference value"),
    "limit": N_("Largest change allowed"),
    "U_reference": N_("U of the reference value"),
}
GIVEN = ("U", "reference", "U_reference")
"""What a comparison with a higher standard needs beside the readings."""


@pages.get("/")
def index() -> str:
    found = lists.lines(unit.reading(), viewer(), on=local_day())
    return render_template("measurement_standards/index.html", area="standards", found=found)


@pages.get("/<code>")
def detail(code: str) -> Any:
    return _page(code, Form({}))


def _page(code: str, form: Form) -> Any:
    by = viewer()
    found = files.file(unit.reading(), code, by, on=local_day())
    standard = found.life.standard
    form.defaults = {"on_day": local_day().isoformat(), "version": standard.version} | dict(form.defaults)
    return (
        render_template(
            "measurement_standards/detail.html",
            area="standards",
            found=found.life,
            file=found,
            standard=standard,
            form=form,
            levels=measurement_standards.LEVELS,
            events=EVENTS,
            tests=[(kind, _(word), found.tests(kind)) for kind, word in rules.TESTS.items()],
            charts={kind: standard_file.chart(kind, found.tests(kind), language()) for kind in rules.TESTS},
            figures=FIGURES,
            given=GIVEN,
            figure_words=FIGURE_WORDS,
            today=local_day(),
            ways=states.MEASUREMENT_STANDARD.table[standard.state] if may(by, "standards.manage") else (),
            may_plan=may(by, "standards.manage"),
            may_note=may(by, "standards.test"),
        ),
        form.status,
    )


@pages.get("/<code>/file.pdf")
def file(code: str) -> Response:
    """The file of the standard as it stands now."""
    found = files.file(unit.reading(), code, viewer(), on=local_day())
    made = standard_file.as_pdf(found, at=unit.now(), software=f"Suyuan {__version__}")
    head = {"Content-Disposition": f'inline; filename="{found.life.standard.code}.pdf"'}
    return Response(made, mimetype="application/pdf", headers=head)


@pages.post("/<code>/tests")
def test(code: str) -> Any:
    """Readings typed or pasted, judged at once."""
    require(viewer(), "standards.test")
    form = Form.sent()
    try:
        kind = form.value("kind")
        readings = [
            float(decimal_of(word, "readings")) for word in re.split(r"[\s,;，；]+", form.value("readings")) if word
        ]
        wanted = GIVEN if kind == "capability" else ()
        with unit.writing() as work:
            made = measurement_standards.add_test(
                work,
                code,
                kind,
                _day(form, "on_day") or local_day(),
                readings,
                conditions={"text": form.value("conditions").strip()[:1000]},
                given={name: float(form.decimal(name)) for name in wanted},
                by=viewer(),
                at=unit.now(),
            ).ok
    except REFUSALS as error:
        form.refuse(error)
        return _page(code, form)
    if made is False:
        flash(
            _("The test is kept. It does not meet its criterion: stop using the standard and open a case."), "attention"
        )
    else:
        flash(_("The test is kept."), "good")
    return redirect(url_for("measurement_standards.detail", code=code, _anchor=kind))


@pages.post("/<code>/plan")
def plan(code: str) -> Any:
    """What the tests of a kind are held to, and how often."""
    require(viewer(), "standards.manage")
    form = Form.sent()
    try:
        kind = form.value("kind")
        named = [name for name in ("months", *FIGURES.get(kind, ())) if form.value(name).strip()]
        with unit.writing() as work:
            measurement_standards.plan(
                work,
                code,
                kind,
                {name: float(form.decimal(name)) for name in named},
                version=form.whole("version"),
                by=viewer(),
                at=unit.now(),
            )
    except REFUSALS as error:
        form.refuse(error)
        return _page(code, form)
    flash(_("The plan has been changed."), "good")
    return redirect(url_for("measurement_standards.detail", code=code, _anchor=kind))


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
