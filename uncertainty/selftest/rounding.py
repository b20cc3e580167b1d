"""Cases of rounding on decimal text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import report
from .run import Runner


def round_half_even(case: Mapping[str, Any]) -> dict[str, float]:
    """GB/T 8170: one step, half to even, at the power of ten of the interval."""
    value, interval = case["inputs"]["value"], case["inputs"]["interval"]
    place = report.decimal_of(float(interval)).adjusted()
    return {"rounded": float(report.round_to(float(value), place))}


RUNNERS: dict[str, Runner] = {"round_half_even": round_half_even}
