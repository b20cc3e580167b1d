"""Cases of thermometry: ITS-90, Callendar–Van Dusen, IEC 60584."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..thermometry import Sprt, callendar, its90, thermocouple
from ..thermometry.subranges import deviation, subrange
from .run import Runner


def its90_wr(case: Mapping[str, Any]) -> Mapping[str, Any]:
    """W_r at t90, and t90 of the W_r that the source prints, by the exact inverse."""
    Wr = float(case["expected"]["Wr"]["published"])
    return {
        "Wr": its90.reference_ratio(its90.kelvin(case["inputs"]["t90_C"])),
        "t90_inverse": its90.celsius(its90.temperature(Wr)),
    }


def its90_dev(case: Mapping[str, Any]) -> Mapping[str, Any]:
    """W − W_r as the example tabulates it: the deviation function at W_r(t90)."""
    given = case["inputs"]
    kind = subrange(given["subrange"])
    Wr = its90.reference_ratio(its90.kelvin(given["t90_C"]))
    return {"W_minus_Wr": deviation(kind, Wr, [given[name] for name in kind.names]).tolist()}


def its90_t90(case: Mapping[str, Any]) -> Mapping[str, Any]:
    """t90 of a resistance; a and b alone are those of 0 °C to 419.527 °C (sub-range 8)."""
    given = case["inputs"]
    coefficients = np.array([given["R_tpw"], given["a"], given["b"]])
    sprt = Sprt(
        identifier="", coefficients=coefficients, covariance=np.zeros((3, 3)), limits=(0.0, 419.527), subranges=(8,)
    )
    return {"t90_C": sprt.temperature(given["R"]).value}


def cvd(case: Mapping[str, Any]) -> Mapping[str, Any]:
    """R at t."""
    i = case["inputs"]
    return {"R": callendar.resistance(i["t_C"], i["R0"], i["A"], i["B"], i["C"]).tolist()}


def emf(case: Mapping[str, Any]) -> Mapping[str, Any]:
    """E at t90."""
    return {"emf_mV": thermocouple.emf(case["inputs"]["type"], case["inputs"]["t90_C"]).tolist()}


RUNNERS: dict[str, Runner] = {
    "its90_wr": its90_wr,
    "its90_dev": its90_dev,
    "its90_t90": its90_t90,
    "cvd": cvd,
    "thermocouple": emf,
}
