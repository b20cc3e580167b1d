"""Statistics of readings.

summary               mean, s, u, autocorrelation of lag 1, exact on the decimals read
autocorrelations, autocorrelated_mean   series whose readings follow each other too closely
one_way, two_way, from_means            analysis of variance and its components
grubbs, grubbs_all, dixon, far_from_median   flags for readings that stand apart
deviations, oadev_interval, noise_of    Allan deviations and how sure they are
"""

from .allan import Deviation, deviations
from .allan_confidence import Confidence, edf, noise_of, oadev_interval
from .anova import Line, OneWay, TwoWay, f_critical, from_means, one_way, two_way
from .autocorrelated import AutocorrelatedMean, autocorrelated_mean, autocorrelations
from .exact import Summary, summary
from .outliers import Flag, dixon, far_from_median, grubbs, grubbs_all, grubbs_critical, mad

__all__ = [
    "AutocorrelatedMean",
    "Confidence",
    "Deviation",
    "Flag",
    "Line",
    "OneWay",
    "Summary",
    "TwoWay",
    "autocorrelated_mean",
    "autocorrelations",
    "deviations",
    "dixon",
    "edf",
    "f_critical",
    "far_from_median",
    "from_means",
    "grubbs",
    "grubbs_all",
    "grubbs_critical",
    "mad",
    "noise_of",
    "oadev_interval",
    "one_way",
    "summary",
    "two_way",
]
