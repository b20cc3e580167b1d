"""Time of the certificate list with 10,000 certificates, beside an empty Flask page in the same run.

    python benchmarks/pages.py [--certificates N] [--repeats N] [--json]

Both are asked through the same test client, in turns, so that what else the machine does falls on both. Printed are
median and 95th percentile of the first page, of a page deep in the list, and of a search; the yardstick is one empty
Flask view. Goal of the product: 150 ms at the 95th percentile on the server.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import insert

from lims.config import Settings
from lims.migrations import upgrade
from lims.records import Certificate, CertificateStatus, Instrument, Request
from lims.records.engine import open_engine, session_factory
from lims.services import demonstration
from web.app import create_app

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


def laboratory(folder: Path, certificates: int) -> Settings:
    """A demonstration laboratory with that many issued certificates, one request and item each."""
    settings = Settings(data=folder)
    engine = open_engine(settings.database)
    upgrade(engine)
    numbers = range(1, certificates + 1)
    with session_factory(engine)() as session:
        demonstration.found(session, at=AT, settings=settings)
        session.commit()
        base = 1000
        session.execute(
            insert(Instrument),
            [
                {
                    "id": base + n,
                    "code": f"B-{n:06d}",
                    "kind": "item",
                    "description": {"zh": "数字多用表", "en": "meter"},
                }
                | {"maker": "Keysight", "model": "34401A", "serial": f"MY4{n:07d}", "customer_id": 1 + n % 2}
                | {"state": "in_service"}
                for n in numbers
            ],
        )
        session.execute(
            insert(Request),
            [
                {"id": base + n, "number": f"B-{n:06d}", "customer_id": 1 + n % 2, "instrument_id": base + n}
                | {"procedure_name": "DMM-DCV", "document_kind": "calibration", "rule": {"rule": "none"}, "note": ""}
                | {"as_left": False, "state": "issued", "created_at": AT}
                for n in numbers
            ],
        )
        session.execute(
            insert(Certificate),
            [
                {"id": n, "number": f"YS-2026-{n:06d}", "kind": "calibration", "request_id": base + n, "record_ids": []}
                | {"snapshot": "{}" + " " * 20_000, "digest": f"{n:064x}", "token": "t"}
                | {"issued_at": AT + timedelta(minutes=n)}
                for n in numbers
            ],
        )
        session.execute(
            insert(CertificateStatus),
            [{"certificate_id": n, "status": "issued", "at": AT, "by_id": 3} for n in numbers],
        )
        session.commit()
    engine.dispose()
    return settings


def clients(settings: Settings) -> tuple[Callable[[str], Any], Callable[[], Any]]:
    """(get of a page as the auditor, get of an empty Flask page)."""
    app = create_app(settings, LIMS_CLOCK=lambda: AT)
    client = app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in").get_data(as_text=True))
    assert token is not None
    fields = {"csrf_token": token[1], "username": "auditor", "password": demonstration.PASSWORD}
    assert client.post("/sign-in", data=fields).status_code == 302
    empty = Flask("empty")
    empty.add_url_rule("/", "nothing", lambda: "")
    other = empty.test_client()
    return (lambda path: client.get(path, headers={"Accept": "text/html"})), (lambda: other.get("/"))


def timed(call: Callable[[], Any]) -> float:
    """Milliseconds of one call that has to answer 200."""
    start = time.perf_counter()
    answer = call()
    answer.get_data()
    spent = (time.perf_counter() - start) * 1000
    assert answer.status_code == 200
    return spent


def measure(certificates: int, repeats: int) -> dict[str, dict[str, float]]:
    with tempfile.TemporaryDirectory() as name:
        get, empty = clients(laboratory(Path(name), certificates))
        paths = {
            "first page": "/certificates/",
            "page in the middle": f"/certificates/?after={certificates // 2}",
            "search by serial": f"/certificates/?q=MY4{certificates // 3:07d}",
        }
        taken: dict[str, list[float]] = {name: [] for name in (*paths, "empty Flask page")}
        for path in paths.values():
            timed(lambda path=path: get(path))  # type: ignore[misc]
        for _ in range(repeats):
            for label, path in paths.items():
                taken[label].append(timed(lambda path=path: get(path)))  # type: ignore[misc]
            taken["empty Flask page"].append(timed(empty))
    yardstick = statistics.median(taken["empty Flask page"])
    return {
        label: {
            "median_ms": round(statistics.median(times), 2),
            "p95_ms": round(statistics.quantiles(times, n=20)[-1], 2),
            "times_the_empty_page": round(statistics.median(times) / yardstick, 1),
        }
        for label, times in taken.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--certificates", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=40)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = measure(options.certificates, options.repeats)
    if options.json:
        print(json.dumps(found))
        return
    print(f"{options.certificates} certificates, {options.repeats} repeats")
    for label, figures in found.items():
        print(
            f"{label:20} median {figures['median_ms']:8.2f} ms   p95 {figures['p95_ms']:8.2f} ms   "
            f"{figures['times_the_empty_page']:6.1f} × the empty page"
        )


if __name__ == "__main__":
    main()
