"""Measurement models: arithmetic of names, parsed without eval, with values and derivatives on arrays.

Derivatives are exact (reverse accumulation over the parsed expression), for one estimate or a whole batch at once.
"""

from .dimensions import check_units
from .parsing import OWN, Called, Scope, parse, read, refused
from .steps import CONSTANTS, FUNCTIONS, TWO, Expression, FloatArray, Step

__all__ = [
    "CONSTANTS",
    "FUNCTIONS",
    "OWN",
    "TWO",
    "Called",
    "Expression",
    "FloatArray",
    "Scope",
    "Step",
    "check_units",
    "parse",
    "read",
    "refused",
]
