"""Numbers that a caller gives to a function of the core: finite, or refused in one sentence."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .distributions import FloatArray
from .errors import N_, DocumentError


def numbers(place: str, given: ArrayLike) -> FloatArray:
    """The given numbers as float64, of any shape. Raises DocumentError for what is no finite number."""
    try:
        found = np.array(given, dtype=np.float64)  # a copy: nobody freezes or changes what the caller holds
    except (TypeError, ValueError) as error:
        raise DocumentError(place=place, found=str(given)[:80], right=N_("finite numbers")) from error
    if not np.all(np.isfinite(found)):
        wrong = found[~np.isfinite(found)].ravel()[0]
        raise DocumentError(place=place, found="NaN" if wrong != wrong else str(wrong), right=N_("finite numbers"))
    return found
