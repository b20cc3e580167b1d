"""Valid records with one call; a test states only what matters to it.

    record = a_record(session, state="verified")

Each function adds its row and flushes, so that the id is there; the test commits or not. What a row refers to is made
along the way unless it is given.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from lims.domain import passwords
from lims.domain.actor import Actor
from lims.domain.canonical import canonical, digest_of
from lims.records import (
    Authorisation,
    Base,
    CalibrationVersion,
    Certificate,
    CertificateStatus,
    Customer,
    Evaluation,
    Instrument,
    Laboratory,
    Person,
    PersonRole,
    ProcedureVersion,
    Reading,
    Receipt,
    Record,
    Request,
    Result,
    Signature,
)

AT = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
"""20 November 2026, 09:00 in Shanghai."""
TODAY = date(2026, 11, 20)
PASSWORD = "correct horse battery"
PASSWORD_HASH = passwords.hash_password(PASSWORD)
"""Made once: argon2 is slow on purpose."""

Row = TypeVar("Row", bound=Base)
_numbers = itertools.count(1)


def added(session: Session, row: Row) -> Row:
    session.add(row)
    session.flush()
    return row


def a_laboratory(session: Session, **profile: Any) -> Laboratory:
    content: dict[str, Any] = {
        "name": {"zh": "演示计量中心", "en": "Demonstration Metrology Centre"},
        "address": {"zh": "示例路 1 号", "en": "1 Example Road"},
        "place": {"zh": "电学室", "en": "Electrical room"},
        "code": "DEMO",
        "contact": "lab@demo.invalid",
        "time_zone": "Asia/Shanghai",
        "demonstration": True,
    }
    return added(session, Laboratory(id=1, profile=content | profile))


def a_customer(session: Session, zh: str = "示范公司", en: str = "Model Company") -> Customer:
    return added(session, Customer(name={"zh": zh, "en": en}, address={"zh": "示例路 8 号", "en": "8 Example Road"}))


def a_person(
    session: Session, username: str | None = None, roles: Iterable[str] = ("technician",), **columns: Any
) -> Person:
    """A person whose password is PASSWORD."""
    username = username or f"person{next(_numbers)}"
    values: dict[str, Any] = {"name": {"zh": username, "en": username.title()}, "password_hash": PASSWORD_HASH}
    person = added(session, Person(username=username, **(values | columns)))
    session.add_all(PersonRole(person_id=person.id, role=role) for role in roles)
    session.flush()
    return person


def actor_of(person: Person, *roles: str) -> Actor:
    """The person as services see them, with the roles named (they are not read from the database)."""
    return Actor(person.id, person.username, person.name, frozenset(roles), person.customer_id, person.language)


def an_actor(session: Session, *roles: str, username: str | None = None, **columns: Any) -> Actor:
    return actor_of(a_person(session, username, roles, **columns), *roles)


def an_authorisation(
    session: Session, person_id: int, role: str = "perform", procedure: str = "dmm-dcv", **columns: Any
) -> Authorisation:
    values: dict[str, Any] = {"valid_from": TODAY - timedelta(days=100), "valid_to": TODAY + timedelta(days=265)}
    return added(session, Authorisation(person_id=person_id, role=role, procedure_name=procedure, **(values | columns)))


def an_instrument(session: Session, **columns: Any) -> Instrument:
    """A customer's multimeter; kind="standard", customer_id=None makes one of the laboratory's own."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "code": f"YQ-2026-{number:06d}",
        "kind": "item",
        "description": {"zh": "六位半数字多用表", "en": "6½ digit multimeter"},
        "maker": "Keysight",
        "model": "34401A",
        "serial": f"MY{number:08d}",
        "state": "in_service",
    }
    if "customer_id" not in columns and columns.get("kind", "item") == "item":
        values["customer_id"] = a_customer(session).id
    return added(session, Instrument(**(values | columns)))


def a_standard(session: Session, **columns: Any) -> Instrument:
    values: dict[str, Any] = {
        "kind": "standard",
        "description": {"zh": "多功能校准器", "en": "Multi-product calibrator"},
        "maker": "Fluke",
        "model": "5522A",
        "serial": "2950101",
        "role": "source",
        "resource": "bench:calibrator",
    }
    return an_instrument(session, **(values | columns))


DCV = {
    "function": "DCV",
    "unit": "V",
    "reference_temperature": "23",
    "ranges": [
        {
            "range": "3.3 V",
            "upper": "3.3",
            "points": [
                {"at": "0", "correction": "0", "U": "2e-6", "k": "2", "dof": None},
                {"at": "3", "correction": "1.2e-5", "U": "1.5e-5", "k": "2", "dof": None},
            ],
        }
    ],
}
"""One function of a calibration version, in the shape of lims.domain.standards."""


def a_calibration(session: Session, instrument: Instrument | None = None, **columns: Any) -> CalibrationVersion:
    values: dict[str, Any] = {
        "instrument_id": (instrument or a_standard(session)).id,
        "certificate_number": f"DNMI-2026-E-{next(_numbers):04d}",
        "issuer": {"zh": "演示国家计量院（虚构）", "en": "Demonstration NMI (fictional)", "demonstration": True},
        "issued": TODAY - timedelta(days=100),
        "valid_from": TODAY - timedelta(days=100),
        "valid_to": TODAY + timedelta(days=264),
        "route_class": "a",
        "state": "current",
        "functions": [DCV],
        "upstream": [],
        "correlation": {"kind": "unknown"},
        "source": "manual",
    }
    values |= columns
    values.setdefault("digest", digest_of({"number": values["certificate_number"], "functions": values["functions"]}))
    return added(session, CalibrationVersion(**values))


def a_procedure(
    session: Session, name: str = "dmm-dcv", text: str = "procedure: 1\n", **columns: Any
) -> ProcedureVersion:
    values: dict[str, Any] = {
        "version": f"1.0.{next(_numbers)}",
        "title": {"zh": "数字多用表直流电压", "en": "DC voltage of digital multimeters"},
        "state": "current",
        "method_code": "JJF 1587",
    }
    return added(session, ProcedureVersion(name=name, text=text, digest=digest_of(text), **(values | columns)))


def a_request(session: Session, instrument: Instrument | None = None, **columns: Any) -> Request:
    item = instrument or an_instrument(session)
    values: dict[str, Any] = {
        "number": f"WT-2026-{next(_numbers):06d}",
        "customer_id": item.customer_id,
        "instrument_id": item.id,
        "procedure_name": "dmm-dcv",
        "document_kind": "calibration",
        "rule": {"rule": "none"},
        "state": "received",
        "created_at": AT - timedelta(days=2),
    }
    return added(session, Request(**(values | columns)))


def a_receipt(session: Session, request: Request, by: Person | None = None, **columns: Any) -> Receipt:
    values: dict[str, Any] = {
        "condition": {"zh": "外观完好", "en": "No visible damage"},
        "received_at": AT - timedelta(days=1),
        "by_id": (by or a_person(session, roles=("reception",))).id,
    }
    return added(session, Receipt(request_id=request.id, **(values | columns)))


def a_record(
    session: Session, request: Request | None = None, performer: Person | None = None, **columns: Any
) -> Record:
    values: dict[str, Any] = {
        "number": f"JL-2026-{next(_numbers):06d}",
        "request_id": (request or a_request(session, state="in_work")).id,
        "stage": "as_found",
        "performer_id": (performer or a_person(session)).id,
        "state": "open",
        "software": {"name": "Suyuan", "version": "0"},
        "setup": {},
        "started_at": AT,
        "finished_at": AT + timedelta(hours=1),
    }
    if "procedure_version_id" not in columns:
        values["procedure_version_id"] = a_procedure(session).id
    return added(session, Record(**(values | columns)))


def a_reading(session: Session, record: Record, indication: float | None = 1.00002, **columns: Any) -> Reading:
    number = next(_numbers)
    values: dict[str, Any] = {
        "seq": number,
        "role": "item",
        "channel": "V",
        "point": 1,
        "n": 1,
        "unit": "V",
        "raw": "" if indication is None else f"{indication:+.8E}",
        "status": "overload" if indication is None else "ok",
        "at": AT + timedelta(seconds=number),
        "setup": {},
    }
    return added(session, Reading(record_id=record.id, indication=indication, **(values | columns)))


def an_evaluation(session: Session, record: Record | None = None, **columns: Any) -> Evaluation:
    values: dict[str, Any] = {"version": 1, "at": AT, "software": {}, "digest": "0" * 64}
    return added(session, Evaluation(record_id=(record or a_record(session)).id, **(values | columns)))


def a_result(session: Session, evaluation: Evaluation | None = None, **columns: Any) -> Result:
    values: dict[str, Any] = {
        "point": 1,
        "measurand": "error",
        "unit": "V",
        "value": 2e-5,
        "u": 4e-6,
        "k": 2.0,
        "U": 8e-6,
        "reported": {"error": "0.0000200", "U": "0.0000080"},
        "budget": {},
        "verdict": {"verdict": "none"},
    }
    return added(session, Result(evaluation_id=(evaluation or an_evaluation(session)).id, **(values | columns)))


def a_signature(
    session: Session, object_type: str, object_id: int, meaning: str, person: Person, **columns: Any
) -> Signature:
    values: dict[str, Any] = {"object_digest": "0" * 64, "at": AT, "method": "password"}
    return added(
        session,
        Signature(
            object_type=object_type, object_id=object_id, meaning=meaning, person_id=person.id, **(values | columns)
        ),
    )


def a_certificate(
    session: Session, record: Record | None = None, status: str = "issued", **columns: Any
) -> Certificate:
    """An issued certificate with its status row; the snapshot holds only what the columns say."""
    record = record or a_record(session, state="locked")
    number = f"YS-2026-{next(_numbers):06d}"
    snapshot = {"schema": "suyuan.certificate/1", "number": number, "kind": "calibration"}
    values: dict[str, Any] = {
        "number": number,
        "kind": "calibration",
        "request_id": record.request_id,
        "record_ids": [record.id],
        "snapshot": canonical(snapshot).decode(),
        "digest": digest_of(snapshot),
        "token": "0123456789abcdef",
        "issued_at": AT,
    }
    certificate = added(session, Certificate(**(values | columns)))
    approver = a_person(session, roles=("approver",))
    for name in ("issued", status) if status != "issued" else ("issued",):
        added(
            session,
            CertificateStatus(certificate_id=certificate.id, status=name, at=AT, by_id=approver.id, reason=None),
        )
    return certificate
