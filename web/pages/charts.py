"""Control charts of check standards: the list with what is due, one chart with its points, its baseline, its spans."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for

from lims.domain import charts as rules
from lims.domain.actor import Actor
from lims.domain.rights import may, require
from lims.queries import charts as lists
from lims.services import chart_points, charts
from lims.services.chart_points import Entry
from web import chart_form, control_figures, unit
from web.forms import REFUSALS, Form
from web.pages.today import local_day
from web.speech import _
from web.viewer import viewer

pages = Blueprint("charts", __name__, url_prefix="/charts")
DEFAULTS = rules.Rules()
SHOWN = 100
"""Rows of the table of points; the file has all."""


@pages.get("/")
def index() -> str:
    """Every chart, and above them the checks that are due."""
    by, session, after = viewer(), unit.reading(), request.args.get("after", "")
    found = lists.lines(session, by, on=local_day(), after=after)
    shown = found[: lists.PAGE]
    more = url_for("charts.index", after=shown[-1].chart.code) if len(found) > lists.PAGE else None
    return render_template(
        "charts/index.html",
        area="quality",
        lines=[(line, control_figures.spark(line)) for line in shown],
        due=[] if after else lists.due(session, by, on=local_day()),
        page={"next": more, "previous": url_for("charts.index") if after else None},
        manage=_keeps(by),
        words=rules.SIGNALS,
    )


@pages.route("/new", methods=("GET", "POST"))
def new() -> Any:
    """A chart begins by collecting its baseline."""
    by = viewer()
    _require_keeper(by)
    form = Form.sent(chart="shewhart", unit="V", period_days=30, **{n: getattr(DEFAULTS, n) for n in chart_form.RULES})
    if request.method == "POST":
        try:
            with unit.writing() as work:
                code = charts.create(work, **chart_form.entered(form), by=by, at=unit.now()).code
        except REFUSALS as error:
            form.refuse(error)
        else:
            flash(_("{code} collects its baseline now.", code=code), "good")
            return redirect(url_for("charts.detail", code=code))
    return render_template(
        "charts/new.html", area="quality", form=form, kinds=rules.CHARTS, sets=rules.SETS
    ), form.status


FIELDS = {
    "reason": ("restart_reason", "out_reason", "end_reason"),
    "note": ("base_note",),
    "readings": ("rows",),
    "at": ("rows",),
    "points": ("rows",),
}
"""Fields of services whose names on the page differ."""


@pages.get("/<code>")
def detail(code: str) -> Any:
    return _page(code, Form({}))


def _page(code: str, form: Form) -> Any:
    by = viewer()
    found = lists.history(unit.reading(), code, by, on=local_day())
    asked = request.args.get("span", "")
    span = (
        found.spans[int(asked) - 1]
        if asked.isascii() and asked.isdigit() and len(asked) < 6 and 0 < int(asked) <= len(found.spans)
        else found.now
    )
    points = {point.id: point for point in found.points}
    ends = [each.after for each in found.spans[span.number : span.number + 1]]
    rows = [p for p in found.points if span.after < p.id and (not ends or p.id <= ends[0])]
    return (
        render_template(
            "charts/detail.html",
            area="quality",
            found=found,
            chart=found.chart,
            span=span,
            figure=control_figures.drawing(found.chart.chart, span, points),
            rows=rows[: -SHOWN - 1 : -1],
            hidden=max(0, len(rows) - SHOWN),
            counted={point.id: n for n, point in enumerate(span.points, 1)},
            left_out=found.chart.baseline["left_out"],
            outside=_outside(span),
            form=form,
            words=rules.SIGNALS,
            kinds=rules.CHARTS,
            sets=rules.SETS,
            methods=rules.METHODS,
            may_add=may(by, "charts.add") and found.chart.state != "ended",
            manage=_keeps(by) and found.chart.state != "ended",
            case_link=_case_link,
        ),
        form.status,
    )


def _case_link(number: str) -> str | None:
    return url_for("cases.detail", number=number) if "cases.detail" in current_app.view_functions else None


def _outside(span: rules.Span) -> int:
    """How many of the collected points a baseline from them would leave outside its own limits."""
    values = [point.value for point in span.points]
    if span.fixed is not None or len(set(values)) < 2 or len(values) < 3:
        return 0
    return len(rules.outside_of_own(values, *rules.centre_and_s(values, "moving_range", 3)))


@pages.post("/<code>/points")
def add(code: str) -> Any:
    """One check: a reading, or several whose mean is the point."""
    require(viewer(), "charts.add")

    def act(form: Form) -> None:
        readings = [each for each in re.split(r"[;；\n]", form.text("readings")) if each.strip()]
        entry = Entry(readings, chart_form.instant(form.value("at"), "at"), form.value("note"))
        with unit.writing() as work:
            _say(chart_points.add_points(work, code, [entry], by=viewer(), at=unit.now()))

    return _done(code, act)


@pages.post("/<code>/paste")
def paste(code: str) -> Any:
    """Many checks at once, one a line: the value alone, or time; value; note."""
    require(viewer(), "charts.add")

    def act(form: Form) -> None:
        entries = [chart_form.pasted(line) for line in form.text("rows").splitlines() if line.strip()]
        with unit.writing() as work:
            _say(chart_points.add_points(work, code, entries, by=viewer(), at=unit.now()))

    return _done(code, act)


@pages.post("/<code>/record")
def from_record(code: str) -> Any:
    """A point of a record, by the record's number as a scanner reads it."""
    require(viewer(), "charts.add")

    def act(form: Form) -> None:
        number, point = form.text("record"), form.whole("point")
        with unit.writing() as work:
            added = chart_points.add_from_record(
                work, code, number, point, measurand=form.value("measurand").strip(), by=viewer(), at=unit.now()
            )
            _say([added])

    return _done(code, act)


@pages.post("/<code>/baseline")
def baseline(code: str) -> Any:
    """Fix the centre and s; the chart is watched from now on."""
    _require_keeper(viewer())

    def act(form: Form) -> None:
        stated = {name: float(form.decimal(name)) for name in ("centre", "s") if form.value(name).strip()}
        with unit.writing() as work:
            charts.fix_baseline(
                work, code, form.value("method"), note=form.value("base_note"), by=viewer(), at=unit.now(), **stated
            )
        flash(_("The baseline is fixed; the chart is watched from now on."), "good")

    return _done(code, act)


@pages.post("/<code>/restart")
def restart(code: str) -> Any:
    _require_keeper(viewer())

    def act(form: Form) -> None:
        with unit.writing() as work:
            charts.restart(work, code, form.value("restart_reason"), by=viewer(), at=unit.now())
        flash(_("A new baseline is collected; the old one stays readable."), "good")

    return _done(code, act)


@pages.post("/<code>/left-out")
def leave_out(code: str) -> Any:
    _require_keeper(viewer())

    def act(form: Form) -> None:
        point = form.whole("left_out")
        with unit.writing() as work:
            charts.leave_out(work, code, point, form.value("out_reason"), by=viewer(), at=unit.now())
        flash(_("The point does not count any more; it stays in the table with its reason."), "good")

    return _done(code, act)


@pages.post("/<code>/end")
def end(code: str) -> Any:
    _require_keeper(viewer())

    def act(form: Form) -> None:
        with unit.writing() as work:
            charts.end(work, code, form.value("end_reason"), by=viewer(), at=unit.now())
        flash(_("The chart has ended."), "good")

    return _done(code, act)


@pages.get("/<code>/points.csv")
def data(code: str) -> Response:
    """Every point of a chart, as a spreadsheet reads it."""
    found = lists.history(unit.reading(), code, viewer(), on=local_day())
    name = re.sub(r"[^A-Za-z0-9._-]", "_", code)
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response("\ufeff" + chart_form.table(found), mimetype="text/csv", headers=headers)


def _done(code: str, act: Callable[[Form], None]) -> Any:
    """Do it and show the chart; a refusal stands at its field, whichever of the page's forms that is in."""
    form = Form.sent()
    try:
        act(form)
    except REFUSALS as error:
        form.refuse(error)
        named = str(getattr(error, "facts", {}).get("field", ""))
        form.place = form.place or next((each for each in FIELDS.get(named, ()) if each in (form.entered or {})), None)
        return _page(code, form)
    return redirect(url_for("charts.detail", code=code))


def _say(added: list[Any]) -> None:
    """What was added, and what it showed."""
    broken = [name for point in added for name in point.signals]
    if not broken:
        flash(_("{n} added, no rule is broken.", n=len(added)), "good")
        return
    said = ", ".join(dict.fromkeys(_(rules.SIGNALS[name]) for name in broken))
    flash(
        _(
            "Added, and a signal: {rules}. A case is open for it; stop using the standard until it is decided.",
            rules=said,
        ),
        "bad",
    )


def _keeps(by: Actor) -> bool:
    return may(by, "standards.manage") or may(by, "quality.manage")


def _require_keeper(by: Actor) -> None:
    if not _keeps(by):
        require(by, "standards.manage")
