"""Today: what each role of this person needs first, the most urgent on top; and the search box."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for

from lims.domain import quality
from lims.queries import search, today, today_counts
from web import unit
from web.speech import N_, language, zone
from web.states import EXCEPTIONS
from web.viewer import viewer

pages = Blueprint("today", __name__)


def local_day() -> date:
    return unit.now().astimezone(zone()).date()


@pages.get("/")
def index() -> Any:
    """The first page: the blocks that the viewer's roles need, each once; a customer's is their instruments."""
    by = viewer()
    if by.customer_id is not None:
        return redirect(url_for("mine.index"))
    on = local_day()
    found = today.board(unit.reading(), by, on=on, at=unit.now())
    return render_template(
        "today/index.html",
        area="today",
        found=found,
        tiles=tiles(found),
        on=on,
        shown=today.SHOWN,
        most=today_counts.MOST,
        most_jobs=today.MOST,
        case_kinds=quality.KINDS,
        reasons=EXCEPTIONS,
    )


@dataclass(frozen=True, slots=True)
class Tile:
    """A count that leads to its list. tone, icon: where there are any; a word, a number and a shape, never colour alone."""

    word: str
    count: int
    link: str
    tone: str
    icon: str


BAD, ATTENTION, PLAIN = ("bad", "cross"), ("attention", "diamond"), ("", "open")
TILES: tuple[tuple[str, str, tuple[str, str], str, dict[str, Any]], ...] = (
    ("notices", N_("Notices that wait for you"), ATTENTION, "notices.index", {}),
    ("discrepancy", N_("Differ from their order"), BAD, "intake.index", {"state": "discrepancy"}),
    ("orders", N_("Orders to review"), ATTENTION, "orders.index", {"state": "submitted"}),
    ("unassigned", N_("Received, not assigned"), ATTENTION, "intake.index", {"state": "received"}),
    ("expected", N_("Items expected"), PLAIN, "intake.index", {"state": "accepted"}),
    ("ready", N_("Finished, to go back"), PLAIN, "intake.back", {}),
    ("to_verify", N_("To verify"), ATTENTION, "review.index", {}),
    ("to_approve", N_("To approve"), ATTENTION, "review.index", {}),
    ("bookings", N_("Bookings asked for"), ATTENTION, "bookings.index", {}),
    ("standards", N_("Standards, 60 days left or less"), ATTENTION, "standards.index", {}),
    ("measurement_standards", N_("Re-examinations, half a year or less"), ATTENTION, "measurement_standards.index", {}),
    ("authorisations", N_("Authorisations to decide or to renew"), ATTENTION, "competence.index", {}),
    ("procedures", N_("Procedures on their way"), PLAIN, "procedures.index", {}),
    ("rules", N_("Rules proposed"), PLAIN, "rules.index", {}),
    ("compulsory", N_("Compulsory verification overdue"), BAD, "compulsory.index", {"way": "overdue"}),
    ("cases_late", N_("Cases past their day"), BAD, "cases.index", {}),
    ("cases", N_("Cases running"), PLAIN, "cases.index", {}),
    ("complaints", N_("Complaints running"), ATTENTION, "cases.index", {"kind": "complaint"}),
    ("findings", N_("Audit findings running"), PLAIN, "cases.index", {"kind": "audit_finding"}),
    ("invoices", N_("Invoices to be paid"), ATTENTION, "fees.index", {"state": "issued"}),
    ("failed", N_("Sign-ins that failed, last 24 hours"), ATTENTION, "people.index", {}),
    ("must_change", N_("Passwords given by another person"), ATTENTION, "people.index", {}),
    ("ending_accounts", N_("Accounts that end within 60 days"), PLAIN, "people.index", {}),
    ("accounts", N_("Accounts open"), PLAIN, "people.index", {}),
)
"""Key of a count, its word, how it looks where there are any, and the list it leads to."""


def tiles(found: today.Board) -> list[Tile]:
    """The counts that concern the viewer; late and due today first, where there is work with a clock."""
    shown = []
    if found.in_laboratory or found.to_measure or found.held:
        work = "statistics.index" if found.in_laboratory else "bench.index"
        shown.append(Tile(N_("Past their term"), found.late, url_for(work), *_look(found.late, BAD)))
        shown.append(Tile(N_("Due today"), found.due_today, url_for(work), *_look(found.due_today, ATTENTION)))
    for key, word, style, endpoint, values in TILES:
        if key in found.counts and endpoint in current_app.view_functions:
            count = found.counts[key]
            shown.append(Tile(word, count, url_for(endpoint, **values), *_look(count, style)))
    return shown


def _look(count: int, style: tuple[str, str]) -> tuple[str, str]:
    return style if count else ("", "")


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
