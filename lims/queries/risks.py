"""The register of risks: what is open, with the day of its next review first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from lims.domain.actor import Actor
from lims.domain.errors import NotFound
from lims.domain.rights import require
from lims.records import Risk

PAGE = 40
NO_DAY = date(9999, 12, 31)


def by_id(session: Session, risk_id: int, viewer: Actor, *, lock: bool = False) -> Risk:
    """One risk. Raises NotFound."""
    require(viewer, "quality.read")
    question = select(Risk).where(Risk.id == risk_id)
    if lock:
        question = question.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(question)
    if found is None:
        raise NotFound(kind="risk", number=str(risk_id))
    return found


def page(
    session: Session, viewer: Actor, *, closed: bool = False, after: tuple[date, int] | None = None, size: int = PAGE
) -> Sequence[Risk]:
    """A page of risks, the earliest review first, after (day, id); one more than `size` where there is more."""
    require(viewer, "quality.read")
    day = func.coalesce(Risk.review_on, NO_DAY)
    question = select(Risk).where((Risk.state == "closed") == closed).order_by(day, Risk.id).limit(size + 1)
    if after is not None:
        question = question.where(or_(day > after[0], (day == after[0]) & (Risk.id > after[1])))
    return session.scalars(question).all()


def matrix(session: Session, viewer: Actor) -> dict[tuple[int, int], int]:
    """(likelihood, consequence) → how many risks that are not closed."""
    require(viewer, "quality.read")
    rows = session.execute(
        select(Risk.likelihood, Risk.consequence, func.count())
        .where(Risk.state != "closed")
        .group_by(Risk.likelihood, Risk.consequence)
    )
    return {(likelihood, consequence): count for likelihood, consequence, count in rows}
