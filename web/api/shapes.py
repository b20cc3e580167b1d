"""Records as plain JSON for machines: the same names in every answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from math import isfinite
from typing import Any

from lims.domain.errors import UnusableValue
from lims.domain.gates import Reason
from lims.queries import history, traceability, worklists
from lims.queries.certificates import CertificateLine
from lims.queries.details import RequestDetail
from lims.services.authentication import PublicStatus
from lims.words import N_


def instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def item(found: Any) -> dict[str, Any]:
    names = ("code", "maker", "model", "serial", "description")
    return {name: getattr(found, name) for name in names}


def either(instrument: int | None, item: dict[str, Any] | None) -> int | dict[str, Any]:
    """The id of an instrument, or what an item not seen before is. Raises UnusableValue."""
    if instrument is not None and item is None:
        return instrument
    if instrument is None and item is not None:
        return item
    raise UnusableValue(field="instrument", found=N_("both or neither"), right=N_("either an id, or the item's data"))


def request_line(line: worklists.RequestLine) -> dict[str, Any]:
    return {
        "number": line.request.number,
        "state": line.request.state,
        "item": item(line.item),
        "customer": line.customer.name,
        "created_at": instant(line.request.created_at),
        "record": None if line.record is None else {"number": line.record.number, "state": line.record.state},
    }


def request_detail(found: RequestDetail) -> dict[str, Any]:
    request = found.request
    return {
        "number": request.number,
        "state": request.state,
        "item": item(found.item),
        "customer": found.customer.name,
        "procedure": request.procedure_name,
        "document_kind": request.document_kind,
        "rule": request.rule,
        "as_left": request.as_left,
        "note": request.note,
        "created_at": instant(request.created_at),
        "received_at": instant(found.receipts[-1].received_at) if found.receipts else None,
        "records": [{"number": r.number, "stage": r.stage, "state": r.state} for r in found.records],
        "certificates": [c.number for c in found.certificates],
    }


def gate(line: Reason) -> dict[str, Any]:
    return {"ok": line.ok, "code": line.code, "text": dict(line.text), "clause": line.clause, "warn": line.warn}


def record(found: history.RecordDetail) -> dict[str, Any]:
    kept = found.record
    corrected = {c.reading_id: c.new for c in found.corrections}
    return {
        "number": kept.number,
        "request": found.request.number,
        "stage": kept.stage,
        "state": kept.state,
        "performer": found.performer.username,
        "procedure": {
            "name": found.procedure.name,
            "version": found.procedure.version,
            "digest": found.procedure.digest,
        },
        "started_at": instant(kept.started_at),
        "finished_at": instant(kept.finished_at),
        "software": kept.software,
        "evaluation": None
        if found.evaluation is None
        else {"version": found.evaluation.version, "digest": found.evaluation.digest},
        "results": [
            {"point": r.point, "measurand": r.measurand, "unit": r.unit, "value": r.value, "u": r.u, "dof": r.dof}
            | {"k": r.k, "p": r.p, "U": r.U, "reported": r.reported, "budget": r.budget}
            for r in found.results
        ],
        "readings": [
            {"seq": g.seq, "role": g.role, "channel": g.channel, "point": g.point, "n": g.n, "indication": g.indication}
            | {"unit": g.unit, "raw": g.raw, "status": g.status, "at": instant(g.at), "flag": g.flag}
            | {"calibration_version": g.calibration_version_id, "corrected": corrected.get(g.id)}
            for g in found.readings
        ],
        "signatures": [
            {
                "meaning": s.meaning,
                "by": found.people[s.person_id].username,
                "at": instant(s.at),
                "digest": s.object_digest,
            }
            for s in found.signatures
        ],
        "certificates": [c.number for c in found.certificates],
    }


def certificate_line(line: CertificateLine) -> dict[str, Any]:
    return {
        "number": line.number,
        "kind": line.kind,
        "status": line.status,
        "issued_at": instant(line.issued_at),
        "customer": line.customer,
        "maker": line.maker,
        "model": line.model,
        "serial": line.serial,
        "request": line.request,
    }


def public_status(found: PublicStatus) -> dict[str, Any]:
    return {
        "number": found.number,
        "status": found.status,
        "issued": instant(found.issued),
        "digest": found.digest or None,
        "documents": found.digests,
        "reason": found.reason,
        "changed_at": instant(found.changed_at) if found.status in ("superseded", "withdrawn") else None,
        "successor": found.successor,
    }


def link(found: traceability.Link) -> dict[str, Any]:
    return {
        "level": found.level,
        "code": found.code,
        "maker": found.maker,
        "model": found.model,
        "serial": found.serial,
        "certificate": found.certificate,
        "issuer": found.issuer,
        "valid_from": found.valid_from.isoformat(),
        "valid_to": found.valid_to.isoformat(),
        "used_on": found.used_on.isoformat(),
        "valid": found.valid,
        "gap": found.gap,
        "realises_si": found.realises_si,
        "uncertainty": [list(line) for line in found.uncertainty()],
    }


def fields_of(found: Any) -> Any:
    """A value of our own (a frozen dataclass without records in it) as JSON; figures that are none become null."""
    if is_dataclass(found) and not isinstance(found, type):
        return {each.name: fields_of(getattr(found, each.name)) for each in fields(found)}
    if isinstance(found, Mapping):
        return {str(key): fields_of(each) for key, each in found.items()}
    if isinstance(found, list | tuple | set | frozenset):
        return [fields_of(each) for each in found]
    if isinstance(found, datetime | date):
        return found.isoformat()
    if isinstance(found, float):
        return found if isfinite(found) else None
    return found if found is None or isinstance(found, str | int) else str(found)
