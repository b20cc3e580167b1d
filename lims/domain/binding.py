"""Bind a procedure's budget template to one measured point: the complete budget document of that point.

Either the standard's corrected value with its certificate's U and the drift since then, or its specification used
uncorrected; never both. The item's own specification never enters: it is what the result is compared with.
What the standard's certificate says enters as sources of its own, with identity, so that `source`, `drift` and
`ambient` of the template become small models of those sources, the same for every point they share.
The document is data (DESIGN, "Budget document"); it is stored with the result and evaluated again at any time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import sqrt
from statistics import fmean, stdev
from typing import Any, Protocol

from .errors import NotEnoughReadings
from .standards import StandardAtPoint, correlation_between


class Template(Protocol):
    """What is needed of a procedure's budget template (instruments.procedures.budget.BudgetTemplate)."""

    @property
    def combine(self) -> str | None: ...
    @property
    def ambient(self) -> Any: ...
    @property
    def names(self) -> tuple[str, ...]: ...
    def document(
        self, bound: Mapping[str, Mapping[str, object]], *, procedure: str, title: str, unit: str | None = None
    ) -> dict[str, object]: ...


@dataclass(frozen=True, slots=True)
class Room:
    """Mean temperature while the point was measured, degC, with U (k = 2) of the monitor's certificate."""

    temperature: float
    U: float
    certificate: str


@dataclass(frozen=True, slots=True)
class SpecificationAtPoint:
    """A standard used uncorrected: its specification as limits about the setting.

    half_width: in the function's unit; confidence: the level the maker states, or None (then rectangular).
    """

    half_width: float
    confidence: float | None
    id: str
    reference: str


def point_document(
    template: Template,
    *,
    procedure: str,
    title: str,
    unit: str,
    result_unit: str,
    readings: Sequence[float],
    resolution: float,
    resolution_id: str,
    setting: float,
    standard: StandardAtPoint | None,
    specification: SpecificationAtPoint | None,
    room: Room | None,
) -> dict[str, Any]:
    """The budget document of one point.

    readings: indications of the item in `unit`, those that a person excluded left out already.
    unit: of readings and setting; result_unit: what a measurand declared with `unit: point` is given in.
    Exactly one of standard and specification is given (the procedure's choice).
    Raises NotEnoughReadings for fewer than two readings.
    """
    if len(readings) < 2:
        raise NotEnoughReadings(found=len(readings), wanted=2, point=title)
    if (standard is None) == (specification is None):
        raise ValueError("a point is bound either to the standard's certificate or to its specification")
    zero = {"value": 0, "unit": unit, "exact": True}
    bound: dict[str, dict[str, Any]] = _indication(
        readings, resolution, resolution_id, template.combine or "both", unit
    )
    quantities: dict[str, Any] = {"setting": {"value": setting, "unit": unit, "exact": True}}
    models: dict[str, str] = {}
    correlations: list[dict[str, Any]] = []
    if standard is not None:
        models["source"] = _source(standard, unit, quantities)
        models["drift"] = _drift(standard, unit, quantities)
        if len(standard.parts) == 2:
            # Both weights are positive, so the highest correlation gives the largest U: what is unknown is bounded.
            _low, high = correlation_between(standard.correlation, standard.parts[0].id, standard.parts[1].id)
            if high:
                correlations.append({"between": ["correction_1", "correction_2"], "r": high})
    else:
        assert specification is not None
        bound["source"] = {"value": setting, "unit": unit, "exact": True}
        bound["spec"] = _specification(specification, unit)
    if standard is not None and "ambient" in template.names and template.ambient is not None and room is not None:
        models["ambient"] = _ambient(template.ambient, room, unit, standard, quantities)
    bound |= {name: zero for name in template.names if name not in bound}
    document = template.document(
        {name: bound[name] for name in template.names}, procedure=procedure, title=title, unit=result_unit
    )
    measured: Any = document["measurands"]
    given: Any = document["quantities"]
    kept = {name: quantity for name, quantity in given.items() if name not in models}
    document["quantities"] = kept | quantities
    document["measurands"] = {
        name: {"expression": expression, "unit": unit} for name, expression in models.items() if name in template.names
    } | dict(measured)
    if correlations:
        document["correlations"] = correlations
    return document


def _indication(
    readings: Sequence[float], resolution: float, resolution_id: str, combine: str, unit: str
) -> dict[str, Any]:
    """Item's reading (Type A) and its resolution (rectangular, half a digit each side)."""
    repeatability = stdev(readings) / sqrt(len(readings))
    digit = resolution / 2 / sqrt(3)
    a = {"readings": list(readings), "unit": unit}
    b = {"value": 0, "resolution": resolution, "unit": unit, "id": resolution_id}
    if combine == "larger" and repeatability >= digit:
        return {"reading": a, "resolution": {"value": 0, "unit": unit, "exact": True}}
    if combine == "larger":
        return {"reading": {"value": fmean(readings), "unit": unit, "exact": True}, "resolution": b}
    return {"reading": a, "resolution": b}


def _about(standard: StandardAtPoint) -> str:
    return f"certificate {standard.certificate}, {standard.function}, range {standard.range}"


def _source(standard: StandardAtPoint, unit: str, quantities: dict[str, Any]) -> str:
    """Set value plus correction; between two calibrated points both stay sources, each with its weight."""
    terms = ["setting"]
    for number, part in enumerate(standard.parts, start=1):
        name = "correction" if len(standard.parts) == 1 else f"correction_{number}"
        quantities[name] = {
            "value": part.value,
            "U": part.U,
            "k": part.k,
            "unit": unit,
            "id": part.id,
            "source": f"{_about(standard)}, at {part.at} {unit}",
        } | ({} if part.dof is None else {"dof": part.dof})
        terms.append(name if part.weight == 1 else f"{part.weight!r}*{name}")
    return " + ".join(terms)


def _drift(standard: StandardAtPoint, unit: str, quantities: dict[str, Any]) -> str:
    """Drift since the certificate: a relative part and a part of the zero, one source each for a range and a span."""
    terms = []
    common = {"distribution": "rectangular", "value": 0, "source": f"drift since {_about(standard)}"}
    if standard.drift_relative:
        quantities["drift_of_gain"] = common | {
            "half_width": standard.drift_relative,
            "id": standard.drift_id + ":relative",
        }
        terms.append("setting*drift_of_gain")
    if standard.drift_absolute:
        quantities["drift_of_zero"] = common | {
            "half_width": standard.drift_absolute,
            "unit": unit,
            "id": standard.drift_id + ":absolute",
        }
        terms.append("drift_of_zero")
    return " + ".join(terms) or "0*setting"


def _ambient(coefficients: Any, room: Room, unit: str, standard: StandardAtPoint, quantities: dict[str, Any]) -> str:
    """Temperature effect of the standard, of its output and of its range: coefficients about zero times the distance
    from the reference temperature.

    The distance is widened by the sensor's U: the coefficient's own estimate being zero, the first order would not
    see the sensor otherwise.
    """
    away = abs(room.temperature - float(coefficients.reference)) + room.U
    name = f"{standard.version_id}:{standard.function}:{standard.range}"
    text = f"temperature coefficient of the standard; room by certificate {room.certificate}"
    quantities["away"] = {"value": away, "unit": "K", "exact": True}
    quantities["coefficient"] = {
        "distribution": "rectangular",
        "value": 0,
        "half_width": float(coefficients.reading),
        "unit": "1/K",
        "id": f"tc:{name}:gain",
        "source": text,
    }
    terms = "setting*coefficient*away"
    if coefficients.range != Decimal(0):
        quantities["coefficient_of_zero"] = {
            "distribution": "rectangular",
            "value": 0,
            "half_width": float(coefficients.range) * standard.upper,
            "unit": f"{unit}/K",
            "id": f"tc:{name}:zero",
            "source": text,
        }
        terms += " + coefficient_of_zero*away"
    return terms


def _specification(specification: SpecificationAtPoint, unit: str) -> dict[str, Any]:
    common = {"value": 0, "unit": unit, "id": specification.id, "source": specification.reference}
    if specification.confidence is None:
        return {"distribution": "rectangular", "half_width": specification.half_width} | common
    return {"U": specification.half_width, "p": specification.confidence} | common
