"""A calibration function as plain data, versioned, and back without a change of a digit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from ..errors import N_, DocumentError

if TYPE_CHECKING:
    from .function import CalibrationFunction

TEXTS = ("kind", "expression", "argument", "result", "unit_argument", "unit_result")


def to_dict(function: CalibrationFunction) -> dict[str, Any]:
    """Fields by name; the coefficients as name → value. Raises DocumentError for a Python function."""
    if function.formula is not None:
        right = N_("an expression as text, which can be stored")
        raise DocumentError(place="expression", found=N_("a Python function"), right=right)
    days = {name: getattr(function, name) for name in ("valid_from", "valid_to")}
    return (
        {"schema": function.schema}
        | {name: getattr(function, name) for name in TEXTS}
        | {
            "coefficients": dict(zip(function.names, function.coefficients.tolist(), strict=True)),
            "covariance": function.covariance.tolist(),
            "limits": list(function.limits),
            "dof": function.dof if math.isfinite(function.dof) else None,
            "chi2": function.chi2,
            "chi2_dof": function.chi2_dof,
        }
        | {name: day.isoformat() if day else None for name, day in days.items()}
    )


def fields(schema: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """What a CalibrationFunction is made of. Raises DocumentError naming the field."""
    if not isinstance(data, Mapping) or data.get("schema") != schema:
        found = data.get("schema") if isinstance(data, Mapping) else data
        raise DocumentError(place="schema", found=str(found)[:80], right=schema)
    try:
        given = {name: data[name] for name in (*TEXTS, "coefficients", "covariance", "limits", "dof")}
    except KeyError as error:
        raise DocumentError(
            place=str(error.args[0]), found=N_("nothing"), right=N_("a field of the document")
        ) from error
    if not isinstance(given["coefficients"], Mapping):
        raise _wrong("coefficients", given["coefficients"], N_("a mapping of names"))
    for name in TEXTS:
        if not isinstance(given[name], str):
            raise _wrong(name, given[name], N_("a text"))
    return given | {
        "names": tuple(given["coefficients"]),
        "coefficients": list(given["coefficients"].values()),
        "dof": math.inf if given["dof"] is None else _number("dof", given["dof"]),
        "chi2": _optional("chi2", data.get("chi2")),
        "chi2_dof": None if data.get("chi2_dof") is None else int(_number("chi2_dof", data["chi2_dof"])),
        "valid_from": _day("valid_from", data.get("valid_from")),
        "valid_to": _day("valid_to", data.get("valid_to")),
    }


def _optional(place: str, given: object) -> float | None:
    return None if given is None else _number(place, given)


def _number(place: str, given: object) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float) or not math.isfinite(given):
        raise _wrong(place, given, N_("a finite number"))
    return float(given)


def _day(place: str, text: object) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(str(text))
    except ValueError as error:
        raise _wrong(place, text, N_("a day such as 2026-11-23")) from error


def _wrong(place: str, found: object, right: str) -> DocumentError:
    return DocumentError(place=place, found=repr(found)[:80], right=right)
