"""Every published case that ships with the product, computed again: case, source, expected, found, PASS, NOTE or DIFF."""

from .compare import Found, Outcome
from .run import cases, run

__all__ = ["Found", "Outcome", "cases", "run"]
