"""Spans, baselines and signals of control charts against the examples of the NIST/SEMATECH e-Handbook, chapter 6.3.2."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import pytest

from lims.domain import charts
from lims.domain.errors import UnusableValue

FLOW = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
"""6.3.2.2, individuals: flow rate of ten batches."""
CUSUM = [
    *(324.93, 324.68, 324.73, 324.35, 325.35, 325.23, 324.13, 324.53, 325.23, 324.60),
    *(324.63, 325.15, 328.33, 327.25, 327.83, 328.50, 326.68, 327.78, 326.88, 328.35),
]
"""6.3.2.3: means of samples of four, target 325, k = 0.3175, h = 4.1959."""
EWMA = [
    *(52.0, 47.0, 53.0, 49.3, 50.1, 47.0, 51.0, 50.1, 51.2, 50.5),
    *(49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1),
]
"""6.3.2.4: EWMA_0 = 50, s = 2.0539, λ = 0.3."""


@dataclass(frozen=True)
class Point:
    id: int
    value: float


def points(values: list[float], first: int = 1) -> list[Point]:
    return [Point(first + i, value) for i, value in enumerate(values)]


def test_baseline_of_nists_flow_rates() -> None:
    """Mean 50.81, mean moving range 1.8778, limits 45.8159 and 55.8041 (printed with 1.128)."""
    centre, s = charts.centre_and_s(FLOW, "moving_range", 10)
    assert centre == pytest.approx(50.81)
    assert s == pytest.approx(1.8778 / 1.128, abs=2e-3)
    assert [centre - 3 * s, centre + 3 * s] == pytest.approx([45.8159, 55.8041], abs=3e-3)
    assert charts.outside_of_own(FLOW, centre, s) == []


def test_cusum_of_nist_signals_from_the_fourteenth_sample_on() -> None:
    """S_hi of samples 14 to 17: 4.95, 7.46, 10.64, 12.00 in the unit of the values."""
    sigma = 0.635
    rules = charts.Rules(k=0.3175 / sigma, h=4.1959 / sigma)
    found = charts.judge("cusum", CUSUM, 325.0, sigma, rules)
    assert sorted(found.broken) == list(range(13, 20))
    assert [v * sigma for v in found.values[13:17]] == pytest.approx([4.945, 7.4575, 10.64, 12.0025], abs=6e-3)
    assert found.high[0] == pytest.approx(6.6077, abs=1e-4)


def test_ewma_of_nist_is_in_control_and_ends_at_51_99() -> None:
    """EWMA 50.60, 49.52, 50.56 … 51.94, 51.99; limits at last 47.4115 and 52.5884."""
    found = charts.judge("ewma", EWMA, 50.0, 2.0539, charts.Rules(weight=0.3, width=3.0))
    assert [round(v, 2) for v in (*found.values[:3], *found.values[-2:])] == [50.60, 49.52, 50.56, 51.94, 51.99]
    assert [found.low[-1], found.high[-1]] == pytest.approx([47.4115, 52.5884], abs=2e-3)
    assert dict(found.broken) == {}


def kept(*spans: dict[str, object], left_out: dict[str, object] | None = None) -> dict[str, object]:
    return {"spans": list(spans), "left_out": left_out or {}}


def test_points_belong_to_the_span_in_which_they_were_entered_and_old_baselines_stay() -> None:
    fixed = asdict(charts.Fixed(50.81, 1.66, "moving_range", 10, 10, "2026-01-01", "keeper"))
    first = charts.begin(charts.Rules(), 0, "2026-01-01", "keeper") | {"fixed": fixed}
    second = charts.begin(charts.Rules("nelson"), 12, "2026-06-01", "keeper", "new standard")
    old, new = charts.spans(kept(first, second, left_out={"14": {}}), points([*FLOW, 50.0, 51.0, 60.0, 99.0, 61.0]))
    assert (len(old.base), len(old.later)) == (10, 2)
    assert old.fixed is not None and old.fixed.centre == 50.81
    assert [p.id for p in new.points] == [13, 15]  # 14 was left out
    assert (new.fixed, new.rules.rules, new.reason) == (None, "nelson", "new standard")
    assert charts.signals_of_next("shewhart", new, 1e6) == ()  # nothing to judge by yet


def span(values: list[float], base: int, **rules: object) -> charts.Span:
    fixed = asdict(charts.Fixed(0.0, 1.0, "stated", 0, base, "2026-01-01", "keeper", "x"))
    opened = charts.begin(charts.read_rules(rules), 0, "2026-01-01", "keeper") | {"fixed": fixed}
    return charts.spans(kept(opened), points(values))[0]


@pytest.mark.parametrize(
    ("before", "value", "rules", "broken"),
    [
        ([0.0], 3.01, "limits", ("beyond_3_sigma",)),
        ([0.0], 2.99, "limits", ()),
        ([0.1] * 7, 0.1, "western_electric", ("8_on_one_side",)),
        ([0.1] * 7, 0.1, "nelson", ()),
        ([0.1] * 8, 0.1, "nelson", ("9_on_one_side",)),
        ([2.1, 0.0], 2.5, "western_electric", ("2_of_3_beyond_2_sigma",)),
        ([3.5], 0.0, "limits", ()),  # a signal belongs to its own point, not to those behind it
    ],
)
def test_rules_are_asked_of_the_newest_point(
    before: list[float], value: float, rules: str, broken: tuple[str, ...]
) -> None:
    """Western Electric counts 8 on one side, Nelson (J. Quality Technology 16 (1984) 237) 9."""
    assert charts.signals_of_next("shewhart", span(before, 0, rules=rules), value) == broken


def test_sums_and_averages_begin_behind_the_baseline() -> None:
    """A baseline that drifted up must not make the first watched point of a CUSUM a signal."""
    assert charts.signals_of_next("cusum", span([2.0] * 10, 10), 0.0) == ()
    assert charts.signals_of_next("cusum", span([2.0] * 10, 0), 0.0) == ("cusum_beyond_h",)


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"rules": "none"}, "rules"),
        ({"weight": 0.0}, "weight"),
        ({"weight": 1.5}, "weight"),
        ({"width": float("nan")}, "width"),
        ({"k": -1.0}, "k"),
        ({"h": 0.0}, "h"),
        ({"least": 9}, "least"),
        ({"sigma": 1.0}, "rules"),
    ],
)
def test_rules_that_cannot_be_used_are_refused_at_their_field(data: dict[str, object], field: str) -> None:
    with pytest.raises(UnusableValue) as refused:
        charts.read_rules(data)
    assert refused.value.facts["field"] == field


@pytest.mark.parametrize(
    ("values", "method", "field"), [(FLOW[:9], "moving_range", "points"), (FLOW, "guess", "method"), ([1.0] * 10, "moving_range", "points")]
)  # fmt: skip
def test_a_baseline_wants_enough_points_that_differ(values: list[float], method: str, field: str) -> None:
    with pytest.raises(UnusableValue) as refused:
        charts.centre_and_s(values, method, 10)
    assert refused.value.facts["field"] == field


def test_each_signal_of_the_library_has_its_words() -> None:
    from uncertainty.stability import RULES, SETS

    assert set(RULES) < set(charts.SIGNALS)
    assert set(SETS) == set(charts.SETS)
