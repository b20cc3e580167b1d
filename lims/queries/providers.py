"""Providers: all of them, and those that may be given work on a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.domain.actor import Actor
from lims.domain.rights import require
from lims.records import Provider


def all_of(session: Session, viewer: Actor) -> Sequence[Provider]:
    """Every provider, the newest first: a laboratory has tens of them, not thousands."""
    require(viewer, "standards.read")
    return session.scalars(select(Provider).order_by(Provider.id.desc()).limit(500)).all()


def usable(session: Session, day: date, viewer: Actor) -> Sequence[Provider]:
    """Approved providers whose accreditation holds on the day."""
    require(viewer, "standards.read")
    held = (Provider.state == "approved") & (Provider.valid_to >= day)
    return session.scalars(select(Provider).where(held).order_by(Provider.id)).all()
