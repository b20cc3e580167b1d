"""Numbers without gaps: one locked row a series and year, counted in the transaction that uses the number."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import UniqueConstraint, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session

from .base import Base, Id

PREFIXES = {
    "certificate.calibration": "YS",
    "certificate.verification": "YJ",
    "certificate.result_notice": "YT",
    "certificate.evaluation_report": "YP",
    "service_request": "WTD",
    "work_order": "RW",
    "request": "WT",
    "batch": "PL",
    "invoice": "FP",
    "compulsory": "QJ",
    "quality_case": "ZL",
    "complaint": "TS",
    "proficiency_test": "NL",
    "internal_audit": "NS",
    "measurement_standard": "JB",
    "import": "DR",
    "record": "JL",
    "instrument": "YQ",
}
"""What stands before the year: 溯源校准, 检定, 结果通知, 评定; 委托单, 任务, 委托, 批量, 发票, 强检, 质量, 投诉, 能力, 内审, 计标, 导入, 记录, 仪器."""
ZONE = ZoneInfo("Asia/Shanghai")


class NumberSeries(Base):
    """last: the number given last in a series and year."""

    __tablename__ = "number_series"
    __table_args__ = (UniqueConstraint("name", "year"),)

    id: Mapped[Id]
    name: Mapped[str]
    year: Mapped[int]
    last: Mapped[int]


def next_number(session: Session, name: str, at: datetime, *, prefix: str | None = None, digits: int = 6) -> str:
    """The next number of a series, such as YS-2026-000001.

    A rolled-back transaction gives its number back, since the row was counted in it; two writers wait for each other.
    The year is that of the laboratory's calendar. Without a prefix the series' own is used, or its name.
    """
    year = at.astimezone(ZONE).year
    counted = _count(session, name, year)
    if counted is None:  # the first of its year; two writers may both find none, one of them begins the series
        dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        session.execute(dialect.insert(NumberSeries).values(name=name, year=year, last=0).on_conflict_do_nothing())
        counted = _count(session, name, year)
    shown = PREFIXES.get(name, name.upper()) if prefix is None else prefix
    return f"{shown}-{year}-{counted:0{digits}d}"


def _count(session: Session, name: str, year: int) -> int | None:
    return session.scalar(
        update(NumberSeries)
        .where(NumberSeries.name == name, NumberSeries.year == year)
        .values(last=NumberSeries.last + 1)
        .returning(NumberSeries.last)
        .execution_options(synchronize_session=False)
    )
