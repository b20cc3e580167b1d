"""Prices: rounding as money is rounded, the most specific entry, surcharges; wrong entries refused at their place."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from lims.domain import fees
from lims.domain.errors import UnusableValue

ITEM: dict[str, Any] = {"procedures": ["P"], "per": "item", "price": "100"}


@pytest.mark.parametrize(
    ("found", "shown"),
    [
        ("0.005", "0.01"),
        ("0.015", "0.02"),
        ("2.675", "2.68"),
        ("-0.005", "-0.01"),
        ("-0.004", "0.00"),
        ("1E+3", "1000.00"),
    ],
)
def test_half_a_cent_is_rounded_up_and_never_shown_as_minus_zero(found: str, shown: str) -> None:
    """Half up by hand; binary floats give 2.67 for 2.675, and half even gives 0.00 for 0.005."""
    assert fees.text(Decimal(found)) == shown


def test_an_urgent_job_on_site_by_points_costs_price_surcharge_and_travel() -> None:
    """By hand: 11 × 12.50 = 137.50; 33 % of it 45.375, half up 45.38; 80.00 for the way; 262.88 in all."""
    [entry] = fees.read([ITEM | {"per": "point", "price": "12.50", "urgent": "33", "on_site": "80"}])
    lines = fees.price(entry, procedure="P", points=11, urgent=True, place="on_site", clause="SF 1")
    assert [(line.kind, fees.text(line.amount)) for line in lines] == [
        ("tariff", "137.50"),
        ("urgent", "45.38"),
        ("on_site", "80.00"),
    ]
    assert fees.text(fees.total(line.amount for line in lines)) == "262.88"
    plain = fees.price(entry, procedure="P", points=11, urgent=False, place="laboratory", clause="")
    assert [line.kind for line in plain] == ["tariff"]


def test_a_procedure_comes_before_a_word_and_a_kind_of_work_before_all_kinds() -> None:
    entries = fees.read(
        [
            {"words": ["压力表"], "price": "1"},
            ITEM | {"price": "2"},
            ITEM | {"price": "3", "work": ["periodic"]},
            {"words": ["压力表"], "price": "4", "work": ["periodic"]},
        ]
    )

    def found(procedure: str, work: str, said: str) -> str | None:
        entry = fees.match(entries, procedure, work, said)
        return None if entry is None else str(entry.price)

    assert found("P", "periodic", "一般压力表") == "3.00"
    assert found("P", "calibration", "一般压力表") == "2.00"
    assert found("Q", "periodic", "一般压力表") == "4.00"
    assert found("Q", "calibration", "一般压力表") == "1.00"
    assert found("Q", "calibration", "天平") is None


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        ({"price": "1"}, "entries[0]"),
        (ITEM | {"prise": "1"}, "entries[0]"),
        (ITEM | {"work": ["repair"]}, "entries[0].work"),
        (ITEM | {"per": "hour"}, "entries[0].per"),
        (ITEM | {"price": "-1"}, "entries[0].price"),
        (ITEM | {"price": "1.001"}, "entries[0].price"),
        (ITEM | {"price": "NaN"}, "entries[0].price"),
        (ITEM | {"price": "1e99"}, "entries[0].price"),
        (ITEM | {"urgent": "1001"}, "entries[0].urgent"),
    ],
)
def test_a_price_that_cannot_be_used_is_refused_at_its_place(entry: dict[str, Any], field: str) -> None:
    with pytest.raises(UnusableValue) as refused:
        fees.read([entry])
    assert refused.value.facts["field"] == field


def test_an_empty_price_list_is_refused() -> None:
    with pytest.raises(UnusableValue):
        fees.read([])
