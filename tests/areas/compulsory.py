"""The register of compulsory verification."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.queries import compulsory as lists
from lims.records import CompulsoryEntry, Customer, Instrument
from lims.services import compulsory, people
from tests.factories import TODAY

PAGES = {
    "keeper": "/compulsory/ /compulsory/new /compulsory/QJ-2026-000001",
    "tech": "/compulsory/?way=overdue /compulsory/QJ-2026-000001",
}
ROUTES = {
    "compulsory.read": "compulsory.index compulsory.detail",
    "compulsory.manage": "compulsory.new compulsory.move",
}


def fill(session: Session) -> None:
    from tests.web.laboratory import AT  # which imports the areas

    keeper = people.by_username(session, "keeper")
    owner = session.scalars(select(Customer.id).order_by(Customer.id)).first()
    for n, due in enumerate((date(2026, 11, 2), date(2026, 12, 24), None)):
        item = Instrument(
            code=f"YLB-{n}",
            kind="item",
            maker="蓝岭",
            model="Y-100",
            serial=f"P20{n}",
            description={"zh": "一般压力表", "en": "pressure gauge"},
            customer_id=owner,
            state="in_service",
            details={},
        )
        session.add(item)
        session.flush()
        row = compulsory.file(session, item.code, "safety", place="锅炉房", authority="云岭市", by=keeper, at=AT)
        if due is not None:
            row.state, row.last, row.due = "verified", due.replace(year=2025), due


def a_number(w: Any) -> str:
    return str(w.session.scalars(select(CompulsoryEntry.number)).first() or "QJ-2026-000001")


DOORS = {
    "queries.compulsory.page": lambda w, by: lists.page(w.session, by, on=TODAY),
    "queries.compulsory.counts": lambda w, by: lists.counts(w.session, by, on=TODAY),
    "queries.compulsory.entry": lambda w, by: lists.entry(w.session, a_number(w), by, on=TODAY),
    "services.compulsory.file": lambda w, by: compulsory.file(w.session, "X", "trade", by=by, at=w.lab.at),
    "services.compulsory.apply": lambda w, by: compulsory.apply(w.session, a_number(w), by=by, at=w.lab.at),
    "services.compulsory.deregister": lambda w, by: compulsory.deregister(
        w.session, a_number(w), "x", by=by, at=w.lab.at
    ),
}
INNER = {
    "queries.compulsory.state_on": "rule of the list",
    "queries.compulsory.of_instrument": "services that have asked for the right of the step",
    "services.compulsory.note_result": "the issue of a certificate",
}
