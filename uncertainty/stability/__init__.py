"""Standards over time.

fit_drift, select_order          a drift model over calibrations, predicted with U to the day of use
fit_exponential                  y = a·exp(−b·t)
interval_test                    NCSLI RP-1 method A3
fit_reliability, select_model    NCSLI RP-1 method S2
fit_change, interval_for_uncertainty, interval_for_limits   variables method
Staircase, interval_from_drift   ILAC-G24 methods 1 and 2
xbar_s, individuals, against, ewma, cusum   control charts of a check standard; rules by name
repeatability, stability_of_new, stability_in_service       JJF 1033-2023
"""

from .charts import Chart, Cusum, against, c4, cusum, ewma, individuals, xbar_s
from .drift import Drift, Prediction, fit_drift, select_order
from .examination import Repeatability, Stability, repeatability, stability_in_service, stability_of_new
from .exponential import Exponential, fit_exponential
from .intervals import (
    Change,
    Staircase,
    TestInterval,
    fit_change,
    interval_for_limits,
    interval_for_uncertainty,
    interval_from_drift,
    interval_test,
)
from .reliability import MODELS, Reliability, fit_reliability, groups_of, select_model
from .rules import RULES, SETS, Signal, signals

__all__ = [
    "MODELS",
    "RULES",
    "SETS",
    "Change",
    "Chart",
    "Cusum",
    "Drift",
    "Exponential",
    "Prediction",
    "Reliability",
    "Repeatability",
    "Signal",
    "Stability",
    "Staircase",
    "TestInterval",
    "against",
    "c4",
    "cusum",
    "ewma",
    "fit_change",
    "fit_drift",
    "fit_exponential",
    "fit_reliability",
    "groups_of",
    "individuals",
    "interval_for_limits",
    "interval_for_uncertainty",
    "interval_from_drift",
    "interval_test",
    "repeatability",
    "select_model",
    "select_order",
    "signals",
    "stability_in_service",
    "stability_of_new",
    "xbar_s",
]
