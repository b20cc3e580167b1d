"""Cases of the law of propagation and of Monte Carlo: budgets of published examples."""

from __future__ import annotations

from .run import Runner

RUNNERS: dict[str, Runner] = {}
