"""When a point is settled: the source says so, and the item's own readings have become quiet.

Both are required, between a floor and a ceiling of time; what was seen goes into the journal.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from instruments.capture.clock import Clock
from instruments.faults import InstrumentError
from instruments.procedures.procedure import Settle

POLL = 0.2  # bench seconds between two looks at the source's flag
SLOPE_T = 3.0  # a slope below three times its own standard error is no drift
SPREAD_SHARE = 0.2  # of the limit of error: more spread than this is not quiet


class NotSettled(InstrumentError, TimeoutError):
    """A point did not settle before the ceiling of time."""

    code: ClassVar[str] = "not_settled"
    sentence: ClassVar[str] = (
        "Point {point} did not settle within {seconds} s ({why}): check connections and warm-up, then resume."
    )


@dataclass(frozen=True, slots=True)
class Quiet:
    """What a window of readings shows: drift over the window, its standard error, and the spread, in V."""

    drift: float
    drift_error: float
    spread: float

    def within(self, resolution: float, limit: float) -> bool:
        """Whether the window is quiet: no significant drift beyond one digit, and a spread small against the limit."""
        no_drift = abs(self.drift) <= max(SLOPE_T * self.drift_error, resolution)
        return no_drift and self.spread <= max(SPREAD_SHARE * limit, 10 * resolution)


def quiet(window: Sequence[float]) -> Quiet:
    """Least-squares slope over equally spaced readings, as the change from the first to the last."""
    n = len(window)
    fit = statistics.linear_regression(range(n), window)
    residual = math.fsum((y - fit.intercept - fit.slope * x) ** 2 for x, y in enumerate(window))
    sxx = n * (n * n - 1) / 12
    error = math.sqrt(residual / max(1, n - 2) / sxx)
    return Quiet(fit.slope * (n - 1), error * (n - 1), max(window) - min(window))


def wait_settled(
    point: int,
    rules: Settle,
    clock: Clock,
    *,
    flag: Callable[[], bool],
    read: Callable[[], float],
    watch: Callable[[], None],
    resolution: float,
    limit: float,
) -> dict[str, Any]:
    """Wait until the point is settled; the facts of the `settled` event.

    flag: the source's own settled flag. read: one quick indication of the item. watch: called between steps; it
    raises when the run must stop. Raises NotSettled at the ceiling, and whatever flag, read and watch raise.
    """
    begin = clock.time()
    clock.sleep(rules.floor)
    window: list[float] = []
    settled = False
    why = "the source does not report a settled output"
    while True:
        watch()
        if not settled:
            settled = flag()
            if not settled:
                window.clear()
        if settled:
            window.append(read())
            del window[: -rules.window]
            if len(window) == rules.window:
                seen = quiet(window)
                if seen.within(resolution, limit):
                    return {
                        "point": point,
                        "seconds": round(clock.time() - begin, 3),
                        "by": "flag and statistics",
                        "window": list(window),
                        "drift": seen.drift,
                        "spread": seen.spread,
                    }
                why = f"readings still drift by {seen.drift:.3g} V or spread over {seen.spread:.3g} V"
        if clock.time() - begin >= rules.ceiling:
            raise NotSettled(point=point, seconds=f"{rules.ceiling:g}", why=why)
        if not settled:
            clock.sleep(POLL)
