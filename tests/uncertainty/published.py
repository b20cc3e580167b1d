"""The published cases of uncertainty/cases, numbers from outside this product; as budget documents by the self-test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from uncertainty.selftest.published import document

__all__ = ["case", "cases", "close", "document"]

FOLDER = Path(__file__).parents[2] / "uncertainty" / "cases"


def cases(family: str, *kinds: str) -> list[dict[str, Any]]:
    """The cases of a family, of the kinds named (all without one)."""
    found = json.loads((FOLDER / f"{family}.json").read_text("utf-8"))["cases"]
    return [case for case in found if not kinds or case["kind"] in kinds]


def case(family: str, name: str) -> dict[str, Any]:
    return next(one for one in cases(family) if one["id"] == name)


def close(found: float, expected: dict[str, Any]) -> bool:
    """Within the tolerance of the case: absolute, or relative where many digits are known."""
    value = float(expected["value"])
    return abs(found - value) <= float(expected.get("abs_tol", abs(value) * expected.get("rel_tol", 0.0)))
