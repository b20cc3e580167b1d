"""The search box."""

from __future__ import annotations

from lims.queries import search
from tests.factories import TODAY

PAGES = {
    "tech": "/find?q=344 /find?q=没有",
    "customer": "/find?q=MY41",
}
DOORS = {
    "queries.search.find": (
        lambda w, by: search.find(w.session, by, w.request.number, on=TODAY),
        "nobody",
        "customer2",
        "administrator",
    ),
}
INNER = {
    "queries.search.spellings": "says numbers",
    "queries.search.instrument_ids": "lists that ask for the right themselves",
}
