"""Today: what waits for this person, the most urgent first; and the search box."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for

from lims.domain.rights import may
from lims.queries import certificates, search, worklists
from web import unit
from web.speech import N_, language, zone
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
    return render_template(
        "today/index.html",
        area="today",
        lists=lists,
        to_measure=lists.to_measure if lists is not None else (),
        expected=worklists.requests(session, by, states=("accepted",)) if may(by, "items.receive") else (),
        latest=certificates.page(session, by, size=8).lines if may(by, "certificates.read") else (),
    )


@pages.get("/find")
def find() -> Any:
    """What fits, by kind; a number that is one thing's alone leads straight to it."""
    by = viewer()
    sought = request.args.get("q", "").strip()
    found = search.find(unit.reading(), by, sought, on=local_day(), lang=language())
    linked = [(hit, address_of(hit)) for hit in found]
    exact = [link for hit, link in linked if link is not None and hit.key.upper() == sought.upper()]
    if len(exact) == 1 or (len(linked) == 1 and linked[0][1] is not None):
        return redirect(exact[0] if exact else str(linked[0][1]))
    groups = {kind: [(hit, link) for hit, link in linked if hit.kind == kind] for kind in KINDS}
    return render_template("today/find.html", area="today", sought=sought, groups=groups, kinds=KINDS)


KINDS = {
    "certificate": N_("Certificates"),
    "legacy_certificate": N_("Earlier certificates"),
    "request": N_("Items"),
    "record": N_("Records"),
    "service_request": N_("Orders"),
    "work_order": N_("Work orders"),
    "invoice": N_("Invoices"),
    "quality_case": N_("Cases"),
    "customer": N_("Customers"),
    "instrument": N_("Instrument ledger"),
    "measurement_standard": N_("Measurement standards"),
    "procedure": N_("Procedures"),
}
"""Kind of what is found → its heading, in the order in which they are shown."""
ADDRESSES = {
    "certificate": ("certificates.detail", "number"),
    "request": ("intake.detail", "number"),
    "record": ("records.detail", "number"),
    "service_request": ("orders.detail", "number"),
    "work_order": ("orders.work", "number"),
    "invoice": ("fees.detail", "number"),
    "quality_case": ("cases.detail", "number"),
    "customer": ("customers.detail", "customer_id"),
    "instrument": ("instruments.detail", "code"),
    "measurement_standard": ("measurement_standards.detail", "code"),
    "procedure": ("procedures.detail", "name"),
}


def address_of(hit: search.Hit) -> str | None:
    """Where what was found is shown; None where it has no page of its own."""
    endpoint, key = ADDRESSES.get(hit.kind, ("", ""))
    values: dict[str, Any] = {key: hit.key}
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None
