"""Cases of thermometry: ITS-90, Callendar–Van Dusen, IEC 60584."""

from __future__ import annotations

from .run import Runner

RUNNERS: dict[str, Runner] = {}
