"""A laboratory's past taken over from spreadsheets: looked at first, each wrong cell marked, then whole or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import audit
from lims.domain import sheets, states
from lims.domain.actor import Actor
from lims.domain.errors import UnusableValue
from lims.domain.rights import require
from lims.queries import exchange
from lims.records import Customer, ImportBatch, Instrument, LegacyCertificate, StoredFile
from lims.records.series import next_number
from lims.words import N_, both

SHOWN_FAULTS = 1000
"""Faults that a batch keeps; the rest is counted."""


@dataclass(slots=True)
class Plan:
    """What an import would do. new: rows to be added; same: those that are there already."""

    sheet: sheets.Sheet
    new: list[tuple[sheets.Row, dict[str, Any]]] = field(default_factory=list)
    same: int = 0


def look_at(session: Session, kind: str, name: str, content: bytes, *, by: Actor, at: datetime) -> ImportBatch:
    """Keep the file and what was found in it; nothing else is stored. Raises UnusableValue."""
    require(by, "exchange.import")
    plan = _plan(session, kind, content, name)
    file = StoredFile(
        name=name[:200],
        sha256=hashlib.sha256(content).hexdigest(),
        bytes=content,
        provenance={"import": kind},
        imported_by_id=by.person_id,
        at=at,
    )
    session.add(file)
    session.flush()
    batch = ImportBatch(
        number=next_number(session, "import", at),
        kind=kind,
        file_id=file.id,
        findings=_findings(plan),
        state="looked_at",
        by_id=by.person_id,
        at=at,
    )
    session.add(batch)
    session.flush()
    facts = {"kind": kind, "sha256": file.sha256, "rows": len(plan.sheet.rows), "faults": len(plan.sheet.faults)}
    audit.append(session, "import.looked_at", "import", batch.number, by=by.username, at=at, payload=facts)
    return batch


def _findings(plan: Plan) -> dict[str, Any]:
    listed = [
        {"row": f.row, "column": f.column, "heading": f.heading, "found": f.found,
         "right": f.right if isinstance(f.right, Mapping) else both(f.right)}
        for f in sorted(plan.sheet.faults, key=lambda f: (f.row, f.column))[:SHOWN_FAULTS]
    ]  # fmt: skip
    return {
        "rows": len(plan.sheet.rows),
        "new": len(plan.new),
        "same": plan.same,
        "wrong": len({fault.row for fault in plan.sheet.faults}),
        "faults": listed,
        "fault_count": len(plan.sheet.faults),
    }


def apply(session: Session, number: str, *, by: Actor, at: datetime) -> ImportBatch:
    """Take the sheet over, whole, as it stands in the file and against what is there now. Raises UnusableValue."""
    require(by, "exchange.import")
    batch = exchange.batch(session, number, by, lock=True)
    states.IMPORT.require(number, batch.state, "applied")
    file = session.get_one(StoredFile, batch.file_id)
    plan = _plan(session, batch.kind, file.bytes, file.name)
    if plan.sheet.faults:
        count = len({fault.row for fault in plan.sheet.faults})
        raise UnusableValue(
            field="file", found=both("{n} wrong lines", n=count), right=N_("a sheet without a wrong cell")
        )
    _ADD[batch.kind](session, plan, batch, at)
    states.IMPORT.move(batch, "applied")
    batch.applied_at, batch.findings = at, _findings(plan)
    session.flush()
    facts = {"kind": batch.kind, "sha256": file.sha256, "new": len(plan.new), "same": plan.same}
    audit.append(session, "import.applied", "import", number, by=by.username, at=at, payload=facts)
    return batch


def discard(session: Session, number: str, *, by: Actor, at: datetime) -> ImportBatch:
    """It is not taken over; the file stays as evidence."""
    require(by, "exchange.import")
    batch = exchange.batch(session, number, by, lock=True)
    states.IMPORT.move(batch, "discarded")
    session.flush()
    audit.append(session, "import.discarded", "import", number, by=by.username, at=at)
    return batch


def _plan(session: Session, kind: str, content: bytes, name: str) -> Plan:
    plan = Plan(sheets.read(kind, content, name))
    bad = {fault.row for fault in plan.sheet.faults}
    _PLAN[kind](session, plan, bad)
    return plan


def _customers(session: Session) -> dict[str, int]:
    """Every name of a customer, Chinese and English → the customer."""
    found: dict[str, int] = {}
    for id_, name in session.execute(select(Customer.id, Customer.name)):
        for said in (name.get("zh", ""), name.get("en", "")):
            if said.strip():
                found.setdefault(said.strip(), id_)
    return found


def _plan_customers(session: Session, plan: Plan, bad: set[int]) -> None:
    known = _customers(session)
    for row in plan.sheet.rows:
        if row.line in bad:
            continue
        if row.values["name"] in known:
            plan.same += 1
        else:
            plan.new.append((row, {}))


def _add_customers(session: Session, plan: Plan, _batch: ImportBatch, _at: datetime) -> None:
    session.add_all(
        Customer(
            name={"zh": v["name"], "en": v["name_en"] or v["name"]},
            address={"zh": v["address"], "en": v["address_en"] or v["address"]},
            contact=v["contact"],
        )
        for v in (row.values for row, _ in plan.new)
    )


def _instruments(session: Session) -> dict[tuple[int, str, str], int]:
    rows = session.execute(
        select(Instrument.customer_id, Instrument.model, Instrument.serial, Instrument.id).where(
            Instrument.kind == "item", Instrument.customer_id.is_not(None)
        )
    )
    return {(int(customer or 0), model, serial): id_ for customer, model, serial, id_ in rows}


def _owned(plan: Plan, row: sheets.Row, owners: Mapping[str, int]) -> int | None:
    owner = owners.get(row.values["customer"])
    if owner is None:
        plan.sheet.fault(row, "customer", N_("the name of a customer that is there already"))
    return owner


def _plan_instruments(session: Session, plan: Plan, bad: set[int]) -> None:
    owners, known = _customers(session), _instruments(session)
    for row in plan.sheet.rows:
        owner = None if row.line in bad else _owned(plan, row, owners)
        if owner is None:
            continue
        if (owner, row.values["model"], row.values["serial"]) in known:
            plan.same += 1
        else:
            plan.new.append((row, {"customer_id": owner}))


def _add_instruments(session: Session, plan: Plan, _batch: ImportBatch, at: datetime) -> None:
    for row, more in plan.new:
        v = row.values
        details = {name: v[name] for name in ("range", "location") if v.get(name)}
        if v.get("interval"):
            details["interval"] = str(v["interval"])
        session.add(
            Instrument(
                code=next_number(session, "instrument", at),
                kind="item",
                description={"zh": v["description"], "en": v.get("description_en") or v["description"]},
                maker=v["maker"],
                model=v["model"],
                serial=v["serial"],
                customer_id=more["customer_id"],
                state="in_service",
                due=v.get("due"),
                details=details,
            )
        )


def _plan_standards(session: Session, plan: Plan, bad: set[int]) -> None:
    there = {
        tuple(key)
        for key in session.execute(
            select(Instrument.maker, Instrument.model, Instrument.serial).where(Instrument.customer_id.is_(None))
        )
    }
    for row in plan.sheet.rows:
        if row.line in bad:
            continue
        if sheets.key_of("standards", row.values) in there:
            plan.same += 1
        else:
            plan.new.append((row, {}))


def _add_standards(session: Session, plan: Plan, _batch: ImportBatch, at: datetime) -> None:
    """The equipment with what its certificate is called; its figures are entered with the certificate in hand."""
    for row, _more in plan.new:
        v = row.values
        session.add(
            Instrument(
                code=next_number(session, "instrument", at),
                kind="standard",
                description={"zh": v["description"], "en": v.get("description_en") or v["description"]},
                maker=v["maker"],
                model=v["model"],
                serial=v["serial"],
                customer_id=None,
                state="in_service",
                due=v.get("due"),
                details={name: v[name] for name in ("asset", "certificate", "issuer") if v.get(name)},
            )
        )


def _plan_certificates(session: Session, plan: Plan, bad: set[int]) -> None:
    owners, known = _customers(session), _instruments(session)
    there = set(session.scalars(select(LegacyCertificate.number)))
    for row in plan.sheet.rows:
        v = row.values
        if row.line in bad:
            continue
        if v["kind"].strip().casefold() not in sheets.KINDS:
            plan.sheet.fault(row, "kind", ", ".join(sheets.KINDS))
            continue
        if v["valid_to"] is not None and v["valid_to"] < v["issued"]:
            plan.sheet.fault(row, "valid_to", N_("a last day that is not before the first"))
            continue
        owner = _owned(plan, row, owners)
        item = None if owner is None else known.get((owner, v["model"], v["serial"]))
        if owner is not None and item is None:
            plan.sheet.fault(row, "serial", N_("an instrument of this customer that is there already"))
        elif v["number"] in there:
            plan.same += 1
        elif item is not None:
            plan.new.append((row, {"customer_id": owner, "instrument_id": item}))


def _add_certificates(session: Session, plan: Plan, batch: ImportBatch, _at: datetime) -> None:
    session.add_all(
        LegacyCertificate(
            number=row.values["number"],
            kind=sheets.KINDS[row.values["kind"].strip().casefold()],
            issued=row.values["issued"],
            valid_to=row.values["valid_to"],
            data={"result": row.values["result"], "line": row.line},
            import_batch_id=batch.id,
            **more,
        )
        for row, more in plan.new
    )


_PLAN = {
    "customers": _plan_customers,
    "instruments": _plan_instruments,
    "standards": _plan_standards,
    "certificates": _plan_certificates,
}
_ADD = {
    "customers": _add_customers,
    "instruments": _add_instruments,
    "standards": _add_standards,
    "certificates": _add_certificates,
}
