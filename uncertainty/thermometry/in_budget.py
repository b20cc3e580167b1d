"""A calibrated thermometer as an entry of a budget document's `functions`: its coefficients are sources of their own.

    functions: {t: {thermometer: {schema: suyuan.sprt/1, …}, reads: temperature}}

The entry is an expression of the reference functions of the scale and of the coefficients, so that first order, second
order, Monte Carlo and batches treat it as any other model; two readings of one thermometer are correlated by it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import DocumentError
from .calibrated import CalibratedThermocouple
from .industrial import IndustrialThermometer
from .sensor import Sensor
from .sprt import Sprt
from .subranges import Subrange, subrange

SCHEMAS: dict[str, type[Sensor]] = {one.schema: one for one in (Sprt, IndustrialThermometer, CalibratedThermocouple)}
READS = ("temperature", "signal")
"""temperature: t of what is measured (Ω, mV). signal: what is measured at t; of an SPRT the ratio W."""
SLACK = 0.005
"""Share of the range by which an argument may lie beyond it: the tail of a distribution at its end."""
KELVIN, ZERO, SIGNAL = "one_kelvin", "zero_celsius", "one_signal"
"""Names of the exact coefficients that carry the units."""


def entry(sensor: Sensor, reads: str = "temperature", identity: str = "") -> dict[str, Any]:
    """What stands under functions: {f: …}. identity: prefix of the coefficients' sources, else the sensor's identifier.

    temperature: f(R in Ω) or f(E in mV, reference junction at 0 °C) is t in degC. signal: f(t in degC) is R in Ω, E in mV,
    or W of an SPRT. Raises DocumentError for another sensor or word.
    """
    if reads not in READS:
        raise DocumentError(place="reads", found=str(reads), right=", ".join(READS))
    text, unit = _text(sensor, reads)
    names = [_name(name) for name in sensor.names]
    uncertain = [i for i in range(len(names)) if sensor.covariance[i, i] > 0]
    of = identity or sensor.identifier
    coefficients: dict[str, Any] = {
        name: {"value": float(value)} | ({"id": f"{of}:{name}"} if i in uncertain else {"exact": True})
        for i, (name, value) in enumerate(zip(names, sensor.coefficients, strict=True))
    }
    units = {KELVIN: (1.0, "K"), ZERO: (0.0, "degC")} | ({} if unit == "1" else {SIGNAL: (1.0, unit)})
    exact = {name: {"value": value, "unit": of_it, "exact": True} for name, (value, of_it) in units.items()}
    found = {
        "expression": text,
        "argument": "x",
        "coefficients": coefficients | exact,
        "source": sensor.identifier,
    }
    if uncertain:
        found["covariance"] = sensor.covariance[np.ix_(uncertain, uncertain)].tolist()
    return found


def of_document(given: Mapping[str, Any], place: str) -> dict[str, Any]:
    """The entry of {thermometer: …, reads: …} in a document. Raises DocumentError with its place."""
    unknown = sorted(set(map(str, given)) - {"thermometer", "reads", "id", "title"})
    if unknown:
        raise DocumentError(place=f"{place}.{unknown[0]}", found=unknown[0], right="thermometer, reads, id")
    data = given["thermometer"]
    kind = SCHEMAS.get(str(data.get("schema"))) if isinstance(data, Mapping) else None
    if kind is None:
        found = str(data.get("schema")) if isinstance(data, Mapping) else str(data)
        raise DocumentError(place=f"{place}.thermometer.schema", found=found[:80], right=", ".join(SCHEMAS))
    try:
        return entry(kind.from_dict(data), str(given.get("reads", "temperature")), str(given.get("id", "")))
    except DocumentError as error:
        raise DocumentError(
            place=f"{place}.{error.facts['place']}" if error.facts["place"] == "reads"
            else f"{place}.thermometer.{error.facts['place']}",
            found=error.facts["found"],
            right=error.facts["right"],
        ) from error  # fmt: skip


def _name(name: str) -> str:
    """A coefficient as a name of an expression: W(Al)6 is W_Al_6."""
    return name.replace("(", "_").replace(")", "_").rstrip("_")


def _text(sensor: Sensor, reads: str) -> tuple[str, str]:
    """(expression of x, unit of what is measured)."""
    low, high = sensor.limits
    slack = SLACK * (high - low)
    inside = f"{{0}} >= {low - slack!r} and {{0}} <= {high + slack!r}"
    t = f"(x - {ZERO})/{KELVIN}"
    if isinstance(sensor, Sprt):
        whole, unit = _sprt(sensor, reads, t)
        check = f"(its90_temperature(x/{SIGNAL}/R_tpw) - 273.15)" if reads == "temperature" else f"({t})"
    elif isinstance(sensor, IndustrialThermometer):
        whole, unit = _industrial(reads, t), "ohm"
        check = f"iec60751_temperature(x/{SIGNAL}/R0)" if reads == "temperature" else f"({t})"
    elif isinstance(sensor, CalibratedThermocouple):
        whole, unit = _couple(sensor, reads, t), "mV"
        check = f"thermocouple_{sensor.letter}_inverse(x/{SIGNAL})" if reads == "temperature" else f"({t})"
    else:
        raise DocumentError(place="thermometer", found=type(sensor).__name__, right=", ".join(SCHEMAS))
    # outside the calibration there is no number; -1 under the root is how a model says so
    number = f"where({inside.format(check)}, {whole}, sqrt(-1))"
    if reads == "temperature":
        return f"{ZERO} + ({number})*{KELVIN}", unit
    return (number, "1") if unit == "1" else (f"({number})*{SIGNAL}", unit)


def _sprt(sensor: Sprt, reads: str, t: str) -> tuple[str, str]:
    kinds = [subrange(number) for number in sorted(sensor.subranges)]
    if reads == "temperature":
        W = f"(x/{SIGNAL}/R_tpw)"
        return f"its90_temperature({W} - ({_either(W, [_deviation(kind, W) for kind in kinds])})) - 273.15", "ohm"
    reference = f"its90_ratio({t} + 273.15)"
    return _either(reference, [_ratio(kind, reference) for kind in kinds]), "1"


def _either(W: str, texts: Sequence[str]) -> str:
    """That of the sub-range below the triple point of water or of the one above, where a thermometer has both."""
    return texts[0] if len(texts) == 1 else f"where({W} < 1, {texts[0]}, {texts[1]})"


def _ratio(kind: Subrange, reference: str) -> str:
    """W where W_r is `reference`: the deviation is some 10⁻⁴ of W, so each round gains four digits."""
    W = reference
    for _ in range(3):
        W = f"({reference} + ({_deviation(kind, W)}))"
    return W


def _deviation(kind: Subrange, W: str) -> str:
    """W − W_r as text: ITS-90, eqs. (12) to (14)."""
    names = [_name(f"{name}{kind.number}") for name in kind.names]
    if kind.number == 4:
        return f"{names[0]}*({W} - 1) + {names[1]}*({W} - 1)*log({W})"
    if kind.number <= 3:
        logs = [f"{name}*log({W})**{i + kind.n}" for i, name in enumerate(names[2:], 1)]
        return " + ".join([f"{names[0]}*({W} - 1)", f"{names[1]}*({W} - 1)**2", *logs])
    powers = [f"{name}*({W} - 1)**{power}" for power, name in enumerate(names[:3], 1)]
    if kind.number == 6:
        powers.append(f"{names[3]}*max({W} - {names[4]}, 0)**2")
    return " + ".join(powers)


def _industrial(reads: str, t: str) -> str:
    if reads == "signal":
        return f"R0*{_curve(f'({t})')}"
    found = f"iec60751_temperature(x/{SIGNAL}/R0)"
    for _ in range(2):  # from the reference curve, some tenths of a degree away at most: Newton's method squares them
        slope = f"(A + 2*B*{found} + where({found} < 0, C*(4*{found} - 300)*{found}**2, 0))"
        found = f"({found} - ({_curve(found)} - x/{SIGNAL}/R0)/{slope})"
    return found


def _curve(t: str) -> str:
    """R/R0 of Callendar and Van Dusen at t in °C (IEC 60751:2022, 4.2)."""
    return f"(1 + A*{t} + B*{t}**2 + where({t} < 0, C*({t} - 100)*{t}**3, 0))"


def _couple(sensor: CalibratedThermocouple, reads: str, t: str) -> str:
    def more(at: str) -> str:
        return " + ".join([f"{name}*({at})**{power}" for power, name in enumerate(sensor.names, 1)] or ["0"])

    if reads == "signal":
        return f"thermocouple_{sensor.letter}({t}) + {more(t)}"
    found = inverse = f"thermocouple_{sensor.letter}_inverse(x/{SIGNAL})"
    for _ in range(4 if sensor.names else 0):  # the deviation's slope is some 10⁻³ of the Seebeck coefficient
        found = f"{inverse[: -len(f'(x/{SIGNAL})')]}(x/{SIGNAL} - ({more(found)}))"
    return found
