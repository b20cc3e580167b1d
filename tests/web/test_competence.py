"""The matrix, a person's file, and an authorisation's way on its page."""

from __future__ import annotations

from collections.abc import Callable

from tests.web.conftest import Visitor

As = Callable[[str], Visitor]
READY = "/competence/authorisations/8"
"""The small laboratory's proposal for which everything is shown."""
DAYS = {"valid_from": "2026-11-20", "valid_to": "2027-11-19"}


def text(visitor: Visitor, path: str) -> str:
    return visitor.get(path).get_data(as_text=True)


def test_what_was_shown_is_granted_and_stopped_on_the_page(signed_in: As) -> None:
    manager = signed_in("manager")
    assert manager.post(f"{READY}/grant", **DAYS).status_code == 302
    assert "已授权" in text(manager, READY)
    assert manager.post(f"{READY}/suspend", reason="读数反复错误").status_code == 302
    shown = text(manager, READY)
    assert "读数反复错误" in shown
    assert "暂停" in text(manager, "/competence/?role=perform")


def test_a_wrong_day_stands_at_its_field_and_what_was_typed_stays(signed_in: As) -> None:
    manager = signed_in("manager")
    answer = manager.post(f"{READY}/grant", **DAYS | {"valid_to": "2040-01-01"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'id="e-valid_to"' in page and "5 年" in page and 'value="2040-01-01"' in page


def test_a_grant_without_an_observation_names_what_is_missing(signed_in: As) -> None:
    answer = signed_in("manager").post("/competence/authorisations/7/grant", **DAYS)
    assert answer.status_code == 422
    assert "尚无通过的记录" in answer.get_data(as_text=True)


def test_the_quality_manager_enters_what_was_shown_and_does_not_grant(signed_in: As) -> None:
    quality = signed_in("quality")
    shown = {
        "kind": "observation",
        "subject": "直流电压 <10 V>",
        "procedure": "DMM-DCV",
        "on_day": "2026-11-20",
        "outcome": "passed",
    }
    assert quality.post("/competence/people/approver/evidence", **shown).status_code == 302
    assert "直流电压 &lt;10 V&gt;" in text(quality, "/competence/people/approver")
    assert quality.post(f"{READY}/grant", **DAYS).status_code == 403
    wrong = quality.post("/competence/people/approver/evidence", **shown | {"on_day": "soon"})
    assert wrong.status_code == 422 and 'id="e-on_day"' in wrong.get_data(as_text=True)


def test_a_technician_reads_and_a_customer_finds_nothing(signed_in: As) -> None:
    tech = signed_in("tech")
    assert tech.get("/competence/").status_code == 200
    assert '<form method="post" class="form"' not in text(tech, READY)
    assert tech.post("/competence/people/tech/evidence").status_code == 403
    assert signed_in("customer").get("/competence/").status_code in (403, 404)
    assert tech.get("/competence/people/customer").status_code == 404
    assert tech.get("/competence/authorisations/999999").status_code == 404
