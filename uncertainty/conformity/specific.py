"""The risk of one result: the probability that its item is within limits, with or without knowledge of the items before.

Source: JCGM 106:2012, 6.2 (Bayes), 7.2 to 7.4 (conformance probability).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..errors import N_, EvaluationError
from .limits import Limits, finite
from .populations import Population, normal


@dataclass(frozen=True, slots=True)
class SpecificRisk:
    """Probabilities that the value of the measurand is below, within and above its limits; they sum to 1.

    mean, sd: what is known of the measurand. cpk: distance of the mean to the nearer limit over 3 sd.
    """

    p_low: float
    p_conforming: float
    p_high: float
    mean: float
    sd: float
    cpk: float

    @property
    def p_out(self) -> float:
        return self.p_low + self.p_high

    def wrong(self, *, accepted: bool) -> float:
        """The risk of the decision: consumer's where accepted, producer's where rejected (JCGM 106:2012, 9.1)."""
        return self.p_out if accepted else self.p_conforming


def specific_risk(value: float, measurement: Population | float, limits: Limits) -> SpecificRisk:
    """Risk of one result, nothing being known of the items before.

    measurement: distribution of the measuring error, or the standard uncertainty u of a normal one.
    Source: JCGM 106:2012, 7.2, 7.3, 7.4.
    """
    error = measurement if isinstance(measurement, Population) else normal(0.0, measurement)
    x, (low, high) = finite(value, "value"), limits.ends
    below = float(error.outside(-math.inf, x - low))
    above = float(error.outside(x - high, math.inf))
    within = float(error.inside(x - high, x - low))
    return _risk(below, within, above, x - error.mean, error.sd, limits)


def posterior(value: float, measurement: Population | float, prior: Population, limits: Limits) -> SpecificRisk:
    """Risk of one result where the distribution of items before the measurement is known.

    Raises EvaluationError for a value that the prior makes impossible. Source: JCGM 106:2012, 6.2.
    """
    error = measurement if isinstance(measurement, Population) else normal(0.0, measurement)
    x, (low, high) = finite(value, "value"), limits.ends
    y, weight = prior.nodes([*(end for end in (low, high) if math.isfinite(end)), *(x - error.breaks)])
    likely = weight * error.density(x - y)
    total = float(likely.sum())
    if not total > 0:
        raise EvaluationError(where="prior", found="0", right=N_("a value that the prior makes possible"))
    share = likely / total
    mean = float(share @ y)
    sd = math.sqrt(float(share @ (y - mean) ** 2))
    below, above = float(share[y < low].sum()), float(share[y > high].sum())
    return _risk(below, float(share[(y >= low) & (y <= high)].sum()), above, mean, sd, limits)


def _risk(below: float, within: float, above: float, mean: float, sd: float, limits: Limits) -> SpecificRisk:
    room = min(limits.ends[1] - mean, mean - limits.ends[0])
    return SpecificRisk(below, within, above, mean, sd, float(np.divide(room, 3 * sd)) if sd > 0 else math.inf)
