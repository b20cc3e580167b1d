"""What a page shows: digits in threes, columns that say something."""

from __future__ import annotations

import pytest

from lims.documents import view

from .conftest import sample


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("10.00004", ["10.000", "04"]),
        ("-1000.005", ["−1000.005"]),
        ("12345.6789", ["12", "345.6789"]),
        ("1234567.12345678", ["1", "234", "567.123", "456", "78"]),
        ("0.0011", ["0.0011"]),
        ("0", ["0"]),
        ("-0.000009", ["−0.000", "009"]),
        ("1.5e-6", ["1.5 × 10^−6"]),
    ],
)
def test_digits_stand_in_threes_from_the_decimal_sign(number: str, expected: list[str]) -> None:
    """ISO 80000-1: groups of three on both sides; four digits may stay together."""
    assert view.digits(number) == expected


def test_columns_that_say_nothing_are_left_out_and_shared_values_said_once() -> None:
    table = view.table(sample("evaluation_impedance")["result_sets"][0])

    assert [column["name"] for column in table["columns"]] == ["value", "U"]
    assert [(held["symbol"], "".join(held["value"])) for held in table["shared"]] == [
        ("k", "2.78"), ("p", "0.95"), ("ν_eff", "4"),
    ]  # fmt: skip


def test_symmetric_limits_are_one_figure_and_others_two() -> None:
    results = sample()["result_sets"][0]
    results["rows"][1] |= {"low": "-0.0010", "high": "0.0041"}
    [group, *_] = view.table(results)["groups"]
    column = [held["name"] for held in view.table(results)["columns"]].index("limits")

    assert group["rows"][0]["cells"][column] == ["±0.0035"]
    assert group["rows"][1]["cells"][column] == ["−0.0010", " … ", "0.0041"]


def test_ranges_are_groups_with_their_unit_and_infinite_dof_is_a_sign() -> None:
    table = view.table(sample()["result_sets"][0])
    dof = [held["name"] for held in table["columns"]].index("dof")

    assert [(group["range"], group["unit"]) for group in table["groups"]] == [
        ("100 mV", "mV"), ("1 V", "V"), ("10 V", "V"), ("100 V", "V"), ("1000 V", "V"),
    ]  # fmt: skip
    assert table["groups"][2]["rows"][0]["cells"][dof] == ["∞"]


def test_an_instant_is_printed_in_its_own_zone() -> None:
    assert view.instant("2026-11-20T15:42:10+08:00") == "2026-11-20 15:42 +08:00"
    assert view.instant("2026-11-20T07:42:10Z") == "2026-11-20 07:42 UTC"
