"""The dashboard: what is late, what comes in and goes out, what fails as found, what falls due; drawn on the server."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template

from lims.queries import statistics
from web import unit
from web.pages.today import local_day
from web.speech import N_
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


@pages.get("/")
def index() -> str:
    today = local_day()
    found = statistics.dashboard(unit.reading(), viewer(), on=today)
    top = max([1, *(week.issued for week in found.weeks), *(week.received or 0 for week in found.weeks)])
    return render_template(
        "statistics/index.html",
        area="today",
        found=found,
        clock_words=CLOCK_WORDS,
        age_words=AGE_WORDS,
        columns=columns(found.weeks, top),
        top=top,
        today=today,
        most_clock=max([1, *found.clocks.values()]),
        most_cases=max([1, *found.cases]),
        limits={"open": statistics.MOST_OPEN, "found": statistics.LATEST_FOUND},
    )


def columns(weeks: Any, top: int) -> list[dict[str, Any]]:
    """Two columns a week in a figure of 640 × 200, the axis from 10 (top) to 160."""
    step = 580 / max(len(weeks), 1)

    def height(count: int | None) -> float:
        return round((count or 0) / top * 150, 1)

    return [
        {"week": week, "x": round(50 + n * step, 1), "wide": round(step * 0.36, 1), "in": height(week.received),
         "out": height(week.issued)}
        for n, week in enumerate(weeks)
    ]  # fmt: skip
