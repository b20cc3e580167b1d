"""Cases of comparisons, random effects, robust statistics."""

from __future__ import annotations

from .run import Runner

RUNNERS: dict[str, Runner] = {}
