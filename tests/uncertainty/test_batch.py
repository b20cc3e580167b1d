"""Batches give what single budgets give; importing stays cheap."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import uncertainty

DOCUMENT: dict[str, Any] = {
    "budget": 1,
    "quantities": {
        "V": {"value": 5.0, "u": "0.1 %", "dof": 12, "unit": "V", "id": "shared"},
        "I": {"components": [{"readings": [19.6, 19.7, 19.65]}, {"U": 0.02, "p": 0.95}], "unit": "mA"},
        "T": {"value": 23.0, "distribution": "rectangular", "half_width": 0.5, "unit": "degC"},
        "T0": {"value": 20, "unit": "degC", "exact": True},
        "a": {"value": 4e-3, "u": 1e-4, "dof": 7, "unit": "1/K"},
        "b": {"value": 1.0, "u": 0.01, "dof": 9},
    },
    "correlations": [{"between": ["a", "b"], "r": -0.4}],
    "measurands": {
        "R": {"expression": "V/I", "unit": "ohm"},
        "R0": {"expression": "R/(b + a*(T - T0))", "unit": "ohm"},
    },
    "coverage": 0.9545,
}


def test_a_batch_gives_the_digits_of_single_budgets() -> None:
    rng = np.random.default_rng(4)
    B = 25
    columns = {
        "V": {"value": rng.uniform(1, 10, B)},
        "I": {"components.0.readings": rng.uniform(19, 20, (B, 3)), "components.1.U": rng.uniform(0.01, 0.05, B)},
        "T": {"half_width": rng.uniform(0.1, 1, B)},
        "a": {"dof": rng.integers(3, 20, B).astype(float), "u": rng.uniform(1e-5, 1e-4, B)},
    }
    found = uncertainty.evaluate_batch(DOCUMENT, columns)
    for i in range(B):
        one = json.loads(json.dumps(DOCUMENT))
        q = one["quantities"]
        q["V"]["value"] = columns["V"]["value"][i]
        q["I"]["components"][0]["readings"] = columns["I"]["components.0.readings"][i].tolist()
        q["I"]["components"][1]["U"] = columns["I"]["components.1.U"][i]
        q["T"]["half_width"] = columns["T"]["half_width"][i]
        q["a"] |= {"dof": columns["a"]["dof"][i], "u": columns["a"]["u"][i]}
        single = uncertainty.evaluate(one)
        for name, result in single.results.items():
            batch = found.results[name]
            for fact in ("value", "u", "dof", "k", "U"):
                assert getattr(batch, fact)[i] == pytest.approx(getattr(result, fact), rel=1e-10), (name, fact)
        assert found.correlation[0, 1, i] == pytest.approx(single.correlation[0, 1], rel=1e-10)


def test_ten_thousand_budgets_in_one_call() -> None:
    B = 10_000
    found = uncertainty.evaluate_batch(DOCUMENT, {"V": {"value": np.linspace(1, 10, B)}})
    assert found.results["R0"].U.shape == (B,)
    assert np.all(np.isfinite(found.results["R0"].U)) and np.all(np.isfinite(found.results["R0"].dof))


@pytest.mark.parametrize(
    ("columns", "place"),
    [
        ({}, "columns"),
        ({"V": {"value": np.arange(2.0)}, "b": {"u": np.ones(3)}}, "columns"),
        ({"W": {"value": np.ones(2)}}, "columns.W"),
        ({"V": {"value": np.array([1.0, np.nan])}}, "quantities.V.value"),
        ({"b": {"u": np.array([1.0, 0.0])}}, "quantities.b.u"),
        ({"V": {"sigma": np.ones(2)}}, "quantities.V.sigma"),
        ({"I": {"components.9.u": np.ones(2)}}, "columns.I.components.9.u"),
        ({"V": {"value": np.zeros(2)}}, "quantities.V.u"),
    ],
)
def test_wrong_columns_are_refused_with_their_place(columns: dict[str, Any], place: str) -> None:
    with pytest.raises(uncertainty.UncertaintyError) as refused:
        uncertainty.evaluate_batch(DOCUMENT, columns)
    assert refused.value.facts["place"] == place


def test_compiled_budget_is_evaluated_again_with_the_same_digits() -> None:
    budget = uncertainty.compile(DOCUMENT)
    assert budget.evaluate().to_dict() == budget.evaluate().to_dict() == uncertainty.evaluate(DOCUMENT).to_dict()


def test_import_brings_neither_scipy_nor_pint_nor_a_reader_of_yaml() -> None:
    code = "import uncertainty, sys; print([n for n in ('scipy.stats', 'pint', 'ruamel.yaml') if n in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "entry",
    [
        {"u": "0.1 %"},
        {"u": "300 ppm", "dof": 8},
        {"U": "0.2 %", "k": 2},
        {"U": "0.2 %", "p": 0.95, "dof": 9},
        {"resolution": "1 %"},
        {"distribution": "rectangular", "half_width": ["35 ppm", "5 mV"]},
        {"distribution": "trapezoidal", "half_width": "1 %", "top": 0.4},
        {"distribution": "curvilinear_trapezoidal", "half_width": "1 %", "d": "0.1 %"},
        {"components": [{"u": "0.1 %"}, {"distribution": "arcsine", "half_width": "0.3 %"}, {"resolution": 0.01}]},
    ],
    ids=str,
)
def test_a_relative_uncertainty_follows_the_value_of_each_budget_of_a_sweep(entry: dict[str, Any]) -> None:
    """What is said in % or ppm is of the value at that point, not of the first one; negative values have its size."""
    values = np.array([0.1, 1.0, -10.0, 1000.0])

    def budget(value: float) -> dict[str, Any]:
        x = {"value": value, "unit": "V"} | entry
        return {"budget": 1, "quantities": {"x": x}, "measurands": {"y": {"expression": "x", "unit": "V"}}}

    found = uncertainty.evaluate_batch(budget(5.0), {"x": {"value": values}}).results["y"]
    for i, value in enumerate(values):
        one = uncertainty.evaluate(budget(float(value))).results["y"]
        assert found.u[i] == pytest.approx(one.u, rel=1e-12)
    if not any(isinstance(part, list) for part in entry.values()):
        assert found.u / np.abs(values) == pytest.approx(np.full(4, found.u[1]), rel=1e-12)


def test_a_relative_pooled_deviation_follows_the_mean_of_the_readings() -> None:
    readings = np.array([[1.0, 1.2], [10.0, 12.0], [100.0, 120.0]])
    x = {"readings": [0.0], "pooled": {"s": "1 %", "dof": 20}}
    document = {"budget": 1, "quantities": {"x": x}, "measurands": {"y": {"expression": "x"}}}
    found = uncertainty.evaluate_batch(document, {"x": {"readings": readings}}).results["y"]
    assert found.u == pytest.approx(0.01 * readings.mean(axis=1) / np.sqrt(2), rel=1e-12)


def test_parts_of_complex_quantities_follow_their_own_values() -> None:
    z = {"value": {"abs": 1.0, "phase": 0.3}, "u": {"abs": "1 %", "phase": 0.01}}
    document = {"budget": 1, "quantities": {"z": z}, "measurands": {"y": {"expression": "abs(z)"}}}
    sizes = np.array([0.5, 2.0, 7.0])
    found = uncertainty.evaluate_batch(document, {"z": {"value.abs": sizes}}).results["y"]
    assert found.u == pytest.approx(0.01 * sizes, rel=1e-12)
