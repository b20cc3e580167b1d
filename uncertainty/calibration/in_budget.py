"""A calibration function as an entry of a budget document's `functions`.

The fit is made of pure numbers, x in its unit and y in its unit; in a budget both carry them. So the argument is divided
by one of its unit (a temperature in degC: the difference from 0 degC by 1 K), and the result multiplied by one of its own.
"""

from __future__ import annotations

import ast
import math
from typing import Any

import numpy as np

from .. import units
from ..errors import N_, DocumentError
from .function import CalibrationFunction

ONE, ZERO, RESULT = "one_argument", "zero_argument", "one_result"
"""Names of the exact coefficients that carry the units."""


def entry(function: CalibrationFunction, identity: str) -> dict[str, Any]:
    """What stands under functions: {f: …}; identity: of the calibration, prefix of the coefficients' sources.

    Raises DocumentError for a Python function, which a document cannot hold.
    """
    if function.formula is not None:
        raise DocumentError(place="functions", found=N_("a Python function"), right=N_("a function written as text"))
    is_point = units.parse(function.unit_argument).point
    tree = ast.parse(function.expression.replace("^", "**"), mode="eval")
    argument = f"({function.argument} - {ZERO})/{ONE}" if is_point else f"{function.argument}/{ONE}"
    put = _Put(function.argument, ast.parse(argument, mode="eval").body)
    text = ast.unparse(put.visit(tree))
    uncertain = [i for i, u in enumerate(function.u) if u > 0]
    coefficients: dict[str, Any] = {
        name: {"value": float(value)} | ({"id": f"{identity}:{name}"} if i in uncertain else {"exact": True})
        for i, (name, value) in enumerate(zip(function.names, function.coefficients, strict=True))
    }
    exact = {ONE: (1.0, "K" if is_point else function.unit_argument), RESULT: (1.0, function.unit_result)}
    if is_point:
        exact[ZERO] = (0.0, function.unit_argument)
    found = {
        "expression": f"({text})*{RESULT}",
        "argument": function.argument,
        "coefficients": coefficients | {name: _exact(value, unit) for name, (value, unit) in exact.items()},
        "source": identity,
    }
    if uncertain:
        found["covariance"] = function.covariance[np.ix_(uncertain, uncertain)].tolist()
    return found | ({"dof": float(function.dof)} if math.isfinite(function.dof) else {})


def _exact(value: float, unit: str) -> dict[str, Any]:
    return {"value": value, "unit": unit, "exact": True}


class _Put(ast.NodeTransformer):
    """One expression in the place of a name."""

    def __init__(self, name: str, by: ast.expr) -> None:
        self.name, self.by = name, by

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.by if node.id == self.name else node
