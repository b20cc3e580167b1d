"""Issuing a batch with one signature against issuing the same items one by one, each with its password.

    python benchmarks/batch.py [number]

Every item keeps a record, signatures, evidence of its gates and a numbered certificate of its own in both cases; the
documents are made afterwards, by the coordinator. Goal: 200 items issued in under 10 s.
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from instruments import procedures
from lims.config import Settings
from lims.queries import batches as lists
from lims.records.engine import open_engine, session_factory
from lims.records.upgrade import upgrade
from lims.services import batches, certificates, demonstration, people, requests

NUMBER = int(sys.argv[1]) if len(sys.argv) > 1 else 200
PASSWORD = demonstration.PASSWORD


def received(session: Session, series: str, at: datetime) -> list[str]:
    """The numbers of NUMBER received requests for one model."""
    customer, keeper = people.by_username(session, "customer"), people.by_username(session, "keeper")
    found = []
    for n in range(NUMBER):
        job = requests.create(
            session,
            customer_id=customer.customer_id or 0,
            instrument=dict(demonstration.ITEM) | {"serial": f"{series}{n:04d}"},
            procedure="DMM-DCV",
            document_kind="calibration",
            rule={"rule": "guarded", "r": 1.0},
            by=customer,
            at=at,
        )
        requests.receive(session, job.number, condition=demonstration.CONDITION, accessories="", by=keeper, at=at)
        found.append(job.number)
    session.commit()
    return found


def readings() -> list[dict[str, Any]]:
    rows = []
    for point in procedures.plan(procedures.load_procedure("dmm-dcv")).points:
        scale = 1000.0 if point.display_unit == "mV" else 1.0
        rows.append({"point": point.no, "indications": [f"{point.nominal * scale * (1 + 1e-6):.9f}"] * 3})
    return rows


def measured(session: Session, numbers: list[str], settings: Settings, at: datetime) -> str:
    tech, verifier = people.by_username(session, "tech"), people.by_username(session, "verifier")
    ambient = {"temperature": 23.0, "humidity": 45.0}
    batch = batches.make(session, numbers, stage="as_found", ambient=ambient, by=tech, at=at)
    batches.enter(session, batch.number, {number: readings() for number in numbers}, by=tech, at=at)
    batches.submit(session, batch.number, PASSWORD, by=tech, at=at, settings=settings)
    batches.verify(session, batch.number, PASSWORD, by=verifier, at=at)
    session.commit()
    return batch.number


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder))
        upgrade(settings.database)
        at = datetime.now(UTC)
        with session_factory(open_engine(settings.database))() as session:
            demonstration.found(session, at=at - timedelta(days=1), settings=settings)
            session.commit()
            approver = people.by_username(session, "approver")
            whole = measured(session, received(session, "A", at), settings, at)
            begun = time.perf_counter()
            issued = batches.issue(session, whole, PASSWORD, by=approver, at=at, settings=settings)
            session.commit()
            together = time.perf_counter() - begun
            single = measured(session, received(session, "B", at), settings, at)
            records = [item.record.number for item in lists.view(session, single, approver).items if item.record]
            begun = time.perf_counter()
            for number in records:
                certificates.issue(session, number, PASSWORD, by=approver, at=at, settings=settings)
                session.commit()
            apart = time.perf_counter() - begun
    print(
        f"{len(issued)} items as one batch: {together:.1f} s; one by one: {apart:.1f} s; ratio {together / apart:.2f}"
    )


if __name__ == "__main__":
    main()
