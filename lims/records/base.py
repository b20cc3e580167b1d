"""What all records share: the declarative base, the instant type, portable JSON, and the mark of append-only tables."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, MetaData, Text
from sqlalchemy.exc import DontWrapMixin
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator

from lims.domain.errors import NaiveTime, UnusableText

APPEND_ONLY = {"append_only": True}
"""Table info of what is only ever added to; the migration puts triggers on these tables, a test compares."""


class _NaiveTime(NaiveTime, DontWrapMixin):
    """Comes out of a statement as itself, not wrapped in SQLAlchemy's StatementError."""


class UtcTime(TypeDecorator[datetime]):
    """An aware instant in, the same instant in UTC out, on every database.

    Plain DateTime(timezone=True) gave 08:00+08:00 back as naive 08:00 on SQLite. Raises NaiveTime for a naive one.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise _NaiveTime(found=value.isoformat())
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class _UnusableText(UnusableText, DontWrapMixin):
    """Comes out of a statement as itself."""


def require_text(value: str) -> str:
    """The text, when both databases can keep it. Raises UnusableText for NUL and for half of a surrogate pair."""
    position = value.find("\x00")
    if position < 0:
        try:
            value.encode()
        except UnicodeEncodeError as error:
            position = error.start
    if position >= 0:
        raise _UnusableText(found=repr(value[:40]), position=position + 1)
    return value


class PlainText(TypeDecorator[str]):
    """Text that both databases keep: PostgreSQL refuses NUL, SQLite would take it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        del dialect
        return None if value is None else require_text(value)


class RawText(TypeDecorator[str]):
    """A raw reply of an instrument. NUL is kept as its visible sign ␀ (U+2400); the run's journal has the very bytes."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        del dialect
        return None if value is None else require_text(value.replace("\x00", "\u2400"))


BigInt = BigInteger().with_variant(Integer, "sqlite")
"""64 bits on both: SQLite counts its row ids only in a column called INTEGER."""

# JSON, not JSONB: the text is kept as it was written, so that what a digest was taken of comes back digit for digit.
Json = JSON(none_as_null=True)

Id = Annotated[int, mapped_column(BigInt, primary_key=True)]
Bilingual = dict[str, str]
"""{"zh": …, "en": …}"""


class Base(DeclarativeBase):
    """Typed models; no relationships: questions have names in lims.queries, and ids are written where they belong."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        str: PlainText(),
        int: BigInt,
        datetime: UtcTime(),
        dict[str, Any]: Json,
        Bilingual: Json,
        list[Any]: Json,
        list[dict[str, Any]]: Json,
        list[int]: Json,
    }


def append_only_tables() -> list[str]:
    """Names of the tables that are only ever added to."""
    return sorted(table.name for table in Base.metadata.sorted_tables if table.info.get("append_only"))
