"""The lists of the verifier and the approver: what stands out first, the rest signed together."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from flask import Flask

from lims.records import Record
from lims.records.series import next_number
from tests.lims.services.conftest import Lab
from tests.web import laboratory
from tests.web.conftest import Visitor

As = Callable[[str], Visitor]
BOX = re.compile(r'<input type="checkbox" name="record" value="([^"]+)" form="[^"]+"( checked)?>')


def three(app: Flask) -> tuple[list[str], str]:
    """Two records like the rest and one outside its limits, all submitted."""
    with app.extensions["lims_writers"]() as session:
        lab = Lab(session, app.config["LIMS"], laboratory.AT - timedelta(hours=1))
        next_number(session, "certificate.calibration", lab.at)  # the laboratory's fixture has used the first
        plain = [lab.submitted().number for _ in range(2)]
        outside = lab.submitted(error=9e-5).number
        session.commit()
    return plain, outside


def offered(page: str) -> dict[str, bool]:
    return {number: bool(ticked) for number, ticked in BOX.findall(page)}


def state(app: Flask, number: str) -> str:
    with app.extensions["lims_readers"]() as session:
        return str(session.query(Record.state).filter(Record.number == number).scalar())


def test_what_stands_out_is_said_first_and_offered_no_tick(app: Flask, signed_in: As) -> None:
    plain, outside = three(app)
    for path in ("/", "/review/"):
        page = signed_in("verifier").get(path).get_data(as_text=True)
        assert "超出允许误差限" in page
        assert page.index(outside) < min(page.index(each) for each in plain)
    boxes = offered(page)
    assert set(plain) <= set(boxes) and outside not in boxes
    assert offered(signed_in("auditor").get("/review/").get_data(as_text=True)) == {}


def test_ticked_records_are_verified_and_issued_with_one_password_each_time(app: Flask, signed_in: As) -> None:
    plain, _ = three(app)
    verifier, approver = signed_in("verifier"), signed_in("approver")
    done = verifier.post("/review/verification", "/review/", record=plain, password=laboratory.PASSWORD)
    assert done.status_code == 302 and {state(app, each) for each in plain} == {"verified"}
    done = approver.post("/review/issue", "/review/", record=plain, password=laboratory.PASSWORD)
    assert done.status_code == 302 and {state(app, each) for each in plain} == {"locked"}


def test_a_wrong_password_signs_nothing_and_keeps_the_ticks(app: Flask, signed_in: As) -> None:
    plain, outside = three(app)
    verifier = signed_in("verifier")
    answer = verifier.post("/review/verification", "/review/", record=plain, password="wrong")
    assert answer.status_code == 422
    boxes = offered(answer.get_data(as_text=True))
    assert {each for each, ticked in boxes.items() if ticked} == set(plain)
    forged = verifier.post("/review/verification", "/review/", record=[*plain, outside], password=laboratory.PASSWORD)
    assert forged.status_code == 422 and outside in forged.get_data(as_text=True)
    assert {state(app, each) for each in [*plain, outside]} == {"submitted"}
