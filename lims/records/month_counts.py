"""Figures of months that are over, kept so that a dashboard need not count a year's certificates at each look."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from .base import APPEND_ONLY, Base, Id


class MonthCount(Base):
    """A month, YYYY-MM on the laboratory's calendar: items out by the day promised, after it, without one.

    No certificate is issued in the past, so a month that is over keeps its figures.
    """

    __tablename__ = "month_count"
    __table_args__ = ({"info": APPEND_ONLY},)

    id: Mapped[Id]
    month: Mapped[str] = mapped_column(unique=True)
    on_time: Mapped[int]
    late: Mapped[int]
    without: Mapped[int]
    at: Mapped[datetime]
