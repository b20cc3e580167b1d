"""The dashboard."""

from __future__ import annotations

from typing import Any

from lims.queries import rows, statistics, yearly
from tests.factories import TODAY

PAGES = {"tech": "/statistics/", "finance": "/statistics/", "manager": "/statistics/ /statistics/year"}
ROUTES = {"statistics.read": "statistics.index statistics.year"}
DOORS: dict[str, Any] = {
    "queries.statistics.dashboard": lambda w, by: statistics.dashboard(w.session, by, on=TODAY),
    "queries.yearly.year": lambda w, by: yearly.year(w.session, by, first=TODAY, last=TODAY, on=TODAY),
    "queries.rows.items": (lambda w, by: rows.items(w.session, by, size=9), "customer2"),
    "queries.rows.instruments": (lambda w, by: rows.instruments(w.session, by, on=TODAY, size=9), "customer2"),
}
INNER = {"queries.statistics.wilson": "reads values", "services.exports.cell": "reads values"}
