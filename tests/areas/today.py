"""The first pages of the roles, looked at as everybody of the laboratory."""

from __future__ import annotations

from typing import Any

from lims.queries import today, today_counts, yearly

PAGES = dict.fromkeys(("keeper", "manager", "quality", "finance", "auditor", "admin", "verifier", "approver"), "/")
STAFF = ("administrator", "nobody")
DOORS: dict[str, Any] = {
    "queries.today.board": (lambda w, by: today.board(w.session, by, on=w.lab.at.date(), at=w.lab.at), *STAFF),
    "queries.today_counts.counts": (lambda w, by: today_counts.counts(w.session, by, on=w.lab.at.date(), at=w.lab.at), *STAFF),
    "queries.yearly.on_time": lambda w, by: yearly.on_time(w.session, by, first=w.lab.at.date(), last=w.lab.at.date()),
}  # fmt: skip
INNER = {
    "services.month_counts.keep": "the worker counts",
    "queries.yearly.counted": "the worker counts",
    "queries.worklists.is_left": "reads values",
}
