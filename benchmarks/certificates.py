"""Certificates a second in one process, everything included, against the bare typesetting of one page.

Passwords are hashed with a small cost here: the three that people type for each certificate take some 0.1 s each by
design, and are printed beside. Each certificate is evaluated from its 30 readings at 15 points, verified, approved, linted, frozen, issued, built as DCC,
validated, signed, typeset, signed and stored. Goal: at least 10 a second.
    python benchmarks/certificates.py [number]

One process, as `lims serve` is one: people's acts on one thread, a transaction each, the coordinator renders what is due
on another. The first certificate (fonts, caches) is made before the clock starts.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import typst
from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from instruments import procedures
from lims.config import Settings
from lims.domain import passwords
from lims.records.engine import open_engine, session_factory
from lims.records.upgrade import upgrade
from lims.services import bench, certificates, demonstration, evaluation, people, rendering, requests, review
from lims.worker import Coordinator

NUMBER = int(sys.argv[1]) if len(sys.argv) > 1 else 20
PAGE = b'#set page(paper: "a4")\n#lorem(400)'


def drained(session: Session) -> None:
    """Wait until nothing is due."""
    while rendering.due(session):
        session.rollback()
        time.sleep(0.01)
    session.rollback()


def main() -> None:
    begun = time.perf_counter()
    passwords.verify_password(passwords.hash_password("a password"), "a password")
    typed = (time.perf_counter() - begun) / 2
    passwords._HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    with tempfile.TemporaryDirectory() as folder:
        schemas = os.environ.get("LIMS_DCC_SCHEMAS")
        settings = Settings(data=Path(folder), dcc_schemas=Path(schemas) if schemas else None)
        upgrade(settings.database)
        factory = session_factory(open_engine(settings.database))
        with factory() as session:
            now = datetime.now(UTC)
            demonstration.found(session, at=now - timedelta(days=1), settings=settings)
            session.commit()
            who = {
                name: people.by_username(session, name)
                for name in ("customer", "keeper", "tech", "verifier", "approver")
            }
            points = procedures.plan(procedures.load_procedure("dmm-dcv")).points
            records = []
            for _ in range(NUMBER + 1):
                request = requests.create(
                    session,
                    customer_id=who["customer"].customer_id or 0,
                    instrument=demonstration.ITEM,
                    procedure="DMM-DCV",
                    document_kind="calibration",
                    rule={"rule": "guarded", "r": 1.0},
                    by=who["customer"],
                    at=now,
                )
                requests.receive(
                    session, request.number, condition=demonstration.CONDITION, accessories="", by=who["keeper"], at=now
                )
                rows = []
                for point in points:
                    scale = 1000.0 if point.display_unit == "mV" else 1.0
                    shown = [point.nominal * scale + d * float(point.resolution) * scale for d in (0, 1)]
                    rows.append({"point": point.no, "indications": [f"{x:.9f}" for x in shown]})
                records.append(
                    bench.enter_readings(
                        session,
                        request.number,
                        "as_found",
                        rows,
                        ambient={"temperature": 23.0, "humidity": 45.0},
                        by=who["tech"],
                        at=now,
                    )
                )
            session.commit()
            rendering.signer_of(session, settings)  # keys are made once, on the first start
            coordinator = Coordinator(factory, settings, processes=0, every=0.02)
            coordinator.start()
            password = demonstration.PASSWORD
            for n, record in enumerate(records):
                if n == 1:
                    drained(session)
                    begun, cpu = time.perf_counter(), time.process_time()
                evaluation.submit(session, record.number, password, by=who["tech"], at=now, settings=settings)
                session.commit()
                review.verify(session, record.number, password, by=who["verifier"], at=now)
                session.commit()
                certificates.issue(session, record.number, password, by=who["approver"], at=now, settings=settings)
                session.commit()
                coordinator.wake()
            drained(session)
            wall, cpu = time.perf_counter() - begun, time.process_time() - cpu
            coordinator.stop()
    begun = time.perf_counter()
    for _ in range(10):
        typst.compile(PAGE)
    page = (time.perf_counter() - begun) / 10
    print(
        f"{NUMBER} certificates: {NUMBER / wall:.1f} a second, {1000 * cpu / NUMBER:.0f} ms of CPU each (goal: 10 a second)"
    )
    print(f"beside: {1000 * typed:.0f} ms for each password that a person types")
    print(f"ratio to one bare page of typst ({1000 * page:.1f} ms): {wall / NUMBER / page:.1f}")


if __name__ == "__main__":
    main()
