"""Proficiency tests and comparisons: the plan of a year against what was done, each round, En over the years."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for

from lims.domain import proficiency as scoring
from lims.domain.errors import UnusableValue
from lims.domain.rights import may, require
from lims.queries import proficiency as lists
from lims.records import ProficiencyTest
from lims.services import proficiency
from web import control_figures, unit
from web.forms import REFUSALS, Form
from web.pages.today import local_day
from web.speech import N_, _
from web.viewer import viewer

pages = Blueprint("proficiency", __name__, url_prefix="/proficiency")
LOOKS = {
    "satisfactory": ("good", "done"),
    "questionable": ("attention", "diamond"),
    "unsatisfactory": ("bad", "cross"),
}
"""Outcome → colour and shape of its chip."""


@pages.get("/")
def index() -> str:
    by, session = viewer(), unit.reading()
    before = _place(request.args.get("before", ""))
    found = lists.lines(session, by, on=local_day(), before=before)
    shown = found[: lists.PAGE]
    last = shown[-1].test if shown else None
    more = last is not None and len(found) > lists.PAGE
    return render_template(
        "proficiency/index.html",
        area="quality",
        lines=shown,
        years=[] if before else lists.years(session, by, on=local_day()),
        figure=None if before else control_figures.en_by_year(lists.scores(session, by)),
        page={
            "next": url_for("proficiency.index", before=f"{last.planned}_{last.id}") if more and last else None,
            "previous": url_for("proficiency.index") if before else None,
        },
        manage=may(by, "quality.manage"),
        outcomes=scoring.OUTCOMES,
        looks=LOOKS,
    )


def _place(text: str) -> tuple[date, int] | None:
    """Where a page of the list goes on; from the beginning for what is no place."""
    day, _sep, key = text.partition("_")
    try:
        return (date.fromisoformat(day), int(key)) if key.isdigit() and len(key) < 18 else None
    except ValueError:
        return None


@pages.route("/new", methods=("GET", "POST"))
def new() -> Any:
    """A round for the plan."""
    by = viewer()
    require(by, "quality.manage")
    form = Form.sent(unit="V", planned=local_day().isoformat())
    if request.method == "POST":
        try:
            with unit.writing() as work:
                number = proficiency.plan(
                    work,
                    **{name: form.text(name) for name in ("scheme", "provider", "measurand", "unit")},
                    planned=_day(form.text("planned")),
                    procedure_name=form.value("procedure_name"),
                    by=by,
                    at=unit.now(),
                ).number
        except REFUSALS as error:
            form.refuse(error)
        else:
            flash(_("{number} is planned.", number=number), "good")
            return redirect(url_for("proficiency.detail", number=number))
    return render_template("proficiency/new.html", area="quality", form=form), form.status


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UnusableValue(field="planned", found=text, right=N_("a day such as 2026-11-23")) from None


@pages.get("/<number>")
def detail(number: str) -> Any:
    return _page(number, Form({}))


def _page(number: str, form: Form) -> Any:
    by = viewer()
    found = lists.detail(unit.reading(), number, by, on=local_day())
    test, manage = found.test, may(by, "quality.manage")
    if form.entered is not None and not form.entered and test.state == "measured":
        form.defaults = {"rows": _lines(test)}
        form.entered = None
    linked = found.case is not None and "cases.detail" in current_app.view_functions
    return (
        render_template(
            "proficiency/detail.html",
            area="quality",
            found=found,
            test=test,
            form=form,
            outcomes=scoring.OUTCOMES,
            looks=LOOKS,
            with_sigma=any("sigma" in row for row in test.results),
            may_enter=may(by, "charts.add") and test.state in ("planned", "measured"),
            may_report=manage and test.state == "measured",
            may_evaluate=manage and test.state == "reported",
            may_cancel=manage and test.state == "planned",
            case_link=url_for("cases.detail", number=found.case.number) if linked and found.case else None,
        ),
        form.status,
    )


def _lines(test: ProficiencyTest) -> str:
    """Own results as they were entered, to be mended."""
    return "\n".join("; ".join(row[name] for name in scoring.OWN if name in row) for row in test.results)


@pages.post("/<number>/results")
def results(number: str) -> Any:
    """Own results, pasted."""
    require(viewer(), "charts.add")

    def act(form: Form) -> None:
        with unit.writing() as work:
            proficiency.enter_results(work, number, form.value("rows"), by=viewer(), at=unit.now())
        flash(_("The own results are kept; they may be mended until they are reported."), "good")

    return _done(number, act)


@pages.post("/<number>/report")
def report(number: str) -> Any:
    """The results went to the provider."""
    require(viewer(), "quality.manage")

    def act(_form: Form) -> None:
        with unit.writing() as work:
            proficiency.report(work, number, by=viewer(), at=unit.now())
        flash(_("Reported; the results stand as they are now."), "good")

    return _done(number, act)


@pages.post("/<number>/evaluation")
def evaluate(number: str) -> Any:
    """Reference values, pasted; the scores follow."""
    require(viewer(), "quality.manage")

    def act(form: Form) -> None:
        with unit.writing() as work:
            row = proficiency.evaluate(work, number, form.value("rows"), by=viewer(), at=unit.now())
            outcome = row.outcome or ""
        good = outcome == scoring.SATISFACTORY
        flash(_("Evaluated: {outcome}.", outcome=_(scoring.OUTCOMES[outcome])), "good" if good else "bad")

    return _done(number, act)


@pages.post("/<number>/cancel")
def cancel(number: str) -> Any:
    require(viewer(), "quality.manage")

    def act(form: Form) -> None:
        with unit.writing() as work:
            proficiency.cancel(work, number, form.value("reason"), by=viewer(), at=unit.now())
        flash(_("The round is cancelled."), "good")

    return _done(number, act)


@pages.get("/<number>/scores.csv")
def data(number: str) -> Response:
    """The round as a spreadsheet reads it."""
    test = lists.by_number(unit.reading(), number, viewer())
    columns = ("point", "x", "U", "k", "X", "U_ref", "k_ref", "sigma", "En", "zeta", "z", "z'", "verdict")
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(columns)
    for row in test.results:
        point = str(row["point"])
        plain = f"'{point}" if point[:1] in ("=", "+", "-", "@") else point
        table.writerow([plain, *(row.get(name, "") for name in columns[1:])])
    headers = {"Content-Disposition": f'attachment; filename="{test.number}.csv"'}
    return Response("\ufeff" + text.getvalue(), mimetype="text/csv", headers=headers)


def _done(number: str, act: Callable[[Form], None]) -> Any:
    form = Form.sent()
    try:
        act(form)
    except REFUSALS as error:
        form.refuse(error)
        return _page(number, form)
    return redirect(url_for("proficiency.detail", number=number))
