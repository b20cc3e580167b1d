"""Calibrated thermometers in a budget: the value and u of their own prediction, published points, shared coefficients.

The sensors' own predictions are held to the published cases elsewhere (uncertainty/cases, its90_prt and iec60584); here a
budget has to find the same by its expressions, and Monte Carlo within its sampling.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import uncertainty
from uncertainty.errors import DocumentError, EvaluationError, UncertaintyError
from uncertainty.thermometry import CalibratedThermocouple, IndustrialThermometer, Sensor, Sprt
from uncertainty.thermometry.in_budget import entry

SPRT_WARM = Sprt(
    identifier="SPRT-7",
    subranges=(8,),
    coefficients=[25.5, -2.1e-4, 3.0e-6],
    covariance=np.diag([1e-5, 1e-6, 5e-7]) ** 2 + np.array([[0, 0, 0], [0, 0, -2e-13], [0, -2e-13, 0]]),
    limits=(0.0, 419.527),
)
SPRT_BOTH = Sprt(
    identifier="SPRT-4-7",
    subranges=(4, 7),
    coefficients=[25.4, -1.9e-4, 1.2e-5, -2.0e-4, 5.0e-6, 1.0e-6],
    covariance=np.diag([1e-5, 1e-6, 5e-7, 1e-6, 5e-7, 1e-7]) ** 2,
    limits=(-189.0, 660.3),
)
SPRT_COLD = Sprt(
    identifier="SPRT-3",
    subranges=(3,),
    coefficients=[25.4, -1.9e-4, 1.2e-5, 3.0e-7],
    covariance=np.diag([1e-5, 1e-6, 5e-7, 1e-8]) ** 2,
    limits=(-218.0, 0.0),
)
SPRT_SILVER = Sprt(
    identifier="SPRT-6",
    subranges=(6,),
    coefficients=[0.25, -2.0e-4, 5.0e-6, 1.0e-6, 2.0e-5, 3.3760],
    covariance=np.diag([1e-7, 1e-6, 5e-7, 1e-7, 1e-6, 0.0]) ** 2,
    limits=(0.0, 961.0),
)
CVD = IndustrialThermometer(
    "PT100-1",
    [100.012, 3.9081e-3, -5.77e-7, -4.18e-12],
    np.diag([2e-3, 2e-8, 5e-11, 2e-14]) ** 2,
    (-195.0, 600.0),
)
COUPLE = CalibratedThermocouple(
    identifier="TC-K-3",
    letter="K",
    order=2,
    coefficients=[1.5e-4, -1.0e-7],
    covariance=np.array([[4e-10, -3e-13], [-3e-13, 4e-16]]),
    limits=(0.0, 1000.0),
)
SENSORS: list[tuple[Sensor, str, float, float]] = [
    (SPRT_WARM, "ohm", 45.1, 3e-4),
    (SPRT_BOTH, "ohm", 12.3, 2e-4),
    (SPRT_BOTH, "ohm", 60.2, 2e-4),
    (SPRT_COLD, "ohm", 3.4, 1e-4),
    (SPRT_SILVER, "ohm", 1.04, 2e-6),
    (CVD, "ohm", 45.0, 2e-3),
    (CVD, "ohm", 100.1, 2e-3),
    (CVD, "ohm", 290.0, 2e-3),
    (COUPLE, "mV", 24.9, 5e-3),
]
IDS = [f"{s.identifier} {value} {unit}" for s, unit, value, _ in SENSORS]


def document(sensor: Sensor, unit: str, value: float, u: float, reads: str = "temperature") -> dict[str, Any]:
    to = {"temperature": "degC", "signal": "1" if isinstance(sensor, Sprt) else unit}[reads]
    x = {"value": value, "u": u, "unit": unit if reads == "temperature" else "degC"}
    return {
        "budget": 1,
        "functions": {"f": {"thermometer": sensor.to_dict(), "reads": reads}},
        "quantities": {"x": x},
        "measurands": {"y": {"expression": "f(x)", "unit": to}},
    }


@pytest.mark.parametrize(("sensor", "unit", "value", "u"), SENSORS, ids=IDS)
def test_a_budget_finds_what_the_thermometer_predicts(sensor: Sensor, unit: str, value: float, u: float) -> None:
    found = uncertainty.evaluate(document(sensor, unit, value, u)).results["y"]
    wanted = sensor.temperature(value, u)  # type: ignore[attr-defined]
    assert found.value == pytest.approx(float(wanted.value), abs=2e-9)
    assert found.u == pytest.approx(float(wanted.u), rel=1e-6)
    assert any(source.startswith(sensor.identifier) for source in found.sensitivities)


@pytest.mark.parametrize(("sensor", "unit", "value", "u"), SENSORS, ids=IDS)
def test_signal_and_temperature_are_inverses(sensor: Sensor, unit: str, value: float, u: float) -> None:
    t = uncertainty.evaluate(document(sensor, unit, value, u)).results["y"].value
    back = uncertainty.evaluate(document(sensor, unit, t, 1e-3, "signal")).results["y"]
    wanted = value / float(sensor.coefficients[0]) if isinstance(sensor, Sprt) else value
    assert back.value == pytest.approx(wanted, rel=2e-10)


def test_signals_carry_the_calibration() -> None:
    found = uncertainty.evaluate(document(CVD, "ohm", 100.0, 1e-9, "signal")).results["y"]
    wanted = CVD.resistance(100.0)
    assert found.value == pytest.approx(float(wanted.value), rel=1e-13)
    assert found.u == pytest.approx(float(wanted.u), rel=1e-6)
    emf = uncertainty.evaluate(document(COUPLE, "mV", 600.0, 1e-9, "signal")).results["y"]
    assert emf.u == pytest.approx(float(COUPLE.emf(600.0).u), rel=1e-6)


@pytest.mark.parametrize(
    ("t", "R"), [(-200, 18.52), (-100, 60.26), (0, 100.0), (100, 138.51), (400, 247.09), (850, 390.48)]
)
def test_iec_60751_table(t: float, R: float) -> None:
    """IEC 60751, table of R(t) of Pt100 to 0.01 Ω."""
    reference = IndustrialThermometer(
        "IEC 60751", [100, 3.9083e-3, -5.775e-7, -4.183e-12], np.zeros((4, 4)), (-200.0, 850.0)
    )
    found = uncertainty.evaluate(document(reference, "ohm", float(t), 0.01, "signal")).results["y"]
    assert found.value == pytest.approx(R, abs=0.005)
    back = uncertainty.evaluate(document(reference, "ohm", found.value, 0.01)).results["y"]
    assert back.value == pytest.approx(t, abs=1e-9)


@pytest.mark.parametrize(("t", "E"), [(-100, -3.554), (100, 4.096), (500, 20.644), (1000, 41.276), (1372, 54.886)])
def test_the_nist_table_of_type_k(t: float, E: float) -> None:
    """NIST ITS-90 thermocouple tables (Monograph 175), type K, to 0.001 mV."""
    plain = CalibratedThermocouple(
        identifier="K", letter="K", order=0, coefficients=[], covariance=np.zeros((0, 0)), limits=(-270.0, 1372.0)
    )
    found = uncertainty.evaluate(document(plain, "mV", float(t), 0.01, "signal")).results["y"]
    assert found.value == pytest.approx(E, abs=0.0005)
    assert uncertainty.evaluate(document(plain, "mV", E, 0.001)).results["y"].value == pytest.approx(t, abs=0.03)


@pytest.mark.parametrize(("sensor", "unit", "value", "u"), SENSORS[::2], ids=IDS[::2])
def test_monte_carlo_agrees_with_the_first_order(sensor: Sensor, unit: str, value: float, u: float) -> None:
    found = uncertainty.evaluate(document(sensor, unit, value, u), method="both", trials=20000, seed=5)
    assert found.monte_carlo is not None
    drawn = found.monte_carlo["measurands"]["y"]
    first = found.results["y"]
    assert drawn["mean"] == pytest.approx(first.value, abs=5 * first.u / np.sqrt(20000))
    assert drawn["u"] == pytest.approx(first.u, rel=0.03)


def test_two_readings_of_one_thermometer_share_its_calibration() -> None:
    both = document(CVD, "ohm", 120.0, 1e-6)
    both["quantities"]["z"] = {"value": 120.5, "u": 1e-6, "unit": "ohm"}
    both["measurands"]["w"] = {"expression": "f(z)", "unit": "degC"}
    both["measurands"]["d"] = {"expression": "w - y", "unit": "K"}
    found = uncertainty.evaluate(both)
    V = CVD.temperature([120.0, 120.5], 1e-6).covariance
    r = V[0, 1] / np.sqrt(V[0, 0] * V[1, 1])
    assert found.correlation[0, 1] == pytest.approx(r, rel=1e-6)
    assert found.results["d"].u < 0.1 * found.results["y"].u, "what both share cancels in the difference"


def test_a_batch_gives_the_digits_of_single_budgets() -> None:
    values = [20.0, 45.0, 60.0, 101.0]
    columns = {"x": {"value": np.array(values)}}
    many = uncertainty.evaluate_batch(document(CVD, "ohm", 20.0, 2e-3), columns).results["y"]
    for n, value in enumerate(values):
        one = uncertainty.evaluate(document(CVD, "ohm", value, 2e-3)).results["y"]
        assert float(np.asarray(many.value)[n]) == pytest.approx(one.value, abs=1e-12)
        assert float(np.asarray(many.u)[n]) == pytest.approx(one.u, rel=1e-12)


@pytest.mark.parametrize(
    ("sensor", "unit", "value"),
    [(SPRT_WARM, "ohm", 70.0), (CVD, "ohm", 330.0), (COUPLE, "mV", 48.0), (CVD, "ohm", 5.0)],
)
def test_outside_its_calibration_there_is_no_number(sensor: Sensor, unit: str, value: float) -> None:
    with pytest.raises(EvaluationError) as refusal:
        uncertainty.evaluate(document(sensor, unit, value, 1e-4))
    assert "measurands.y" in str(refusal.value.facts["place"])


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ({"reads": "colour"}, "functions.f.reads"),
        ({"thermometer": {"schema": "x"}}, "functions.f.thermometer.schema"),
        ({"thermometer": CVD.to_dict() | {"coefficients": [1, 2]}}, "functions.f.thermometer.coefficients"),
        ({"thermometer": 7}, "functions.f.thermometer.schema"),
        ({"expression": "x"}, "functions.f.expression"),
    ],
)
def test_what_is_no_thermometer_is_refused_at_its_place(more: dict[str, Any], place: str) -> None:
    wrong = document(CVD, "ohm", 100.0, 0.01)
    wrong["functions"]["f"] |= more
    with pytest.raises(DocumentError) as refusal:
        uncertainty.evaluate(wrong)
    assert refusal.value.facts["place"] == place


def test_units_are_held_to(monkeypatch: pytest.MonkeyPatch) -> None:
    in_volts = document(CVD, "ohm", 100.0, 0.01)
    in_volts["quantities"]["x"]["unit"] = "V"
    with pytest.raises(UncertaintyError):
        uncertainty.evaluate(in_volts)
    in_milli = document(COUPLE, "mV", 24.9, 5e-3)
    in_milli["quantities"]["x"] = {"value": 24900, "u": 5, "unit": "uV"}
    wanted = uncertainty.evaluate(document(COUPLE, "mV", 24.9, 5e-3)).results["y"]
    assert uncertainty.evaluate(in_milli).results["y"].value == pytest.approx(wanted.value, abs=1e-9)


def test_an_entry_may_be_made_in_python_too() -> None:
    made = document(CVD, "ohm", 100.0, 0.01)
    made["functions"] = {"f": entry(CVD, "temperature", "PT100 of 2026")}
    found = uncertainty.evaluate(made).results["y"]
    assert "PT100 of 2026:R0" in found.sensitivities
