"""What every area of the API shares: tokens, keys of posts, e-tags, pages of a list, one transaction a call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from marshmallow import Schema, ValidationError, fields, validate

from lims.domain.errors import UnusableValue
from lims.words import N_
from web import unit
from web.api import once, tags
from web.api.bearer import ask, caller
from web.api.calls import ROW, Calls
from web.pages.today import local_day

T = TypeVar("T")
FIRST, LAST = 1900, 2199
"""Years of the days that are taken."""
LARGEST = 200
"""Lines of one page."""


def area(name: str, prefix: str, description: str) -> Calls:
    """A blueprint whose calls know their caller, do a post once under its key, and answer with an e-tag."""
    calls = Calls(f"api-{name}", f"web.api.{name}", url_prefix=prefix, description=description)
    calls.before_request(ask)
    calls.before_request(once.begin)
    calls.after_request(tags.tag)
    calls.after_request(once.end)  # the last registered runs first: the tag is put on what goes out
    return calls


def written(act: Callable[..., T], /, *given: Any, **named: Any) -> T:
    """Run one service in one transaction, by the caller, now. Read what came of it afterwards."""
    with unit.writing() as session:
        return act(session, *given, **named, by=caller(), at=unit.now())


def made(name: str, act: Callable[..., Any], /, *given: Any, **named: Any) -> Any:
    """As `written`: the attribute `name` of what the service made, such as its number."""
    with unit.writing() as session:
        row = act(session, *given, **named, by=caller(), at=unit.now())
        session.flush()
        return getattr(row, name)


def today() -> date:
    return local_day()


def plain(value: Any) -> Any:
    """A value as JSON: instants and days as ISO 8601, money and other decimals as text."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(plain(each) for each in value)
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [plain(each) for each in value]
    return value


def picked(row: Any, names: str) -> dict[str, Any]:
    """The named attributes of a record, no other: what is not named here never leaves."""
    return {name: plain(getattr(row, name)) for name in names.split()}


def name_of(person: Any) -> Any:
    """How somebody is called, None for nobody."""
    return None if person is None else plain(person.name)


class Page(Schema):
    """A page of a list, the newest first: `after` is what the page before it answered."""

    after = fields.Integer(load_default=None, allow_none=True, validate=ROW)
    limit = fields.Integer(load_default=40, validate=validate.Range(min=1, max=LARGEST))


class DayPage(Schema):
    """A page of a list in the order of days: `after` is what the page before it answered."""

    after = fields.String(load_default="", metadata={"example": "2026-11-23_7"})
    limit = fields.Integer(load_default=40, validate=validate.Range(min=1, max=LARGEST))


def day_and_row(said: str) -> tuple[date, int] | None:
    """ "2026-11-23_7": a place in a list by day. Raises UnusableValue."""
    if not said:
        return None
    day, _line, row = said.partition("_")
    if row.isascii() and row.isdigit() and len(row) < 10:
        try:
            return date.fromisoformat(day), int(row)
        except ValueError:
            pass
    raise UnusableValue(field="after", found=said[:40], right=N_("what the page before it answered as `after`"))


def cut(rows: Sequence[T], limit: int, place: Callable[[T], Any]) -> tuple[Sequence[T], Any]:
    """The first `limit` rows of one more than that, and the place after which the next page starts."""
    return rows[:limit], place(rows[limit - 1]) if len(rows) > limit else None


class Said(Schema):
    """Why."""

    reason = fields.String(required=True)


class Note(Schema):
    note = fields.String(load_default="")


class Signed(Schema):
    """The password again: a signature."""

    password = fields.String(required=True, load_only=True)


def texts(**options: Any) -> fields.Dict:
    """{"zh": …, "en": …}."""
    return fields.Dict(keys=fields.String(), values=fields.String(), **options)


def _in_calendar(found: date) -> None:
    if not FIRST <= found.year <= LAST:
        raise ValidationError(f"A year from {FIRST} to {LAST} is needed.")


def day(**options: Any) -> fields.Date:
    """A day that a laboratory may mean: far ends of the calendar leave it with the next time zone or term."""
    return fields.Date(validate=_in_calendar, **options)


def instant(**options: Any) -> fields.AwareDateTime:
    return fields.AwareDateTime(validate=_in_calendar, **options)


def rows(**options: Any) -> fields.Field[Any]:
    """Numbers of rows."""
    return fields.List(fields.Integer(validate=ROW), validate=validate.Length(max=LARGEST), **options)
