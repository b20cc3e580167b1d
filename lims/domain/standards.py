"""What a calibration version of a standard says at one point, on one day: its sources, with identity.

A calibration version holds its functions as plain data (the record column `functions`):

    [{"function": "DCV", "unit": "V",
      "drift_per_year": {"relative": "2e-6", "absolute": "5e-7", "basis": {"zh", "en"}},
      "ranges": [{"range": "330 mV", "upper": "0.33",
                  "points": [{"at": "0.1", "correction": "1.1e-6", "U": "1.5e-6", "k": "2", "dof": null}]}]}]

Numbers are decimal strings, as the certificate prints them. A *correction* is what is added to the setting to get
the output (VIM 2.53). Between two calibrated points of one range the correction is interpolated linearly and both
points stay sources; outside the calibrated points the standard is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from .errors import StandardDoesNotCover

DAYS_IN_A_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class CertifiedPart:
    """One calibrated point's share in an interpolated correction: correction = Σ weight · value."""

    id: str
    at: str
    weight: float
    value: float
    U: float
    k: float
    dof: float | None


@dataclass(frozen=True, slots=True)
class StandardAtPoint:
    """A standard's certified output at a setting, with what has happened to it since, in the function's unit."""

    version_id: int
    certificate: str
    function: str
    unit: str
    range: str
    upper: float
    setting: float
    parts: tuple[CertifiedPart, ...]
    drift_relative: float
    drift_absolute: float
    drift_id: str
    correlation: Mapping[str, Any]

    @property
    def correction(self) -> float:
        return sum(part.weight * part.value for part in self.parts)


def source_id(version_id: int, function: str, range_: str, at: str, component: str) -> str:
    """Identity of a source, as fine as (calibration version, function, range, point, component)."""
    return f"cal:{version_id}:{function}:{range_}:{at}:{component}"


def correlation_between(declared: Mapping[str, Any], a: str, b: str) -> tuple[float, float]:
    """Lowest and highest correlation of two sources of one certificate, as it declares it.

    declared: {"kind": "none" | "full" | "matrix" | "unknown", "pairs": [[a, b, r], …] for a matrix; pairs left out are
    0}. a, b: identities of certificate sources; the pairs name them without `cal:<version>:` and `:certificate`.
    Unknown is bounded both ways: (−1, 1).
    """
    if a == b:
        return 1.0, 1.0
    match declared.get("kind", "unknown"):
        case "none":
            return 0.0, 0.0
        case "full":
            return 1.0, 1.0
        case "matrix":
            wanted = {_short(a), _short(b)}
            r = next((float(r) for x, y, r in declared.get("pairs", ()) if {x, y} == wanted), 0.0)
            return r, r
    return -1.0, 1.0


def _short(id_: str) -> str:
    """`cal:7:DCV:10 V:10:certificate` → `DCV:10 V:10`."""
    return ":".join(id_.split(":")[2:-1])


def _normal(text: str) -> str:
    return format(Decimal(text).normalize(), "f")


def at_point(
    version: Mapping[str, Any], function: str, setting: float, *, on: date, standard: str = ""
) -> StandardAtPoint:
    """The sources of a standard at `setting` (in the function's unit) on the day of use.

    version: id, certificate_number, issued (date), functions and correlation of a calibration version.
    Raises StandardDoesNotCover when the function, range or point lies outside what was calibrated.
    """
    chosen = next((f for f in version["functions"] if f["function"] == function), None)
    if chosen is None:
        raise StandardDoesNotCover(
            standard=standard, certificate=version["certificate_number"], function=function, setting=repr(setting)
        )
    for range_ in chosen["ranges"]:
        if abs(setting) <= float(range_["upper"]) * (1 + 1e-12):
            break
    else:
        raise StandardDoesNotCover(
            standard=standard, certificate=version["certificate_number"], function=function, setting=repr(setting)
        )
    parts = _parts(version["id"], function, range_, setting)
    if parts is None:
        raise StandardDoesNotCover(
            standard=standard, certificate=version["certificate_number"], function=function, setting=repr(setting)
        )
    years = max((on - version["issued"]).days, 0) / DAYS_IN_A_YEAR
    drift = chosen.get("drift_per_year", {})
    span = f"{version['issued'].isoformat()}..{on.isoformat()}"
    name = range_["range"]
    return StandardAtPoint(
        version_id=version["id"],
        certificate=version["certificate_number"],
        function=function,
        unit=chosen["unit"],
        range=name,
        upper=float(range_["upper"]),
        setting=setting,
        parts=parts,
        drift_relative=float(drift.get("relative", 0)) * years,
        drift_absolute=float(drift.get("absolute", 0)) * years,
        drift_id=f"drift:{version['id']}:{function}:{name}:{span}",
        correlation=version.get("correlation", {}),
    )


def _parts(
    version_id: int, function: str, range_: Mapping[str, Any], setting: float
) -> tuple[CertifiedPart, ...] | None:
    points: Sequence[Mapping[str, Any]] = sorted(range_["points"], key=lambda p: float(p["at"]))

    def part(point: Mapping[str, Any], weight: float) -> CertifiedPart:
        at = _normal(point["at"])
        dof = point.get("dof")
        return CertifiedPart(
            id=source_id(version_id, function, range_["range"], at, "certificate"),
            at=at,
            weight=weight,
            value=float(point["correction"]),
            U=float(point["U"]),
            k=float(point.get("k", "2")),
            dof=None if dof is None else float(dof),
        )

    for point in points:
        if abs(float(point["at"]) - setting) <= 1e-9 * max(abs(setting), float(range_["upper"])):
            return (part(point, 1.0),)
    for low, high in pairwise(points):
        a, b = float(low["at"]), float(high["at"])
        if a < setting < b:
            share = (setting - a) / (b - a)
            return (part(low, 1 - share), part(high, share))
    return None
