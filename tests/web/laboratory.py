"""A small laboratory for page tests: the demonstration's people, one request, one reviewed record, certificates."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.config import Settings
from lims.migrations import upgrade
from lims.queries import registers
from lims.records import (
    Certificate,
    CertificateStatus,
    Customer,
    Document,
    Evaluation,
    Instrument,
    Person,
    ProcedureVersion,
    Reading,
    Record,
    Request,
    Result,
)
from lims.records.engine import open_engine, session_factory
from lims.services import demonstration, people, requests
from tests import areas

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
SNAPSHOTS = Path(__file__).parents[2] / "fixtures" / "snapshots"
PASSWORD = demonstration.PASSWORD


def settings_in(folder: Path) -> Settings:
    return Settings(data=folder, bench_speed=1000.0)


def build(folder: Path, settings: Settings | None = None) -> Settings:
    """A database in a folder (or the one that the settings name) with everything page tests look at."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = settings or settings_in(folder)
    engine = open_engine(settings.database)
    upgrade(engine)
    with session_factory(engine)() as session:
        demonstration.found(session, at=AT, settings=settings)
        session.commit()
        a_request(session)
        session.commit()
        request = a_request(session, serial="MY41000002")
        a_record(session, request, state="submitted")
        session.commit()
        issued(session, "calibration_dc_voltage")
        session.commit()
        for area in areas.modules():
            if hasattr(area, "fill"):
                area.fill(session)
                session.commit()
    engine.dispose()
    return settings


def a_request(session: Session, serial: str = "MY41000001", owner: int = 1, *, receive: bool = True) -> Request:
    tech = people.by_username(session, "tech")
    request = requests.create(
        session,
        customer_id=session.scalars(select(Customer.id).order_by(Customer.id)).all()[owner - 1],
        instrument=dict(demonstration.ITEM) | {"serial": serial},
        procedure=registers.current_procedure(session, procedure_name(session)).name,
        document_kind="calibration",
        rule={"rule": "guarded", "r": 1.0},
        by=tech,
        at=AT,
    )
    if receive:
        requests.receive(
            session, request.number, condition={"zh": "外观完好", "en": "No damage"}, accessories="", by=tech, at=AT
        )
    return request


def procedure_name(session: Session) -> str:
    names = session.scalars(select(ProcedureVersion.name).order_by(ProcedureVersion.id)).all()
    return names[0]


def a_record(session: Session, request: Request, state: str = "submitted") -> Record:
    """A record with readings and results taken from the sample snapshot."""
    tech = people.by_username(session, "tech")
    content = json.loads((SNAPSHOTS / "calibration_dc_voltage.json").read_text("utf-8"))
    procedure = session.scalars(select(ProcedureVersion).order_by(ProcedureVersion.id)).first()
    assert procedure is not None
    record = Record(
        number=f"R-{request.number}",
        request_id=request.id,
        procedure_version_id=procedure.id,
        stage="as_found",
        performer_id=tech.person_id,
        state=state,
        run_dir="",
        software=registers.software(),
        setup={"clock": {"simulated": True, "speed": 60.0}, "standards": {}},
        started_at=AT,
        finished_at=AT + timedelta(minutes=50),
    )
    session.add(record)
    session.flush()
    rows = content["result_sets"][0]["rows"]
    seq = 0
    for row in rows:
        for n in range(1, 4):
            seq += 1
            session.add(
                Reading(
                    record_id=record.id,
                    seq=seq,
                    role="item",
                    channel="V",
                    point=row["point"],
                    n=n,
                    indication=float(row["indication"]),
                    unit="V",
                    raw=f"+{float(row['indication']):.8E}",
                    status="ok",
                    at=AT + timedelta(seconds=seq),
                    setup={},
                )
            )
    evaluation = Evaluation(record_id=record.id, version=1, at=AT, software=registers.software(), digest="0" * 64)
    session.add(evaluation)
    session.flush()
    session.add_all(_result(evaluation.id, row) for row in rows)
    session.flush()
    return record


def _result(evaluation_id: int, row: dict[str, Any]) -> Result:
    names = ("function", "range", "nominal", "reference", "indication", "error", "U", "k", "p", "dof", "low", "high")
    names += ("tur", "verdict", "unit")
    quantities = {
        "reading": {"title": {"zh": "示值重复性", "en": "Repeatability of the indication"}, "readings": [1, 2, 3]},
        "source": {"title": {"zh": "标准源证书", "en": "Certificate of the source"}, "U": 1, "k": 2},
    }
    contributions = [
        {"quantity": "reading", "sensitivity": 1.0, "u": 1e-4, "dof": 9, "contribution": 1e-4, "share": 0.3},
        {"quantity": "source", "sensitivity": -1.0, "u": 1.5e-4, "dof": None, "contribution": 1.5e-4, "share": 0.7},
    ]
    return Result(
        evaluation_id=evaluation_id,
        point=row["point"],
        measurand="error",
        unit=row["unit"],
        value=float(row["error"]),
        u=float(row["U"]) / 2,
        dof=None,
        k=2.0,
        p=None,
        U=float(row["U"]),
        reported={name: row.get(name) for name in names},
        budget={"document": {"quantities": quantities}, "answer": {"contributions": {"error": contributions}}},
        verdict={"verdict": row["verdict"]},
    )


def issued(
    session: Session, sample: str, *, owner: int = 1, number: str | None = None, token: str = "T0ken"
) -> Certificate:
    """A certificate from a sample snapshot, with two small files in place of its documents."""
    content = json.loads((SNAPSHOTS / f"{sample}.json").read_text("utf-8"))
    content["number"] = number or content["number"]
    request = a_request(session, serial=f"S-{content['number']}", owner=owner)
    record = a_record(session, request, state="locked")
    certificate = Certificate(
        number=content["number"],
        kind=content["kind"],
        request_id=request.id,
        record_ids=[record.id],
        snapshot=json.dumps(content, ensure_ascii=False),
        digest="ab" * 32,
        token=token,
        issued_at=AT,
    )
    session.add(certificate)
    session.flush()
    approver = session.scalars(select(Person).where(Person.username == "approver")).one()
    session.add(CertificateStatus(certificate_id=certificate.id, status="issued", at=AT, by_id=approver.id))
    for kind, suffix, sha256 in (("pdf", "pdf", "cd" * 32), ("dcc", "xml", "ef" * 32)):
        session.add(
            Document(
                certificate_id=certificate.id,
                kind=kind,
                file_name=f"{content['number']}.{suffix}",
                bytes=b"sample",
                sha256=sha256,
                created_at=AT,
            )
        )
    session.flush()
    return certificate


def items(session: Session) -> list[Instrument]:
    return list(session.scalars(select(Instrument).where(Instrument.kind == "item")))
