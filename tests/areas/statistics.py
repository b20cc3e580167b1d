"""The dashboard."""

from __future__ import annotations

from typing import Any

from lims.queries import statistics
from tests.factories import TODAY

PAGES = {"tech": "/statistics/", "finance": "/statistics/", "manager": "/statistics/"}
ROUTES = {"statistics.read": "statistics.index"}
DOORS: dict[str, Any] = {
    "queries.statistics.dashboard": lambda w, by: statistics.dashboard(w.session, by, on=TODAY),
}
INNER = {"queries.statistics.wilson": "reads values"}
