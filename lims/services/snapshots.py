"""What a certificate says, as one frozen canonical content: PDF, DCC and page are renderings of it.

`compose` reads the records and builds the content; it decides nothing and stores nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from instruments import procedures
from lims.domain.actor import Actor
from lims.queries import items, registers
from lims.records import (
    CalibrationVersion,
    Customer,
    Evaluation,
    Instrument,
    Person,
    ProcedureVersion,
    Reading,
    Receipt,
    Record,
    Request,
    Result,
    Signature,
    StoredFile,
)
from lims.services import evaluation
from lims.words import both
from uncertainty import conformity, report

TITLES = {
    "calibration": "Calibration certificate",
    "verification": "Verification certificate",
    "result_notice": "Notice of verification result",
    "evaluation_report": "Evaluation report",
}
PRINTED = (
    "function", "range", "nominal", "reference", "indication", "error", "value",
    "U", "k", "p", "dof", "low", "high", "tur", "verdict",
)  # fmt: skip
STAGES = {"as_found": "As found", "as_left": "As left", "result": "Results"}


def compose(
    session: Session,
    request: Request,
    records: Sequence[Record],
    *,
    number: str,
    kind: str,
    token: str,
    url: str,
    approver: Actor | None,
    at: datetime,
    audit_head: Mapping[str, Any],
    supersedes: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The snapshot of a certificate (schema suyuan.certificate/1)."""
    laboratory = registers.laboratory(session)
    zone = registers.zone(session)
    customer = session.get_one(Customer, request.customer_id)
    item = session.get_one(Instrument, request.instrument_id)
    receipt = session.scalar(select(Receipt).where(Receipt.request_id == request.id).order_by(Receipt.id.desc()))
    procedure_versions = {
        r.procedure_version_id: session.get_one(ProcedureVersion, r.procedure_version_id) for r in records
    }
    latest = [_evaluation(session, record) for record in records]
    versions = _versions_used(session, records)
    sets = [_result_set(session, record, found) for record, found in zip(records, latest, strict=True)]
    methods = [_method(version) for version in procedure_versions.values()]
    specification = _specification(next(iter(procedure_versions.values())), item)
    missing = missing_links(session, records)
    demonstration, reasons = _demonstration(laboratory, versions, specification)
    verdicts = [row for found in sets for row in found["rows"] if row["verdict"] != "none"]
    first, last = _span(session, records, zone)
    site = items.site_of(session, request)
    return {
        "schema": "suyuan.certificate/1",
        "number": number,
        "kind": kind,
        "demonstration": demonstration,
        "demonstration_reasons": reasons,
        "title": both(TITLES[kind]),
        "laboratory": {key: laboratory[key] for key in ("name", "address", "code", "contact")},
        "customer": {"name": customer.name, "address": customer.address},
        "item": {
            "code": item.code,
            "description": item.description,
            "maker": item.maker,
            "model": item.model,
            "serial": item.serial,
            "condition": receipt.condition if receipt else both("not applicable"),
        },
        "dates": {
            "received": receipt.received_at.astimezone(zone).date().isoformat() if receipt else None,
            "performed_from": first.isoformat(),
            "performed_to": last.isoformat(),
            "issued": at.astimezone(zone).date().isoformat(),
        },
        "place": laboratory["place"] if site is None else {"zh": site, "en": site},
        "place_kind": "laboratory" if site is None else "customer",
        "methods": methods,
        "sampling": None,
        "environment": _environment(session, records),
        "standards": [_standard(session, version) for version in versions],
        "result_sets": sets,
        "conformity": _conformity(request, verdicts, specification),
        "traceability": _traceability(missing),
        "uncertainty_statement": both(
            "The expanded uncertainty U is the standard uncertainty multiplied by the coverage factor k stated for each "
            "result, for a coverage probability of about 95 %, evaluated according to JJF 1059.1 (JCGM 100). Where the "
            "effective degrees of freedom are few, k is taken from the t-distribution at 95.45 % and the degrees of "
            "freedom are printed."
        ),
        "statements": [
            both("The results relate only to the item described here, in its condition at the time of measurement."),
            both(
                "This document shall not be reproduced except in full without the written approval of the laboratory."
            ),
        ],
        "deviations": _deviations(session, request, records, kind),
        "external_results": _external(session, request),
        "customer_data": [],
        "people": _people(session, records, approver, at, zone),
        "records": [
            {"number": r.number, "digest": evaluation.record_digest(session, r), "evaluation": found.version}
            for r, found in zip(records, latest, strict=True)
        ],
        "software": dict(registers.software()),
        "clock": _clock(records[0]),
        "audit_head": dict(audit_head),
        "supersedes": None if supersedes is None else dict(supersedes),
        "verification": {"url": url, "token": token},
    }


def _clock(record: Record) -> dict[str, Any]:
    clock = record.setup.get("clock", {})
    return {"simulated": bool(clock.get("simulated")), "speed": report.plain(clock.get("speed", 1))}


def _evaluation(session: Session, record: Record) -> Evaluation:
    found = evaluation.latest_evaluation(session, record)
    assert found is not None, "a verified record has been evaluated"
    return found


def _result_set(session: Session, record: Record, found: Evaluation) -> dict[str, Any]:
    return {
        "stage": record.stage,
        "title": both(STAGES[record.stage]),
        "rows": [row(result) for result in evaluation.stored(session, found)],
        "correlation": correlation(evaluation.stored(session, found)) if record.stage == "result" else None,
    }


def row(result: Result) -> dict[str, Any]:
    """One printed line: the strings as reported, with the full numbers beside them."""
    return printed_row(result.point, result.measurand, result.unit, result.reported, result.value, result.U, result.u)


def printed_row(
    point: int, measurand: str, unit: str, reported: Mapping[str, Any], value: float, U: float, u: float
) -> dict[str, Any]:
    return {
        "point": point,
        "quantity": reported.get("quantity") or both("Error of indication"),
        "measurand": measurand,
        "unit": unit,
        "full": {"error": repr(value), "U": repr(U), "u": repr(u)},
    } | {key: reported.get(key) for key in PRINTED}


def correlation(results: Sequence[Result]) -> dict[str, Any] | None:
    """Correlation of several measurands of one evaluation, as printed."""
    if len(results) < 2:
        return None
    answer = results[0].budget["answer"].get("correlation")
    if not answer:
        return None
    names = [result.measurand for result in results]
    order = [answer["names"].index(name) for name in names]
    return {
        "names": names,
        "matrix": [[f"{answer['matrix'][i][j]:.3f}" for j in order] for i in order],
    }


def _versions_used(session: Session, records: Sequence[Record]) -> list[CalibrationVersion]:
    used = session.scalars(
        select(Reading.calibration_version_id)
        .where(Reading.record_id.in_([r.id for r in records]), Reading.calibration_version_id.is_not(None))
        .distinct()
    ).all()
    return list(
        session.scalars(
            select(CalibrationVersion).where(CalibrationVersion.id.in_(used)).order_by(CalibrationVersion.id)
        )
    )


def missing_links(session: Session, records: Sequence[Record]) -> list[dict[str, str]]:
    """What stands between the results and a claim of traceability: each reading must name a calibration version."""
    loose = session.execute(
        select(Reading.channel, func.count())
        .where(
            Reading.record_id.in_([r.id for r in records]),
            Reading.calibration_version_id.is_(None),
        )
        .group_by(Reading.channel)
    ).all()
    return [
        both("{count} readings of {channel} name no calibrated standard", count=count, channel=channel)
        for channel, count in loose
    ]


def _traceability(missing: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    if missing:
        statement = both("No metrological traceability is claimed for these results.")
    else:
        statement = both(
            "The results are metrologically traceable to the SI through the standards listed, each with its certificate."
        )
    return {"claimed": not missing, "statement": statement, "missing": list(missing)}


def _standard(session: Session, version: CalibrationVersion) -> dict[str, Any]:
    instrument = session.get_one(Instrument, version.instrument_id)
    return {
        "code": instrument.code,
        "description": instrument.description,
        "maker": instrument.maker,
        "model": instrument.model,
        "serial": instrument.serial,
        "certificate": version.certificate_number,
        "issuer": version.issuer,
        "issued": version.issued.isoformat(),
        "valid_to": version.valid_to.isoformat(),
        "route_class": version.route_class,
        "digest": version.digest,
        "used_for": both("voltage source") if instrument.role == "source" else both("environment"),
        "demonstration": bool(version.issuer.get("demonstration", True)),
    }


def _method(version: ProcedureVersion) -> dict[str, Any]:
    procedure = registers.procedure_of(version)
    method = procedure.method
    if method.confirmed:
        statement = both("Performed according to this method.")
    else:
        statement = both(
            "Laboratory procedure; the edition of the method named has not been confirmed by the technical manager."
        )
    return {
        "code": method.code,
        "title": dict(method.title),
        "version": method.version,
        "digest": version.digest,
        "statement": statement,
    }


def _specification(version: ProcedureVersion, item: Instrument) -> dict[str, Any] | None:
    """The item's specification that the limits come from; None where files are read."""
    procedure = registers.procedure_of(version)
    if procedure.data is not None:
        return None
    planned = procedures.plan(procedure, item={"model": item.model}).specification
    return {key: planned[key] for key in ("maker", "model", "document", "edition", "page", "interval", "verified")}


def _demonstration(
    laboratory: Mapping[str, Any], versions: Sequence[CalibrationVersion], specification: Mapping[str, Any] | None
) -> tuple[bool, list[dict[str, str]]]:
    reasons = []
    if laboratory.get("demonstration"):
        reasons.append(both("The laboratory and the institutions named are fictional; the bench is simulated."))
    if any(version.issuer.get("demonstration") for version in versions):
        reasons.append(both("The certificates of the standards are fictional."))
    if specification is not None and not specification["verified"]:
        reasons.append(both("The specification used for the limits has not been read in its source."))
    return bool(reasons), reasons


def _conformity(
    request: Request, verdicts: Sequence[Mapping[str, Any]], specification: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    if request.rule.get("rule", "none") == "none" or not verdicts:
        return None
    return {
        "rule": request.rule,
        "statement": conformity.statement(request.rule),
        "specification": None if specification is None else dict(specification),
    }


def _environment(session: Session, records: Sequence[Record]) -> list[dict[str, Any]]:
    names = {
        "temperature": ("Temperature", "t"),
        "humidity": ("Relative humidity", "RH"),
        "pressure": ("Pressure", "p"),
    }
    lines = []
    for channel, unit, low, high, version_id in session.execute(
        select(
            Reading.channel,
            Reading.unit,
            func.min(Reading.indication),
            func.max(Reading.indication),
            func.max(Reading.calibration_version_id),
        )
        .where(Reading.record_id.in_([r.id for r in records]), Reading.role == "ambient", Reading.status == "ok")
        .group_by(Reading.channel, Reading.unit)
        .order_by(Reading.channel.desc())
    ).all():
        title, symbol = names.get(channel, (channel, channel))
        version = None if version_id is None else session.get(CalibrationVersion, version_id)
        sensor = None if version is None else session.get_one(Instrument, version.instrument_id)
        lines.append(
            {
                "quantity": both(title),
                "symbol": symbol,
                "low": f"{low:.2f}" if channel == "temperature" else f"{low:.1f}",
                "high": f"{high:.2f}" if channel == "temperature" else f"{high:.1f}",
                "unit": unit,
                "sensor": "" if sensor is None else f"{sensor.model} {sensor.serial}",
                "U": _ambient_U(version, channel),
            }
        )
    return lines


def _ambient_U(version: CalibrationVersion | None, channel: str) -> str | None:
    if version is None:
        return None
    for function in version.functions:
        if function["function"] == channel:
            return str(max((p["U"] for range_ in function["ranges"] for p in range_["points"]), key=float))
    return None


def _span(session: Session, records: Sequence[Record], zone: ZoneInfo) -> tuple[date, date]:
    first, last = session.execute(
        select(func.min(Reading.at), func.max(Reading.at)).where(Reading.record_id.in_([r.id for r in records]))
    ).one()
    return first.astimezone(zone).date(), last.astimezone(zone).date()


def _deviations(session: Session, request: Request, records: Sequence[Record], kind: str) -> list[dict[str, str]]:
    lines = [
        both("Left out: {what}. {why}", what=each.payload["left_out"], why=each.note)
        for each in items.events_of(session, request.id, "partial")
    ]
    if kind == "evaluation_report":
        lines.append(both("This report is no certificate: nobody has verified or approved it."))
    file = records[0].setup.get("file")
    if file:
        stored = session.get_one(StoredFile, file["id"])
        origin = str(stored.provenance.get("origin", ""))
        lines.append(
            both(
                "The readings come from the file {name} (SHA-256 {sha256}), origin: {origin}.",
                name=stored.name,
                sha256=stored.sha256,
                origin=origin,
            )
        )
    clock = records[0].setup.get("clock", {})
    if clock.get("simulated"):
        lines.append(
            both(
                "Measured on a simulated bench whose clock ran {speed} times as fast.",
                speed=report.plain(clock["speed"]),
            )
        )
    if records[0].setup.get("by_hand"):
        lines.append(both("The readings were read by a person and entered by hand."))
    return lines


def _external(session: Session, request: Request) -> list[dict[str, str]]:
    """Results of other laboratories, clearly named as theirs (ISO/IEC 17025:2017, 7.8.2.1 p)."""
    return [
        both(
            "Measured by {provider}, certificate {certificate}: {measurand}. Not part of this certificate's results.",
            provider=dict(each.payload["name"]),
            certificate=each.payload["certificate"],
            measurand=each.payload["measurand"],
        )
        for each in items.events_of(session, request.id, "subcontract_returned")
    ]


def _people(
    session: Session, records: Sequence[Record], approver: Actor | None, at: datetime, zone: ZoneInfo
) -> list[dict[str, Any]]:
    titles = {"perform": ("performer", "Calibration technician"), "verify": ("verifier", "Verification technician")}
    people = []
    for meaning, (role, title) in titles.items():
        signature = session.scalar(
            select(Signature)
            .where(
                Signature.object_type == "record",
                Signature.object_id == records[-1].id,
                Signature.meaning == meaning,
            )
            .order_by(Signature.id.desc())
        )
        if signature is not None:
            person = session.get_one(Person, signature.person_id)
            people.append(
                {
                    "role": role,
                    "name": person.name,
                    "title": both(title),
                    "at": signature.at.astimezone(zone).isoformat(),
                }
            )
    if approver is None:
        return people
    people.append(
        {
            "role": "approver",
            "name": dict(approver.name),
            "title": both("Authorised signatory"),
            "at": at.astimezone(zone).isoformat(),
        }
    )
    return people
