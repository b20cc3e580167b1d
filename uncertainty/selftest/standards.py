"""Cases of standards over time: recalibration intervals."""

from __future__ import annotations

from .run import Runner

RUNNERS: dict[str, Runner] = {}
