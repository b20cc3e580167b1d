"""Cases of air, water, buoyancy and weighing."""

from __future__ import annotations

from .run import Runner

RUNNERS: dict[str, Runner] = {}
