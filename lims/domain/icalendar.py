"""A calendar file by hand: RFC 5545, the few properties that every calendar reads.

Source: RFC 5545, 3.1 (lines of at most 75 octets, folded by CRLF and a blank), 3.3.5 (instants in UTC), 3.3.11 (TEXT),
3.6.1 (VEVENT), 3.8.1.11 (STATUS).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

LINE = 75
"""Octets of a line, its end not counted."""
MAKER = "-//Suyuan//Bookings//EN"
STATUS = {"requested": "TENTATIVE", "cancelled": "CANCELLED", "no_show": "CANCELLED"}
"""State of a booking → STATUS of its event; CONFIRMED for the others."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event. uid: the same for ever; sequence: grows with each change, so that a calendar replaces the older one."""

    uid: str
    begin: datetime
    end: datetime
    changed: datetime
    title: str
    place: str = ""
    text: str = ""
    link: str = ""
    status: str = "CONFIRMED"
    sequence: int = 0


def written(events: Iterable[Event], name: str) -> bytes:
    """The file: UTF-8, CRLF. name: of the calendar, as people read it."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{MAKER}", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"]
    lines.append(f"X-WR-CALNAME:{escaped(name)}")
    for event in events:
        lines += _event(event)
    lines.append("END:VCALENDAR")
    return "".join(part + "\r\n" for line in lines for part in folded(line)).encode()


def _event(event: Event) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{escaped(event.uid)}"
    yield f"DTSTAMP:{_utc(event.changed)}"
    yield f"DTSTART:{_utc(event.begin)}"
    yield f"DTEND:{_utc(event.end)}"
    yield f"SUMMARY:{escaped(event.title)}"
    for name, value in (("LOCATION", event.place), ("DESCRIPTION", event.text)):
        if value:
            yield f"{name}:{escaped(value)}"
    if event.link:
        yield f"URL:{event.link}"
    yield f"STATUS:{event.status}"
    yield f"SEQUENCE:{event.sequence}"
    yield "END:VEVENT"


def escaped(text: str) -> str:
    """A TEXT value: backslash, semicolon, comma and line ends escaped, other control characters left out."""
    said = text.replace("\r\n", "\n").replace("\r", "\n")
    for plain, put in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        said = said.replace(plain, put)
    return "".join(each for each in said if each == "\t" or (each >= " " and each != "\x7f"))


def folded(line: str) -> list[str]:
    """The line in pieces of at most 75 octets, each after the first begun by a blank; no character is cut in two."""
    parts, now, size = [], "", 0
    for each in line:
        wide = len(each.encode())
        if size + wide > LINE:
            parts.append(now)
            now, size = " ", 1
        now += each
        size += wide
    return [*parts, now]


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
