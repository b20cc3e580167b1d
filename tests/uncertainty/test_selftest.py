"""Every published case that ships is computed again, as `lims selftest` does."""

from __future__ import annotations

import pytest

from uncertainty import selftest
from uncertainty.selftest.compare import DIFF
from uncertainty.selftest.run import runners

CASES = list(selftest.cases())


def test_the_cases_ship_and_their_names_are_their_own() -> None:
    assert len(CASES) >= 168
    assert len({case["id"] for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", [case for case in CASES if case["kind"] in runners()], ids=lambda case: case["id"])
def test_a_published_case_is_found_again(case: dict[str, object]) -> None:
    outcomes = selftest.run(case)
    assert outcomes
    wrong = [outcome for outcome in outcomes if outcome.status == DIFF]
    assert not wrong, wrong
