"""The nonconformity that a signal opens (ISO/IEC 17025:2017, 7.7.3, 7.10): of a control chart, of a proficiency test."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lims import audit
from lims.domain import states
from lims.domain.actor import Actor
from lims.domain.rights import require
from lims.records import QualityCase
from lims.records.series import next_number


def open_case(
    session: Session, *, title: str, origin: Mapping[str, Any], severity: str, by: Actor, at: datetime
) -> QualityCase:
    """A nonconformity that somebody has to follow to its end. origin: {"type", "number", …}; severity: minor | major."""
    require(by, "quality.report")
    row = QualityCase(
        number=next_number(session, "quality_case", at),
        kind="nonconformity",
        title=title,
        origin=dict(origin),
        severity=severity,
        affected=[],
        state=states.NONCONFORMITY.initial,
        opened_by_id=by.person_id,
        opened_at=at,
    )
    session.add(row)
    session.flush()
    audit.append(session, "quality_case.opened", "quality_case", row.number, by=by.username, at=at,
                 payload={"kind": row.kind, "origin": row.origin, "severity": severity})  # fmt: skip
    return row
