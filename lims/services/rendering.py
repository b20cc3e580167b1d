"""Documents of issued certificates: what the records say is due, rendered and signed, each once.

"Issued but not rendered" is a question to the records, not a queue. A task is claimed with a lease, so that two workers
never do the same; a worker that dies leaves its lease to run out, and the work is taken up again.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import audit
from lims.config import Settings
from lims.documents import dcc, keys, pdf, signing
from lims.documents.schemas import Schemas, locate
from lims.domain.errors import DccNotValid
from lims.queries import leases, registers
from lims.records import Certificate, Document, Reading, Record
from lims.services import evaluation

LEASE = timedelta(minutes=2)


def due(session: Session, *, limit: int = 100) -> list[str]:
    """Numbers of issued certificates that have no signed PDF yet, oldest first."""
    rendered = select(Document.certificate_id).where(Document.kind == "pdf")
    return list(
        session.scalars(
            select(Certificate.number).where(Certificate.id.not_in(rendered)).order_by(Certificate.id).limit(limit)
        )
    )


def claim(session: Session, number: str, *, holder: str, at: datetime) -> bool:
    """True when this worker may render the certificate now."""
    return leases.claim(session, f"render:{number}", holder=holder, at=at, until=at + LEASE)


def content(session: Session, number: str) -> str:
    """The frozen content of a certificate."""
    return session.scalars(select(Certificate.snapshot).where(Certificate.number == number)).one()


def make(frozen: str, signer: keys.Keys, schemas: Schemas | None) -> tuple[bytes, bytes, str]:
    """(signed PDF, signed DCC, SHA-256 of the PDF before signing) of a frozen content. No database: a worker's part."""
    snapshot = json.loads(frozen)
    xml = dcc.build(snapshot)
    if schemas is not None:
        wrong = dcc.validate(xml, schemas)
        if wrong:
            raise DccNotValid(number=snapshot["number"], finding=str(wrong[0]), count=len(wrong))
    signed_xml = signing.sign_dcc(xml, signer)
    unsigned = pdf.render(snapshot, signed_xml)
    return signing.sign_pdf(unsigned, signer), signed_xml, hashlib.sha256(unsigned).hexdigest()


def store(session: Session, number: str, made: tuple[bytes, bytes, str], *, at: datetime) -> list[Document]:
    """Keep the two files with their digests; done twice, the second changes nothing."""
    certificate = session.scalars(select(Certificate).where(Certificate.number == number)).one()
    known = session.scalars(select(Document).where(Document.certificate_id == certificate.id)).all()
    if known:
        return list(known)
    signed_pdf, signed_xml, unsigned = made
    documents = [
        Document(
            certificate_id=certificate.id,
            kind=kind,
            file_name=name,
            bytes=data,
            sha256=hashlib.sha256(data).hexdigest(),
            unsigned_sha256=digest,
            created_at=at,
        )
        for kind, name, data, digest in (
            ("pdf", f"{number}.pdf", signed_pdf, unsigned),
            ("dcc", pdf.dcc_name(number), signed_xml, None),
        )
    ]
    session.add_all(documents)
    session.flush()
    audit.append(
        session,
        "certificate.rendered",
        "certificate",
        number,
        by="worker",
        at=at,
        payload={document.kind: document.sha256 for document in documents},
    )
    return documents


def render_due(
    session: Session, *, at: datetime, settings: Settings, holder: str = "here", only: str | None = None
) -> list[str]:
    """Render every certificate that is due, one transaction each (committed here, for each is a task of its own).

    only: the number of the one that is waited for; the others stay due.
    """
    signer = signer_of(session, settings)
    done = []
    for number in due(session):
        if (only is not None and number != only) or not claim(session, number, holder=holder, at=at):
            continue
        session.commit()
        frozen = content(session, number)
        session.rollback()
        made = make(frozen, signer, schemas_of(settings))
        store(session, number, made, at=at)
        leases.release(session, f"render:{number}")
        session.commit()
        done.append(number)
    return done


def schemas_of(settings: Settings) -> Schemas | None:
    """The DCC schemas that are installed, if any: the setting first, then the laboratory's data folder."""
    return locate(settings.dcc_schemas, settings.data / "schemas")


def signer_of(session: Session, settings: Settings) -> keys.Keys:
    return keys.open_or_make(settings.data / "keys", registers.laboratory(session)["name"]["zh"])


def document(session: Session, number: str, kind: str) -> Document | None:
    return session.scalar(
        select(Document)
        .join(Certificate, Certificate.id == Document.certificate_id)
        .where(Certificate.number == number, Document.kind == kind)
    )


def results_text(session: Session, number: str) -> list[str]:
    """The printed results of a certificate or report, a line each."""
    lines = []
    for results in json.loads(content(session, number))["result_sets"]:
        for row in results["rows"]:
            name = row["measurand"]
            value = row.get("value") or row["error"]
            lines.append(f"{name} = {value} {row['unit']}, U = {row['U']} {row['unit']}, k = {row['k']}")
        correlation = results.get("correlation")
        if correlation:
            names, matrix = correlation["names"], correlation["matrix"]
            for i, a in enumerate(names):
                lines += [f"r({a}, {names[j]}) = {matrix[i][j]}" for j in range(i)]
    return lines


def sheets(session: Session, number: str) -> dict[str, str]:
    """The record and the budget of every point of a certificate as files for people and programs: suffix → text."""
    certificate = session.scalars(select(Certificate).where(Certificate.number == number)).one()
    records = session.scalars(select(Record).where(Record.id.in_(certificate.record_ids)).order_by(Record.id)).all()
    lines = ["record,point,role,channel,n,indication,unit,raw,status,at,calibration_version"]
    budgets = []
    for record in records:
        for r in session.scalars(select(Reading).where(Reading.record_id == record.id).order_by(Reading.seq)):
            raw = '"' + r.raw.replace('"', '""') + '"'
            cells: list[object] = [record.number, r.point, r.role, r.channel, r.n, r.indication, r.unit, raw, r.status]
            cells += [r.at.isoformat(), r.calibration_version_id]
            lines.append(",".join("" if cell is None else str(cell) for cell in cells))
        latest = evaluation.latest_evaluation(session, record)
        for result in [] if latest is None else evaluation.stored(session, latest):
            budgets.append(
                {"record": record.number, "point": result.point, "reported": result.reported} | result.budget
            )
    return {
        "record.csv": "\ufeff" + "\n".join(lines) + "\n",
        "budgets.json": json.dumps(budgets, ensure_ascii=False, indent=1),
    }
