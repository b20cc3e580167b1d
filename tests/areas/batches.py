"""Batches of identical items."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.queries import batches as lists
from lims.records import Batch
from lims.services import batches, people

PAGES = {
    "tech": "/batches/ /batches/new /batches/PL-2026-000001",
    "verifier": "/batches/PL-2026-000001",
}
ROUTES = {
    "bench.read": "batches.index batches.detail batches.sheet",
    "readings.enter": "batches.new batches.enter batches.table batches.take_out",
    "records.submit": "batches.sign",  # asked with the first of its steps
}
AMBIENT = {"temperature": 23.0, "humidity": 45.0}


def fill(session: Session) -> None:
    from tests.web.laboratory import AT, a_request  # which imports the areas

    tech = people.by_username(session, "tech")
    jobs = [a_request(session, serial=f"MYB{n:03d}") for n in range(8)]
    batch = batches.make(session, [job.number for job in jobs[:6]], stage="as_found", ambient=AMBIENT, by=tech, at=AT)
    rows = {}
    for n, job in enumerate(jobs[:5]):
        shown = [
            f"{point.nominal * (1000 if point.display_unit == 'mV' else 1) * (1 + (n + 1) * 1e-6):.7f}"
            for point in batches.points_of(session, batch)
        ]
        rows[job.number] = [{"point": i, "indications": [text] * 3} for i, text in enumerate(shown, 1)]
    batches.enter(session, batch.number, rows, by=tech, at=AT)


def a_number(w: Any) -> str:
    return str(w.session.scalars(select(Batch.number)).first() or "PL-0")


DOORS = {
    "queries.batches.by_number": lambda w, by: lists.by_number(w.session, a_number(w), by),
    "queries.batches.page": lambda w, by: lists.page(w.session, by),
    "queries.batches.to_sign": lambda w, by: lists.to_sign(w.session, by, ("submitted",)),
    "queries.batches.offered": lambda w, by: lists.offered(w.session, by),
    "queries.batches.view": lambda w, by: lists.view(w.session, a_number(w), by),
    "services.batches.make": lambda w, by: batches.make(
        w.session, ["X"], stage="as_found", ambient=AMBIENT, by=by, at=w.lab.at
    ),
    "services.batches.take_out": lambda w, by: batches.take_out(w.session, a_number(w), "X", "x", by=by, at=w.lab.at),
    "services.batches.enter": lambda w, by: batches.enter(w.session, a_number(w), {}, by=by, at=w.lab.at),
    "services.batches.submit": lambda w, by: batches.submit(
        w.session, a_number(w), "x", by=by, at=w.lab.at, settings=w.lab.settings
    ),
    "services.batches.verify": lambda w, by: batches.verify(w.session, a_number(w), "x", by=by, at=w.lab.at),
    "services.batches.issue": lambda w, by: batches.issue(
        w.session, a_number(w), "x", by=by, at=w.lab.at, settings=w.lab.settings
    ),
}
AFTER = "batches and single signatures, which have asked for the right and the password"
INNER = {
    "queries.batches.kind_of": "what has to be the same within a batch",
    "services.batches.points_of": "the plan of a procedure that everybody may read",
    "services.evaluation.hand_over": AFTER,
    "services.review.verify_one": AFTER,
    "services.certificates.issue_one": AFTER,
}
