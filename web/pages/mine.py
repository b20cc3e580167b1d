"""A customer's own pages: their ledger first, with what is due and where each item is; and notices."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lims.queries import ledger
from lims.queries import notices as notices_of
from web import unit
from web.pages.instruments import WAYS
from web.pages.orders import after
from web.pages.today import local_day
from web.viewer import viewer

pages = Blueprint("mine", __name__, url_prefix="/mine")


@pages.get("/")
def index() -> str:
    by = viewer()
    if by.customer_id is None:
        abort(403)
    way, text = request.args.get("way", ""), request.args.get("q", "")
    session = unit.reading()
    found = ledger.instruments(session, by, on=local_day(), text=text, way=way, after=after())
    return render_template(
        "mine/index.html",
        area="mine",
        found=found,
        counts=ledger.counts(session, by, on=local_day()),
        ways=WAYS,
        way=way,
        q=text,
        next=None if found.after is None else url_for("mine.index", way=way, q=text, after=found.after),
        waiting=notices_of.page(session, by, size=20).waiting,
    )


@pages.get("/notices")
def notices() -> Response:
    """The notices have a place of their own; this was their address."""
    if viewer().customer_id is None:
        abort(403)
    return redirect(url_for("notices.index"), 301)
