"""Rules that say a control chart shows more than chance, each with its name.

Source: Western Electric, Statistical Quality Control Handbook (1956), zone rules; Nelson, J. Quality Technology 16 (1984)
237, tests 1 to 8; GB/T 17989.2 (ISO 7870-2:2013), pattern tests.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ..distributions import FloatArray
from ..errors import N_, DocumentError

Flags = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True)
class Signal:
    """A rule that is broken at a point; points: all the points (from 0) it looked at, the last being `at`."""

    rule: str
    at: int
    points: tuple[int, ...]


def _beyond(z: FloatArray, n: int, k: int, limit: float) -> Flags:
    """k of n successive points beyond limit·σ on one side, the last of them too."""
    high, low = (sliding_window_view(side, n) for side in (z > limit, z < -limit))
    return np.asarray(((high.sum(axis=1) >= k) & high[:, -1]) | ((low.sum(axis=1) >= k) & low[:, -1]))


def _one_side(z: FloatArray, n: int) -> Flags:
    windows = sliding_window_view(z, n)
    return np.asarray((windows > 0).all(axis=1) | (windows < 0).all(axis=1))


def _trend(z: FloatArray, n: int) -> Flags:
    steps = np.diff(sliding_window_view(z, n), axis=1)
    return np.asarray((steps > 0).all(axis=1) | (steps < 0).all(axis=1))


def _alternating(z: FloatArray, n: int) -> Flags:
    steps = np.diff(sliding_window_view(z, n), axis=1)
    return np.asarray((steps[:, 1:] * steps[:, :-1] < 0).all(axis=1))


def _near(z: FloatArray, n: int) -> Flags:
    return np.asarray((np.abs(sliding_window_view(z, n)) < 1).all(axis=1))


def _far(z: FloatArray, n: int) -> Flags:
    """All beyond 1 σ, on both sides."""
    windows = sliding_window_view(z, n)
    both = (windows > 1).any(axis=1) & (windows < -1).any(axis=1)
    return np.asarray((np.abs(windows) > 1).all(axis=1) & both)


RULES: dict[str, tuple[int, Callable[[FloatArray], Flags]]] = {
    "beyond_3_sigma": (1, lambda z: _beyond(z, 1, 1, 3.0)),
    "2_of_3_beyond_2_sigma": (3, lambda z: _beyond(z, 3, 2, 2.0)),
    "4_of_5_beyond_1_sigma": (5, lambda z: _beyond(z, 5, 4, 1.0)),
    "8_on_one_side": (8, lambda z: _one_side(z, 8)),
    "9_on_one_side": (9, lambda z: _one_side(z, 9)),
    "6_rising_or_falling": (6, lambda z: _trend(z, 6)),
    "14_alternating": (14, lambda z: _alternating(z, 14)),
    "15_within_1_sigma": (15, lambda z: _near(z, 15)),
    "8_beyond_1_sigma_both_sides": (8, lambda z: _far(z, 8)),
}
"""Name → how many points it looks at, and for each window of so many whether it is broken."""

SETS = {
    "limits": ("beyond_3_sigma",),
    "western_electric": ("beyond_3_sigma", "2_of_3_beyond_2_sigma", "4_of_5_beyond_1_sigma", "8_on_one_side"),
    "nelson": (
        "beyond_3_sigma",
        "9_on_one_side",
        "6_rising_or_falling",
        "14_alternating",
        "2_of_3_beyond_2_sigma",
        "4_of_5_beyond_1_sigma",
        "15_within_1_sigma",
        "8_beyond_1_sigma_both_sides",
    ),
}


def signals(points: FloatArray, centre: float, sigma: float, rules: str) -> tuple[Signal, ...]:
    """Every rule of a set of SETS that points (N,) break, in the order of the points."""
    if rules not in SETS:
        raise DocumentError(place="rules", found=str(rules), right=N_("limits, western_electric or nelson"))
    z, found = (points - centre) / sigma, list[Signal]()
    for name in SETS[rules]:
        n, broken = RULES[name]
        if len(z) >= n:
            found += [Signal(name, int(i) + n - 1, tuple(range(int(i), int(i) + n))) for i in np.flatnonzero(broken(z))]
    return tuple(sorted(found, key=lambda one: one.at))
