"""A machine that sends a post twice under one Idempotency-Key has its work done once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from lims.records import IdempotencyKey, Request
from lims.services import demonstration
from tests.web import laboratory
from tests.web.test_api import Machine, machine  # noqa: F401  the fixture

BODY = {"customer_id": 1, "item": demonstration.ITEM | {"serial": "ONCE-1"}, "procedure": "DMM-DCV"}
As = Callable[[str], Machine]


def post(who: Machine, key: str, body: object = BODY, path: str = "/requests") -> Any:
    return who.client.post(f"/api/v1{path}", json=body, headers=who.headers | {"Idempotency-Key": key})


def count(app: Flask, table: type = Request) -> int:
    with app.extensions["lims_readers"]() as session:
        return int(session.scalar(select(func.count()).select_from(table)) or 0)


def test_the_same_post_again_gets_the_same_answer_and_nothing_more_is_done(app: Flask, machine: As) -> None:  # noqa: F811
    who = machine("keeper")
    before = count(app)
    first, again = post(who, "k-1"), post(who, "k-1")
    assert (first.status_code, again.status_code) == (201, 201), first.data
    assert first.json == again.json and "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert count(app) == before + 1
    assert post(who, "k-2").json["number"] != first.json["number"], "another key is another request"


def test_a_key_belongs_to_one_request_and_to_one_person(app: Flask, machine: As) -> None:  # noqa: F811
    who, other = machine("keeper"), machine("manager")
    assert post(who, "k-1").status_code == 201
    wrong = post(who, "k-1", BODY | {"note": "another"})
    assert wrong.status_code == 422 and wrong.json["error"]["field"] == "Idempotency-Key"
    assert "Idempotency-Replayed" not in post(other, "k-1").headers
    assert count(app, IdempotencyKey) == 1, "another person's key is their own, and a refusal keeps none"


def test_what_was_refused_may_be_tried_again(app: Flask, machine: As) -> None:  # noqa: F811
    who = machine("keeper")
    assert post(who, "k-1", BODY | {"procedure": "NOTHING"}).status_code in (404, 422)
    assert count(app, IdempotencyKey) == 0
    assert post(who, "k-1").status_code == 201


def test_a_wrong_password_keeps_its_try_and_frees_the_key(app: Flask, machine: As) -> None:  # noqa: F811
    who, path = machine("verifier"), "/records/R-WT-2026-000002/verification"
    assert post(who, "k-1", {"password": "wrong"}, path).status_code == 403
    assert count(app, IdempotencyKey) == 0
    assert post(who, "k-1", {"password": laboratory.PASSWORD}, path).status_code == 200


def test_a_work_whose_answer_was_lost_is_not_done_again(app: Flask, machine: As) -> None:  # noqa: F811
    """The process died between the work and its answer: what is kept is that it was done."""
    who = machine("keeper")
    assert post(who, "k-1").status_code == 201
    with app.extensions["lims_writers"]() as session:
        row = session.scalars(select(IdempotencyKey)).one()
        row.status, row.answer = 0, {}
        session.commit()
    before = count(app)
    again = post(who, "k-1")
    assert (again.status_code, again.json["error"]["code"], count(app)) == (409, "key_in_use", before)


@pytest.mark.parametrize("key", ["", " ", "x" * 201, "键".encode().decode("latin-1")])
def test_what_is_no_key_is_refused(machine: As, key: str) -> None:  # noqa: F811
    assert post(machine("keeper"), key).status_code == 422


def test_two_at_the_same_moment_do_it_once(app: Flask, machine: As) -> None:  # noqa: F811
    who = machine("keeper")
    before = count(app)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: post(Machine(app, who.headers["Authorization"][7:]), "k-1"), range(4)))
    assert count(app) == before + 1
    assert {each.status_code for each in answers} <= {201, 409}
    assert sum(each.status_code == 201 and "Idempotency-Replayed" not in each.headers for each in answers) == 1
