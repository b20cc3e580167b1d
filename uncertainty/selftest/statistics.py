"""Cases of statistics: analysis of variance, Allan deviations, NIST StRD univariate sets."""

from __future__ import annotations

from .run import Runner

RUNNERS: dict[str, Runner] = {}
