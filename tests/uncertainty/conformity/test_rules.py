"""Every rule: its zones, its statement, and what is refused of it."""

from __future__ import annotations

import math
import subprocess
import sys
from statistics import NormalDist
from typing import Any

import pytest

from lims import words
from lims.words.build import missing
from lims.words.extract import everything
from uncertainty import conformity
from uncertainty.conformity import Limits, decide, global_risk, normal, prior_from_reliability, statement
from uncertainty.errors import DocumentError

NORMAL_PRIOR = {"dist": "normal", "mean": 0.0, "sd": 0.4}
EVERY: list[dict[str, Any]] = [
    {"rule": "none"},
    {"rule": "simple"},
    {"rule": "third"},
    {"rule": "guarded", "r": 0.83},
    {"rule": "guarded_acceptance", "r": 0.83},
    {"rule": "guarded_rejection", "r": 0.83},
    {"rule": "conditional", "r": 0.83},
    {"rule": "iso14253"},
    {"rule": "iso14253", "p": 0.99, "form": "width", "k": 2.5},
    {"rule": "probability", "p": 0.975},
    {"rule": "z540", "method": 1, "prior": NORMAL_PRIOR},
    {"rule": "z540", "method": 2, "itp": 0.85},
    {"rule": "z540", "method": 3, "prior": NORMAL_PRIOR, "pfa": 0.015},
    {"rule": "z540", "method": 4, "pfa": 0.015},
    {"rule": "z540", "method": 5},
    {"rule": "z540"},
    {"rule": "z540", "method": "4:1"},
    {"rule": "z540", "method": "rss"},
    {"rule": "z540", "method": "rp10"},
]


def named(rule: dict[str, Any]) -> str:
    return ".".join(str(rule[field]) for field in ("rule", "form", "method") if field in rule)


@pytest.mark.parametrize(
    ("value", "rule", "verdict"),
    [
        (0.5, "guarded_acceptance", "pass"),
        (0.51, "guarded_acceptance", "fail"),
        (-0.51, "guarded_acceptance", "fail"),
        (1.5, "guarded_rejection", "pass"),
        (1.51, "guarded_rejection", "fail"),
        (-1.51, "guarded_rejection", "fail"),
        (0.5, "conditional", "pass"),
        (0.51, "conditional", "conditional_pass"),
        (1.0, "conditional", "conditional_pass"),
        (-1.01, "conditional", "conditional_fail"),
        (1.5, "conditional", "conditional_fail"),
        (-1.51, "conditional", "fail"),
    ],
)
def test_zones_of_a_guard_band_of_half_the_limit(value: float, rule: str, verdict: str) -> None:
    """JCGM 106:2012, 8.3.2, 8.3.3; ILAC-G8:09/2019, 4.2.2, 4.2.3: limits ±1, w = 0.5; at a boundary the better zone."""
    found = decide(value, 0.5, -1.0, 1.0, {"rule": rule})
    assert found.verdict == verdict
    assert found.w == (-0.5 if rule == "guarded_rejection" else 0.5)
    assert found.accept_high == pytest.approx(1.0 - found.w)


def test_zones_about_one_limit() -> None:
    rule = {"rule": "conditional", "r": 1.0}
    verdicts = [decide(x, 0.5, 2.0, None, rule).verdict for x in (2.5, 2.1, 1.9, 1.4)]
    assert verdicts == ["pass", "conditional_pass", "conditional_fail", "fail"]


def test_iso_14253_proves_conformity_and_non_conformity_with_95_percent() -> None:
    """Far limits: w = 1.645 u = 0.8224 U either way (ISO 14253-1:2017; ILAC-G8:09/2019, table 1: 0.83 U)."""
    U, z = 0.2, NormalDist().inv_cdf(0.95)
    w = z * U / 2
    for form in ("probability", "width"):
        rule = {"rule": "iso14253", "form": form}
        at = {x: decide(x, U, -1.0, 1.0, rule) for x in (1 - w - 1e-6, 1 - w + 1e-6, 1 + w - 1e-6, 1 + w + 1e-6)}
        assert [v.verdict for v in at.values()] == ["pass", "undetermined", "undetermined", "fail"]
        assert next(iter(at.values())).w == pytest.approx(w, rel=1e-9)
        assert next(iter(at.values())).p_conforming == pytest.approx(0.95, abs=1e-5)


def test_iso_14253_by_probability_sees_both_limits() -> None:
    """T = 3.6 u: in the middle 92.8 % conform. The width alone, 1.645 u < T/2, would pass; the probability does not."""
    u = 2 / 3.6
    width = decide(0.0, 2 * u, -1.0, 1.0, {"rule": "iso14253", "form": "width"})
    exact = decide(0.0, 2 * u, -1.0, 1.0, {"rule": "iso14253"})
    assert (width.verdict, exact.verdict) == ("pass", "undetermined")
    assert exact.p_conforming == pytest.approx(1 - 2 * NormalDist().cdf(-1.8))
    assert exact.accept_low is not None
    assert exact.accept_high is not None
    assert exact.accept_low > exact.accept_high  # nothing could be accepted


def test_k_turns_U_into_u() -> None:
    """U = 0.3 with k = 3 is u = 0.1: at 1.2816 u inside the limit 90 % conform."""
    x = 1.0 - NormalDist().inv_cdf(0.9) * 0.1
    for verdict, p in (("pass", 0.899), ("fail", 0.901)):
        found = decide(x, 0.3, None, 1.0, {"rule": "probability", "p": p, "k": 3})
        assert (found.verdict, found.p_conforming) == (verdict, pytest.approx(0.9))


def test_z540_by_handbook_methods_with_closed_widths() -> None:
    """Limits ±1, U = 0.5, TUR 2: w = U; M·U with M = 0.281645; 1 − √(1 − 1/4); 1/TUR − 1/4."""
    for method, w in ((5, 0.5), (6, 0.1408225), ("rss", 1 - math.sqrt(0.75)), ("rp10", 0.25)):
        rule = {"rule": "z540", "method": method}
        found = decide(1 - w - 1e-6, 0.5, -1.0, 1.0, rule)
        assert (found.verdict, found.w) == ("pass", pytest.approx(w, abs=1e-6))
        assert decide(1 - w + 1e-6, 0.5, -1.0, 1.0, rule).verdict == "fail"
    assert decide(0.9, 0.25, -1.0, 1.0, {"rule": "z540", "method": "4:1"}).verdict == "pass"
    assert decide(1.1, 0.25, -1.0, 1.0, {"rule": "z540", "method": "4:1"}).verdict == "fail"
    assert decide(0.0, 0.26, -1.0, 1.0, {"rule": "z540", "method": "4:1"}).verdict == "undetermined"


def test_z540_by_population_keeps_two_percent() -> None:
    """The guard band is the one whose PFA is 2 % for that population, and none where the risk is kept without."""
    U, limits, wide = 0.9, Limits(-1.0, 1.0), {"dist": "normal", "mean": 0.0, "sd": 0.7}
    for fields, prior in (
        ({"method": 1, "prior": wide}, normal(0.0, 0.7)),
        ({"method": 2, "itp": 0.9}, prior_from_reliability(limits, 0.9)),
    ):
        found = decide(0.0, U, -1.0, 1.0, {"rule": "z540", **fields})
        assert found.w > 0
        assert global_risk(prior, normal(0.0, U / 2), limits, found.w).pfa == pytest.approx(0.02, rel=1e-6)
    assert decide(0.0, U, -1.0, 1.0, {"rule": "z540", "method": 1, "prior": NORMAL_PRIOR}).w == 0


def test_z540_by_one_result_with_and_without_its_population() -> None:
    """Method 4: Φ at 2 %; method 3: the conjugate normal."""
    u = 0.1
    x = 1 - NormalDist().inv_cdf(0.98) * u
    rule = {"rule": "z540", "method": 4}
    assert [decide(x + d, 2 * u, -1.0, 1.0, rule).verdict for d in (-1e-6, 1e-6)] == ["pass", "fail"]
    precision = 1 / u**2 + 1 / 0.4**2
    known = NormalDist(0.9 / u**2 / precision, precision**-0.5)
    found = decide(0.9, 2 * u, -1.0, 1.0, {"rule": "z540", "method": 3, "prior": NORMAL_PRIOR})
    assert found.p_conforming == pytest.approx(known.cdf(1.0) - known.cdf(-1.0), rel=1e-9)
    assert found.verdict == "fail"
    assert found.accept_high is None


def test_z540_at_one_limit() -> None:
    rule = {"rule": "z540", "method": 2, "itp": 0.9, "mean": 0.0}
    assert decide(0.0, 0.9, None, 1.0, rule).verdict == "pass"
    for wrong in ({"rule": "z540"}, {"rule": "z540", "method": "rss"}):
        with pytest.raises(DocumentError, match=r"^limits: one limit"):
            decide(0.0, 0.9, None, 1.0, wrong)
    with pytest.raises(DocumentError, match=r"^mean: "):
        decide(0.0, 0.9, None, 1.0, {"rule": "z540", "method": 2, "itp": 0.9})


@pytest.mark.parametrize("rule", EVERY, ids=named)
def test_every_rule_decides_and_says_what_it_is(rule: dict[str, Any]) -> None:
    """In the middle of wide limits all but none pass, far outside they fail; the sentence carries the rule's figures."""
    middle, far = (decide(x, 0.2, -1.0, 1.0, rule).verdict for x in (0.0, 1.6))
    assert (middle, far) == (("none", "none") if rule["rule"] == "none" else ("pass", "fail"))
    said = statement(rule)
    assert set(said) == {"zh", "en"}
    for text in said.values():
        assert "{" not in text
        assert not text.endswith(" ")
    for field, shown in (("r", "0.83 U"), ("itp", "85 %"), ("k", "U/2.5")):
        if field in rule:
            assert all(shown in text for text in said.values())
    for field in {"p", "pfa"} & set(rule):
        assert all(f"{100 * rule[field]:g} %" in text for text in said.values())
    assert rule["rule"] == "none" or said["zh"].startswith("判定规则：")


def test_the_statements_of_rules_differ() -> None:
    assert len({statement(rule)["en"] for rule in EVERY}) == len(EVERY)
    assert len({statement(rule)["zh"] for rule in EVERY}) == len(EVERY)


@pytest.mark.parametrize(
    ("rule", "place"),
    [
        ({"rule": "best"}, "rule"),
        ({"rule": "guarded", "R": 1.0}, "rule.R"),
        ({"rule": "simple", "p": 0.95}, "rule.p"),
        ({"rule": "conditional", "r": 0}, "rule.r"),
        ({"rule": "conditional", "r": math.nan}, "rule.r"),
        ({"rule": "guarded_rejection", "r": "1"}, "rule.r"),
        ({"rule": "iso14253", "p": 0.5}, "rule.p"),
        ({"rule": "iso14253", "p": 95}, "rule.p"),
        ({"rule": "iso14253", "p": math.nan}, "rule.p"),
        ({"rule": "iso14253", "form": "table"}, "rule.form"),
        ({"rule": "iso14253", "k": 0}, "rule.k"),
        ({"rule": "probability", "p": True}, "rule.p"),
        ({"rule": "z540", "method": 7}, "rule.method"),
        ({"rule": "z540", "method": True}, "rule.method"),
        ({"rule": "z540", "method": [1]}, "rule.method"),
        ({"rule": "z540", "pfa": 2}, "rule.pfa"),
        ({"rule": "z540", "method": 6, "pfa": 0.01}, "rule.pfa"),
        ({"rule": "z540", "method": 2}, "rule.itp"),
        ({"rule": "z540", "method": 2, "itp": 90}, "rule.itp"),
        ({"rule": "z540", "method": 2, "itp": 0.9, "mean": math.inf}, "rule.mean"),
        ({"rule": "z540", "method": 1}, "rule.prior.dist"),
        ({"rule": "z540", "method": 3, "prior": {"dist": "normal", "mean": 0.0}}, "rule.prior.sd"),
        ({"rule": "z540", "method": 3, "prior": {"dist": "normal", "mean": 0.0, "sd": -1}}, "rule.prior.sd"),
    ],
)
def test_a_rule_that_is_wrong_is_refused_with_its_field(rule: dict[str, Any], place: str) -> None:
    for say in (lambda: decide(0.0, 0.1, -1.0, 1.0, rule), lambda: statement(rule)):
        with pytest.raises(DocumentError) as refused:
            say()
        assert refused.value.facts["place"] == place


@pytest.mark.parametrize("U", [math.inf, -0.1, True])
def test_no_verdict_of_a_U_that_is_none(U: float) -> None:
    with pytest.raises(DocumentError, match=r"^U: "):
        decide(0.0, U, -1.0, 1.0, {"rule": "iso14253"})


def test_every_refusal_has_its_chinese() -> None:
    ours = [text for text in everything(("uncertainty",)) if text.file.startswith("uncertainty/conformity/")]
    assert len({text.msgid for text in ours}) >= 18
    assert missing(ours) == []
    assert words.term("a risk that some guard band reaches", "zh") == "某一保护带能够达到的风险"


def test_scipy_is_not_loaded_before_a_risk_is_asked_for() -> None:
    """A verdict by a guard band is arithmetic; an import of the package stays fast."""
    code = "import sys; from uncertainty import conformity as c; c.decide(0.0, 0.1, -1, 1, {'rule': 'guarded'}); "
    code += "sys.exit(any(name.split('.')[0] == 'scipy' and 'special' in name for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_all_names_are_there() -> None:
    assert all(hasattr(conformity, name) for name in conformity.__all__)
