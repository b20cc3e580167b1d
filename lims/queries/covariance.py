"""Covariance of results anywhere in the laboratory, from the sources they share and what certificates declare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.domain.actor import Actor
from lims.domain.rights import require
from lims.domain.standards import correlation_between
from lims.records import CalibrationVersion, ResultSource, Source


@dataclass(frozen=True, slots=True)
class Covariance:
    """Covariance of N results, bounded where a certificate does not say how its sources are correlated.

    low, high: (N, N), in the product of the results' units; equal where everything is declared.
    """

    results: Sequence[int]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    @property
    def bounded(self) -> bool:
        """Whether some correlation is unknown."""
        return not np.array_equal(self.low, self.high)

    def correlation(self, i: int, j: int) -> tuple[float, float]:
        """Lowest and highest correlation coefficient of two results, within −1 and 1."""
        scale = float(np.sqrt(self.high[i, i] * self.high[j, j]))
        if scale == 0:
            return 0.0, 0.0
        return max(float(self.low[i, j]) / scale, -1.0), min(float(self.high[i, j]) / scale, 1.0)


def of_results(session: Session, result_ids: Sequence[int], viewer: Actor) -> Covariance:
    """Covariance of stored results. Two statements, whatever their number.

    cov(a, b) = Σ c_ai u_i c_bi u_i over shared sources, and r c_ai u_i c_bj u_j over different sources of one
    certificate (JCGM 100:2008, F.1.2.3).
    """
    require(viewer, "records.read")
    rows = session.execute(
        select(ResultSource.result_id, ResultSource.source_id, ResultSource.sensitivity, Source.u)
        .join(Source, Source.id == ResultSource.source_id)
        .where(ResultSource.result_id.in_(result_ids))
    ).all()
    place = {id_: i for i, id_ in enumerate(result_ids)}
    ids = sorted({source for _, source, _, _ in rows})
    column = {id_: i for i, id_ in enumerate(ids)}
    weighted = np.zeros((len(result_ids), len(ids)))
    for result, source, sensitivity, u in rows:
        weighted[place[result], column[source]] = sensitivity * u
    low, high = _bounds(ids, _declared(session, ids))
    return Covariance(list(result_ids), *_products(weighted, low, high))


def _declared(session: Session, ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """What each certificate says of the correlation of its sources, by calibration version."""
    versions = {id_.split(":")[1] for id_ in ids if id_.startswith("cal:")}
    return {
        str(id_): correlation
        for id_, correlation in session.execute(
            select(CalibrationVersion.id, CalibrationVersion.correlation).where(
                CalibrationVersion.id.in_([int(v) for v in versions])
            )
        )
    }


def _bounds(
    ids: Sequence[str], declared: Mapping[str, Mapping[str, Any]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    low, high = np.eye(len(ids)), np.eye(len(ids))
    for i, a in enumerate(ids):
        for j in range(i):
            b = ids[j]
            same = a.startswith("cal:") and b.startswith("cal:") and a.split(":")[1] == b.split(":")[1]
            if same:
                bounds = correlation_between(declared.get(a.split(":")[1], {}), a, b)
                low[i, j] = low[j, i] = bounds[0]
                high[i, j] = high[j, i] = bounds[1]
    return low, high


def _products(
    weighted: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Σ r w_ai w_bj with r at its lowest and highest, chosen by the sign of each product."""
    middle, half = (low + high) / 2, (high - low) / 2
    centre = weighted @ middle @ weighted.T
    spread = np.abs(weighted) @ half @ np.abs(weighted).T
    return centre - spread, centre + spread
