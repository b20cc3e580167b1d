"""Measurement uncertainty of the GUM family: pure numbers, no database, no web, no instrument.

import uncertainty
answer = uncertainty.evaluate("budget.yaml", method="both")
answer.results["l"].U
"""

from . import conformity, report, units
from .coverage import coverage_factor, effective_dof
from .errors import DocumentError, EvaluationError, ExpressionError, UncertaintyError, UnitError
from .evaluation import Budget, Evaluation, compile, evaluate
from .result import Result, covariance

__all__ = [
    "Budget",
    "DocumentError",
    "Evaluation",
    "EvaluationError",
    "ExpressionError",
    "Result",
    "UncertaintyError",
    "UnitError",
    "compile",
    "conformity",
    "covariance",
    "coverage_factor",
    "effective_dof",
    "evaluate",
    "report",
    "units",
]
