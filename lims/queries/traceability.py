"""The chain from a certificate to the SI, computed from what the readings name; and its gaps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.domain.actor import Actor
from lims.domain.errors import NotFound
from lims.domain.rights import require
from lims.queries import registers
from lims.records import CalibrationVersion, Certificate, Instrument, Reading, Record, Request

DEEPEST = 20  # a chain longer than this is a circle that somebody typed


@dataclass(frozen=True, slots=True)
class Link:
    """One standard in the chain on the day it was used.

    level: 1 for what touched the item, growing towards the SI. used_on: the day of the measurement, or the day on which
    the certificate that rests on this one was issued; valid: inside the certificate's period on that day.
    """

    level: int
    version_id: int
    parent_id: int | None
    code: str
    description: dict[str, str]
    maker: str
    model: str
    serial: str
    certificate: str
    issuer: dict[str, Any]
    valid_from: date
    valid_to: date
    used_on: date
    route_class: str
    functions: list[dict[str, Any]]
    realises_si: bool
    gap: str | None

    @property
    def valid(self) -> bool:
        return self.valid_from <= self.used_on <= self.valid_to

    def uncertainty(self) -> list[tuple[str, str, str]]:
        """(function, span, U span) lines of the certificate, for people."""
        lines = []
        for function in self.functions:
            points = [p for r in function.get("ranges", []) for p in r["points"]]
            if points:
                at = sorted(float(p["at"]) for p in points)
                U = sorted(float(p["U"]) for p in points)
                unit = function["unit"]
                lines.append(
                    (function["function"], f"{at[0]:g} … {at[-1]:g} {unit}", f"{U[0]:.2g} … {U[-1]:.2g} {unit}")
                )
        return lines


@dataclass(frozen=True, slots=True)
class Chain:
    """The item, what it was compared with, and on to the SI."""

    number: str
    item: Instrument
    links: list[Link]

    @property
    def gaps(self) -> list[Link]:
        return [link for link in self.links if link.gap is not None or not link.valid]

    @property
    def complete(self) -> bool:
        return bool(self.links) and not self.gaps


def chain(session: Session, number: str, viewer: Actor) -> Chain:
    """The chain of a certificate: every calibration version its readings name, and theirs, up to the SI."""
    require(viewer, "certificates.read")
    certificate = session.scalar(select(Certificate).where(Certificate.number == number))
    if certificate is None:
        raise NotFound(kind="certificate", number=number)
    request = session.get_one(Request, certificate.request_id)
    if viewer.customer_id is not None and request.customer_id != viewer.customer_id:
        raise NotFound(kind="certificate", number=number)
    item = session.get_one(Instrument, request.instrument_id)
    return Chain(number, item, links_of_records(session, certificate.record_ids))


def links_of_records(session: Session, record_ids: Iterable[int]) -> list[Link]:
    """One level a statement: ids first, rows after (a graph walk in one statement scans too much on PostgreSQL)."""
    ids = list(record_ids)
    days = session.scalars(select(Record.started_at).where(Record.id.in_(ids))).all()
    day = max(registers.day(session, at) for at in days)
    first = session.scalars(
        select(Reading.calibration_version_id)
        .where(Reading.record_id.in_(ids), Reading.calibration_version_id.is_not(None))
        .distinct()
    ).all()
    # (calibration version, the one that rests on it, the day on which it was used)
    front: list[tuple[int, int | None, date]] = [(id_, None, day) for id_ in sorted(i for i in first if i is not None)]
    links: list[Link] = []
    for level in range(1, DEEPEST + 1):
        if not front:
            break
        rows = {
            version.id: (version, instrument)
            for version, instrument in session.execute(
                select(CalibrationVersion, Instrument)
                .join(Instrument, Instrument.id == CalibrationVersion.instrument_id)
                .where(CalibrationVersion.id.in_([id_ for id_, _, _ in front]))
            )
        }
        following: list[tuple[int, int | None, date]] = []
        for id_, parent, used_on in front:
            if id_ not in rows:
                continue
            version, instrument = rows[id_]
            links.append(_link(level, parent, version, instrument, used_on))
            following += [
                (int(above["version_id"]), id_, version.issued) for above in version.upstream if "version_id" in above
            ]
        front = following
    return _in_depth(links, None)


def _in_depth(links: list[Link], parent: int | None) -> list[Link]:
    """Each standard followed by what it rests on."""
    ordered = []
    for link in links:
        if link.parent_id == parent:
            ordered += [link, *_in_depth(links, link.version_id)]
    return ordered


def _link(level: int, parent: int | None, version: CalibrationVersion, instrument: Instrument, day: date) -> Link:
    si = any(above.get("si") for above in version.upstream)
    gap = None
    if not version.upstream:
        gap = "no upstream certificate is named"
    elif version.state == "disproved":
        gap = "this calibration has been disproved"
    return Link(
        level=level,
        version_id=version.id,
        parent_id=parent,
        code=instrument.code,
        description=instrument.description,
        maker=instrument.maker,
        model=instrument.model,
        serial=instrument.serial,
        certificate=version.certificate_number,
        issuer=version.issuer,
        valid_from=version.valid_from,
        valid_to=version.valid_to,
        used_on=day,
        route_class=version.route_class,
        functions=version.functions,
        realises_si=si,
        gap=gap,
    )
