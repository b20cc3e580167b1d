"""Today: what waits for this person, the most urgent first; and the search box."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from lims.domain.errors import NotFound
from lims.domain.rights import may
from lims.queries import certificates, details, worklists
from lims.services import bench
from lims.services import certificates as issued
from web import unit
from web.speech import zone
from web.viewer import viewer

pages = Blueprint("today", __name__)


def local_day() -> date:
    return unit.now().astimezone(zone()).date()


@pages.get("/")
def index() -> Any:
    by = viewer()
    if by.customer_id is not None:
        return redirect(url_for("mine.index"))
    session = unit.reading()
    lists = worklists.today(session, by, on=local_day()) if may(by, "records.read") else None
    running = worklists.open_records(session, by) if may(by, "bench.run") else ()
    return render_template(
        "today/index.html",
        area="today",
        lists=lists,
        to_measure=lists.to_measure if lists is not None else (),
        running=[line for line in running if line.record is not None and line.record.state == "open"],
        expected=worklists.requests(session, by, states=("accepted",)) if may(by, "items.receive") else (),
        latest=certificates.page(session, by, size=8).lines if may(by, "certificates.read") else (),
    )


@pages.get("/find")
def find() -> Any:
    """A whole number leads straight to its object; anything else is looked for among certificates."""
    by = viewer()
    sought = request.args.get("q", "").strip()
    session = unit.reading()
    if sought:
        if may(by, "certificates.read"):
            try:
                return redirect(url_for("certificates.detail", number=issued.by_number(session, sought, by=by).number))
            except NotFound:
                pass
        if may(by, "requests.read"):
            try:
                return redirect(
                    url_for("intake.detail", number=details.request_by_number(session, sought, by=by).number)
                )
            except NotFound:
                pass
        if may(by, "records.read"):
            try:
                return redirect(url_for("records.detail", number=bench.record_by_number(session, sought).number))
            except NotFound:
                pass
    return redirect(url_for("certificates.index", q=sought))
