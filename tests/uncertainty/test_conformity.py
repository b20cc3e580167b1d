"""Decision rules against the risks that published tables give."""

from __future__ import annotations

import math

import pytest

from uncertainty import conformity
from uncertainty.errors import DocumentError

from .published import cases


def _normal_above(x: float) -> float:
    return 0.5 * math.erfc(x / math.sqrt(2))


@pytest.mark.parametrize("found", cases("conformity_risk", "ilac_g8"), ids=lambda c: c["id"])
def test_guard_band_of_ilac_g8_keeps_the_risk_below_its_bound(found: dict) -> None:
    """ILAC-G8:09/2019, table 1: w = r·U, U = 2 u: at the acceptance limit the risk stays below the bound."""
    r, k = found["inputs"]["r"], found["inputs"]["k"]
    u = 0.1
    verdict = conformity.decide(0.0, k * u, -1.0, 1.0, {"rule": "guarded", "r": r})
    assert verdict.accept_high is not None
    assert conformity.decide(verdict.accept_high, k * u, -1.0, 1.0, {"rule": "guarded", "r": r}).verdict == "pass"
    risk = _normal_above((1.0 - verdict.accept_high) / u)
    assert risk <= found["expected"]["pfa_upper_bound"]["value"]


def test_guard_band_of_one_U_is_the_95_percent_test() -> None:
    """Factor 1 − 1/TUR of the limits (TUR 2.5: 0.6)."""
    found = next(c for c in cases("conformity_risk", "guardband_factor") if c["inputs"]["method"] == "U95")
    U = 1.0 / found["inputs"]["tur"]
    verdict = conformity.decide(0.0, U, -1.0, 1.0, {"rule": "guarded"})
    assert verdict.tur == pytest.approx(found["inputs"]["tur"])
    assert verdict.accept_high == pytest.approx(found["expected"]["factor"]["value"], rel=1e-9)


@pytest.mark.parametrize(
    ("value", "U", "rule", "verdict"),
    [
        (0.9, 0.5, {"rule": "simple"}, "pass"),
        (1.0, 0.5, {"rule": "simple"}, "pass"),
        (1.01, 0.5, {"rule": "simple"}, "fail"),
        (0.4, 0.5, {"rule": "guarded"}, "pass"),
        (0.6, 0.5, {"rule": "guarded"}, "undetermined"),
        (1.4, 0.5, {"rule": "guarded"}, "undetermined"),
        (1.6, 0.5, {"rule": "guarded"}, "fail"),
        (-1.6, 0.5, {"rule": "guarded"}, "fail"),
        (0.99, 1 / 3, {"rule": "third"}, "pass"),
        (1.01, 1 / 3, {"rule": "third"}, "fail"),
        (0.7, 0.4, {"rule": "third"}, "undetermined"),
        (0.5, 0.4, {"rule": "third"}, "pass"),
        (1.5, 0.4, {"rule": "third"}, "fail"),
        (5.0, 0.4, {"rule": "none"}, "none"),
    ],
)
def test_verdict_by_rule(value: float, U: float, rule: dict, verdict: str) -> None:
    """JCGM 106:2012, 8.2 and 8.3; JJF 1094-2002, 5.3.1.4 (U ≤ MPE/3 compares directly), 5.3.1.5 (else undetermined)."""
    assert conformity.decide(value, U, -1.0, 1.0, rule).verdict == verdict


def test_one_sided_limit_has_no_tur() -> None:
    assert conformity.decide(1.0, 0.1, None, 2.0, {"rule": "simple"}).tur is None
    assert conformity.decide(1.95, 0.1, None, 2.0, {"rule": "guarded"}).verdict == "undetermined"


@pytest.mark.parametrize(
    ("U", "rule"), [(0.0, {"rule": "simple"}), (math.nan, {"rule": "simple"}), (0.1, {"rule": "best"})]
)
def test_no_verdict_without_U_or_of_an_unknown_rule(U: float, rule: dict) -> None:
    with pytest.raises(DocumentError):
        conformity.decide(0.0, U, -1.0, 1.0, rule)


@pytest.mark.parametrize("rule", ["none", "simple", "third", "guarded"])
def test_statement_in_both_languages(rule: str) -> None:
    said = conformity.statement({"rule": rule})
    assert set(said) == {"zh", "en"} and all(said.values())


@pytest.mark.parametrize("r", [0, -1, "wide", True, math.nan])
def test_guard_band_of_no_width_is_refused(r: object) -> None:
    with pytest.raises(DocumentError, match=r"^rule\.r: "):
        conformity.decide(0.0, 0.1, -1.0, 1.0, {"rule": "guarded", "r": r})


def test_limits_the_wrong_way_and_a_value_that_is_none() -> None:
    with pytest.raises(DocumentError, match=r"^limits: "):
        conformity.decide(0.0, 0.1, 1.0, -1.0, {"rule": "simple"})
    with pytest.raises(DocumentError, match=r"^value: "):
        conformity.decide(math.nan, 0.1, -1.0, 1.0, {"rule": "simple"})
