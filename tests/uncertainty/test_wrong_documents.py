"""A wrong document is refused with its place, the value found and what would be right; a file with its line too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import uncertainty
from uncertainty import UncertaintyError

X = {"value": 1, "u": 0.1, "unit": "V"}


def budget(quantities: Any = None, expression: Any = "x", unit: str = "V", **more: Any) -> dict[str, Any]:
    return {
        "budget": 1,
        "quantities": {"x": X} if quantities is None else quantities,
        "measurands": {"y": {"expression": expression, "unit": unit}},
    } | more


def x(**fields: Any) -> dict[str, Any]:
    return budget({"x": {"unit": "V"} | fields})


def pair(a: dict[str, Any], b: dict[str, Any], r: Any, **more: Any) -> dict[str, Any]:
    return budget({"a": a, "b": b}, "a + b", "1", correlations=[{"between": ["a", "b"], "r": r}], **more)


ONE = {"value": 1, "u": 0.1}
WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("no budget", {"quantities": {}}, "budget"),
    ("another budget", budget(budget=2), "budget"),
    ("unknown field", budget(colour="red"), "colour"),
    ("quantities no mapping", budget([1]), "quantities"),
    ("quantity no mapping", budget({"x": 5}), "quantities.x"),
    ("name with a blank", budget({"x y": X}, "1"), "quantities.x y"),
    ("no uncertainty", x(value=1), "quantities.x"),
    ("two ways", x(value=1, u=0.1, resolution=0.1), "quantities.x"),
    ("unknown field of a quantity", x(value=1, u=0.1, sigma=3), "quantities.x.sigma"),
    ("limits beside u", x(value=1, u=0.1, lower=0), "quantities.x.lower"),
    ("U without k or p", x(value=1, U=0.1), "quantities.x.U"),
    ("u with k", x(value=1, u=0.1, k=2), "quantities.x.k"),
    ("u and U/k that disagree", x(value=1, u=0.1, U=0.3, k=2), "quantities.x.U"),
    ("k and p that disagree", x(value=1, U=0.3, k=2, p=0.99), "quantities.x.k"),
    ("p above 1", x(value=1, U=0.1, p=95), "quantities.x.p"),
    ("u zero", x(value=1, u=0), "quantities.x.u"),
    ("u negative", x(value=1, u=-0.1), "quantities.x.u"),
    ("u a truth value", x(value=1, u=True), "quantities.x.u"),
    ("u a text", x(value=1, u="small"), "quantities.x.u"),
    ("u in another dimension", x(value=1, u="1 s"), "quantities.x.u"),
    ("value NaN", x(value=float("nan"), u=0.1), "quantities.x.value"),
    ("value missing", x(u=0.1), "quantities.x.value"),
    ("value missing of a resolution", x(resolution=0.1), "quantities.x.value"),
    ("dof below 1", x(value=1, u=0.1, dof=0), "quantities.x.dof"),
    ("one reading", x(readings=[1.0]), "quantities.x.readings"),
    ("no readings", x(readings=[]), "quantities.x.readings"),
    ("NaN reading", x(readings=[1.0, float("nan")]), "quantities.x.readings.1"),
    ("infinite reading", x(readings=[1.0, float("inf")]), "quantities.x.readings.1"),
    ("value off the mean", x(value=2, readings=[1.0, 1.1]), "quantities.x.value"),
    ("ten readings by range", x(readings=[*range(10)], type_a="range"), "quantities.x.readings"),
    ("unknown type A", x(readings=[1, 2], type_a="guess"), "quantities.x.type_a"),
    ("pooled without s", x(readings=[1.0], pooled={"dof": 5}), "quantities.x.pooled.s"),
    ("pooled with n", x(readings=[1.0], pooled={"s": 1, "n": 5}), "quantities.x.pooled.n"),
    ("exact: false", x(value=1, exact=False), "quantities.x.exact"),
    ("exact with u", x(value=1, exact=True, u=0.1), "quantities.x"),
    ("unknown distribution", x(value=1, distribution="gauss"), "quantities.x.distribution"),
    ("limits missing", x(value=1, distribution="rectangular"), "quantities.x"),
    ("limits the wrong way", x(distribution="rectangular", lower=1, upper=0), "quantities.x.upper"),
    ("value off the middle", x(value=2, distribution="rectangular", lower=0, upper=2), "quantities.x.value"),
    ("limits and half-width", x(distribution="rectangular", lower=0, upper=2, half_width=1), "quantities.x.half_width"),
    ("top above 1", x(value=0, distribution="trapezoidal", half_width=1, top=2), "quantities.x.top"),
    ("d too great", x(value=0, distribution="curvilinear_trapezoidal", half_width=1, d=2), "quantities.x.d"),
    ("d missing", x(value=0, distribution="curvilinear_trapezoidal", half_width=1), "quantities.x.d"),
    ("gsd 1", x(distribution="lognormal", median=1, gsd=1), "quantities.x.gsd"),
    ("half a count", budget({"x": {"distribution": "poisson", "counts": 1.5}}, unit="1"), "quantities.x.counts"),
    ("t without dof", x(value=1, distribution="t", u=0.1), "quantities.x.dof"),
    ("empty components", x(value=1, components=[]), "quantities.x.components"),
    ("component no mapping", x(value=1, components=[5]), "quantities.x.components.0"),
    ("component off the value", x(value=1, components=[{"distribution": "rectangular", "lower": 2, "upper": 4}]), "quantities.x.components.0.value"),
    ("unknown field of a component", x(value=1, components=[{"u": 1, "why": 2}]), "quantities.x.components.0.why"),
    ("component of another dimension", x(value=1, components=[{"u": 1, "unit": "s"}]), "quantities.x.components.0.unit"),
    ("% beside %", budget({"x": {"value": 50, "u": "1 %", "unit": "%RH"}}, unit="%RH"), "quantities.x.u"),
    ("relative u of degC", budget({"x": {"value": 20, "u": "1 %", "unit": "degC"}}, unit="degC"), "quantities.x.u"),
    ("relative u without a value", x(components=[{"u": "1 %"}]), "quantities.x.components.0.u"),
    ("unit unknown", budget({"x": ONE | {"unit": "flurb"}}), "quantities.x.unit"),
    ("unit not legal", budget({"x": ONE | {"unit": "furlong"}}), "quantities.x.unit"),
    ("unit a number", budget({"x": ONE | {"unit": 5}}), "quantities.x.unit"),
    ("rpm as Hz", budget({"x": ONE | {"unit": "rpm"}}, unit="Hz"), "measurands.y.unit"),
    ("measurand's unit", budget(unit="A"), "measurands.y.unit"),
    ("no expression", budget(measurands={"y": {"unit": "V"}}), "measurands.y"),
    ("unknown field of a measurand", budget(measurands={"y": {"expression": "x", "unit": "V", "k": 2}}), "measurands.y.k"),
    ("a measurand named as a quantity", budget(measurands={"x": {"expression": "x", "unit": "V"}}), "measurands.x"),
    ("unknown name", budget(expression="x + z"), "measurands.y.expression"),
    ("dimension", budget(expression="x + 1"), "measurands.y.expression"),
    ("sine of a voltage", budget(expression="sin(x)"), "measurands.y.expression"),
    ("call", budget(expression="__import__('os').system('true')"), "measurands.y.expression"),
    ("attribute", budget(expression="x.real"), "measurands.y.expression"),
    ("comparison", budget(expression="x > 1"), "measurands.y.expression"),
    ("lambda", budget(expression="(lambda: x)()"), "measurands.y.expression"),
    ("empty expression", budget(expression=" "), "measurands.y.expression"),
    ("deep expression", budget(expression="(" * 150 + "x" + ")" * 150 + "+x" * 300), "measurands.y.expression"),
    ("division by zero", budget({"x": {"value": 0, "u": 1}}, "1/x", "1"), "measurands.y"),
    ("root below zero", budget({"x": {"value": -1, "u": 1}}, "sqrt(x)", "1"), "measurands.y"),
    ("infinite derivative", budget({"x": {"value": 0, "u": 1}}, "sqrt(x)", "1"), "measurands.y"),
    ("overflow", budget({"x": {"value": 1000, "u": 1}}, "exp(x)", "1"), "measurands.y"),
    ("sum of degC", budget({"x": ONE | {"unit": "degC"}}, "x + x", "degC"), "measurands.y.expression"),
    ("coverage 95", budget(coverage=95), "coverage"),
    ("coverage k 0", budget(coverage={"k": 0}), "coverage"),
    ("correlation with an unknown", pair(ONE, ONE, 0.5) | {"correlations": [{"between": ["a", "c"], "r": 0.5}]}, "correlations.0.between"),
    ("correlation with itself", pair(ONE, ONE, 0.5) | {"correlations": [{"between": ["a", "a"], "r": 0.5}]}, "correlations.0.between"),
    ("correlation above 1", pair(ONE, ONE, 1.5), "correlations.0.r"),
    ("correlation a text", pair(ONE, ONE, "high"), "correlations.0.r"),
    ("correlation of an exact quantity", pair(ONE, {"value": 1, "exact": True}, 0.5), "correlations.0.between"),
    ("correlation twice", pair(ONE, ONE, 0.5) | {"correlations": [{"between": ["a", "b"], "r": 0.5}] * 2}, "correlations.1.between"),
    ("correlation out of reach", pair({"distribution": "exponential", "mean": 1}, ONE, -0.95), "correlations.0.r"),
    ("shared id and correlation", pair(ONE | {"id": "s"}, ONE | {"id": "s"}, 0.5), "correlations.0.between"),
    ("one id, two u", budget({"a": ONE | {"id": "s"}, "b": {"value": 1, "u": 0.2, "id": "s"}}, "a+b", "1"), "quantities.b"),
    ("one id, two values", budget({"a": ONE | {"id": "s"}, "b": {"value": 2, "u": 0.1, "id": "s"}}, "a+b", "1"), "quantities.b"),
    ("one id, two dof", budget({"a": ONE | {"id": "s"}, "b": ONE | {"id": "s", "dof": 5}}, "a+b", "1"), "quantities.b"),
    ("together of no readings", budget({"a": ONE, "b": ONE}, "a+b", "1", observed_together=[["a", "b"]]), "observed_together.0"),
    ("together of two lengths", budget({"a": {"readings": [1, 2, 3]}, "b": {"readings": [1, 2, 3, 4]}}, "a+b", "1", observed_together=[["a", "b"]]), "observed_together.0"),
    ("together of too few", budget({"a": {"readings": [1, 2]}, "b": {"readings": [1, 3]}}, "a+b", "1", observed_together=[["a", "b"]]), "observed_together.0"),
]  # fmt: skip


@pytest.mark.parametrize(("document", "place"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_wrong_document_is_refused_with_its_place(document: dict[str, Any], place: str) -> None:
    with pytest.raises(UncertaintyError) as refused:
        uncertainty.evaluate(document)
    assert refused.value.facts["place"] == place
    assert str(refused.value).startswith(place + ":")
    assert refused.value.code != "uncertainty"


def test_three_correlations_that_cannot_be_together() -> None:
    rows = [{"between": pair, "r": r} for pair, r in ((["a", "b"], 0.9), (["b", "c"], 0.9), (["a", "c"], -0.9))]
    with pytest.raises(uncertainty.CorrelationError, match=r"^correlations: "):
        uncertainty.evaluate(budget({"a": ONE, "b": ONE, "c": ONE}, "a+b+c", "1", correlations=rows))


def test_reachable_range_of_normal_and_exponential_is_named() -> None:
    """Between a normal and an exponential r reaches ±0.9032 (E[Z·(−ln Φ(−Z))], by quadrature)."""
    with pytest.raises(uncertainty.CorrelationError, match=r"-0\.903 … 0\.903"):
        uncertainty.evaluate(pair({"distribution": "exponential", "mean": 1}, ONE, 0.95))


def test_willink_below_one_degree_of_freedom_is_refused_rather_than_wrong() -> None:
    near = {"a": {"value": 1, "u": 1.0, "dof": 5}, "b": {"value": 1, "u": 0.9, "dof": 5}}
    rows = [{"between": ["a", "b"], "r": 0.99}]
    with pytest.raises(UncertaintyError, match=r"ν_eff = 0\.2"):
        uncertainty.evaluate(budget(near, "a - b", "1", correlations=rows, coverage=0.95))
    assert uncertainty.evaluate(budget(near, "a - b", "1", correlations=rows)).results["y"].k == 2


@pytest.mark.parametrize("trials", [1_000_000_000, 0, -5, 1.5, True, "many"])
def test_trials_outside_the_range(trials: Any) -> None:
    with pytest.raises(UncertaintyError, match=r"^trials: "):
        uncertainty.evaluate(budget(), method="both", trials=trials)


@pytest.mark.parametrize(("option", "value"), [("method", "guess"), ("seed", -1)])
def test_wrong_option(option: str, value: Any) -> None:
    with pytest.raises(UncertaintyError, match=rf"^{option}: "):
        uncertainty.evaluate(budget(), **({"method": "both", "trials": 1000} | {option: value}))


YAML = """budget: 1
quantities:
  x: {value: 1, unit: V,
      u: 0.1}
  z:
    readings:
      - 1.0
      - 2.0
measurands:
  y: {expression: "x", unit: V}
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "place"),
    [
        ("u: 0.1", "u: -1", 4, "quantities.x.u"),
        ("- 2.0", "- .nan", 8, "quantities.z.readings.1"),
        ('"x"', '"x + q"', 10, "measurands.y.expression"),
        ("budget: 1", "budget: 3", 1, "budget"),
        ("  z:", "  x:", 5, "document"),
        ("unit: V}", "unit: %}", 10, "document"),
        ("readings:", "reading:", 6, "quantities.z"),
        ("  z:", "  z: {", None, "document"),
    ],
)
def test_a_file_is_refused_with_its_line(tmp_path: Path, old: str, new: str, line: int | None, place: str) -> None:
    file = tmp_path / "block.yaml"
    file.write_text(YAML.replace(old, new), "utf-8")
    with pytest.raises(UncertaintyError) as refused:
        uncertainty.evaluate(file)
    facts = refused.value.facts
    assert facts["file"] == "block.yaml"
    if place == "quantities.z":
        assert facts["place"] == "quantities.z" and facts["line"] == 5
        return
    assert facts["place"] == place
    if line is not None:
        assert facts["line"] == line
        assert str(refused.value).startswith(f"block.yaml:{line}: {place}: ")


def test_doubled_name_in_json_and_a_missing_file(tmp_path: Path) -> None:
    file = tmp_path / "block.json"
    file.write_text('{"budget": 1, "budget": 1}', "utf-8")
    with pytest.raises(UncertaintyError, match="twice"):
        uncertainty.evaluate(file)
    file.write_text('{"budget": 1,\n "quantities": }', "utf-8")
    with pytest.raises(UncertaintyError) as refused:
        uncertainty.evaluate(file)
    assert refused.value.facts["line"] == 2
    with pytest.raises(UncertaintyError):
        uncertainty.evaluate(tmp_path / "none.yaml")


def test_a_text_is_never_taken_for_a_path(tmp_path: Path) -> None:
    """A text may come from a form: what names a file on this machine is not opened."""
    file = tmp_path / "block.yaml"
    file.write_text(YAML, "utf-8")
    for text in (str(file), ".", "/etc/hostname", ""):
        with pytest.raises(UncertaintyError) as refused:
            uncertainty.evaluate(text)
        assert refused.value.facts["place"] == "document" and "mapping" in str(refused.value)


def test_yaml_1_2_reads_numbers_as_numbers(tmp_path: Path) -> None:
    """PyYAML reads 1e-3 as text and 1:30 as 90."""
    file = tmp_path / "block.yaml"
    file.write_text(YAML.replace("value: 1,", "value: 1e-3,"), "utf-8")
    assert uncertainty.evaluate(file).results["y"].value == 1e-3
    file.write_text(YAML.replace("value: 1,", "value: 1:30,"), "utf-8")
    with pytest.raises(UncertaintyError, match=r"quantities\.x\.value"):
        uncertainty.evaluate(file)


@pytest.mark.parametrize("expression", ["sqrt(x)", "x**2", "1/x", "exp(x)", "2*x", "abs(x)", "hypot(x, x)"])
def test_a_point_on_the_celsius_scale_is_no_factor(expression: str) -> None:
    with pytest.raises(UncertaintyError, match=r"^measurands\.y\.expression: "):
        uncertainty.evaluate(budget({"x": ONE | {"unit": "degC"}}, expression, "degC"))
