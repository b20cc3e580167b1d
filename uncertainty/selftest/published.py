"""Published cases as budget documents: what a case states becomes the document that a laboratory would write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LIMITED = ("rectangular", "triangular", "arcsine")


def document(case: Mapping[str, Any], coverage: Any = None, *, shapes: bool = False) -> dict[str, Any]:
    """The budget document of a case: units are left out, as the published models are numeric.

    shapes: state limits by their distribution; otherwise u as printed, which the sources rounded (0.05 K/√3: 0.029 K).
    """
    inputs = case["inputs"]
    quantities = {name: _quantity(entry, shapes) for name, entry in inputs.get("quantities", {}).items()}
    for name, value in inputs.get("constants", {}).items():
        quantities[name] = {"value": value, "exact": True}
    for name, values in inputs.get("observations", {}).items():
        quantities[name] = {"readings": values}
    answer = budget(quantities, models(case["model"]), coverage)
    if "observations" in inputs:
        answer["observed_together"] = [list(inputs["observations"])]
    if "correlations" in inputs:
        answer["correlations"] = [{"between": pair.split(","), "r": r} for pair, r in inputs["correlations"].items()]
    return answer


def budget(quantities: Mapping[str, Any], expressions: Mapping[str, str], coverage: Any = None) -> dict[str, Any]:
    """A budget document of quantities and expressions, all dimensionless; coverage k = 2 where none is stated."""
    return {
        "budget": 1,
        "quantities": dict(quantities),
        "measurands": {name: {"expression": text} for name, text in expressions.items()},
        "coverage": coverage or {"k": 2},
    }


def models(model: Any) -> dict[str, str]:
    """Name of the output → expression; `a = x; b = z` has two, an expression alone is y."""
    if isinstance(model, Mapping):
        return dict(model)
    if "=" not in model:
        return {"y": model}
    return {name.strip(): text.strip() for name, text in (part.split("=", 1) for part in model.split(";"))}


def _quantity(entry: Mapping[str, Any], shapes: bool) -> dict[str, Any]:
    shape, dof = entry.get("dist", "normal"), entry.get("dof", entry.get("dof_dist"))
    found: dict[str, Any] = {"value": entry["value"]}
    if shapes and "half_width" in entry and shape in LIMITED:
        found |= {"distribution": shape, "half_width": entry["half_width"]}
    else:
        found["u"] = entry["u"]
    if dof is not None:
        found["dof"] = dof
    return found
