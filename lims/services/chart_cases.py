"""The nonconformity that a signal opens (ISO/IEC 17025:2017, 7.7.3, 7.10): of a control chart, of a proficiency test."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lims.domain.actor import Actor
from lims.domain.rights import require
from lims.records import QualityCase
from lims.services import cases


def open_case(
    session: Session, *, title: str, origin: Mapping[str, Any], severity: str, by: Actor, at: datetime
) -> QualityCase:
    """A nonconformity that somebody has to follow to its end. origin: {"type", "number", …}; severity: minor | major."""
    require(by, "quality.report")
    return cases.open_case(session, "nonconformity", title, origin=origin, severity=severity, by=by, at=at)
