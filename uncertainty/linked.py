"""Many results and the sources they share: one sparse table of result × source, covariances asked of it in blocks.

100,000 results of 10 sources each are a million entries; their covariance would be 10¹⁰ numbers and is never formed.
Source: JCGM 100:2008, F.1.2.3 and H.2; JCGM 102:2011, 6.2, V_y = C V_x Cᵀ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from .distributions import FloatArray
from .errors import N_, DocumentError

if TYPE_CHECKING:
    from .batch import Batch

LARGEST = 20_000  # results whose covariance is formed whole: 3.2 GB
FEW = 512
ROUNDING = 1e-9  # a variance of one's own that is below zero by less than this share is rounding


@dataclass(frozen=True, slots=True, eq=False)
class Linked:
    """w: (results, sources) sparse, c·u of each source in the unit of the results. own: (results,) variance that a
    result shares with none. r: (sources, sources) sparse correlation, None where the sources are independent."""

    w: Any
    own: FloatArray
    r: Any = None

    def covariance(self, rows: ArrayLike | None = None, columns: ArrayLike | None = None) -> FloatArray:
        """Covariances (rows, columns) of the results at these places; all of them without places.

        Raises DocumentError for more than 20,000 × 20,000.
        """
        n = self.w.shape[0]
        i = np.arange(n) if rows is None else np.asarray(rows)
        j = i if columns is None else np.asarray(columns)
        if i.size * j.size > LARGEST**2:
            right = N_("fewer results at a time")
            raise DocumentError(place="results", found=f"{i.size} × {j.size}", right=right)
        left = _few(self.w if rows is None else self.w[i])
        other = left if j is i else _few(self.w[j])
        V = _full((left if self.r is None else left @ self.r) @ other.T)
        if j is i and (rows is None or len(np.unique(i)) == len(i)):
            V[np.arange(i.size), np.arange(i.size)] += self.own[i]
        else:
            V += np.where(i[:, np.newaxis] == j[np.newaxis, :], self.own[i][:, np.newaxis], 0.0)
        return np.asarray(V, dtype=float)

    def variance(self) -> FloatArray:
        """(results,) variances."""
        other = self.w if self.r is None else self.w @ self.r
        return np.asarray(self.w.multiply(other).sum(axis=1), dtype=float).ravel() + self.own

    def of_combination(self, factors: ArrayLike) -> float:
        """u of Σ factor·result over all results: what an average or a sum of certificates has."""
        f = np.asarray(factors, dtype=float)
        s = self.w.T @ f
        shared = float(s @ (s if self.r is None else self.r @ s))
        return float(np.sqrt(max(shared + float(np.sum(f * f * self.own)), 0.0)))


def linked(rows: ArrayLike, sources: ArrayLike, w: ArrayLike, own: ArrayLike, correlations: Any = (), *, n_sources: int | None = None) -> Linked:  # fmt: skip
    """The table of entries (result, source, c·u); entries of one place add. own: (results,) variances of their own.

    correlations: (source, source, r) rows. Raises DocumentError for places outside, or numbers that are not finite.
    """
    from scipy.sparse import coo_array, eye_array

    i, s, values = np.asarray(rows), np.asarray(sources), np.asarray(w, dtype=float)
    alone = np.asarray(own, dtype=float)
    many = int(n_sources if n_sources is not None else (s.max() + 1 if s.size else 0))
    if not (i.shape == s.shape == values.shape) or i.ndim != 1:
        raise DocumentError(
            place="rows", found=f"{i.shape}, {s.shape}, {values.shape}", right=N_("columns of one length")
        )
    if i.size and (i.min() < 0 or i.max() >= alone.size or s.min() < 0 or s.max() >= many):
        raise DocumentError(place="rows", found=f"{i.max()}, {s.max()}", right=f"< {alone.size}, < {many}")
    if not (np.all(np.isfinite(values)) and np.all(np.isfinite(alone)) and np.all(alone >= 0)):
        raise DocumentError(place="w", found="NaN, ∞", right=N_("a finite number"))
    table = coo_array((values, (i, s)), shape=(alone.size, many)).tocsr()
    r = None
    pairs = list(correlations)
    if pairs:
        a, b, rho = (np.asarray(column) for column in zip(*pairs, strict=True))
        upper = coo_array((rho.astype(float), (a, b)), shape=(many, many))
        r = (eye_array(many) + upper + upper.T).tocsr()
    return Linked(table, alone, r)


def of_batch(
    batch: Batch, shared: Sequence[str], correlations: Mapping[tuple[str, str], float] | None = None
) -> Linked:
    """The results of a batch, whose quantities named in `shared` are the same ones in every budget.

    correlations: (quantity, quantity) → r of what is shared. What is left of each variance is the result's own, so that
    what is shared has to be independent of what is not.
    """
    from scipy.sparse import csr_array

    for name in shared:
        if name not in batch.contributions:
            raise DocumentError(place="shared", found=name, right=", ".join(batch.contributions))
    W = np.stack([np.asarray(batch.contributions[name]) for name in shared], axis=1)
    r = np.eye(len(shared))
    for (a, b), rho in (correlations or {}).items():
        i, j = list(shared).index(a), list(shared).index(b)
        r[i, j] = r[j, i] = rho
    own = np.asarray(batch.u) ** 2 - np.sum((W @ r) * W, axis=1)
    if np.any(own < -ROUNDING * np.asarray(batch.u) ** 2):
        raise DocumentError(place="shared", found=", ".join(shared), right=N_("with what they are correlated with"))
    return Linked(csr_array(W), np.maximum(own, 0.0), csr_array(r) if correlations else None)


def _few(rows: Any) -> Any:
    """Few sources are faster as a plain matrix; of many the sparse ones are multiplied."""
    return rows.toarray() if rows.shape[1] <= FEW else rows


def _full(found: Any) -> Any:
    return found if isinstance(found, np.ndarray) else found.toarray()
