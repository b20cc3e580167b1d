"""Import and export."""

from __future__ import annotations

import io

from sqlalchemy.orm import Session

from lims.queries import exchange as lists
from lims.services import exports, imports, people

PAGES = {
    "manager": "/exchange/ /exchange/imports/DR-2026-000001 /exchange/imports/DR-2026-000002",
    "keeper": "/exchange/",
}
ROUTES = {
    "exchange.export": "exchange.index exchange.export",
    "exchange.import": "exchange.template exchange.bring exchange.detail exchange.faults exchange.move",
}
GOOD = "名称,地址\n东岭量具厂,三路 3 号\n"
BAD = "名称,地址\n,\n西岭量具厂,\n"


def fill(session: Session) -> None:
    from tests.web.laboratory import AT  # which imports the areas

    manager = people.by_username(session, "manager")
    for content in (GOOD, BAD):
        imports.look_at(session, "customers", "customers.csv", content.encode(), by=manager, at=AT)


DOORS = {
    "queries.exchange.batches": lambda w, by: lists.batches(w.session, by),
    "queries.exchange.batch": lambda w, by: lists.batch(w.session, "DR-0", by),
    "queries.exchange.legacy_of": (lambda w, by: lists.legacy_of(w.session, "X", by), "customer2"),
    "services.imports.look_at": lambda w, by: imports.look_at(
        w.session, "customers", "a.csv", GOOD.encode(), by=by, at=w.lab.at
    ),
    "services.imports.apply": lambda w, by: imports.apply(w.session, "DR-0", by=by, at=w.lab.at),
    "services.imports.discard": lambda w, by: imports.discard(w.session, "DR-0", by=by, at=w.lab.at),
    "services.exports.export": lambda w, by: exports.export(w.session, io.BytesIO(), by=by, at=w.lab.at),
    "services.exports.note": lambda w, by: exports.note(w.session, {"files": {}}, by=by, at=w.lab.at),
}
