"""Readings that come as a file: kept whole with its digest and provenance, evaluated like any others.

The file's standards may be declared (channel → instrument in the register). A file without them yields an evaluation
report, which says that no traceability is claimed; a certificate is refused with the missing links.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

import uncertainty
from instruments import procedures
from lims import __version__, audit
from lims.domain import gates, states
from lims.domain.actor import Actor
from lims.domain.errors import GateClosed, NotFound, StandardDoesNotCover, StandardNotValid, UnusableValue
from lims.domain.rights import require
from lims.queries import registers
from lims.queries.details import request_by_number
from lims.records import Instrument, Reading, Record, StoredFile
from lims.records.series import next_number
from lims.services import person_gates
from lims.words import N_


def import_readings(
    session: Session,
    request_number: str,
    file_name: str,
    content: bytes,
    *,
    provenance: Mapping[str, Any],
    by: Actor,
    at: datetime,
    standards: Mapping[str, str] | None = None,
) -> Record:
    """A record from a file of readings.

    provenance: who measured where, as told by the importer ({"origin": text, …}).
    standards: channel → code of the standard that measured it; each must be in date.
    Raises ProcedureError-like sentences with row and column for a wrong cell; nothing is stored by half.
    """
    require(by, "readings.import")
    request = request_by_number(session, request_number, by=by)
    version = registers.current_procedure(session, request.procedure_name)
    procedure = registers.procedure_of(version)
    if procedure.data is None:
        raise UnusableValue(field="procedure", found=version.name, right=N_("a procedure that reads files"))
    today = registers.day(session, at)
    closed = gates.closed(person_gates.lines(session, request.id, version, "perform", by=by, day=today))
    if closed:
        raise GateClosed(step="import readings", reason=closed[0].text, clause=closed[0].clause, closed=len(closed))
    table = procedures.read_readings(content, procedure, name=file_name)
    versions = _declared(session, standards or {}, table, at)
    stored = StoredFile(
        name=file_name,
        sha256=hashlib.sha256(content).hexdigest(),
        bytes=content,
        provenance=dict(provenance) | {"importer": f"suyuan.csv {__version__}"},
        imported_by_id=by.person_id,
        at=at,
    )
    session.add(stored)
    session.flush()
    record = Record(
        number=next_number(session, "record", at),
        request_id=request.id,
        procedure_version_id=version.id,
        stage="result",
        performer_id=by.person_id,
        state="open",
        run_dir="",
        journal_head=stored.sha256,
        software=registers.software(),
        setup={
            "clock": {"simulated": False, "speed": 1.0},
            "file": {"id": stored.id, "name": file_name, "sha256": stored.sha256},
            "standards": dict(standards or {}),
        },
        started_at=at,
        finished_at=at,
    )
    session.add(record)
    if request.state in ("accepted", "received"):
        states.REQUEST.move(request, "in_work")
    session.flush()
    session.execute(insert(Reading), _rows(record.id, table, versions, at))
    audit.append(
        session,
        "record.imported",
        "record",
        record.number,
        by=by.username,
        at=at,
        after=stored.sha256,
        payload={"request": request.number, "file": file_name},
    )
    return record


def _rows(record_id: int, table: procedures.Table, versions: Mapping[str, int], at: datetime) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for n in range(table.rows):
        for channel, values in table.values.items():
            rows.append(
                {
                    "record_id": record_id,
                    "seq": len(rows) + 1,
                    "role": "item",
                    "channel": channel,
                    "point": 1,
                    "n": n + 1,
                    "indication": values[n],
                    "unit": table.units[channel],
                    "raw": table.raw[channel][n],
                    "status": "ok",
                    "at": at,
                    "setup": {},
                    "calibration_version_id": versions.get(channel),
                    "flag": None,
                }
            )
    return rows


def _declared(session: Session, standards: Mapping[str, str], table: procedures.Table, at: datetime) -> dict[str, int]:
    """Calibration version of each column's standard: in force today, and covering what the column holds."""
    versions = {}
    for channel, code in standards.items():
        instrument = session.scalar(select(Instrument).where(Instrument.code == code))
        if instrument is None:
            raise NotFound(kind="standard", number=code)
        calibration = registers.current_calibration(session, instrument.id)
        if calibration is None:
            raise NotFound(kind="calibration", number=code)
        today = registers.day(session, at)
        if not calibration.valid_from <= today <= calibration.valid_to:
            raise StandardNotValid(standard=code, used_at=today, valid_to=calibration.valid_to)
        if channel not in table.values:
            raise UnusableValue(field="standards", found=channel, right=", ".join(table.values))
        unit, values = table.units[channel], table.values[channel]
        if not any(_covers(function, unit, min(values), max(values)) for function in calibration.functions):
            raise StandardDoesNotCover(
                standard=code,
                certificate=calibration.certificate_number,
                function=channel,
                setting=f"{min(values):g} … {max(values):g} {unit}",
            )
        versions[channel] = calibration.id
    return versions


def _covers(function: Mapping[str, Any], unit: str, low: float, high: float) -> bool:
    """Whether a certified function is of the column's dimension and its calibrated points span the readings."""
    if uncertainty.units.parse(function["unit"]).dimension != uncertainty.units.parse(unit).dimension:
        return False
    points = [
        uncertainty.units.convert(float(point["at"]), function["unit"], unit)
        for range_ in function["ranges"]
        for point in range_["points"]
    ]
    return bool(points) and min(points) <= low and high <= max(points)
