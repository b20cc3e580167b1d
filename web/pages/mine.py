"""A customer's own pages: instruments and notices; requests and certificates are the common ones, narrowed."""

from __future__ import annotations

from flask import Blueprint, abort, render_template

from lims.queries import details
from web import unit
from web.viewer import viewer

pages = Blueprint("mine", __name__, url_prefix="/mine")


@pages.get("/")
def index() -> str:
    by = viewer()
    if by.customer_id is None:
        abort(403)
    return render_template(
        "mine/index.html",
        area="mine",
        lines=details.own_instruments(unit.reading(), by),
        notices=details.notices(unit.reading(), by),
    )


@pages.get("/notices")
def notices() -> str:
    by = viewer()
    if by.customer_id is None:
        abort(403)
    return render_template("mine/notices.html", area="notices", notices=details.notices(unit.reading(), by))
