"""Cases of conformity and risk."""

from __future__ import annotations

from .run import Runner

RUNNERS: dict[str, Runner] = {}
