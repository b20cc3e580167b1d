"""Training and authorisations, procedures under document control, bookings, audits and risks, for machines."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.web import laboratory
from tests.web.machines import Machine, machine_of

Machines = Callable[[str], Machine]
SIGNED = {"password": laboratory.PASSWORD}


@pytest.fixture
def machine(app: Flask) -> Machines:
    return lambda username: machine_of(app, username)


def test_a_person_is_trained_observed_and_authorised(machine: Machines) -> None:
    """ISO/IEC 17025:2017, 6.2.5: competence is shown before the authorisation, and not by oneself."""
    manager, quality = machine("manager"), machine("quality")
    made = manager.post("/competence/people/keeper/proposals", {"procedure": "DMM-DCV", "role": "perform"})
    assert (made.status_code, made.json["state"]) == (201, "proposed")
    key = made.json["id"]
    grant = {"valid_from": "2026-11-20", "valid_to": "2027-11-19"}
    early = manager.post(f"/authorisations/{key}/grant", grant)
    assert early.status_code in (409, 422) and "6.2" in early.json["error"]["sentence"]
    for kind in ("training", "observation"):
        shown = {"kind": kind, "subject": "DCV", "procedure": "DMM-DCV", "on_day": "2026-11-19", "outcome": "passed"}
        answer = quality.post("/competence/people/keeper/evidence", shown)
        assert answer.status_code == 201, answer.data
    assert manager.get(f"/authorisations/{key}").json["state"] == "assessed"
    granted = manager.post(f"/authorisations/{key}/grant", grant)
    assert (granted.status_code, granted.json["state_today"]) == (200, "granted"), granted.data
    line = next(each for each in manager.get("/competence").json["procedures"] if each["name"] == "DMM-DCV")
    assert {"person": "keeper", "role": "perform"}.items() <= next(
        each for each in line["authorised"] if each["id"] == key
    ).items()
    assert manager.post(f"/authorisations/{key}/suspension", {"reason": "PT"}).json["state"] == "suspended"
    assert manager.post(f"/authorisations/{key}/withdrawal", {"reason": "left"}).json["state"] == "withdrawn"
    file = manager.get("/competence/people/keeper").json
    assert [each["kind"] for each in file["evidence"]][:2] == ["observation", "training"]
    assert machine("customer").get("/competence").status_code == 403


def test_a_procedure_goes_from_a_draft_into_force_by_three_people(machine: Machines) -> None:
    keeper, verifier, manager = machine("keeper"), machine("verifier"), machine("manager")
    text = keeper.get("/procedures/DMM-DCV?version=1.0").json["text"]
    wrong = keeper.post("/procedures", {"text": text.replace("readings: 10", "readings: many"), "reason": "x"})
    assert wrong.status_code == 422 and "readings" in wrong.json["error"]["sentence"]
    made = keeper.post("/procedures", {"text": text.replace('version: "1.0"', 'version: "1.7"', 1), "reason": "换版"})
    assert (made.status_code, made.json["state"]) == (201, "draft")
    where = f"/procedures/versions/{made.json['id']}"
    assert manager.post(f"{where}/force").status_code in (409, 422)
    assert verifier.post(f"{where}/verification", {"password": "wrong"}).status_code in (401, 403, 422)
    assert verifier.post(f"{where}/verification", SIGNED).json["state"] == "verified"
    assert manager.post(f"{where}/approval", SIGNED).json["state"] == "approved"
    forced = manager.post(f"{where}/force")
    assert forced.json["state"] == "current"
    assert [each["meaning"] for each in forced.json["signatures"]] == ["perform", "verify", "approve"]
    lines = keeper.get("/procedures/DMM-DCV/changes?from=1.0&to=1.7").json["lines"]
    assert any(each["kind"] == "added" and '"1.7"' in each["text"] for each in lines), lines
    assert {each["name"] for each in keeper.get("/procedures").json["procedures"]} >= {"DMM-DCV"}


def test_a_booking_is_asked_for_kept_and_nothing_of_it_told_to_others(machine: Machines) -> None:
    customer, keeper, other = machine("customer"), machine("keeper"), machine("customer2")
    code = customer.get("/bookings/things").json["things"][0]["code"]
    span = {"from_at": "2026-12-03T01:00:00Z", "to_at": "2026-12-03T04:00:00Z"}
    made = customer.post("/bookings", {"thing": code, "purpose": "比对 𠮷"} | span)
    assert (made.status_code, made.json["state"]) == (201, "requested"), made.data
    key = made.json["id"]
    assert other.get(f"/bookings/{key}").status_code == 404
    assert customer.post(f"/bookings/{key}/confirmation").status_code == 403
    assert keeper.post(f"/bookings/{key}/confirmation").json["state"] == "confirmed"
    taken = other.get("/bookings?from_at=2026-12-03T00:00:00Z&to_at=2026-12-04T00:00:00Z").json["bookings"]
    assert [(each["state"], each["id"], each["who"]) for each in taken] == [("taken", None, None)]
    late = other.post("/bookings", {"thing": code, "purpose": "x"} | span)
    assert late.status_code in (409, 422)
    back = keeper.get("/bookings?from_at=2026-12-04T00:00:00Z&to_at=2026-12-03T00:00:00Z")
    assert back.status_code == 422 and "62" in back.json["error"]["sentence"]
    assert customer.post(f"/bookings/{key}/cancellation", {"reason": "later"}).json["state"] == "cancelled"


def test_a_room_is_added_and_opened_to_customers(machine: Machines) -> None:
    keeper, customer = machine("keeper"), machine("customer")
    code = keeper.post("/bookings/things", {"kind": "room", "name": {"zh": "暗室", "en": "Dark room"}}).json["code"]
    assert code not in {each["code"] for each in customer.get("/bookings/things").json["things"]}
    assert keeper.post(f"/bookings/things/{code}/sharing", {"open_to": True}).status_code == 200
    assert code in {each["code"] for each in customer.get("/bookings/things").json["things"]}


def test_of_two_who_judge_a_risk_the_second_is_told(machine: Machines) -> None:
    quality = machine("quality")
    first = quality.get("/risks/1")
    judged = {"state": "treated", "likelihood": 1, "consequence": 5, "treatment": "UPS", "review_on": "2027-01-01"}
    assert quality.put("/risks/1", judged, first.headers["ETag"]).json["treatment"] == "UPS"
    late = quality.put("/risks/1", judged | {"treatment": "none"}, first.headers["ETag"])
    assert (late.status_code, late.json["now"]["treatment"]) == (412, "UPS")
    assert quality.put("/risks/1", judged, None).status_code == 428


def test_a_sample_is_drawn_and_a_finding_written(machine: Machines) -> None:
    quality = machine("quality")
    planned = {"title": "内审", "clauses": ["7.8"], "planned": "2026-11-20", "lead": "quality"}
    made = quality.post("/internal-audits", planned)
    assert made.status_code == 201, made.data
    number = made.json["number"]
    days = {"from_day": "2026-01-01", "to_day": "2026-11-20"}
    drawn = quality.post(f"/internal-audits/{number}/sample", {"sizes": {"certificate": 1}, "seed": 7} | days)
    assert drawn.status_code == 200, drawn.data
    assert len(drawn.json["sample"]["objects"]) == 1
    found = {"index": 0, "finding": "ok", "note": "看过"}
    written = quality.post(f"/internal-audits/{number}/findings", found)
    assert written.json["sample"]["objects"][0]["finding"] == "ok", written.data


def test_of_two_administrators_the_second_is_told_what_the_roles_are_now(machine: Machines) -> None:
    admin = machine("admin")
    first = admin.get("/people/tech")
    given = admin.put("/people/tech/roles", {"roles": ["technician", "verifier"]}, first.headers["ETag"])
    assert given.json["roles"] == ["technician", "verifier"]
    late = admin.put("/people/tech/roles", {"roles": ["finance"]}, first.headers["ETag"])
    assert late.status_code == 412, late.data
    assert (late.status_code, late.json["now"]["roles"]) == (412, ["technician", "verifier"])
    assert machine("manager").put("/people/tech/roles", {"roles": ["finance"]}, None).status_code == 403


def test_of_two_who_give_a_case_to_somebody_the_second_is_told(machine: Machines) -> None:
    quality = machine("quality")
    number = quality.get("/cases").json["cases"][0]["number"]
    first = quality.get(f"/cases/{number}")
    given = quality.put(f"/cases/{number}/owner", {"owner": "tech", "due": "2026-12-01"}, first.headers["ETag"])
    assert given.status_code == 200, given.data
    late = quality.put(f"/cases/{number}/owner", {"owner": "manager"}, first.headers["ETag"])
    assert (late.status_code, late.json["changed"]["act"]) == (412, "quality_case.assigned")
