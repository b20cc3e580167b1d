"""Cases of rounding on decimal text."""

from __future__ import annotations

from .run import Runner

RUNNERS: dict[str, Runner] = {}
