"""Which results a second person looks at first."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

NEAR_LIMIT = 0.8
"""Share of the limit from which a point is shown first."""
DOUBTFUL = ("undetermined", "conditional_pass", "conditional_fail")
DECIDED = ("pass", "fail")


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


def since(reported: Mapping[str, Any], before: Mapping[str, Any] | None) -> str | None:
    """What became of a result since the same was measured last: flipped, moved; None where neither or unknown.

    flipped: the other verdict. moved: the errors differ by more than the root of the sum of both squared expanded
    uncertainties, |E_n| > 1 (ISO 13528:2022, 9.7), of an instrument compared with itself.
    """
    if before is None:
        return None
    now, then = reported.get("verdict"), before.get("verdict")
    if now != then and now in DECIDED and then in DECIDED:
        return "flipped"
    if not all(each.get("error") and each.get("U") for each in (reported, before)):
        return None
    change = abs(float(reported["error"]) - float(before["error"]))
    return "moved" if change > math.hypot(float(reported["U"]), float(before["U"])) else None


def place(reported: Mapping[str, Any]) -> tuple[Any, ...]:
    """What makes two results results of the same point, whatever its number in the plan."""
    return tuple(reported.get(key) for key in ("function", "range", "nominal", "unit"))
