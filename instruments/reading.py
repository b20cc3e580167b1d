"""What an instrument said: a value that cannot be changed any more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Reading:
    """One indication, as the instrument gave it.

    indication: in `unit`; None where there is no number (overload, sensor fault). raw: the whole reply as received,
    without terminator. at: aware UTC, when the reply was complete. setup: the settings it was taken with.
    status: "ok", "overload" or "fault".
    """

    indication: float | None
    unit: str
    raw: str
    at: datetime
    setup: Mapping[str, object]
    status: str = "ok"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who answered. raw: the reply (or replies) that said so."""

    maker: str
    model: str
    serial: str
    firmware: str
    raw: str

    def __str__(self) -> str:
        return f"{self.maker} {self.model}, serial {self.serial}"
