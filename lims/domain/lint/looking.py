"""Reading a snapshot without trusting its shape, and what a rule is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from lims.words import both

Snapshot = Mapping[str, Any]
Text = Mapping[str, str]
Problems = Iterator[Text]

CERTIFICATES = ("calibration", "verification", "result_notice")
"""Kinds that are certificates; an evaluation_report is none."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One letter of a clause. look yields a text for each missing thing. kinds: where it applies, () everywhere."""

    code: str
    clause: str
    title: str
    look: Callable[[Snapshot], Problems]
    kinds: tuple[str, ...] = ()


def at(snapshot: Any, place: str) -> Any:
    """What stands at a place such as item.serial; None where there is nothing."""
    value = snapshot
    for name in place.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def rows_at(snapshot: Any, place: str) -> list[Mapping[str, Any]]:
    """The mappings of a list at a place; [] where there is no list."""
    value = at(snapshot, place)
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []


def is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def is_both(value: Any) -> bool:
    return isinstance(value, Mapping) and is_text(value.get("zh")) and is_text(value.get("en"))


def is_digest(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 64 and all(c in "0123456789abcdef" for c in value)


def as_date(value: Any) -> date | None:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        return None


def as_instant(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo is not None else None


def as_decimal(value: Any) -> Decimal | None:
    """A printed number; None for anything else, infinities and NaN included."""
    if not isinstance(value, str):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def need_text(snapshot: Snapshot, *places: str) -> Problems:
    """A text at each place."""
    for place in places:
        if not is_text(at(snapshot, place)):
            yield both("{place} is missing", place=place)


def need_both(snapshot: Snapshot, *places: str) -> Problems:
    """A text in both languages at each place."""
    for place in places:
        if not is_both(at(snapshot, place)):
            yield both("{place} is missing in Chinese or English", place=place)


def need_list(snapshot: Snapshot, place: str) -> Problems:
    """A list at a place, empty or of texts in both languages: nothing to say is said, too."""
    value = at(snapshot, place)
    if not isinstance(value, list):
        yield both("{place} is missing; an empty list says that there is nothing", place=place)
        return
    for number, entry in enumerate(value):
        if not is_both(entry):
            yield both("{place} is missing in Chinese or English", place=f"{place}.{number}")


def sets(snapshot: Snapshot) -> list[Mapping[str, Any]]:
    return rows_at(snapshot, "result_sets")


def rows(snapshot: Snapshot) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(place, row) of every result."""
    for s, found in enumerate(sets(snapshot)):
        for r, row in enumerate(rows_at(found, "rows")):
            yield f"result_sets.{s}.rows.{r}", row


def reported(row: Mapping[str, Any]) -> str | None:
    """What a row reports: a value, or the error of an indication."""
    found = row.get("value") if row.get("value") is not None else row.get("error")
    return found if isinstance(found, str) else None


def measured_an_item(snapshot: Snapshot) -> bool:
    """Whether an item was here and measured: an evaluation of readings from a file has neither receipt nor room."""
    return any(found.get("stage") in ("as_found", "as_left") for found in sets(snapshot))
