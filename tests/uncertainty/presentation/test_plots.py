"""Drawings: well-formed, said in words, nothing a strict CSP forbids, and their marks where the numbers are."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import uncertainty
from uncertainty.presentation import BudgetTable, plots, svg, tables

SVG = "{http://www.w3.org/2000/svg}"


def budget_table(name: str = "b") -> BudgetTable:
    """y = a − b/4, u = 1 each, r = 0.9: shares 1.2653 and −0.2653 (closed form in test_table)."""
    document = {
        "budget": 1,
        "quantities": {"a": {"value": 1, "u": 1}, name: {"value": 1, "u": 1}},
        "correlations": [{"between": ["a", name], "r": 0.9}],
        "measurands": {"y": {"expression": f"a - {name}/4"}},
    }
    budget = uncertainty.compile(document)
    return tables(budget, budget.evaluate())["y"]


def histogram(lang: str = "zh") -> str:
    samples = np.linspace(-1, 3, 4001)
    found = {"interval_symmetric": [-0.9, 2.9], "interval_shortest": [-1.0, 2.8]}
    return plots.histogram(samples, found, budget_table(), trials=4001, lang=lang)


DRAWN: dict[str, Callable[[str], str]] = {
    "contributions": lambda lang: plots.contributions(budget_table(), lang),
    "histogram": histogram,
    "residuals": lambda lang: plots.residuals(
        [1, 2, 3], [0.1, -0.3, 0.0], [0.1, 0.1, 0.1], x_label="t / °C", lang=lang
    ),
    "control-chart": lambda lang: plots.control_chart([1, 2, 5], 2, (0, 4), (1, 3), y_label="<m> & g", lang=lang),
    "drift": lambda lang: plots.drift(
        [0, 100], [1.0, 1.1], [0.05, 0.05], ([0, 300], [1, 1.3], [0.9, 1.1], [1.1, 1.5]), lang=lang
    ),
}


def parts(drawn: str, kind: str) -> list[ElementTree.Element]:
    return [part for part in ElementTree.fromstring(drawn).iter() if kind in part.get("class", "").split()]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("kind", DRAWN)
def test_a_drawing_is_well_formed_said_in_words_and_stands_under_a_strict_csp(kind: str, lang: str) -> None:
    drawn = DRAWN[kind](lang)
    root = ElementTree.fromstring(drawn)
    assert root.tag == f"{SVG}svg" and root.get("role") == "img" and kind in root.get("class", "")
    ids = [part.get("id") for part in root.iter() if part.get("id")]
    assert root.get("aria-labelledby", "").split() == ids  # title and description, each once
    title, about = (root.find(f"{SVG}{name}") for name in ("title", "desc"))
    assert title is not None and about is not None and title.text and about.text
    assert bool(re.search("[一-鿿]", about.text)) == (lang == "zh")
    for part in root.iter():
        assert part.tag not in (f"{SVG}script", f"{SVG}style", f"{SVG}image", f"{SVG}foreignObject")
        assert not [name for name in part.attrib if name == "style" or name.startswith("on") or "href" in name]
    assert "nan" not in drawn.lower() and "inf" not in re.sub("<[^>]*>[^<]*", "", drawn)


def inside(drawn: str) -> bool:
    """Do all coordinates of texts, lines and discs lie in the picture?"""
    root = ElementTree.fromstring(drawn)
    width, height = (float(number) for number in root.get("viewBox", "").split()[2:])
    for part in root.iter():
        for name, value in part.attrib.items():
            if name in ("x", "x1", "x2", "cx") and not -1 <= float(value) <= width + 1:
                return False
            if name in ("y1", "y2", "cy") and not -1 <= float(value) <= height + 1:
                return False
    return True


@pytest.mark.parametrize("kind", DRAWN)
def test_nothing_is_drawn_outside_the_picture(kind: str) -> None:
    assert inside(DRAWN[kind]("en"))


def test_bars_are_as_long_as_their_shares_and_negative_ones_hollow() -> None:
    drawn = plots.contributions(budget_table(), "en")
    positive, negative = parts(drawn, "positive"), parts(drawn, "negative")
    a, b = float(positive[0].get("width", "")), float(negative[0].get("width", ""))
    assert b / a == pytest.approx(0.265306 / 1.265306, rel=1e-3)
    assert float(negative[0].get("x", "")) + b == pytest.approx(float(positive[0].get("x", "")), abs=0.01)
    assert (positive[0].get("fill"), negative[0].get("fill")) == (svg.MAIN, "#ffffff")
    assert [part.text for part in parts(drawn, "share")] == ["126.5 %", "−26.5 %"]


def test_more_quantities_than_fit_are_gathered_in_one_bar() -> None:
    n = 40
    document = {
        "budget": 1,
        "quantities": {f"x{i}": {"value": 0, "u": 1} for i in range(n)},
        "measurands": {"y": {"expression": "+".join(f"x{i}" for i in range(n))}},
    }
    budget = uncertainty.compile(document)
    drawn = plots.contributions(tables(budget, budget.evaluate())["y"])
    shares = [part.text for part in parts(drawn, "share")]
    assert len(shares) == plots.MOST_BARS + 1
    assert shares[-1] == f"{100 * (n - plots.MOST_BARS) / n:.1f} %"
    assert inside(drawn)


def test_the_histogram_has_both_intervals_at_their_ends_and_the_curve_of_the_first_order() -> None:
    drawn = histogram("en")
    symmetric = [
        part for part in parts(drawn, "symmetric") if part.get("x1") == part.get("x2") and part.get("x1") != "0"
    ]
    shortest = [part for part in parts(drawn, "shortest") if part.get("x1") == part.get("x2") and part.get("x1") != "0"]
    ends = [float(part.get("x1", "")) for part in (*symmetric, *shortest)]
    assert len(ends) == 4
    scale = (ends[1] - ends[0]) / 3.8  # pixels of one unit, from the ends −0.9 and 2.9
    assert ends[0] - ends[2] == pytest.approx(0.1 * scale, abs=0.05)
    assert ends[3] - ends[0] == pytest.approx(3.7 * scale, abs=0.05)
    assert not [part for part in symmetric if part.get("stroke-dasharray")]
    assert all(part.get("stroke-dasharray") for part in shortest)
    assert len(parts(drawn, "first-order")) == 2  # the curve and its sample in the legend
    assert "[−0.90, 2.90]" in drawn


def test_a_measurand_without_first_order_uncertainty_has_no_normal_curve() -> None:
    document = {
        "budget": 1, "quantities": {"x": {"value": 0, "u": 1}}, "measurands": {"y": {"expression": "x**2"}},
    }  # fmt: skip
    budget = uncertainty.compile(document)
    table = tables(budget, budget.evaluate())["y"]
    found = {"interval_symmetric": [0.001, 5.02], "interval_shortest": [0, 3.84]}
    drawn = plots.histogram(np.linspace(0, 6, 500) ** 2 / 6, found, table, trials=500)
    assert len(parts(drawn, "first-order")) == 1 and parts(drawn, "histogram")


def test_points_out_of_bounds_are_diamonds_so_that_they_differ_in_grey() -> None:
    drawn = plots.control_chart([1, 2, 5, -1], 2, (0, 4))
    assert len(parts(drawn, "outside")) == 2
    assert "2 个点在限外" in drawn
    fitted = plots.residuals([1, 2, 3], [0.1, -0.3, 0.0], [0.1, 0.1, 0.1], lang="en")
    assert len(parts(fitted, "outside")) == 1 and "1 are further than 2u" in fitted
    assert not parts(plots.residuals([1, 2, 3], [0.1, -0.3, 0.0]), "outside")


def test_the_prediction_band_reaches_beyond_the_last_calibration() -> None:
    drawn = DRAWN["drift"]("en")
    band = re.findall(r"[ML]([\d.]+) ", parts(drawn, "band")[0].get("d", ""))
    last = max(float(part.get("cx", "")) for part in parts(drawn, "mark"))
    assert max(map(float, band)) > last
    assert "up to 300" in drawn


def test_what_people_typed_is_escaped() -> None:
    assert "&lt;m&gt; &amp; g" in DRAWN["control-chart"]("en")
    assert ElementTree.fromstring(plots.residuals([1, 2], [1, 2], x_label="\x07<script>")) is not None


@pytest.mark.parametrize(
    "draw",
    [
        lambda: plots.residuals([1, 2], [1, math.nan]),
        lambda: plots.residuals([1, 2], [1]),
        lambda: plots.residuals([], []),
        lambda: plots.control_chart([1, math.inf], 0, (-1, 1)),
        lambda: plots.control_chart([1], 0, (1, -1)),
        lambda: plots.histogram([1], {}, budget_table(), trials=1),
        lambda: plots.drift([1, 2], [1, 2], [1], ([0, 1], [0, 1], [0, 1], [0, 1])),
        lambda: plots.drift([1, 2], [1, 2], [1, 1], ([0, 1], [0, 1], [0, 1], [0])),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_a_sentence(draw: Callable[[], Any]) -> None:
    with pytest.raises(uncertainty.DocumentError, match="it has to be"):
        draw()


@given(st.floats(-1e15, 1e15), st.floats(1e-9, 1e12), st.integers(2, 12))
def test_ticks_are_round_inside_the_range_and_told_apart(low: float, span: float, most: int) -> None:
    high = low + span
    if span < 1e-9 * abs(low):
        return
    found = svg.ticks(low, high, most)
    assert len(found) <= most + 1
    assert all(low - 1e-6 * span <= tick <= high + 1e-6 * span for tick in found)
    texts = svg.tick_texts(found)
    assert len(set(texts)) == len(found)


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=30))
def test_any_series_is_drawn_inside_its_picture(values: list[float]) -> None:
    assert inside(plots.control_chart(values, 0.0, (-1.0, 1.0)))


def test_pictures_stand_one_below_the_other_in_one_file() -> None:
    whole = svg.stacked([(DRAWN["contributions"]("en"), 100), (histogram("en"), 300)], "t", "d", "all")
    root = ElementTree.fromstring(whole)
    assert (root.get("role"), root.get("height")) == ("group", "400")
    assert [part.get("y") for part in root.findall(f"{SVG}svg")] == ["0", "100"]
