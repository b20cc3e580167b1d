"""Machines: bearer tokens, the same refusals, one shape of error."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from tests.web import laboratory
from tests.web.conftest import Visitor

As = Callable[[str], Visitor]


class Machine:
    def __init__(self, app: Flask, token: str) -> None:
        self.client, self.headers = app.test_client(), {"Authorization": f"Bearer {token}"}

    def get(self, path: str) -> Any:
        return self.client.get(f"/api/v1{path}", headers=self.headers)

    def post(self, path: str, body: object) -> Any:
        return self.client.post(f"/api/v1{path}", json=body, headers=self.headers)


@pytest.fixture
def machine(app: Flask, signed_in: As) -> Callable[[str], Machine]:
    def as_(username: str) -> Machine:
        page = signed_in(username).post("/settings/tokens", "/settings", label="test", days="30").get_data(as_text=True)
        found = re.search(r"suyuan_[\w-]{43}", page)
        assert found
        return Machine(app, found[0])

    return as_


GAUGE = {
    "budget": 1,
    "quantities": {"a": {"value": 3, "u": 0.3, "unit": "mm"}, "b": {"value": 4, "u": 0.4, "unit": "mm"}},
    "measurands": {"y": {"expression": "a + b", "unit": "mm"}},
}


def test_a_budget_is_evaluated_with_u_c_the_root_of_the_squares(machine: Callable[[str], Machine]) -> None:
    """JCGM 100:2008, 5.1.2, eq. (10): u_c² = 0.3² + 0.4²."""
    answer = machine("tech").post("/budgets/evaluate", GAUGE)
    assert answer.status_code == 200, answer.data
    assert answer.json["measurands"]["y"]["value"] == pytest.approx(7)
    assert answer.json["measurands"]["y"]["u"] == pytest.approx(0.5)


def test_a_budget_that_cannot_be_is_one_sentence_with_its_place(machine: Callable[[str], Machine]) -> None:
    broken = GAUGE | {"measurands": {"y": {"expression": "a + nothing", "unit": "mm"}}}
    answer = machine("tech").post("/budgets/evaluate", broken)
    assert answer.status_code == 422
    assert answer.json["error"]["code"]
    assert "nothing" in answer.json["error"]["sentence"]


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Bearer suyuan_wrong", "Basic dGVjaDp4"])
def test_without_a_good_token_every_call_is_401(app: Flask, header: str | None) -> None:
    answer = app.test_client().get("/api/v1/certificates", headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer.json["error"]["sentence"]


def test_a_cookie_opens_no_call(signed_in: As) -> None:
    assert signed_in("auditor").client.get("/api/v1/certificates").status_code == 401


def test_a_token_ends_on_its_day_and_when_it_is_ended(
    app: Flask, machine: Callable[[str], Machine], signed_in: As
) -> None:
    caller = machine("auditor")
    assert caller.get("/certificates").status_code == 200
    app.config["LIMS_CLOCK"] = lambda: laboratory.AT + timedelta(days=31)
    assert caller.get("/certificates").status_code == 401
    app.config["LIMS_CLOCK"] = lambda: laboratory.AT
    assert signed_in("auditor").post("/settings/tokens/1/end", "/settings").status_code == 302
    assert caller.get("/certificates").status_code == 401


def test_a_machine_sees_what_its_person_sees(machine: Callable[[str], Machine]) -> None:
    own, other = machine("customer"), machine("customer2")
    assert [c["number"] for c in own.get("/certificates").json["certificates"]] == ["YS-2026-000001"]
    assert other.get("/certificates").json["certificates"] == []
    assert other.get("/certificates/YS-2026-000001").status_code == 404
    assert own.get("/records/R-WT-2026-000002").status_code == 403
    record = machine("auditor").get("/records/R-WT-2026-000002").json
    assert len(record["readings"]) == 63
    assert record["results"][0]["reported"]["U"] == "0.0011"


def test_a_request_is_made_and_received_and_its_gates_are_told(machine: Callable[[str], Machine]) -> None:
    tech = machine("tech")
    item = {"maker": "Keysight", "model": "34401A", "serial": "MY1", "description": {"zh": "表", "en": "meter"}}
    body = {"customer_id": 1, "item": item, "procedure": "DMM-DCV", "rule": {"rule": "simple"}}
    made = tech.post("/requests", body)
    assert made.status_code == 201, made.data
    number = made.json["number"]
    assert tech.get(f"/requests/{number}/gates").json["open"] is False
    assert tech.post(f"/requests/{number}/receipt", {"condition": {"zh": "好", "en": "good"}}).status_code == 201
    assert tech.get(f"/requests/{number}/gates").json["open"] is True


def test_a_body_of_the_wrong_shape_names_the_place(machine: Callable[[str], Machine]) -> None:
    answer = machine("tech").post("/requests", {"customer_id": "one"})
    assert answer.status_code == 422
    assert "customer_id" in str(answer.json["error"]["places"])


def test_anybody_with_the_token_may_ask_whether_a_certificate_is_genuine(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/api/v1/verify/YS-2026-000001?token=T0ken").json["status"] == "current"
    assert client.get("/api/v1/verify/YS-2026-000001?token=x").json == {
        "number": "YS-2026-000001", "status": "unknown", "issued": None, "digest": None, "documents": {},
        "reason": None, "changed_at": None, "successor": None,
    }  # fmt: skip
