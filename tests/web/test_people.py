"""Accounts, sessions, time-boxed visitors and scopes, through the pages and the API."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select

from lims.records import Customer, Person
from lims.services import people, tokens
from tests.web import laboratory
from tests.web.conftest import Visitor

As = Callable[[str], Visitor]
NEW = "another long password"


def copy_of(app: Flask, visitor: Visitor) -> Visitor:
    """Somebody else's browser with the same cookie."""
    thief = Visitor(app.test_client())
    cookie = visitor.client.get_cookie("suyuan")
    assert cookie is not None
    thief.client.set_cookie("suyuan", cookie.value)
    return thief


def test_a_copied_cookie_is_worth_nothing_after_the_sign_out(app: Flask, signed_in: As) -> None:
    tech = signed_in("tech")
    thief = copy_of(app, tech)
    assert thief.get("/requests/").status_code == 200
    assert tech.post("/sign-out").status_code == 302
    assert thief.get("/requests/").status_code == 302
    assert thief.get("/requests/").headers["Location"].startswith("/sign-in")


def test_a_changed_password_ends_every_other_session(app: Flask, signed_in: As) -> None:
    tech, elsewhere = signed_in("tech"), signed_in("tech")
    page = tech.post("/settings/password", "/settings/password", old=laboratory.PASSWORD, new=NEW)
    assert page.status_code == 302
    assert tech.get("/requests/").status_code == 200
    assert elsewhere.get("/requests/").status_code == 302
    fresh = Visitor(app.test_client())
    assert fresh.sign_in("tech").status_code == 403
    assert fresh.sign_in("tech", NEW).status_code == 302


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("wrong", NEW, "old"),
        (laboratory.PASSWORD, "short", "new"),
        (laboratory.PASSWORD, "my name is tech!", "new"),
        (laboratory.PASSWORD, laboratory.PASSWORD, "new"),
    ],
)
def test_a_password_that_will_not_do_is_refused_at_its_field(signed_in: As, old: str, new: str, field: str) -> None:
    answer = signed_in("tech").post("/settings/password", "/settings/password", old=old, new=new)
    assert answer.status_code == 422
    assert f'id="e-{field}"' in answer.get_data(as_text=True)


def test_a_password_that_another_has_set_is_changed_before_anything_else(app: Flask, signed_in: As) -> None:
    admin = signed_in("admin")
    assert admin.post("/people/tech/password", "/people/tech", new=NEW).status_code == 302
    tech = Visitor(app.test_client())
    assert tech.sign_in("tech", NEW).status_code == 302
    assert tech.get("/requests/").headers["Location"] == "/settings/password"
    tech.post("/settings/password", "/settings/password", old=NEW, new="my own long secret")
    assert tech.get("/requests/").status_code == 200


def test_a_role_taken_away_counts_at_the_next_page(signed_in: As) -> None:
    tech, admin = signed_in("tech"), signed_in("admin")
    assert tech.get("/bench/").status_code == 200
    assert admin.post("/people/tech/roles", "/people/tech", roles="finance", version="1").status_code == 302
    late = admin.post("/people/tech/roles", "/people/tech", roles="verifier", version="1")
    assert late.status_code == 422, "another administrator has set the roles meanwhile"
    assert tech.get("/bench/").status_code == 403


def test_an_assessor_reads_until_the_last_day(app: Flask, signed_in: As) -> None:
    admin = signed_in("admin")
    today = laboratory.AT.date()
    fields = {"name": "评审员", "username": "visitor", "password": NEW, "role": "assessor"}
    late = admin.post("/people/new", "/people/new", **fields, valid_to=(today + timedelta(days=400)).isoformat())
    assert late.status_code == 422 and 'id="e-valid_to"' in late.get_data(as_text=True)
    last = today + timedelta(days=3)
    assert admin.post("/people/new", "/people/new", **fields, valid_to=last.isoformat()).status_code == 302
    visitor = Visitor(app.test_client())
    visitor.sign_in("visitor", NEW)
    visitor.post("/settings/password", "/settings/password", old=NEW, new="my own long secret")
    assert visitor.get("/certificates/").status_code == 200
    assert visitor.get("/standards/new").status_code in (403, 404)
    app.config["LIMS_CLOCK"] = lambda: laboratory.AT + timedelta(days=3)
    assert visitor.get("/certificates/").status_code == 200
    app.config["LIMS_CLOCK"] = lambda: laboratory.AT + timedelta(days=4)
    assert visitor.get("/certificates/").status_code == 302
    assert Visitor(app.test_client()).sign_in("visitor", "my own long secret").status_code == 403


def test_a_closed_account_is_out_at_once_and_its_token_too(app: Flask, signed_in: As) -> None:
    tech, admin = signed_in("tech"), signed_in("admin")
    with app.extensions["lims_writers"]() as session:
        token = tokens.make(session, "x", 30, by=people.by_username(session, "tech"), at=laboratory.AT)
        session.commit()
    assert call(app, token).status_code == 200
    assert admin.post("/people/tech/close", "/people/tech").status_code == 302
    assert tech.get("/requests/").status_code == 302
    assert call(app, token).status_code == 401
    assert admin.post("/people/tech/open", "/people/tech").status_code == 302
    assert tech.get("/requests/").status_code == 302  # the old session stays ended


def call(app: Flask, token: str, path: str = "/api/v1/certificates"):  # type: ignore[no-untyped-def]
    return app.test_client().get(path, headers={"Authorization": f"Bearer {token}"})


def test_a_token_with_scopes_reaches_no_further(app: Flask, signed_in: As) -> None:
    with app.extensions["lims_writers"]() as session:
        by = people.by_username(session, "tech")
        narrow = tokens.make(session, "x", 30, by=by, at=laboratory.AT, scopes=["requests.read"])
        session.commit()
    assert call(app, narrow).status_code == 403
    assert call(app, narrow, "/api/v1/requests").status_code == 200


def test_nobody_gives_a_token_more_than_they_have(signed_in: As) -> None:
    answer = signed_in("tech").post("/settings/tokens", "/settings", label="x", days="3", scopes="certificates.issue")
    assert answer.status_code == 422


@pytest.mark.parametrize("who", ["tech", "verifier", "approver", "keeper", "auditor", "customer", "finance"])
def test_only_the_administrator_keeps_accounts(signed_in: As, who: str) -> None:
    someone = signed_in(who)
    assert someone.get("/people/").status_code == 403
    assert someone.get("/people/tech").status_code == 403
    assert someone.post("/people/tech/close").status_code == 403
    assert someone.get("/people/rights").status_code == (403 if who == "customer" else 200)


def test_the_administrator_changes_nothing_of_their_own_and_sees_no_data(signed_in: As) -> None:
    admin = signed_in("admin")
    assert admin.post("/people/admin/roles", "/people/admin", roles="approver", version="1").status_code == 403
    for path in ("/certificates/", "/requests/", "/records/R-WT-2026-000002", "/review/", "/bench/"):
        assert admin.get(path).status_code == 403, path


def code_of(page: str) -> str:
    """What an authenticator shows for the key on the page, at the moment of the app's clock."""
    key = re.search(r'digest">([A-Z2-7]{32})<', page)
    assert key is not None
    return pyotp.TOTP(key.group(1)).at(laboratory.AT)


def test_a_sign_in_with_a_second_factor(app: Flask, signed_in: As) -> None:
    tech = signed_in("tech")
    assert tech.post("/settings/second-factor/start", "/settings/second-factor").status_code == 302
    code = code_of(tech.get("/settings/second-factor").get_data(as_text=True))
    codes = tech.post("/settings/second-factor", "/settings/second-factor", code=code).get_data(as_text=True)
    spare = re.search(r"<li>([0-9a-f]{10})</li>", codes)
    assert spare is not None

    fresh = Visitor(app.test_client())
    answer = fresh.sign_in("tech")
    assert answer.headers["Location"].startswith("/sign-in/code")
    assert fresh.get("/requests/").headers["Location"].startswith("/sign-in"), "the password alone opens nothing"
    refused = fresh.post("/sign-in/code", "/sign-in/code", code=code)
    assert refused.status_code == 403, "a code is taken once"
    assert 'id="e-code"' in refused.get_data(as_text=True)
    assert fresh.post("/sign-in/code", "/sign-in/code", code=spare.group(1)).status_code == 302
    assert fresh.get("/requests/").status_code == 200


def test_the_page_for_the_code_is_nothing_without_the_password(app: Flask) -> None:
    stranger = Visitor(app.test_client())
    assert stranger.get("/sign-in/code").headers["Location"].startswith("/sign-in")
    with app.app_context():
        assert stranger.post("/sign-in/code", "/sign-in", code="000000").headers["Location"].startswith("/sign-in")


def test_accounts_come_in_pages_the_laboratorys_own_first(app: Flask, signed_in: As) -> None:
    with app.extensions["lims_writers"]() as session:
        owner = session.scalars(select(Customer.id).order_by(Customer.id)).first()
        for n in range(90):
            name = {"zh": f"客户 𠮷{n}", "en": f"Customer {n}"}
            session.add(Person(username=f"guest-{n:03d}", name=name, password_hash="x", customer_id=owner))
        session.commit()
    admin = signed_in("admin")
    seen: list[str] = []
    link = "/people/"
    while link:
        page = admin.get(link).get_data(as_text=True)
        seen += re.findall(r'<a href="/people/([^"/]+)"><b>', page)
        found = re.search(r'href="([^"]+)" rel="next"', page)
        link = found[1].replace("&amp;", "&") if found else ""
    assert len(seen) == len(set(seen)) >= 100
    assert seen.index("tech") < seen.index("guest-000") < seen.index("guest-089")
    one = admin.get("/people/?q=𠮷7").get_data(as_text=True)
    assert set(re.findall(r'<a href="/people/([^"/]+)"><b>', one)) == {
        "guest-007",
        *(f"guest-{n:03d}" for n in range(70, 80)),
    }
