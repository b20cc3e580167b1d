"""What a hostile visitor tries: other people's documents, twisted numbers, forged forms, floods, stolen sessions."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from instruments import capture
from instruments.bench import server
from lims import audit
from lims.domain import passwords
from lims.records import Base, Instrument, Person, SigninAttempt
from lims.services import people, requests
from tests.web import laboratory
from tests.web.conftest import TOKEN, Visitor
from tests.web.test_doors import address
from web.app import create_app

As = Callable[[str], Visitor]
HTML = {"Accept": "text/html"}
NUMBER = "YS-2026-000001"
MINE = "T0ken"

TWISTED = {
    "up": "../../etc/passwd",
    "up, hidden": "..%2f..%2fetc%2fpasswd",
    "nul": "YS\x00",
    "long": "Y" * 5000,
    "full width": "YS-２０２６-０００００１",
    "right to left": "YS-2026-\u202e100000",
    "beyond the BMP": "𠮷" * 40,
    "half of a pair": "\ud800",
    "line break": "YS\r\nSet-Cookie: a=b",
    "quotes": "' OR '1'='1",
    "markup": "<script>alert(1)</script>",
    "template": "{{7*7}}{% raise %}",
    "percent": "%",
    "format": "{number.__class__}",
    "negative": "-1",
    "not a number": "NaN",
    "enormous": "9" * 400,
    "just too large": str(2**63),
    "empty": "",
}


def quoted(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="%" if "%2f" in text else "")


@pytest.fixture
def state(app: Flask) -> Callable[[], dict[str, Any]]:
    """Rows of every table, and the head of the audit chain."""

    def look() -> dict[str, Any]:
        with app.extensions["lims_readers"]() as session:
            return {"head": audit.head(session)} | {
                table.name: session.scalar(select(func.count()).select_from(table))
                for table in Base.metadata.sorted_tables
            }

    return look


@pytest.fixture
def loud(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Nothing unforeseen is logged while a test runs."""
    caplog.set_level(logging.ERROR)
    yield caplog
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.fixture
def put_away(app: Flask) -> Iterator[None]:
    """What a call has started (a body that says nothing starts a run) is ended with the test."""
    yield
    settings = app.config["LIMS"]
    for run in (settings.data / "runs").glob("*"):
        capture.send(run, {"do": "abort", "by": "tech"})
        until = time.monotonic() + 20
        while capture.state(run) not in ("finished", "aborted", "interrupted") and time.monotonic() < until:
            time.sleep(0.05)
    server.stop(settings.data / "bench")


def calm(answer: TestResponse, what: str) -> None:
    """A refusal is one sentence: no traceback, no status of 500, nothing of the text unescaped."""
    text = answer.get_data().decode("utf-8", "replace")  # an archive or a picture is no text
    answer.close()
    assert answer.status_code < 500, f"{what} answered {answer.status_code}"
    assert "Traceback" not in text, what
    assert "<script>alert" not in text, what


def machine(visitor: Visitor, app: Flask) -> tuple[FlaskClient, dict[str, str]]:
    page = visitor.post("/settings/tokens", "/settings", label="test", days="30").get_data(as_text=True)
    found = re.search(r"suyuan_[\w-]{43}", page)
    assert found
    return app.test_client(), {"Authorization": f"Bearer {found[0]}"}


def rules(app: Flask, method: str) -> list[Any]:
    return [rule for rule in app.url_map.iter_rules() if method in rule.methods and rule.endpoint != "static"]


@pytest.mark.parametrize("what", TWISTED)
@pytest.mark.parametrize("who", ["auditor", "tech"])
def test_twisted_numbers_in_every_address_are_refused_calmly(
    app: Flask, signed_in: As, loud: object, what: str, who: str
) -> None:
    visitor = signed_in(who)
    client, bearer = machine(visitor, app)
    for rule in rules(app, "GET"):
        if "<" not in rule.rule:
            continue
        path = re.sub(r"<any\((\w+).*?>", r"\1", rule.rule)
        path = re.sub(r"<[^>]+>", lambda _: quoted(TWISTED[what]) or "%20", path)
        headers = bearer if path.startswith("/api") else HTML
        caller = client if path.startswith("/api") else visitor.client
        calm(caller.get(path, headers=headers), path[:200])


@pytest.mark.parametrize("what", TWISTED)
def test_twisted_values_in_every_query_are_refused_calmly(app: Flask, signed_in: As, loud: object, what: str) -> None:
    visitor = signed_in("auditor")
    client, bearer = machine(visitor, app)
    names = ("after", "before", "page", "q", "state", "token", "number", "next", "as", "size", "point", "stage")
    query = "&".join(f"{name}={quoted(TWISTED[what])}" for name in names)
    for rule in rules(app, "GET"):
        path = address(rule.rule).replace("X-1", NUMBER)
        headers = bearer if path.startswith("/api") else HTML
        caller = client if path.startswith("/api") else visitor.client
        calm(caller.get(f"{path}?{query}", headers=headers), path)


FIELDS = [
    "username",
    "password",
    "next",
    "to",
    "back",
    "label",
    "days",
    "condition",
    "condition_en",
    "accessories",
    "customer",
    "item",
    "maker",
    "model",
    "serial",
    "description",
    "procedure",
    "document_kind",
    "rule",
    "r",
    "note",
    "as_left",
    "stage",
    "temperature",
    "humidity",
    "point-1",
    "point-2",
    "reason",
    "remark",
    "reading",
    "new",
    "indication",
    "do",
    "prompt",
    "point",
    "number",
    "certificate_number",
    "issuer",
    "issuer_en",
    "issued",
    "valid_from",
    "valid_to",
    "route_class",
    "function",
    "unit",
    "points",
    "upstream",
    "correlation",
    "drift_relative",
    "drift_absolute",
    "origin",
    "q",
    "name",
    "role",
]


@pytest.mark.parametrize("what", TWISTED)
@pytest.mark.parametrize("who", ["tech", "keeper", "approver"])
def test_twisted_values_in_every_form_are_refused_calmly(
    app: Flask, signed_in: As, loud: object, what: str, who: str
) -> None:
    visitor = signed_in(who)
    known = {"<number>": "WT-2026-000001", "<code>": "YQ-2026-000001"}
    for rule in rules(app, "POST"):
        if rule.rule.startswith("/api") or rule.endpoint in ("account.sign_out", "account.sign_in"):
            continue
        path = rule.rule
        for name, value in known.items():
            path = path.replace(name, "R-WT-2026-000002" if path.startswith(("/review", "/records")) else value)
        path = re.sub(r"<int:[^>]+>", "9" * 30 if what == "enormous" else "1", path)
        entered = TWISTED[what]
        if what == "half of a pair":  # no form can carry it as it is; percent-encoded bytes can
            body = "&".join(f"{name}=%ED%A0%80" for name in FIELDS)
            page = visitor.get("/settings").get_data(as_text=True)
            body += f"&csrf_token={TOKEN.search(page)[1]}"  # type: ignore[index]
            answer = visitor.client.post(
                path, data=body, content_type="application/x-www-form-urlencoded", headers=HTML
            )
        else:
            answer = visitor.post(path, "/settings", **dict.fromkeys(FIELDS, entered))
        calm(answer, path)


BODIES: dict[str, bytes] = {
    "deep": b"[" * 100_000,
    "deep object": b'{"budget":1,"quantities":' * 3000 + b"1" + b"}" * 3000,
    "nothing": b"",
    "null": b"null",
    "text": b'"x"',
    "list": b"[1,2,3]",
    "not JSON": b"{",
    "not UTF-8": b'{"condition": "\xff\xfe"}',
    "half of a pair": json.dumps(dict.fromkeys([*FIELDS, "budget"], "\ud800")).encode(),
    "nul": json.dumps(dict.fromkeys([*FIELDS, "budget"], "\x00")).encode(),
    "numbers too large": json.dumps(
        {"customer_id": 10**30, "instrument": 10**30, "point": 10**30, "budget": 1, "procedure": "DMM-DCV", "do": "repeat",
         "rule": {"rule": "guarded", "r": 10**400}}
    ).encode(),
    "just too large": json.dumps(
        {"customer_id": 2**63, "procedure": "DMM-DCV", "instrument": 1, "rule": {"rule": "none"}}
    ).encode(),
    "an instrument too large": json.dumps(
        {"customer_id": 1, "procedure": "DMM-DCV", "instrument": 2**63, "rule": {"rule": "none"}}
    ).encode(),
    "no numbers": b'{"budget": 1, "quantities": {"a": {"value": NaN, "u": Infinity}}, "measurands": {"y": {"expression": "a"}}}',
    "wrong kinds": json.dumps({name: [{"a": [None]}] for name in [*FIELDS, "budget", "customer_id"]}).encode(),
    "rule of lists": json.dumps({"customer_id": 1, "procedure": "DMM-DCV", "instrument": 1, "rule": {"rule": "guarded", "r": [1]}}).encode(),
    "expression": json.dumps({"budget": 1, "quantities": {"a": {"value": 1, "u": 1}}, "measurands": {"y": {"expression": "(" * 5000 + "a"}}}).encode(),
    "power": json.dumps({"budget": 1, "quantities": {"a": {"value": 9, "u": 1}}, "measurands": {"y": {"expression": "a**9**9**9**9"}}}).encode(),
    "code": json.dumps({"budget": 1, "quantities": {"a": {"value": 9, "u": 1}}, "measurands": {"y": {"expression": "__import__('os').system('id')"}}}).encode(),
}  # fmt: skip


@pytest.mark.parametrize("what", BODIES)
def test_hostile_bodies_to_every_call_are_refused_calmly(
    app: Flask, signed_in: As, loud: object, put_away: None, what: str
) -> None:
    for who in ("tech", "approver"):
        client, bearer = machine(signed_in(who), app)
        for rule in rules(app, "POST"):
            if not rule.rule.startswith("/api"):
                continue
            path = rule.rule.replace("<number>", "R-WT-2026-000002" if "/records/" in rule.rule else "WT-2026-000001")
            answer = client.post(path, data=BODIES[what], content_type="application/json", headers=bearer)
            calm(answer, f"{path} to {who}")
            if answer.status_code >= 400:
                assert answer.json["error"]["sentence"], path


# --- other people's documents -----------------------------------------------------------------------------------------


def issue_for_the_other(app: Flask) -> None:
    """customer2 has a certificate too: YS-2026-000002, with a token of its own."""
    with app.extensions["lims_writers"]() as session:
        laboratory.issued(session, "calibration_dc_voltage", owner=2, number="YS-2026-000002", token="An0ther")
        session.commit()


THEIRS = (
    "/certificates/{}",
    "/certificates/{}/pdf",
    "/certificates/{}/dcc",
    "/traceability/{}",
    "/api/v1/certificates/{}",
    "/api/v1/certificates/{}/pdf",
    "/api/v1/certificates/{}/dcc",
    "/api/v1/certificates/{}/chain",
)


@pytest.mark.parametrize("path", THEIRS)
def test_anothers_certificate_is_answered_exactly_like_one_that_is_not_there(
    app: Flask, signed_in: As, path: str
) -> None:
    issue_for_the_other(app)
    visitor = signed_in("customer2")
    client, bearer = machine(visitor, app)
    caller, headers = (client, bearer) if path.startswith("/api") else (visitor.client, HTML)
    assert caller.get(path.format("YS-2026-000002"), headers=headers).status_code == 200
    theirs = caller.get(path.format(NUMBER), headers=headers)
    nothing = caller.get(path.format("YS-2026-000009"), headers=headers)
    assert theirs.status_code == nothing.status_code == 404
    assert bare(theirs, NUMBER) == bare(nothing, "YS-2026-000009")


def bare(answer: TestResponse, number: str) -> str:
    """A page without what differs each time: the number asked for, and the word of the content policy."""
    text = answer.get_data(as_text=True).replace(number, "#")
    return re.sub(r'(nonce|csrf_token" value|content)="[^"]*"', r'\1=""', text)


def test_a_customer_finds_none_of_anothers_by_guessing(app: Flask, signed_in: As) -> None:
    issue_for_the_other(app)
    visitor = signed_in("customer2")
    client, bearer = machine(visitor, app)
    own = client.get("/api/v1/requests", headers=bearer).json["requests"]
    mine = {line["number"] for line in own}
    assert len(mine) == 1
    for n in range(1, 9):
        number = f"WT-2026-{n:06}"
        expected = 200 if number in mine else 404
        assert visitor.get(f"/requests/{number}").status_code == expected, number
        assert client.get(f"/api/v1/requests/{number}", headers=bearer).status_code == expected, number
        assert ("/requests/" in visitor.get(f"/find?q={number}").headers.get("Location", "")) == (number in mine)
        assert client.get(f"/api/v1/requests/{number}/gates", headers=bearer).status_code == 403
        assert client.get(f"/api/v1/records/R-{number}", headers=bearer).status_code == 403
        assert client.get(f"/api/v1/records/R-{number}/events", headers=bearer).status_code == 403


def test_a_customer_requests_neither_for_another_nor_with_anothers_instrument(
    app: Flask, signed_in: As, state: Callable[[], dict[str, Any]]
) -> None:
    client, bearer = machine(signed_in("customer2"), app)
    body = {"customer_id": 1, "procedure": "DMM-DCV", "rule": {"rule": "none"}}
    item = {"maker": "m", "model": "m", "serial": "s"}
    with app.extensions["lims_readers"]() as session:
        theirs = next(i.id for i in laboratory.items(session) if i.customer_id == 1)
    before = state()
    assert client.post("/api/v1/requests", json=body | {"item": item}, headers=bearer).status_code == 403
    refused = client.post("/api/v1/requests", json=body | {"customer_id": 2, "instrument": theirs}, headers=bearer)
    assert refused.status_code == 404
    assert state() == before


def test_nobody_ends_anothers_token(app: Flask, signed_in: As) -> None:
    client, bearer = machine(signed_in("customer"), app)
    assert signed_in("customer2").post("/settings/tokens/1/end", "/settings").status_code == 404
    assert client.get("/api/v1/certificates", headers=bearer).status_code == 200


@pytest.mark.parametrize(
    "token", ["", "x", "An0ther", "T0ke", "t0ken", "T0ken ", "T0ken%00", "Ｔ0ken", "T0ken&token=x", "%ff"]
)
def test_the_public_page_says_nothing_without_the_right_token(
    app: Flask, state: Callable[[], dict[str, Any]], token: str
) -> None:
    """As if the number had never been given out, and no look-up is kept."""
    issue_for_the_other(app)
    before = state()
    client = app.test_client()
    told = client.get(f"/verify/{NUMBER}?token={token}", headers=HTML)
    unknown = client.get(f"/verify/YS-2026-000009?token={token}", headers=HTML)
    if token == "T0ken&token=x":  # the first value counts, as everywhere
        assert told.status_code == 200
        return
    assert told.status_code == unknown.status_code == 404
    assert bare(told, NUMBER) == bare(unknown, "YS-2026-000009")
    assert client.get(f"/api/v1/verify/{NUMBER}?token={token}").json.get("status", "unknown") == "unknown"
    assert client.get(f"/api/v1/verify/{NUMBER}").status_code == 422
    assert state() == before
    assert client.get(f"/verify/{NUMBER}?token={MINE}", headers=HTML).status_code == 200


def test_the_public_page_shows_neither_readings_nor_the_customer(app: Flask) -> None:
    page = app.test_client().get(f"/verify/{NUMBER}?token={MINE}", headers=HTML).get_data(as_text=True)
    assert NUMBER in page
    assert laboratory.PASSWORD not in page
    assert "R-WT-2026" not in page


# --- forms, sessions, cookies -----------------------------------------------------------------------------------------


def test_every_form_without_a_token_or_with_anothers_is_refused_and_changes_nothing(
    app: Flask, signed_in: As, state: Callable[[], dict[str, Any]]
) -> None:
    tech, keeper = signed_in("tech"), signed_in("keeper")
    anothers = TOKEN.search(keeper.get("/settings").get_data(as_text=True))
    assert anothers
    before = state()
    tried = 0
    for rule in rules(app, "POST"):
        if rule.rule.startswith("/api"):
            continue
        path = address(rule.rule).replace("X-1", "WT-2026-000001")
        for data in ({}, {"csrf_token": ""}, {"csrf_token": "x" * 3000}, {"csrf_token": anothers[1]}):
            answer = tech.client.post(path, data=data, headers=HTML)
            assert answer.status_code == 400, f"{path} answered {answer.status_code} to {data}"
            tried += 1
    assert tried > 60
    assert state() == before


def test_a_form_in_the_address_counts_for_nothing(signed_in: As, state: Callable[[], dict[str, Any]]) -> None:
    tech = signed_in("tech")
    token = TOKEN.search(tech.get("/settings").get_data(as_text=True))
    assert token
    before = state()
    assert tech.client.post(f"/settings/tokens?csrf_token={token[1]}&label=x&days=3", headers=HTML).status_code == 400
    assert state() == before


def test_looking_changes_nothing(app: Flask, signed_in: As, state: Callable[[], dict[str, Any]]) -> None:
    visitors = [signed_in(who) for who in ("auditor", "tech", "approver", "customer", "keeper")]
    before = state()
    for visitor in visitors:
        for rule in rules(app, "GET"):
            if rule.endpoint not in ("live.events",) and not rule.rule.startswith("/api"):
                for number in ("WT-2026-000001", NUMBER, "R-WT-2026-000002", "YQ-2026-000001"):
                    calm(visitor.get(address(rule.rule).replace("X-1", number)), rule.rule)
    assert state() == before


def cookie(client: FlaskClient) -> str | None:
    held = client.get_cookie("suyuan")
    return None if held is None else held.value


def test_a_session_planted_before_the_sign_in_is_worth_nothing_after_it(app: Flask) -> None:
    attacker = Visitor(app.test_client())
    page = attacker.get("/sign-in").get_data(as_text=True)
    planted, form_token = cookie(attacker.client), TOKEN.search(page)
    assert planted and form_token
    victim = Visitor(app.test_client())
    victim.client.set_cookie("suyuan", planted)
    answer = victim.client.post(
        "/sign-in",
        data={"csrf_token": form_token[1], "username": "tech", "password": laboratory.PASSWORD},
        headers=HTML,
    )
    assert answer.status_code == 302
    assert cookie(victim.client) != planted
    assert victim.get("/").status_code == 200
    assert attacker.get("/").status_code == 302, "the planted session must not have been signed in"
    refused = victim.client.post("/settings/tokens", data={"csrf_token": form_token[1], "label": "x", "days": "1"})
    assert refused.status_code == 400, "a form token of before the sign-in must be worth nothing"


def test_a_stolen_cookie_is_worth_nothing_in_another_browser(app: Flask, signed_in: As) -> None:
    stolen = cookie(signed_in("tech").client)
    assert stolen
    thief = app.test_client()
    thief.set_cookie("suyuan", stolen)
    answer = thief.get("/", headers=HTML | {"User-Agent": "another browser"})
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in")


def test_a_cookie_signed_with_another_key_is_worth_nothing(app: Flask, signed_in: As) -> None:
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None
    good = signer.loads(str(cookie(signed_in("auditor").client)))
    app_key, app.secret_key = app.secret_key, "another key, as long as anybody could wish"
    forger = SecureCookieSessionInterface().get_signing_serializer(app)
    app.secret_key = app_key
    assert forger is not None
    for forged in (
        forger.dumps(good),
        "",
        ".",
        "eyJfdXNlcl9pZCI6IjEifQ.x.y",
        str(cookie(signed_in("tech").client))[:-1] + "~",
    ):
        client = app.test_client()
        client.set_cookie("suyuan", forged)
        assert client.get("/", headers=HTML).status_code == 302


def test_a_closed_account_is_signed_out_at_once_and_its_tokens_end(app: Flask, signed_in: As) -> None:
    visitor = signed_in("auditor")
    client, bearer = machine(visitor, app)
    with app.extensions["lims_writers"]() as session:
        session.scalars(select(Person).where(Person.username == "auditor")).one().active = False
        session.commit()
    assert visitor.get("/").status_code == 302
    assert client.get("/api/v1/certificates", headers=bearer).status_code == 401
    assert Visitor(app.test_client()).sign_in("auditor").status_code == 403


@pytest.mark.parametrize(
    "more", [{"host": "0.0.0.0"}, {"given_public_url": "https://lims.example"}, {"cookie_secure": True}]
)
def test_cookies_are_secure_wherever_others_could_listen(app: Flask, more: dict[str, Any]) -> None:
    other = create_app(replace(app.config["LIMS"], **more), TESTING=True)
    try:
        answer = other.test_client().get("/sign-in", headers=HTML, base_url="https://lims.example")
        kept = answer.headers.getlist("Set-Cookie")
        assert kept
        for line in kept:
            assert "Secure" in line
            assert "HttpOnly" in line
            assert "SameSite=Lax" in line
        assert answer.headers["Strict-Transport-Security"]
    finally:
        other.extensions["lims_engine"].dispose()


def test_a_name_that_does_not_exist_costs_the_same_hash_as_one_that_does(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By count, not by clock: one argon2id verification each, with the same parameters."""
    with app.extensions["lims_writers"]() as session:
        session.scalars(select(Person).where(Person.username == "keeper")).one().active = False
        session.commit()
    checked: list[str] = []
    real = passwords.verify_password

    def counted(held: str, password: str) -> bool:
        checked.append(held)
        return real(held, password)

    monkeypatch.setattr(people.passwords, "verify_password", counted)
    costs = {}
    for name in ("tech", "nobody", "keeper", "", "𠮷", "x" * 3000):
        before = len(checked)
        Visitor(app.test_client()).sign_in(name, "wrong")
        costs[name] = len(checked) - before
    assert set(costs.values()) == {1}
    assert all(held.startswith("$argon2id$") for held in checked)


def test_failed_sign_ins_lock_unknown_names_as_they_lock_known_ones(app: Flask) -> None:
    said = []
    for name in ("tech", "nobody"):
        visitor = Visitor(app.test_client())
        said.append([visitor.sign_in(name, "wrong").status_code for _ in range(6)])
    assert said[0] == said[1] == [403] * 5 + [429]
    with app.extensions["lims_readers"]() as session:
        assert session.scalar(select(func.count()).select_from(SigninAttempt).where(~SigninAttempt.succeeded)) == 10


# --- ways out, headers, downloads -------------------------------------------------------------------------------------

ELSEWHERE = (
    "https://evil.example", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
    "/\n/evil.example", "\t//evil.example", " //evil.example", "javascript:alert(1)", "data:text/html,x", "/x\r\nSet-Cookie: a=b",
    "http:evil.example", "/%0d%0aSet-Cookie:a=b", "//127.0.0.1@evil.example", "/\x00/evil.example", "/\ud800",
)  # fmt: skip


@pytest.mark.parametrize("target", ELSEWHERE)
def test_no_door_leads_elsewhere(app: Flask, signed_in: As, target: str) -> None:
    visitor = Visitor(app.test_client())
    if "\ud800" in target:
        target = "/%ED%A0%80"
    answers = [
        visitor.post("/sign-in", username="tech", password=laboratory.PASSWORD, next=target),
        visitor.client.get("/sign-in", query_string={"next": target}, headers=HTML),
        visitor.post("/language", "/settings", to="en", back=target),
        visitor.post("/theme", "/settings", to="dark", back=target),
    ]
    for answer in answers:
        assert answer.status_code == 302
        where = answer.headers["Location"]
        assert re.match(r"/(?![/\\\t\n ])", where), where
        assert "Set-Cookie: a" not in str(answer.headers)
        assert answer.headers.get("a") is None


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "[::1]"])
def test_the_host_header_is_never_believed(app: Flask, signed_in: As, host: str) -> None:
    headers = HTML | {"Host": host, "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    answer = app.test_client().get("/certificates/", headers=headers)
    assert answer.headers["Location"].startswith("/sign-in")
    for path in ("/sign-in", "/verify/", f"/verify/{NUMBER}?token={MINE}", "/api/v1/openapi.json"):
        page = app.test_client().get(path, headers=headers)
        assert "evil.example" not in page.get_data(as_text=True), path
        assert "evil.example" not in str(page.headers), path


def test_private_answers_are_kept_by_no_cache_and_framed_by_nobody(app: Flask, signed_in: As) -> None:
    seen = 0
    for who in ("auditor", "customer"):
        visitor = signed_in(who)
        client, bearer = machine(visitor, app)
        for rule in rules(app, "GET"):
            if rule.endpoint == "live.events":
                continue
            for number in (NUMBER, "WT-2026-000001", "R-WT-2026-000002"):
                path = address(rule.rule).replace("X-1", number)
                api = path.startswith("/api")
                answer = (client if api else visitor.client).get(path, headers=bearer if api else HTML)
                assert answer.headers["Cache-Control"] == "no-store", path
                assert answer.headers["X-Content-Type-Options"] == "nosniff", path
                assert answer.headers["X-Frame-Options"] == "DENY", path
                assert "default-src 'none'" in answer.headers["Content-Security-Policy"], path
                assert answer.headers["Referrer-Policy"] in ("same-origin", "no-referrer"), path
                assert "Access-Control-Allow-Origin" not in answer.headers, path
                assert not re.search(r"waitress|werkzeug|python", answer.headers.get("Server", ""), re.I), path
                seen += 1
    assert seen > 150


@pytest.mark.parametrize(("kind", "name"), [("pdf", f"{NUMBER}.pdf"), ("dcc", f"{NUMBER}.xml")])
def test_a_download_is_a_file_with_a_name_of_ours(app: Flask, signed_in: As, kind: str, name: str) -> None:
    answer = signed_in("customer").get(f"/certificates/{NUMBER}/{kind}")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    client, bearer = machine(signed_in("customer"), app)
    called = client.get(f"/api/v1/certificates/{NUMBER}/{kind}", headers=bearer)
    assert called.headers["Content-Disposition"] == f'attachment; filename="{name}"'


# --- floods -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
def test_too_large_an_upload_is_413_with_a_sentence(
    app: Flask, signed_in: As, state: Callable[[], dict[str, Any]], language: str
) -> None:
    visitor = signed_in("tech")
    visitor.post("/language", "/settings", to=language)
    client, bearer = machine(visitor, app)
    before = state()
    flood = b"x" * (17 * 1024 * 1024)
    answer = visitor.client.post("/settings/tokens", data=flood, content_type="text/plain", headers=HTML)
    assert answer.status_code in (400, 413)
    page = visitor.client.post(
        "/requests/WT-2026-000001/receipt",
        data={"csrf_token": "x", "condition": "x" * (17 * 1024 * 1024)},
        headers=HTML,
    )
    assert page.status_code == 413
    assert ("16 MB" in page.get_data(as_text=True)) is True
    called = client.post("/api/v1/budgets/evaluate", data=flood, content_type="application/json", headers=bearer)
    assert called.status_code == 413
    assert "16 MB" in called.json["error"]["sentence"]
    assert state() == before


def test_a_stranger_cannot_flood_the_sign_in(app: Flask, state: Callable[[], dict[str, Any]]) -> None:
    before = state()
    answer = app.test_client().post("/sign-in", data={"username": "x" * (17 * 1024 * 1024)}, headers=HTML)
    assert answer.status_code == 413
    many = app.test_client().post("/sign-in", data={f"f{n}": "x" for n in range(5000)}, headers=HTML)
    assert many.status_code in (400, 413)
    assert state() == before


def file_request(app: Flask) -> str:
    """A request whose procedure reads a file."""
    with app.extensions["lims_writers"]() as session:
        number = requests.own(session, "IMPEDANCE", by=people.by_username(session, "tech"), at=laboratory.AT).number
        session.commit()
    return number


def upload(visitor: Visitor, number: str, content: bytes) -> TestResponse:
    """A form with a file, put together by hand: the client's own would leave temporary files open."""
    token = TOKEN.search(visitor.get("/settings").get_data(as_text=True))
    assert token
    part = '--limit\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n'
    body = (part.format("csrf_token", "") + token[1] + "\r\n" + part.format("origin", "") + "test\r\n").encode()
    body += part.format("file", '; filename="../../<b>r\u202e.csv"').encode() + content + b"\r\n--limit--\r\n"
    kind = "multipart/form-data; boundary=limit"
    return visitor.client.post(f"/bench/{number}/from-file", data=body, content_type=kind, headers=HTML)


GOOD = "V (V),I (mA),phi (rad)\n5.007,19.663,1.0456\n4.994,19.639,1.0438\n5.005,19.640,1.0468\n"
FILES: dict[str, tuple[bytes, bool]] = {
    "good": (GOOD.encode(), True),
    "byte order mark": (b"\xef\xbb\xbf" + GOOD.encode(), True),
    "line ends of Windows": (GOOD.replace("\n", "\r\n").encode(), True),
    "mixed line ends": (GOOD.replace("\n", "\r\n", 2).encode(), True),
    "no end of the last line": (GOOD.rstrip().encode(), True),
    "GBK with a Chinese header": ("电压 (V),电流 (mA),相位 (rad)\n1,2,3\n1,2,3\n".encode("gbk"), False),
    "UTF-16": (GOOD.encode("utf-16"), False),
    "NUL": (GOOD.replace("5.007", "5.\x00007").encode(), False),
    "not UTF-8": (GOOD.replace("5.007", "5.007\xff").encode("latin-1"), False),
    "empty": (b"", False),
    "one line": (GOOD.split("\n")[0].encode(), False),
    "huge cell": (GOOD.encode() + b"9" * 3_000_000 + b",1,1\n", False),
    "open quote": (GOOD.encode() + b'"' + b"x\n" * 100_000, False),
    "enormous number": (GOOD.replace("5.007", "1e9999").encode(), False),
    "NaN": (GOOD.replace("5.007", "NaN").encode(), False),
    "formula": (GOOD.replace("5.007", "=1+1").encode(), False),
    "full-width digits": (GOOD.replace("5.007", "５.００７").encode(), False),
    "a zip": (b"PK\x03\x04" + bytes(1000), False),
    "columns twice": (GOOD.replace("I (mA)", "V (V)").encode(), False),
    "many columns": ((",".join(f"c{n} (V)" for n in range(50_000)) + "\n").encode(), False),
}


@pytest.mark.parametrize("what", FILES)
def test_a_hostile_file_of_readings_is_refused_whole(
    app: Flask, signed_in: As, state: Callable[[], dict[str, Any]], loud: object, what: str
) -> None:
    number = file_request(app)
    content, good = FILES[what]
    visitor = signed_in("tech")
    before = state()
    answer = upload(visitor, number, content)
    if good:
        assert answer.status_code == 302, answer.get_data(as_text=True)[-2000:]
        return
    assert answer.status_code == 422, answer.status_code
    calm(answer, what)
    assert len(re.findall(r'role="alert"', answer.get_data(as_text=True))) == 1
    assert state() == before


def test_a_file_of_two_hundred_thousand_rows_is_answered_in_seconds(app: Flask, signed_in: As) -> None:
    number = file_request(app)
    wrong = GOOD.encode() + b"x,y,z\n" * 200_000
    start = time.monotonic()
    answer = upload(signed_in("tech"), number, wrong)
    assert answer.status_code == 422
    assert len(answer.data) < 1_000_000, "a refusal of a large file is still a page that a browser shows"
    assert time.monotonic() - start < 20


@pytest.mark.parametrize(
    "change",
    [
        {"stage": "<script>"},
        {"stage": "../x"},
        {"temperature": "1e400"},
        {"humidity": "-1e999"},
        {"point-1": "1e400"},
        {"point-1": "NaN"},
    ],
)
def test_readings_typed_with_hostile_values_are_refused(
    app: Flask, signed_in: As, state: Callable[[], dict[str, Any]], loud: object, change: dict[str, str]
) -> None:
    visitor = signed_in("tech")
    before = state()
    typed = {"stage": "as_found", "temperature": "23", "humidity": "50", "point-1": "0.00001 0.00002"} | change
    answer = visitor.post("/bench/WT-2026-000001/by-hand", "/settings", **typed)
    assert answer.status_code == 422
    assert state() == before


@pytest.mark.parametrize(
    "change",
    [
        {"points": "10 V; 10; 1; 0; 1e400; 2"},
        {"unit": "nonsense"},
        {"upstream": "9" * 50},
        {"points": "10 V; 10; 1; 1e999; 1; 2"},
    ],
)
def test_a_certificate_of_a_standard_with_hostile_values_is_refused(
    app: Flask, signed_in: As, state: Callable[[], dict[str, Any]], loud: object, change: dict[str, str]
) -> None:
    visitor = signed_in("keeper")
    with app.extensions["lims_readers"]() as session:
        code = next(i.code for i in session.scalars(select(Instrument)) if i.role == "source")
    before = state()
    fields = {
        "issuer": "i", "certificate_number": "c", "issued": "2026-01-01", "valid_to": "2027-01-01", "route_class": "a",
        "function": "DCV", "unit": "V", "points": "10 V; 10; 1; 0; 1e-6; 2", "correlation": "none", "upstream": "",
    } | change  # fmt: skip
    answer = visitor.post(f"/standards/{code}/calibrations/new", "/settings", **fields)
    assert answer.status_code in (404, 422), answer.status_code
    assert state() == before
