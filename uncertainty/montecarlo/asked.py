"""What a caller may ask for: trials, seed, probability, workers. Each refusal is one sentence (DocumentError)."""

from __future__ import annotations

import secrets

from ..errors import N_, DocumentError

FEWEST, MOST = 100, 20_000_000
MOST_WORKERS = 64


def probability(found: float) -> float:
    if not isinstance(found, int | float) or not 0 < found < 1:
        raise DocumentError(place="p", found=str(found), right=N_("a probability such as 0.95"))
    return float(found)


def seed_of(found: int | None) -> int:
    """The seed given, or one that is drawn and can be given again."""
    if found is None:
        return secrets.randbits(63)
    if isinstance(found, bool) or not isinstance(found, int) or found < 0:
        raise DocumentError(place="seed", found=str(found), right=N_("a whole number from 0"))
    return found


def trials_of(found: int | str, adaptive: str = "") -> int:
    """A number of trials; `adaptive` is the word beside numbers, where there is one."""
    return _between("trials", found, FEWEST, MOST, adaptive)


def workers_of(found: int) -> int:
    return _between("workers", found, 1, MOST_WORKERS)


def whole(place: str, found: int, low: int, high: int) -> int:
    return _between(place, found, low, high)


def _between(place: str, found: int | str, low: int, high: int, beside: str = "") -> int:
    if isinstance(found, bool) or not isinstance(found, int) or not low <= found <= high:
        right = f"{low} … {high}" + (f", {beside}" if beside else "")
        raise DocumentError(place=place, found=str(found)[:60], right=right)
    return found
