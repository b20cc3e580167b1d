"""Scores of a round from what people paste; figures are right triangles of the formulas in ISO 13528:2022, 9."""

from __future__ import annotations

from typing import Any

import pytest

from lims.domain import proficiency
from lims.domain.errors import UnusableValue


@pytest.mark.parametrize(
    ("row", "scores", "verdict"),
    [
        # √(0.3² + 0.4²) = 0.5: 9.7 (En), 9.6 (ζ)
        ({"x": "10.5", "U": "0.3", "X": "10.0", "U_ref": "0.4"}, {"En": 1.0, "zeta": 2.0}, "satisfactory"),
        ({"x": "10.6", "U": "0.3", "X": "10.0", "U_ref": "0.4"}, {"En": 1.2, "zeta": 2.4}, "unsatisfactory"),
        # k = 3 beside k_ref = 2: u = 0.3, u_ref = 0.4
        (
            {"x": "11.25", "U": "0.9", "k": "3", "X": "10.0", "U_ref": "0.8"},
            {"zeta": 2.5},
            "unsatisfactory",
        ),
        # z = 2.5 with u_ref < 0.3 σpt is a warning, 3.5 asks for action (9.4)
        ({"x": "12.5", "U": "9", "X": "10", "U_ref": "0.2", "sigma": "1"}, {"z": 2.5}, "questionable"),
        ({"x": "13.5", "U": "9", "X": "10", "U_ref": "0.2", "sigma": "1"}, {"z": 3.5}, "unsatisfactory"),
        # u_ref = 0.4 is not small beside σpt = 0.3: z′ = 1.25/0.5 (9.5)
        ({"x": "11.25", "U": "9", "X": "10", "U_ref": "0.8", "sigma": "0.3"}, {"z'": 2.5}, "questionable"),
    ],
)
def test_scores_and_what_they_ask_for(row: dict[str, str], scores: dict[str, float], verdict: str) -> None:
    found = proficiency.scored({"point": "1"} | row)
    assert {name: found[name] for name in scores} == pytest.approx(scores)
    assert found["verdict"] == verdict


def test_lines_are_read_as_people_paste_them_and_keep_their_digits() -> None:
    text = "point;x;U;k\n10 V；１０.０００10；0.000 05\n\n-10 V\t\u221210.00020\t0.00005\t2.1\nlast, 1e-3, 5e-5"
    assert proficiency.rows(text, proficiency.OWN, 3) == [
        {"point": "10 V", "x": "10.00010", "U": "0.00005"},
        {"point": "-10 V", "x": "-10.00020", "U": "0.00005", "k": "2.1"},
        {"point": "last", "x": "1e-3", "U": "5e-5"},
    ]


@pytest.mark.parametrize(
    "text", ["", "a;1", "a;1;0", "a;1;-1", "a;one;1", "a;1;nan", "a;1;1;2;3", ";1;1", "a;1;1\na;2;1"]
)
def test_lines_that_cannot_be_used_are_refused(text: str) -> None:
    with pytest.raises(UnusableValue):
        proficiency.rows(text, proficiency.OWN, 3)


@pytest.mark.parametrize("reference", [["a"], ["a", "b", "c"], ["a", "c"]])
def test_each_own_point_has_its_reference_and_no_other(reference: list[str]) -> None:
    own: list[dict[str, Any]] = [{"point": name, "x": "1", "U": "1"} for name in ("a", "b")]
    with pytest.raises(UnusableValue):
        proficiency.joined(own, [{"point": name, "X": "1", "U_ref": "1"} for name in reference])
