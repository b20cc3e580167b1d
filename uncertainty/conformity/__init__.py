"""Does a measured value meet its limits, and how often is the answer wrong?

decide(value, U, low, high, rule)          the verdict under a rule {"rule": "guarded", "r": 1.0}
statement(rule)                            what a certificate says of the rule, Chinese and English
specific_risk(value, measurement, limits)  the risk of one result
global_risk(prior, measurement, limits)    the risk of the many: PFA, PFR
width_for_specific, width_for_global       the guard band that keeps a risk
"""

from .curves import RiskCurve, risk_curve
from .global_risk import GlobalRisk, global_risk, risk_of_pairs, worst_pfa
from .guard_bands import METHODS, factor, managed_risk_multiplier, width_for_global, width_for_specific
from .limits import Limits
from .populations import Population, normal, population, prior_from_reliability, samples
from .rules import RULES, Rule, checked
from .specific import SpecificRisk, posterior, specific_risk
from .verdicts import Verdict, decide
from .wording import statement

__all__ = [
    "METHODS",
    "RULES",
    "GlobalRisk",
    "Limits",
    "Population",
    "RiskCurve",
    "Rule",
    "SpecificRisk",
    "Verdict",
    "checked",
    "decide",
    "factor",
    "global_risk",
    "managed_risk_multiplier",
    "normal",
    "population",
    "posterior",
    "prior_from_reliability",
    "risk_curve",
    "risk_of_pairs",
    "samples",
    "specific_risk",
    "statement",
    "width_for_global",
    "width_for_specific",
    "worst_pfa",
]
