"""Cases of calibration functions: straight lines, polynomials, free models, NIST StRD regressions."""

from __future__ import annotations

from .run import Runner

RUNNERS: dict[str, Runner] = {}
