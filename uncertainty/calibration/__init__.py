"""Calibration functions: fitted, evaluated forward and backward with their covariance, kept as plain data.

fit_line, fit_polynomial     u in y, in x and y, with any covariance (ISO/TS 28037, ISO/TS 28038)
fit_expression, fit_function any curve, from a text or from Python
fit_analysis                 analysis functions of ISO 6143
select_order                 every order of polynomial with AICc, BIC and test
regress                      linear regression on several columns
CalibrationFunction          the value: evaluate, invert, sensitivities, to_dict, from_dict
"""

from .analysis import fit_analysis
from .checks import OutsideCalibration
from .fit import About, Fit
from .free import fit_expression, fit_function
from .function import CalibrationFunction, Prediction, Sensitivities
from .implicit import propagated_covariance
from .polynomials import fit_line, fit_polynomial, powers
from .regression import Regression, regress
from .selection import Order, OrderSelection, select_order

__all__ = [
    "About",
    "CalibrationFunction",
    "Fit",
    "Order",
    "OrderSelection",
    "OutsideCalibration",
    "Prediction",
    "Regression",
    "Sensitivities",
    "fit_analysis",
    "fit_expression",
    "fit_function",
    "fit_line",
    "fit_polynomial",
    "powers",
    "propagated_covariance",
    "regress",
    "select_order",
]
