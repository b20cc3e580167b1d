"""Standards of the laboratory and the calibration versions they carry, entered by hand or from a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

import uncertainty
from lims import audit
from lims.domain import states
from lims.domain.actor import Actor
from lims.domain.canonical import digest_of
from lims.domain.errors import NotFound, UnusableValue
from lims.domain.rights import require
from lims.records import CalibrationVersion, Instrument
from lims.records.series import next_number
from lims.services.people import LARGEST_ID
from lims.words import N_

ROUTE_CLASSES = ("a", "b", "c", "d")
CORRELATIONS = ("none", "full", "matrix", "unknown")
ROLES = ("source", "ambient")
KINDS = ("standard", "monitor")
LONGEST = 200


def register(
    session: Session,
    *,
    description: Mapping[str, str],
    maker: str,
    model: str,
    serial: str,
    by: Actor | None,
    at: datetime,
    kind: str = "standard",
    role: str | None = None,
    resource: str | None = None,
    driver: str | None = None,
) -> Instrument:
    """A standard of the laboratory, or one above it in a chain (then without a role)."""
    if by is not None:
        require(by, "standards.manage")
    for field, said in (
        ("maker", maker),
        ("model", model),
        ("serial", serial),
        ("description", description.get("zh", "")),
    ):
        if not said.strip() or len(said) > LONGEST:
            raise UnusableValue(field=field, found=said[:40] or "—", right=N_("1 to 200 signs"))
    _one_of("kind", kind, KINDS)
    if role is not None:
        _one_of("role", role, ROLES)
    same = (Instrument.maker == maker) & (Instrument.model == model) & (Instrument.serial == serial)
    known = session.scalar(select(Instrument.code).where(same, Instrument.customer_id.is_(None)))
    if known is not None:
        raise UnusableValue(
            field="serial", found=f"{model} {serial} ({known})", right=N_("an instrument not yet registered")
        )
    instrument = Instrument(
        code=next_number(session, "instrument", at),
        kind=kind,
        description=dict(description),
        maker=maker,
        model=model,
        serial=serial,
        customer_id=None,
        role=role,
        resource=resource,
        driver=driver,
        state="in_service",
    )
    session.add(instrument)
    session.flush()
    audit.append(
        session,
        "instrument.added",
        "instrument",
        instrument.code,
        by=by.username if by else "command line",
        at=at,
        payload={"maker": maker, "model": model, "serial": serial, "role": role},
    )
    return instrument


def add_calibration(
    session: Session,
    instrument_code: str,
    *,
    certificate_number: str,
    issuer: Mapping[str, Any],
    issued: date,
    valid_from: date,
    valid_to: date,
    route_class: str,
    functions: Sequence[Mapping[str, Any]],
    upstream: Sequence[Mapping[str, Any]],
    correlation: Mapping[str, Any],
    by: Actor | None,
    at: datetime,
    source: str = "manual",
) -> CalibrationVersion:
    """A certificate of a standard becomes its current calibration; the one before is superseded, and stays.

    functions: see lims.domain.standards. upstream: [{"version_id": …}] for the certificates it rests on, or
    [{"si": Text}] where the SI is realised. Raises UnusableValue naming field, value and what would be right.
    """
    if by is not None:
        require(by, "calibrations.add")
    instrument = session.scalar(select(Instrument).where(Instrument.code == instrument_code))
    if instrument is None:
        raise NotFound(kind="instrument", number=instrument_code)
    if not certificate_number.strip():
        raise UnusableValue(field="certificate_number", found="", right=N_("the number printed on the certificate"))
    if valid_to < valid_from or valid_from < issued:
        raise UnusableValue(
            field="valid_to",
            found=f"{issued} / {valid_from} / {valid_to}",
            right=N_("issued, valid from and valid to in this order"),
        )
    _one_of("route_class", route_class, ROUTE_CLASSES)
    _one_of("correlation", str(correlation.get("kind")), CORRELATIONS)
    clean = check_functions(functions)
    _require_upstream(session, upstream)
    content = {
        "certificate": certificate_number,
        "issuer": dict(issuer),
        "issued": issued.isoformat(),
        "functions": clean,
        "correlation": dict(correlation),
    }
    session.execute(
        update(CalibrationVersion)
        .where(CalibrationVersion.instrument_id == instrument.id, CalibrationVersion.state == "current")
        .values(state="superseded")
    )
    version = CalibrationVersion(
        instrument_id=instrument.id,
        certificate_number=certificate_number.strip(),
        issuer=dict(issuer),
        issued=issued,
        valid_from=valid_from,
        valid_to=valid_to,
        route_class=route_class,
        state="received",
        functions=clean,
        upstream=[dict(link) for link in upstream],
        correlation=dict(correlation),
        digest=digest_of(content),
        entered_by=None if by is None else by.person_id,
        entered_at=at,
        source=source,
    )
    session.add(version)
    session.flush()
    states.CALIBRATION.move(version, "current")
    session.flush()
    audit.append(
        session,
        "calibration.added",
        "instrument",
        instrument.code,
        by=by.username if by else "command line",
        at=at,
        after=version.digest,
        payload={"certificate": certificate_number, "valid_to": valid_to.isoformat(), "source": source},
    )
    return version


def _require_upstream(session: Session, upstream: Sequence[Mapping[str, Any]]) -> None:
    """Every certificate named above this one is in the register: a chain does not lead nowhere."""
    for link in upstream:
        if "version_id" in link:
            id_ = int(link["version_id"])
            if not 0 < id_ <= LARGEST_ID or session.get(CalibrationVersion, id_) is None:
                raise NotFound(kind="calibration", number=str(id_)[:40])


def check_functions(functions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The functions with every number checked and kept as the decimal text it was given in."""
    clean = []
    for function in functions:
        uncertainty.units.parse(function["unit"])  # raises UnknownUnit, or what else is wrong with it
        ranges = []
        for range_ in function["ranges"]:
            points = []
            for n, point in enumerate(range_["points"], start=1):
                place = f"{function['function']}, {range_['range']}, {n}"
                line: dict[str, str | None] = {
                    key: _decimal(point.get(key), f"{place}: {key}") for key in ("at", "correction", "U")
                }
                line["k"] = _decimal(point.get("k", "2"), f"{place}: k")
                if float(line["U"] or 0) <= 0 or float(line["k"] or 0) <= 0:
                    raise UnusableValue(
                        field=f"{place}: U, k", found=f"{line['U']}, {line['k']}", right=N_("both above 0")
                    )
                dof = point.get("dof")
                points.append(line | {"dof": None if dof in (None, "") else _decimal(dof, f"{place}: dof")})
            ranges.append(
                {"range": str(range_["range"]), "upper": _decimal(range_["upper"], "upper"), "points": points}
            )
        drift = dict(function.get("drift_per_year") or {})
        for key in ("relative", "absolute"):
            if key in drift:
                drift[key] = _decimal(drift[key], f"{function['function']}: drift_per_year.{key}")
        clean.append(
            {"function": function["function"], "unit": function["unit"], "ranges": ranges, "drift_per_year": drift}
        )
    return clean


def _decimal(found: Any, field: str) -> str:
    try:
        number = Decimal(str(found).strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or not isfinite(float(number)):
        raise UnusableValue(field=field, found=str(found), right=N_("a number such as 0.0000012 or 1.2e-6"))
    return str(found).strip()


def _one_of(field: str, found: str, right: Sequence[str]) -> None:
    if found not in right:
        raise UnusableValue(field=field, found=found, right=", ".join(right))
