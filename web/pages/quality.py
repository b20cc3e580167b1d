"""Quality: the audit trail, and its chain checked from the first entry to the last."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for

from lims import audit
from lims.domain.rights import may, require
from lims.queries import certificates, history
from web import unit
from web.pages.records import act
from web.viewer import viewer

pages = Blueprint("quality", __name__, url_prefix="/quality")


@pages.get("/")
def index() -> str:
    return _page(None)


def _page(report: Any) -> str:
    by = viewer()
    require(by, "audit.verify")
    before = request.args.get("before", "")
    session = unit.reading()
    entries, after = (
        history.audit_page(
            session, by, before=int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
        )
        if may(by, "audit.read")
        else ((), None)
    )
    links = {
        "next": None if after is None else url_for("quality.index", before=after),
        "previous": url_for("quality.index") if before else None,
    }
    return render_template(
        "quality/index.html",
        area="quality",
        entries=entries,
        links=links,
        act=act,
        report=report,
        head=audit.last(session),
        may_read=may(by, "audit.read"),
    )


@pages.post("/verification")
def verify() -> str:
    """Recompute every hash, and look for the heads that certificates carry."""
    require(viewer(), "audit.verify")
    session = unit.reading()
    return _page(audit.verify(session, certificates.audit_heads(session)))
