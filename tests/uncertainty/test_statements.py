"""Ways of stating an uncertainty, units and temperature, as the budget document says."""

from __future__ import annotations

import math
from typing import Any

import pytest

import uncertainty


def result(quantities: dict[str, Any], expression: str = "x", unit: str = "1", **more: Any) -> uncertainty.Result:
    measurands = {"y": {"expression": expression, "unit": unit}}
    return uncertainty.evaluate({"budget": 1, "quantities": quantities, "measurands": measurands} | more).results["y"]


def u(unit: str = "1", **entry: Any) -> float:
    return result({"x": entry | {"unit": unit}}, unit=unit).u


def test_document_of_the_design() -> None:
    """Every way of the budget document's example, with units, one measurand."""
    found = result(
        {
            "l_s": {
                "value": 50000623,
                "u": 25,
                "dof": 18,
                "unit": "nm",
                "source": "certificate of the reference block",
            },
            "d": {"readings": [213.1, 215.4, 216.0, 214.2, 216.3], "unit": "nm"},
            "d_c": {"components": [{"U": 12, "k": 2}, {"resolution": 1}], "unit": "nm"},
            "theta": {"distribution": "arcsine", "lower": -0.5, "upper": 0.5, "unit": "K"},
            "alpha": {"value": 11.5e-6, "unit": "1/K", "exact": True},
        },
        "l_s + d + d_c - l_s*alpha*theta",
        "nm",
        correlations=[{"between": ["l_s", "d_c"], "r": 0.3}],
        coverage=0.95,
    )
    d_c = math.hypot(6, 0.5 / math.sqrt(3))
    s2 = sum((x - 215.0) ** 2 for x in (213.1, 215.4, 216.0, 214.2, 216.3)) / 4 / 5
    theta = 50000623 * 11.5e-6 * 0.5 / math.sqrt(2)
    assert found.value == pytest.approx(50000838)
    assert found.u == pytest.approx(math.sqrt(625 + s2 + d_c**2 + 2 * 0.3 * 25 * d_c + theta**2))


@pytest.mark.parametrize(
    ("unit", "entry", "expected"),
    [
        ("mV", {"value": 10, "u": "8 µV"}, 0.008),
        ("mV", {"value": 10, "u": "0.1 %"}, 0.01),
        ("mV", {"value": -10, "u": "500 ppm"}, 0.005),
        ("%RH", {"value": 50, "u": 2}, 2),
        ("%RH", {"value": 50, "u": "2 %rel"}, 1),
        ("V", {"value": 1, "distribution": "rectangular", "half_width": ["35 ppm", "5 µV"]}, 40e-6 / math.sqrt(3)),
        ("V", {"value": 1, "U": 0.2, "k": 2}, 0.1),
        ("V", {"value": 1, "U": 0.2, "k": 2, "u": 0.1}, 0.1),
        ("V", {"value": 1, "U": 0.2, "k": 2, "p": 0.95}, 0.1),
        ("V", {"value": 1, "U": 1.96, "p": 0.95}, 1.0),
        ("V", {"value": 1, "U": 2.447, "p": 0.95, "dof": 6}, 1.0),  # t 0.95 at 6: 2.447 (table G.2: 2.45)
        ("V", {"value": 1, "resolution": 0.01}, 0.005 / math.sqrt(3)),
        ("V", {"readings": [1.0], "pooled": {"s": 0.6, "dof": 30}}, 0.6),
        ("V", {"readings": [1.0, 2.0, 1.5, 1.2], "pooled": {"s": 0.6, "dof": 30}}, 0.3),
        ("V", {"readings": [1.0, 1.3, 1.1, 1.2], "type_a": "range"}, 0.3 / 2.06 / 2),  # JJF 1059.1, table 1: C 2.06
        ("degC", {"value": 20, "u": 0.1}, 0.1),
        ("degC", {"value": 20, "U": "0.2 K", "k": 2}, 0.1),
        ("degC", {"value": 20, "u": "0.1 delta_degC"}, 0.1),
        ("V", {"readings": [1.0, 1.0, 1.0]}, 0.0),
    ],
)
def test_standard_uncertainty_of_a_statement(unit: str, entry: dict[str, Any], expected: float) -> None:
    assert u(unit, **entry) == pytest.approx(expected, rel=2e-4)


def test_range_method_has_the_degrees_of_freedom_of_its_table() -> None:
    """JJF 1059.1-2012, table 1: ν = 2.7 for four readings."""
    assert result({"x": {"readings": [1.0, 1.3, 1.1, 1.2], "type_a": "range"}}).dof == pytest.approx(2.7)


def test_temperatures_follow_their_own_rules() -> None:
    t = {"value": 23.5, "u": 0.1, "unit": "degC"}
    zero = {"value": 20, "unit": "degC", "exact": True}
    assert result({"t": t, "t0": zero}, "t - t0", "K").value == pytest.approx(3.5)
    assert result({"t": t, "d": {"value": 1, "u": 0.1, "unit": "K"}}, "t - d", "degC").value == pytest.approx(22.5)
    assert result({"t": t, "t0": zero}, "0.25*t + 0.75*t0", "degC").value == pytest.approx(20.875)


def test_shared_id_is_one_source() -> None:
    x = {"value": 10, "u": 1, "id": "standard"}
    assert result({"a": x, "b": x}, "a - b").u == 0
    assert result({"a": x, "b": x}, "a + b").u == pytest.approx(2)
    both = uncertainty.evaluate(
        {
            "budget": 1,
            "quantities": {"a": x | {"unit": "V"}, "b": {"value": 10000, "u": 1000, "unit": "mV", "id": "standard"}},
            "measurands": {"y": {"expression": "a + b", "unit": "V"}},
        }
    )
    assert both.results["y"].u == pytest.approx(2)
    assert sum(row["share"] for row in both.contributions["y"]) == pytest.approx(1)


def test_units_on_the_list_and_their_forms() -> None:
    for text in ("℃", "Ω", "kΩ", "µV", "μV", "1/K", "V/K", "%RH", "r/min", "m/s^2", "Pa", "mm"):
        uncertainty.units.parse(text)
    assert uncertainty.units.convert(1.0, "kΩ", "Ω") == 1000
    with pytest.raises(uncertainty.UnitError):
        uncertainty.units.convert(1.0, "Hz", "rpm")
