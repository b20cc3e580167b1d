"""The dashboard: what is late, what comes in and goes out, what fails as found, what falls due; drawn on the server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from flask import Blueprint, render_template, request

from lims.domain import fees, orders
from lims.domain.errors import UnusableValue
from lims.queries import statistics, yearly
from web import dashboard_figures, export, unit
from web.pages.today import local_day
from web.speech import N_, _, text
from web.viewer import viewer

pages = Blueprint("statistics", __name__, url_prefix="/statistics")

CLOCK_WORDS = {
    "late": N_("past their term"),
    "today": N_("due today"),
    "week": N_("due this week"),
    "later": N_("due later"),
    "held": N_("waiting, clock stands"),
    "none": N_("without a term"),
}
AGE_WORDS = (N_("up to 7 days"), N_("8 to 30 days"), N_("31 to 90 days"), N_("over 90 days"))

KIND_WORDS = {
    "calibration": N_("calibration certificates"),
    "verification": N_("verification certificates"),
    "result_notice": N_("notices of verification results"),
    "evaluation_report": N_("reports of evaluation"),
}
FOUND_WORDS = {"pass": N_("passed"), "fail": N_("did not pass"), "none": N_("without a verdict")}
HEADS = (N_("Table"), N_("Line"), N_("Figure"), N_("Value"))


@pages.get("/")
def index() -> str:
    today = local_day()
    by, session = viewer(), unit.reading()
    found = statistics.dashboard(session, by, on=today)
    months = dashboard_figures.twelve(
        yearly.on_time(session, by, first=dashboard_figures.first(today), last=today), today
    )
    top = max([1, *(week.issued for week in found.weeks), *(week.received for week in found.weeks)])
    return render_template(
        "statistics/index.html",
        area="today",
        found=found,
        clock_words=CLOCK_WORDS,
        age_words=AGE_WORDS,
        columns=dashboard_figures.columns(found.weeks, top),
        months=months,
        pillars=dashboard_figures.pillars(months),
        size=dashboard_figures,
        top=top,
        today=today,
        most_clock=max([1, *found.clocks.values()]),
        most_cases=max([1, *found.cases]),
        limits={"open": statistics.MOST_OPEN, "found": statistics.LATEST_FOUND},
    )


@pages.get("/year")
def year() -> Any:
    """The report of a year or any span; its tables as one file with format=csv or xlsx."""
    today = local_day()
    first, last = _day("from", today.replace(month=1, day=1)), _day("to", today)
    found = yearly.year(unit.reading(), viewer(), first=first, last=last, on=today)
    kind = export.asked()
    if kind is not None:
        return export.answer(kind, f"statistics-{first}-{last}", HEADS, figures(found))
    return render_template(
        "statistics/year.html",
        area="today",
        found=found,
        today=today,
        works=orders.WORK,
        uses=orders.USES,
        kinds=KIND_WORDS,
        verdicts=FOUND_WORDS,
        fee_words=fees.KINDS,
        most=yearly.MOST,
        years=range(today.year, today.year - 5, -1),
    )


def _day(name: str, usual: date) -> date:
    said = request.args.get(name, "").strip()
    try:
        found = date.fromisoformat(said) if said else usual
    except ValueError:
        found = date.min
    if not 1900 <= found.year < 9000:
        raise UnusableValue(field=name, found=said[:40], right=N_("a day as YYYY-MM-DD"))
    return found


def figures(found: yearly.Year) -> Iterator[tuple[Any, ...]]:
    """Every figure of the report as table, line, figure, value."""
    yield _("Span"), f"{found.first} – {found.last}", _("certificates"), found.total[0]
    yield _("Span"), f"{found.first} – {found.last}", _("items"), found.total[1]
    for title, tally, words in (
        (_("By document"), found.kinds, KIND_WORDS),
        (_("By kind of work"), found.works, orders.WORK),
        (_("By use"), found.uses, orders.USES),
        (_("By county or address"), found.places, {}),
    ):
        for word, counts in tally.items():
            yield from _pair(title, _(words[word]) if word in words else word, counts)
    for model in found.models:
        name = " ".join((text(model.description), model.maker, model.model))
        yield from _pair(_("By instrument"), name, (model.certificates, model.items))
    for work, verdicts in found.found.items():
        for verdict, count in verdicts.items():
            yield _("As found"), _(orders.WORK.get(work, work)), _(FOUND_WORDS[verdict]), count
    for month in found.months:
        for word, count in (
            (_("on time"), month.on_time),
            (_("late"), month.late),
            (_("no day promised"), month.without),
        ):
            yield _("On time by month"), month.month, word, count
    for fee, (items, amount) in found.fees.items():
        yield _("Fees waived"), _(fees.KINDS[fee]), _("items"), items
        yield _("Fees waived"), _(fees.KINDS[fee]), _("amount, CNY"), float(amount)
    yield from _register(found)


def _pair(title: str, line: str, counts: tuple[int, int]) -> Iterator[tuple[Any, ...]]:
    yield title, line, _("certificates"), counts[0]
    yield title, line, _("items"), counts[1]


def _register(found: yearly.Year) -> Iterator[tuple[Any, ...]]:
    for each in found.compulsory:
        name = f"{each.number} {text(each.name)} / {_(orders.USES.get(each.use, each.use))}"
        for word, count in (
            (_("in the register"), each.registered),
            (_("filed"), each.filed),
            (_("passed"), each.passed),
            (_("did not pass"), each.failed),
            (_("overdue"), each.overdue),
        ):
            yield _("Compulsory verification"), name, word, count
