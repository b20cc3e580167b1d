"""Geometry and the way figures are written, against values worked out by hand."""

from __future__ import annotations

import pytest

from web import figures
from web.speech import grouped, small, unit


def test_a_bar_puts_zero_in_the_middle_of_symmetric_limits_and_the_limits_a_sixth_from_the_ends() -> None:
    """Limits ±4 with a margin of a quarter of their distance: −6 … 6 over 200, so ±4 lie at 200/6 and 200·5/6."""
    bar = figures.point_bar({"error": "2", "U": "1", "low": "-4", "high": "4"})
    assert bar is not None
    assert (bar.low, bar.high, bar.zero) == (33.33, 166.67, 100.0)
    assert bar.at == pytest.approx(133.33)
    assert (bar.left, bar.right) == (pytest.approx(116.67), 150.0)
    assert not bar.outside


def test_a_guard_band_narrows_the_limits_by_w_and_never_past_their_middle() -> None:
    bar = figures.point_bar({"error": "0", "U": "1", "low": "-4", "high": "4"}, 1.0)
    assert bar is not None
    assert (bar.accept_low, bar.accept_high) == (50.0, 150.0)
    wide = figures.point_bar({"error": "0", "U": "9", "low": "-4", "high": "4"}, 1.0)
    assert wide is not None
    assert wide.accept_low == wide.accept_high == 100.0


def test_an_error_beyond_its_limits_is_marked_and_stays_on_the_bar() -> None:
    bar = figures.point_bar({"error": "90", "U": "1", "low": "-4", "high": "4"})
    assert bar is not None
    assert bar.outside
    assert bar.at <= figures.WIDTH


def test_shares_stand_greatest_first_and_keep_their_sign() -> None:
    rows = [{"quantity": "a", "share": 0.2}, {"quantity": "b", "share": -0.1}, {"quantity": "c", "share": 0.9}]
    lines = figures.shares(rows)
    assert [(line.name, line.share) for line in lines] == [("c", 0.9), ("a", 0.2), ("b", -0.1)]
    assert lines[0].width == 100.0


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("10.00012", "10.000|12"),
        ("-1234567.891234", "\N{MINUS SIGN}1|234|567.891|234"),
        ("1000.12", "1000.12"),
        ("0.0011", "0.0011"),
        ("1.5e-6", "1.5e-6"),
        ("<b>", "&lt;b&gt;"),
    ],
)
def test_digits_stand_in_groups_of_three_and_copy_as_they_are(typed: str, shown: str) -> None:
    """SI brochure, 9th edition, 5.4.4: groups of three from the point, four digits need none."""
    assert str(grouped(typed)).replace("<i class=d3>", "|").replace("</i>", "") == shown


def test_small_figures_are_written_with_a_power_of_ten() -> None:
    assert small(7.12e-5) == "7.1 × 10⁻⁵"
    assert small(0.00031) == "0.00031"
    assert small(None) == "—"


def test_units_are_written_as_people_write_them() -> None:
    assert [unit(u) for u in ("degC", "uV", "mV", "%RH", "ohm", None)] == ["°C", "µV", "mV", "%RH", "Ω", ""]
