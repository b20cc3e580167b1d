"""The published cases as budget documents: data in uncertainty/cases, numbers from outside this product."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "uncertainty" / "cases"


def cases(family: str, *kinds: str) -> list[dict[str, Any]]:
    """The cases of a family, of the kinds named (all without one)."""
    found = json.loads((FOLDER / f"{family}.json").read_text("utf-8"))["cases"]
    return [case for case in found if not kinds or case["kind"] in kinds]


def case(family: str, name: str) -> dict[str, Any]:
    return next(one for one in cases(family) if one["id"] == name)


def document(case: dict[str, Any], coverage: Any = None, *, shapes: bool = False) -> dict[str, Any]:
    """The budget document of a case: units are left out, as the published models are numeric.

    shapes: state limits by their distribution; otherwise u as printed, which the sources rounded (0.05 K/√3: 0.029 K).
    """
    inputs = case["inputs"]
    quantities = {name: _quantity(entry, shapes) for name, entry in inputs.get("quantities", {}).items()}
    for name, value in inputs.get("constants", {}).items():
        quantities[name] = {"value": value, "exact": True}
    for name, values in inputs.get("observations", {}).items():
        quantities[name] = {"readings": values}
    models = case["model"] if isinstance(case["model"], dict) else {"y": case["model"]}
    answer: dict[str, Any] = {
        "budget": 1,
        "quantities": quantities,
        "measurands": {name: {"expression": model} for name, model in models.items()},
        "coverage": coverage or {"k": 2},
    }
    if "observations" in inputs:
        answer["observed_together"] = [list(inputs["observations"])]
    if "correlations" in inputs:
        answer["correlations"] = [{"between": pair.split(","), "r": r} for pair, r in inputs["correlations"].items()]
    return answer


def _quantity(entry: dict[str, Any], shapes: bool) -> dict[str, Any]:
    shape, dof = entry.get("dist", "normal"), entry.get("dof", entry.get("dof_dist"))
    found: dict[str, Any] = {"value": entry["value"]}
    if shapes and "half_width" in entry and shape in ("rectangular", "triangular", "arcsine"):
        found |= {"distribution": shape, "half_width": entry["half_width"]}
    else:
        found["u"] = entry["u"]
    if dof is not None:
        found["dof"] = dof
    return found


def close(found: float, expected: dict[str, Any]) -> bool:
    """Within the tolerance of the case: absolute, or relative where many digits are known."""
    value = float(expected["value"])
    return abs(found - value) <= float(expected.get("abs_tol", abs(value) * expected.get("rel_tol", 0.0)))
