"""Risks and chances (ISO/IEC 17025:2017, 8.5): entered, judged again, treated or accepted, closed."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from lims import audit
from lims.domain import quality, states
from lims.domain.actor import Actor
from lims.domain.errors import StaleEdit, UnusableValue
from lims.domain.rights import require
from lims.queries import risks as lists
from lims.records import Risk
from lims.words import N_


def enter(
    session: Session,
    title: str,
    area: str,
    likelihood: int,
    consequence: int,
    *,
    review_on: date | None,
    by: Actor,
    at: datetime,
) -> Risk:
    """A risk for the register. likelihood, consequence: 1 to 5. Raises UnusableValue."""
    require(by, "quality.manage")
    row = Risk(
        title=_text("title", title, N_("what may happen")),
        area=_text("concerns", area, N_("what part of the work it concerns")),
        likelihood=_rating("likelihood", likelihood),
        consequence=_rating("consequence", consequence),
        owner_id=by.person_id,
        review_on=review_on,
        state=states.RISK.initial,
        entered_at=at,
    )
    session.add(row)
    session.flush()
    _audit(session, "entered", row, by, at)
    return row


def change(
    session: Session,
    risk_id: int,
    state: str,
    likelihood: int,
    consequence: int,
    treatment: str,
    *,
    review_on: date | None,
    version: int,
    by: Actor,
    at: datetime,
) -> Risk:
    """Judge a risk again, with what is done about it; state: the same, or one of states.RISK that may follow.

    A treated or accepted risk says how or why, and while it is not closed it has a day of review. version: as it was
    shown. Raises StaleEdit when somebody else has changed it since, UnusableValue, WrongState.
    """
    require(by, "quality.manage")
    row = lists.by_id(session, risk_id, by, lock=True)
    if row.version != version:
        raise StaleEdit(kind="risk", number=str(risk_id), found=row.version, yours=version)
    row.likelihood, row.consequence = _rating("likelihood", likelihood), _rating("consequence", consequence)
    row.treatment = (
        treatment.strip() if state == "open" else _text("treatment", treatment, N_("what is done, or why not"))
    )
    if state != "closed" and review_on is None:
        raise UnusableValue(field="review_on", found="—", right=N_("the day of the next review"))
    row.review_on = None if state == "closed" else review_on
    if state != row.state or state == "closed":
        states.RISK.move(row, state)
    session.flush()
    _audit(session, "changed", row, by, at)
    return row


def _rating(field: str, found: int) -> int:
    if found not in quality.RATINGS:
        raise UnusableValue(field=field, found=str(found), right="1 … 5")
    return found


def _text(field: str, text: str, right: str) -> str:
    if not text.strip():
        raise UnusableValue(field=field, found="—", right=right)
    return text.strip()


def _audit(session: Session, act: str, row: Risk, by: Actor, at: datetime) -> None:
    payload = {"state": row.state, "likelihood": row.likelihood, "consequence": row.consequence}
    payload |= {"treatment": row.treatment, "review_on": row.review_on.isoformat() if row.review_on else None}
    audit.append(session, f"risk.{act}", "risk", row.id, by=by.username, at=at, payload=payload)
