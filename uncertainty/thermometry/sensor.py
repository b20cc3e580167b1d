"""What every calibrated sensor has: coefficients with their covariance, a range, the days it is valid, plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Self

from ..distributions import FloatArray
from ..errors import N_, DocumentError
from ..numbers import numbers
from .checks import column, covariance


@dataclass(frozen=True, slots=True, eq=False)
class Sensor:
    """A calibrated sensor. coefficients: (K,) as `names` says; covariance: (K, K) of them.

    limits: °C from and to, the span of the calibration. valid_from, valid_to: days, both included; None is open.
    """

    schema: ClassVar[str] = "suyuan.sensor/1"

    identifier: str
    coefficients: FloatArray
    covariance: FloatArray
    limits: tuple[float, float]
    valid_from: date | None = None
    valid_to: date | None = None

    def __post_init__(self) -> None:
        c = column("coefficients", self.coefficients, len(self.names))
        V = covariance("covariance", self.covariance, len(c))
        low, high = (float(x) for x in column("limits", self.limits, 2))
        if not low < high:
            raise DocumentError(place="limits", found=f"{low:g}, {high:g}", right=N_("a lower and a higher limit"))
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise DocumentError(place="valid_to", found=str(self.valid_to), right=N_("a day after the first one"))
        c.flags.writeable = V.flags.writeable = False
        for name, value in (("coefficients", c), ("covariance", V), ("limits", (low, high))):
            object.__setattr__(self, name, value)

    @property
    def names(self) -> tuple[str, ...]:
        """What each coefficient is called, in order."""
        raise NotImplementedError

    def is_valid_on(self, day: date) -> bool:
        """Whether the calibration covers that day."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for an archive; floats as they are, days as ISO text."""
        return {
            "schema": self.schema,
            "identifier": self.identifier,
            **self._more(),
            "names": list(self.names),
            "coefficients": self.coefficients.tolist(),
            "covariance": self.covariance.tolist(),
            "limits": list(self.limits),
            "valid_from": self.valid_from.isoformat() if self.valid_from else None,
            "valid_to": self.valid_to.isoformat() if self.valid_to else None,
        }

    def _more(self) -> dict[str, Any]:
        """Fields of one kind of sensor beyond the common ones."""
        return {}

    @classmethod
    def _of(cls, data: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG003
        """Fields of one kind of sensor out of the archive's data."""
        return {}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The sensor of an archive. Raises DocumentError for another schema or a field that is missing."""
        if data.get("schema") != cls.schema:
            raise DocumentError(place="schema", found=str(data.get("schema")), right=cls.schema)
        try:
            found = cls(
                identifier=str(data["identifier"]),
                coefficients=numbers("coefficients", data["coefficients"]),
                covariance=numbers("covariance", data["covariance"]),
                limits=(data["limits"][0], data["limits"][1]),
                valid_from=_day(data.get("valid_from"), "valid_from"),
                valid_to=_day(data.get("valid_to"), "valid_to"),
                **cls._of(data),
            )
        except KeyError as error:
            missing = str(error.args[0])
            raise DocumentError(place=missing, found=N_("nothing"), right=N_("a field of the document")) from error
        if list(found.names) != list(data.get("names", ())):
            names = ", ".join(map(str, data.get("names", ())))
            raise DocumentError(place="names", found=names or N_("nothing"), right=N_("the names of the coefficients"))
        return found


def _day(text: str | None, place: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except (TypeError, ValueError) as error:
        raise DocumentError(place=place, found=str(text), right=N_("a day such as 2026-11-23")) from error
