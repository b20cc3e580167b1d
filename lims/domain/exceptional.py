"""Which results a second person looks at first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NEAR_LIMIT = 0.8
"""Share of the limit from which a point is shown first."""
DOUBTFUL = ("undetermined", "conditional_pass", "conditional_fail")


def reason(reported: Mapping[str, Any]) -> str | None:
    """Why a result is an exception: outside, a doubtful verdict, near_limit; None where it is like the rest.

    reported: a result as it is printed, with verdict, error, U, low and high as decimal texts.
    """
    verdict = reported.get("verdict")
    if verdict == "fail":
        return "outside"
    if verdict in DOUBTFUL:
        return str(verdict)
    low, high = reported.get("low"), reported.get("high")
    if low is None or high is None:
        return None
    limit = max(abs(float(low)), abs(float(high)))
    near = limit and abs(float(reported["error"])) + float(reported["U"]) > NEAR_LIMIT * limit
    return "near_limit" if near else None
