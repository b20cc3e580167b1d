"""Every decision rule that a request may agree reaches the certificate: verdicts, statement, page, PDF and DCC."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from lims.domain.errors import UnusableValue
from lims.services import certificates, rendering, requests
from web.states import LOOKS, RULES

from .conftest import PASSWORD, Lab

ERRORS = {"near": 3.2e-5, "beyond": 4.5e-5, "inside": 2e-6}
"""Relative errors of all points: near the limits, beyond them, well inside."""


def content(lab: Lab, rule: str, error: float) -> tuple[str, dict[str, object]]:
    agreed = {"rule": rule, "r": 1.0}
    record = lab.verified(request=lab.request(rule=agreed), error=error)
    certificate = certificates.issue(
        lab.session, record.number, PASSWORD, by=lab.who("approver"), at=lab.now(), settings=lab.settings
    )
    return certificate.number, json.loads(certificate.snapshot)


@pytest.mark.parametrize("rule", requests.RULES[1:])
@pytest.mark.parametrize("where", list(ERRORS))
def test_a_rule_reaches_the_certificate_and_its_documents(lab: Lab, rule: str, where: str) -> None:
    schemas = os.environ.get("LIMS_DCC_SCHEMAS")
    lab.settings = replace(lab.settings, dcc_schemas=Path(schemas) if schemas else None)
    number, found = content(lab, rule, ERRORS[where])
    rows = found["result_sets"][0]["rows"]  # type: ignore[index]
    verdicts = {row["verdict"] for row in rows}
    assert verdicts <= {"pass", "fail", "undetermined", "conditional_pass", "conditional_fail"}
    assert found["conformity"]["rule"]["rule"] == rule  # type: ignore[index]
    assert found["conformity"]["statement"]["zh"] != found["conformity"]["statement"]["en"]  # type: ignore[index]
    if where == "inside":
        assert verdicts == {"pass"}
    lab.session.commit()
    assert rendering.render_due(lab.session, at=lab.now(), settings=lab.settings) == [number]
    assert all(f"verdict.{verdict}" in LOOKS for verdict in verdicts)


def test_the_four_verdicts_of_the_conditional_rule_all_occur(lab: Lab) -> None:
    seen = set()
    for error in (2e-6, 3.2e-5, 4.2e-5, 9e-5):
        _number, found = content(lab, "conditional", error)
        seen |= {row["verdict"] for row in found["result_sets"][0]["rows"]}  # type: ignore[index]
    assert {"pass", "fail"} <= seen and seen & {"conditional_pass", "conditional_fail"}


def test_every_rule_offered_has_its_words_and_a_wrong_r_is_refused(lab: Lab) -> None:
    assert set(RULES) == set(requests.RULES)
    with pytest.raises(UnusableValue):
        lab.request(rule={"rule": "conditional", "r": 3})
