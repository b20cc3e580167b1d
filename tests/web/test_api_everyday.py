"""What a laboratory's own programs ask of the API from day to day, beside the way of an order (docs/api.md)."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from flask import Flask

from lims.domain import sheets
from tests.web.machines import Machine, machine_of

Machines = Callable[[str], Machine]


@pytest.fixture
def machine(app: Flask) -> Machines:
    return lambda username: machine_of(app, username)


def test_a_plan_of_tests_is_held_to_the_version_read(machine: Machines) -> None:
    keeper = machine("keeper")
    code = keeper.get("/measurement-standards").json["measurement_standards"][0]["code"]
    first = keeper.get(f"/measurement-standards/{code}")
    where, figures = f"/measurement-standards/{code}/plan/stability", {"figures": {"months": 6, "U": 2e-6}}
    saved = keeper.put(where, figures, first.headers["ETag"])
    assert saved.status_code == 200, saved.data
    assert saved.json["plan"]["stability"]["months"] == 6
    late = keeper.put(where, {"figures": {"months": 3, "U": 2e-6}}, first.headers["ETag"])
    assert (late.status_code, late.json["changed"]["by"]) == (412, "keeper")
    assert late.json["now"]["plan"]["stability"]["months"] == 6
    assert machine("auditor").put(where, figures, None).status_code == 403  # before anything is said of versions


def test_a_provider_is_approved_by_another_person_and_not_on_an_old_version(machine: Machines) -> None:
    manager, quality = machine("manager"), machine("quality")
    made = manager.post("/providers", {"name": {"zh": "某院（虚构）"}, "scope": ["DCV"]})
    assert made.status_code == 201, made.data
    where = f"/providers/{made.json['id']}"
    tag = made.headers["ETag"]
    own = manager.put(f"{where}/state", {"state": "approved", "reason": "L1"}, tag)
    assert (own.status_code, own.json["error"]["code"]) == (403, "not_allowed")
    assert quality.put(f"{where}/state", {"state": "approved", "reason": "L1"}, tag).json["state"] == "approved"
    late = quality.put(f"{where}/state", {"state": "suspended", "reason": "x"}, tag)
    assert (late.status_code, late.json["now"]["state"]) == (412, "approved")


def test_a_certificate_of_a_standard_is_entered_point_by_point(machine: Machines) -> None:
    keeper = machine("keeper")
    code = keeper.get("/standards").json["standards"][0]["code"]
    points = [{"at": "1", "correction": "0.0000012", "U": "0.000004", "k": "2"}]
    body = {
        "certificate_number": "NIM-1",
        "issuer": {"zh": "某国家院", "en": "An institute"},
        "issued": "2026-11-19",
        "valid_from": "2026-11-19",
        "valid_to": "2027-11-18",
        "route_class": "a",
        "functions": [{"function": "DCV", "unit": "V", "ranges": [{"range": "1 V", "upper": "1.2", "points": points}]}],
    }
    added = keeper.post(f"/standards/{code}/calibrations", body)
    assert added.status_code == 201, added.data
    kept = next(each for each in added.json["calibrations"] if each["certificate_number"] == "NIM-1")
    assert (kept["state"], kept["functions"][0]["ranges"][0]["points"][0]["correction"]) == ("current", "0.0000012")
    body["functions"][0]["ranges"][0]["points"] = [points[0] | {"U": "-1"}]  # type: ignore[index]
    assert keeper.post(f"/standards/{code}/calibrations", body | {"certificate_number": "NIM-2"}).status_code == 422


def test_a_sheet_comes_as_base64_is_looked_at_and_taken_over(machine: Machines) -> None:
    manager, columns = machine("manager"), sheets.SHEETS["customers"]
    text = f"{','.join(each.heads[0] for each in columns)}\n{','.join(each.example for each in columns)}\n"
    sheet = {"kind": "customers", "name": "a.csv", "content": base64.b64encode(text.encode()).decode()}
    before = len(manager.get("/customers?limit=200").json["customers"])
    found = manager.post("/imports", sheet)
    assert (found.status_code, found.json["state"]) == (201, "looked_at"), found.data
    assert len(manager.get("/customers?limit=200").json["customers"]) == before
    assert manager.post(f"/imports/{found.json['number']}/applied").json["state"] == "applied"
    assert len(manager.get("/customers?limit=200").json["customers"]) == before + 1
    broken = manager.post("/imports", sheet | {"content": "no base64!"})
    assert (broken.status_code, broken.json["error"]["code"]) == (422, "unusable_value")


def test_scope_answers_the_smallest_u_of_a_span(machine: Machines) -> None:
    customer = machine("customer")
    lines = customer.get("/scope").json["lines"]
    assert lines
    row = lines[0]["data"]["rows"][0]["range"]
    asked = f"/scope?measurand={lines[0]['measurand']}&low={row[0]}&unit={lines[0]['data']['unit']}"
    assert customer.get(asked).json["answer"] is not None


PATHS = (
    "/orders/{order}", "/items/WT-2026-000001", "/requests/WT-2026-000001", "/certificates/YS-2026-000001",
    "/certificates/YS-2026-000001/pdf", "/certificates/YS-2026-000001/chain", "/instruments/{code}", "/customers/{own}",
)  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_another_customer_finds_nothing_of_it(machine: Machines, path: str) -> None:
    own, other = machine("customer"), machine("customer2")
    item = {"maker": "K", "model": "34401A", "serial": "Z1", "description": {"zh": "表", "en": "meter"}}
    known = {
        "order": own.post("/orders", {"lines": [{"item": item}]}).json["number"],
        "code": own.get("/instruments").json["instruments"][0]["code"],
        "own": own.get("/customers").json["customers"][0]["id"],
    }
    where = path.format(**known)
    mine = own.get(where)
    assert mine.status_code == 200, mine.data
    assert other.get(where).status_code == 404


def test_no_list_shows_a_customer_what_belongs_to_another(machine: Machines) -> None:
    own, other = machine("customer"), machine("customer2")
    lists = {"orders": "number", "instruments": "code", "customers": "id", "certificates": "number",
             "invoices": "number", "cases": "number"}  # fmt: skip
    for name, key in lists.items():
        first = {row[key] for row in own.get(f"/{name}").json[name]}
        second = {row[key] for row in other.get(f"/{name}").json[name]}
        assert first & second == set(), name
    assert own.get("/certificates").json["certificates"]


def test_a_customer_reads_no_names_of_the_laboratory_with_their_item(machine: Machines) -> None:
    told = machine("customer").get("/items/WT-2026-000001").json
    assert not {"performer", "checker", "records"} & set(told)
    assert all("by" not in event for event in told["events"])
    assert {"performer", "checker", "records"} <= set(machine("tech").get("/items/WT-2026-000001").json)
