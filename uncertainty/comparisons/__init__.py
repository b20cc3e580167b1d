"""Comparisons between laboratories.

weighted_mean, arithmetic_mean, median, median_by_trials, power_moderated   a reference value and its u
mandel_paule, dersimonian_laird, vangel_rukhin   results that scatter more than their u
largest_consistent_subset                        as many results as agree
unilateral, bilateral, against_value             degrees of equivalence with covariance
en_scores, zeta_scores, z_scores, z_prime_scores scores of proficiency tests
algorithm_a, algorithm_s                         robust mean and standard deviation
"""

from .equivalence import Bilateral, Equivalence, against_value, bilateral, unilateral
from .moderated import PowerModerated, power_moderated
from .random_effects import LikelihoodMean, dersimonian_laird, mandel_paule, vangel_rukhin
from .reference import (
    Consistency,
    MedianByTrials,
    Reference,
    arithmetic_mean,
    median,
    median_by_trials,
    weighted_mean,
)
from .robust import Robust, algorithm_a, algorithm_s, exact_factor, factors_of_s
from .scores import Score, en_scores, small_enough, z_prime_scores, z_scores, zeta_scores
from .subset import Subset, largest_consistent_subset

__all__ = [
    "Bilateral",
    "Consistency",
    "Equivalence",
    "LikelihoodMean",
    "MedianByTrials",
    "PowerModerated",
    "Reference",
    "Robust",
    "Score",
    "Subset",
    "against_value",
    "algorithm_a",
    "algorithm_s",
    "arithmetic_mean",
    "bilateral",
    "dersimonian_laird",
    "en_scores",
    "exact_factor",
    "factors_of_s",
    "largest_consistent_subset",
    "mandel_paule",
    "median",
    "median_by_trials",
    "power_moderated",
    "small_enough",
    "unilateral",
    "vangel_rukhin",
    "weighted_mean",
    "z_prime_scores",
    "z_scores",
    "zeta_scores",
]
