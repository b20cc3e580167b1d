"""The law of propagation against numbers printed in the standards."""

from __future__ import annotations

import math

import pytest

import uncertainty
from uncertainty.coverage import complex_dof, coverage_factor, effective_dof

from .published import case, cases, close, document


def test_gauge_block_of_gum_h1_gives_u_32_nm_16_dof_and_U99_93_nm() -> None:
    """JCGM 100:2008, H.1, table H.1 and H.1.6: u_c 32 nm, ν_eff 16, U_99 = 93 nm."""
    found = case("gum_annex_h", "gum-h1-end-gauge")
    result = uncertainty.evaluate(document(found, coverage=0.99)).results["y"]
    expected = found["expected"]
    assert close(result.value, expected["y"])
    assert close(result.u, expected["u"])
    assert close(result.dof, expected["dof_eff"])
    assert close(result.U, expected["U99"])
    assert round(result.k, 2) == 2.92


def test_contributions_of_gum_h1_are_those_of_its_table() -> None:
    """Table H.1: 25, 9.7, 2.9 and 16.6 nm; the other sensitivities are zero."""
    rows = uncertainty.evaluate(document(case("gum_annex_h", "gum-h1-end-gauge"))).contributions["y"]
    assert [round(row["contribution"], 1) for row in rows] == [
        25.0,
        9.7,
        2.9,
        0.0,
        0.0,
        16.7,
    ]  # printed 16.6, rounded up
    assert math.isclose(math.fsum(row["share"] for row in rows), 1.0)


def test_impedance_of_gum_h2_from_its_five_simultaneous_readings() -> None:
    """JCGM 100:2008, H.2, tables H.2 and H.4."""
    found = case("gum_annex_h", "gum-h2-impedance-raw")
    evaluated = uncertainty.evaluate(document(found))
    for name, expected in found["expected"].items():
        result = evaluated.results[name.removeprefix("u_")]
        assert close(result.u if name.startswith("u_") else result.value, expected), name
    assert [round(evaluated.results[name].dof, 9) for name in "RXZ"] == [4, 4, 4]
    names = list(evaluated.results)
    matrix = evaluated.correlation
    assert round(matrix[names.index("R"), names.index("X")], 3) == -0.588
    assert round(matrix[names.index("R"), names.index("Z")], 3) == -0.485
    assert round(matrix[names.index("X"), names.index("Z")], 3) == 0.993


def test_impedance_of_gum_h2_from_its_summary() -> None:
    found = case("gum_annex_h", "gum-h2-impedance-summary")
    for entry in found["inputs"]["quantities"].values():
        del entry["dof"]
    evaluated = uncertainty.evaluate(document(found))
    names = list(evaluated.results)
    for name, expected in found["expected"].items():
        if name.startswith("u_"):
            assert close(evaluated.results[name[2:]].u, expected), name
        else:
            _, a, b = name.split("_")
            assert close(float(evaluated.correlation[names.index(a), names.index(b)]), expected), name


def test_impedance_of_jcgm_102_with_six_readings() -> None:
    """JCGM 102:2011, 9.4."""
    found = case("jcgm102_multivariate", "s2-9.4-impedance")
    evaluated = uncertainty.evaluate(document(found))
    names = list(evaluated.results)
    for name, expected in found["expected"].items():
        if name.startswith("u_"):
            assert close(evaluated.results[name[2:]].u, expected), name
        elif name.startswith("r_"):
            _, a, b = name.split("_")
            assert close(float(evaluated.correlation[names.index(a), names.index(b)]), expected), name


@pytest.mark.parametrize("found", cases("ea_4_02", "lpu") + cases("eurachem_quam", "lpu"), ids=lambda c: c["id"])
def test_published_budget(found: dict) -> None:
    """EA-4/02 S2 and S3, EURACHEM QUAM A1 and A2."""
    result = uncertainty.evaluate(document(found)).results["y"]
    facts = {"y": result.value, "u": result.u, "U": result.U, "dof_eff": result.dof}
    compared = [name for name in found["expected"] if name.split("_more")[0] in facts]
    assert compared
    for name in compared:
        assert close(facts[name.split("_more")[0]], found["expected"][name]), name


def test_weight_of_ea_4_02_s2_with_effective_degrees_of_freedom() -> None:
    found = case("ea_4_02", "ea402-s2-welch-satterthwaite")
    parts = found["inputs"]["components"]
    u = [part["u"] * part["c"] for part in parts]
    nu = effective_dof(u, [part.get("dof", math.inf) for part in parts])
    k = coverage_factor(found["inputs"]["coverage_probability"], nu)
    assert close(math.hypot(*u), found["expected"]["u"])
    assert close(k, found["expected"]["k"])
    assert close(k * math.hypot(*u), found["expected"]["U"])


def test_two_components_of_which_one_has_nine_degrees_of_freedom() -> None:
    found = case("nist_tn1900_num", "ws-dof-two-components")
    parts = found["inputs"]["components"]
    nu = effective_dof([part["u"] for part in parts], [part.get("dof", math.inf) for part in parts])
    assert close(nu, found["expected"]["dof_eff"])


@pytest.mark.parametrize("found", cases("gum_table_g2_t"), ids=lambda c: c["id"])
def test_coverage_factor_of_table_g2(found: dict) -> None:
    """JCGM 100:2008, table G.2."""
    expected = dict(found["expected"]["t"])
    assert close(coverage_factor(found["inputs"]["p"], float(found["inputs"]["dof"])), expected)


def test_additive_model_of_jcgm_102() -> None:
    """JCGM 102:2011, 9.2.2: two outputs that share X3 have covariance 1, correlation 0.5."""
    evaluated = uncertainty.evaluate(
        {
            "budget": 1,
            "quantities": {name: {"value": 0, "u": 1} for name in ("x1", "x2", "x3")},
            "measurands": {"y1": {"expression": "x1 + x3"}, "y2": {"expression": "x2 + x3"}},
        }
    )
    matrix = uncertainty.covariance(list(evaluated.results.values()))
    assert matrix.round(12).tolist() == [[2.0, 1.0], [1.0, 2.0]]
    assert math.isclose(evaluated.correlation[0, 1], 0.5)


def test_degrees_of_freedom_of_one_complex_part_are_its_own_and_a_known_part_adds_none() -> None:
    V = [[0.9, -0.3], [-0.3, 0.4]]
    assert math.isclose(complex_dof([V], [5]), 5)
    assert math.isclose(complex_dof([V, V], [5, 5]), 10)
    assert complex_dof([V], [math.inf]) == math.inf
    assert complex_dof([V, [[1.0, 0.0], [0.0, 1.0]]], [5, math.inf]) > 5
