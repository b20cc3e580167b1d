"""Key parameters of industry chains: entered, and taken out again with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from math import isfinite

from sqlalchemy.orm import Session

from lims import audit
from lims.domain import industry, states
from lims.domain.actor import Actor
from lims.domain.errors import NotFound, UnusableValue
from lims.domain.rights import require
from lims.records import ChainParameter
from lims.services.people import LARGEST_ID
from lims.words import N_
from uncertainty import units

Text = Mapping[str, str]


def add(
    session: Session,
    *,
    chain: Text,
    node: Text,
    position: int,
    product: Text,
    stage: str,
    parameter: Text,
    measurand: str,
    unit: str,
    low: float,
    high: float,
    required: float,
    by: Actor | None,
    at: datetime,
    ratio: float = 1.0,
    conditions: Mapping[str, float] | None = None,
    note: str = "",
) -> ChainParameter:
    """A key parameter at a node. Raises UnusableValue, UnitError."""
    if by is not None:
        require(by, "industry.manage")
    units.parse(unit)
    if stage not in industry.STAGES:
        raise UnusableValue(field="stage", found=stage, right=", ".join(industry.STAGES))
    if not (isfinite(low) and isfinite(high) and low <= high):
        raise UnusableValue(field="high", found=f"{high:g}", right=N_("not below the lower end"))
    for field, value in (("required", required), ("ratio", ratio)):
        if not (isfinite(value) and value > 0):
            raise UnusableValue(field=field, found=f"{value:g}", right=N_("a number above 0"))
    row = ChainParameter(
        chain=dict(chain),
        node=dict(node),
        position=position,
        product=dict(product),
        stage=stage,
        parameter=dict(parameter),
        measurand=measurand,
        unit=unit,
        low=low,
        high=high,
        required=required,
        ratio=ratio,
        conditions=dict(conditions or {}),
        note=note,
        state=states.CHAIN_PARAMETER.initial,
        entered_by=None if by is None else by.person_id,
        entered_at=at,
    )
    session.add(row)
    session.flush()
    who = by.username if by else "command line"
    audit.append(
        session, "chain_parameter.added", "chain_parameter", row.id, by=who, at=at, payload={"measurand": measurand}
    )
    return row


def withdraw(session: Session, row_id: int, reason: str, *, by: Actor, at: datetime) -> ChainParameter:
    """Take a parameter off the map: the industry no longer asks for it, or a new row says it better."""
    require(by, "industry.manage")
    if not reason.strip():
        raise UnusableValue(field="reason", found="—", right=N_("why it is withdrawn"))
    row = session.get(ChainParameter, row_id) if row_id <= LARGEST_ID else None
    if row is None:
        raise NotFound(kind="parameter", number=str(row_id))
    states.CHAIN_PARAMETER.move(row, "withdrawn")
    session.flush()
    audit.append(
        session, "chain_parameter.withdrawn", "chain_parameter", row.id, by=by.username, at=at, reason=reason.strip()
    )
    return row
