"""Measurement uncertainty of the GUM family: pure numbers, no database, no web, no instrument.

import uncertainty
answer = uncertainty.evaluate(Path("budget.yaml"), method="both")
answer.results["l"].U

Beside the budget, each a package of its own to be imported by name: calibration (lines, curves, analysis functions),
thermometry (ITS-90, IEC 60751, IEC 60584), environment (air, water, buoyancy, weighing), comparisons, statistics,
stability (drift, intervals, charts), conformity (rules and risks), montecarlo, presentation, selftest.
"""

from . import conformity, report, units
from .batch import Batch, evaluate_batch
from .coverage import coverage_factor, effective_dof
from .errors import (
    CorrelationError,
    DocumentError,
    EvaluationError,
    ExpressionError,
    SourceConflict,
    UncertaintyError,
    UnitError,
)
from .evaluation import METHODS, Budget, Evaluation, compile, evaluate
from .result import Result, combine, covariance

__all__ = [
    "METHODS",
    "Batch",
    "Budget",
    "CorrelationError",
    "DocumentError",
    "Evaluation",
    "EvaluationError",
    "ExpressionError",
    "Result",
    "SourceConflict",
    "UncertaintyError",
    "UnitError",
    "combine",
    "compile",
    "conformity",
    "covariance",
    "coverage_factor",
    "effective_dof",
    "evaluate",
    "evaluate_batch",
    "report",
    "units",
]
