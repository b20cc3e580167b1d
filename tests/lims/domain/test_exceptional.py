"""What a verifier is shown first, by table (ISO/IEC 17025:2017, 7.7.1, 7.8.1.1)."""

from __future__ import annotations

from typing import Any

import pytest

from lims.domain import exceptional

LIMITS = {"low": "-1.0", "high": "1.0"}


def row(error: str, *, expanded: str = "0.1", verdict: str | None = "pass", **more: Any) -> dict[str, Any]:
    return {"error": error, "U": expanded, "verdict": verdict} | LIMITS | more


@pytest.mark.parametrize(
    ("reported", "said"),
    [
        (row("0.2"), None),
        (row("0.69"), None),
        (row("-0.71"), "near_limit"),
        (row("1.2", verdict="fail"), "outside"),
        (row("0.95", verdict="undetermined"), "undetermined"),
        (row("0.95", verdict="conditional_pass"), "conditional_pass"),
        (row("0.95", verdict=None, low=None, high=None), None),
        (row("0", low="0", high="0"), None),
    ],
)
def test_of_one_result(reported: dict[str, Any], said: str | None) -> None:
    assert exceptional.reason(reported) == said


@pytest.mark.parametrize(
    ("now", "then", "said"),
    [
        (row("0.1"), None, None),
        (row("0.1"), row("0.2"), None),
        # 0.1 and 0.1 make 0.1414: a change of 0.14 is within both, of 0.15 is not (E_n of ISO 13528:2022, 9.7).
        (row("0.34"), row("0.20"), None),
        (row("0.35"), row("0.20"), "moved"),
        (row("1.1", verdict="fail"), row("0.99"), "flipped"),
        (row("0.99"), row("1.1", verdict="fail"), "flipped"),
        (row("0.99", verdict="undetermined"), row("0.95"), None),
        ({"value": "1", "U": "0.1"}, row("0.2"), None),
    ],
)
def test_of_a_result_and_the_same_measured_before(
    now: dict[str, Any], then: dict[str, Any] | None, said: str | None
) -> None:
    assert exceptional.since(now, then) == said


def test_the_same_point_is_known_by_its_place_and_not_by_its_number() -> None:
    one = {"function": "DCV", "range": "10 V", "nominal": "5", "unit": "V", "point": 3}
    assert exceptional.place(one) == exceptional.place(one | {"point": 7})
    assert exceptional.place(one) != exceptional.place(one | {"range": "100 V"})
