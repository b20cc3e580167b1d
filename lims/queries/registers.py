"""What stands in the registers on a day: procedures, instruments, calibrations, authorisations."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from instruments import procedures
from lims import __version__
from lims.domain.errors import NotFound
from lims.records import Authorisation, CalibrationVersion, Instrument, Laboratory, ProcedureVersion

# A calibration that somebody has disproved serves no new work; the readings taken on it keep pointing to it.
USABLE = ("confirmed", "current", "superseded")


def current_procedure(session: Session, name: str) -> ProcedureVersion:
    version = session.scalar(
        select(ProcedureVersion)
        .where(ProcedureVersion.name == name, ProcedureVersion.state == "current")
        .order_by(ProcedureVersion.id.desc())
    )
    if version is None:
        raise NotFound(kind="procedure", number=name)
    return version


def procedure_of(version: ProcedureVersion) -> procedures.Procedure:
    """The procedure document of a version. A document is a frozen value, and its text never changes: read once."""
    return _read_procedure(version.text, version.name)


@lru_cache(maxsize=256)
def _read_procedure(text: str, name: str) -> procedures.Procedure:
    return procedures.read(text, file=name)


def instrument_for(session: Session, role: str, code: str = "") -> Instrument:
    """The laboratory's own instrument that plays a role of the bench (source, ambient).

    code: the one that was chosen; without it the first that was registered. Raises NotFound where it does not play the
    role, or is not in service.
    """
    question = _playing(role)
    if code:
        question = question.where(Instrument.code == code)
    found = session.scalar(question)
    if found is None:
        raise NotFound(kind="standard", number=code or role)
    return found


def instruments_for(session: Session, roles: Iterable[str]) -> dict[str, list[Instrument]]:
    """Role → the laboratory's instruments in service that may play it, the first of them first."""
    found: dict[str, list[Instrument]] = {role: [] for role in roles}
    for each in session.scalars(_playing(*found)):
        found[str(each.role)].append(each)
    return found


def _playing(*roles: str) -> Select[Instrument]:
    ours = Instrument.customer_id.is_(None) & (Instrument.state == "in_service")
    return select(Instrument).where(Instrument.role.in_(roles), ours).order_by(Instrument.id)


def calibration_on(session: Session, instrument_id: int, day: date) -> CalibrationVersion | None:
    """The calibration version in force on a day: the newest issued by then that nobody has disproved."""
    return session.scalar(
        select(CalibrationVersion)
        .where(
            CalibrationVersion.instrument_id == instrument_id,
            CalibrationVersion.valid_from <= day,
            CalibrationVersion.state.in_(USABLE),
        )
        .order_by(CalibrationVersion.valid_from.desc(), CalibrationVersion.id.desc())
        .limit(1)
    )


def current_calibration(session: Session, instrument_id: int) -> CalibrationVersion | None:
    return session.scalar(
        select(CalibrationVersion)
        .where(CalibrationVersion.instrument_id == instrument_id, CalibrationVersion.state == "current")
        .order_by(CalibrationVersion.id.desc())
        .limit(1)
    )


def authorisations(session: Session, person_id: int) -> list[Authorisation]:
    return list(session.scalars(select(Authorisation).where(Authorisation.person_id == person_id)))


def laboratory(session: Session) -> Mapping[str, Any]:
    """The laboratory's profile: name, address, code, settings such as the separation of verifier and approver."""
    found = session.get(Laboratory, 1)
    if found is None:
        raise NotFound(kind="laboratory", number="1")
    return found.profile


def zone(session: Session) -> ZoneInfo:
    """The laboratory's time zone: dates on certificates and in gates are its calendar's."""
    return ZoneInfo(str(laboratory(session).get("time_zone", "Asia/Shanghai")))


def day(session: Session, at: datetime) -> date:
    """The laboratory's calendar day of an instant: before 08:00 in Shanghai, UTC is still at yesterday."""
    return at.astimezone(zone(session)).date()


def software() -> dict[str, str]:
    """What computed this: named on every record and certificate, so that the digits can be had again."""
    return {
        "name": "Suyuan",
        "version": __version__,
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "platform": f"{platform.system()} {platform.machine()}",
    }
