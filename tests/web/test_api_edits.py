"""Two machines edit one thing: the second is told who was first and what it says now, and nothing is overwritten.

RFC 9110: 13.1.1 (If-Match, 412), 13.1.2 (If-None-Match, 304); RFC 6585, 3 (428).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.web.machines import Machine, machine_of

Machines = Callable[[str], Machine]


@pytest.fixture
def machine(app: Flask) -> Machines:
    return lambda username: machine_of(app, username)


LINE = {"item": {"maker": "Keysight", "model": "34401A", "serial": "MY1", "description": {"zh": "表", "en": "meter"}}}


def _drafted(machine: Machine, **more: Any) -> Any:
    made = machine.post("/orders", {"lines": [LINE], "contact": "Li"} | more)
    assert made.status_code == 201, made.data
    return made


def test_of_two_editors_of_a_draft_the_second_is_told_who_when_and_what_it_says(machine: Machines) -> None:
    first, second = machine("customer"), machine("customer")
    made = _drafted(first)
    number, tag = made.json["number"], made.headers["ETag"]
    assert first.get(f"/orders/{number}").headers["ETag"] == tag
    lines = [{"instrument": made.json["lines"][0]["instrument"]}]
    saved = first.put(f"/orders/{number}", {"lines": lines, "contact": "Wang"}, tag)
    assert saved.status_code == 200, saved.data
    assert saved.headers["ETag"] != tag
    late = second.put(f"/orders/{number}", {"lines": lines, "contact": "Zhao"}, tag)
    assert late.status_code == 412
    assert late.json["error"]["code"] == "stale_edit"
    assert late.json["changed"]["by"] == "customer"
    assert late.json["changed"]["act"] == "order.edited"
    assert late.json["changed"]["at"]
    assert late.json["now"]["contact"] == "Wang"
    assert second.get(f"/orders/{number}").json["contact"] == "Wang"
    again = second.put(f"/orders/{number}", {"lines": lines, "contact": "Zhao"}, late.headers["ETag"])
    assert (again.status_code, again.json["contact"]) == (200, "Zhao")


def test_an_edit_without_if_match_is_428_and_changes_nothing(machine: Machines) -> None:
    caller = machine("customer")
    number = _drafted(caller).json["number"]
    for header in (None, "*", "nothing"):
        answer = caller.put(f"/orders/{number}", {"lines": [LINE], "contact": "Zhao"}, header)
        assert (answer.status_code, answer.json["error"]["code"]) == (428, "version_needed")
        assert "ETag" in answer.json["error"]["sentence"]
    assert caller.get(f"/orders/{number}").json["contact"] == "Li"


def test_a_customer_is_not_told_the_names_of_the_laboratory(machine: Machines) -> None:
    own, keeper = machine("customer"), machine("keeper")
    made = _drafted(own)
    number, tag = made.json["number"], made.headers["ETag"]
    lines = [{"instrument": made.json["lines"][0]["instrument"]}]
    assert keeper.put(f"/orders/{number}", {"lines": lines, "contact": "at the counter"}, tag).status_code == 200
    late = own.put(f"/orders/{number}", {"lines": lines}, tag)
    assert late.status_code == 412
    assert late.json["changed"]["by"] is None
    assert b"keeper" not in late.data


@pytest.mark.parametrize(
    ("who", "path"),
    [("auditor", "/instruments"), ("keeper", "/customers/2"), ("customer", "/certificates/YS-2026-000001"),
     ("tech", "/items/WT-2026-000001"), ("auditor", "/certificates")],
)  # fmt: skip
def test_what_the_caller_has_already_is_304_without_a_body(machine: Machines, who: str, path: str) -> None:
    caller = machine(who)
    first = caller.get(path)
    assert first.status_code == 200, first.data
    again = caller.get(path, {"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert caller.get(path, {"If-None-Match": '"0-0"'}).status_code == 200


def test_a_changed_instrument_and_customer_have_new_tags_and_refuse_the_old(machine: Machines) -> None:
    keeper = machine("keeper")
    customer = keeper.get("/customers/2")
    tag = customer.headers["ETag"]
    body = {name: customer.json[name] for name in ("name", "address")} | {"contact": "Wang"}
    assert keeper.put("/customers/2", body, tag).json["contact"] == "Wang"
    late = keeper.put("/customers/2", body | {"contact": "Zhao"}, tag)
    assert (late.status_code, late.json["now"]["contact"], late.json["changed"]["by"]) == (412, "Wang", "keeper")
    code = keeper.get("/instruments").json["instruments"][-1]["code"]
    item = keeper.get(f"/instruments/{code}")
    body = {name: item.json[name] for name in ("maker", "model", "serial", "description")}
    body |= {"details": {"location": "B2"}, "reason": "moved"}
    assert keeper.put(f"/instruments/{code}", body, item.headers["ETag"]).json["details"]["location"] == "B2"
    late = keeper.put(f"/instruments/{code}", body | {"details": {"location": "C3"}}, item.headers["ETag"])
    assert (late.status_code, late.json["now"]["details"]["location"]) == (412, "B2")


def test_a_deep_page_follows_the_one_before_it(machine: Machines) -> None:
    caller = machine("customer")
    numbers = [_drafted(caller).json["number"] for _ in range(3)]
    first = caller.get("/orders?limit=2").json
    second = caller.get(f"/orders?limit=2&after={first['after']}").json
    seen = [each["number"] for each in first["orders"] + second["orders"]]
    assert seen[:3] == numbers[::-1]
    assert caller.get("/orders?limit=0").status_code == 422
    assert machine("customer2").get(f"/orders/{numbers[0]}").status_code == 404
