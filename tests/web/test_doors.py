"""Who comes in: sign-in, lock-out, the public list, roles, tokens of forms and of programs, headers."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from tests.web import laboratory
from tests.web.conftest import Visitor
from web.security import PUBLIC
from web.viewer import safe_target

As = Callable[[str], Visitor]
OPEN_TO_ANYBODY = {
    "static",
    "health",
    "account.sign_in",
    "second_factor.ask",
    "account.language",
    "account.theme",
    "authentic.find",
    "authentic.check",
    "api-docs.openapi_json",
    "api-public.verify",
}


def address(rule: str) -> str:
    rule = re.sub(r"<any\((\w+).*?>", r"\1", rule)
    return re.sub(r"<int:[^>]+>", "1", re.sub(r"<(?!int:)[^>]+>", "X-1", rule))


def test_every_route_refuses_who_is_not_signed_in_but_for_an_explicit_list(app: Flask) -> None:
    client = app.test_client()
    app.config["WTF_CSRF_ENABLED"] = False
    closed = 0
    for rule in app.url_map.iter_rules():
        if rule.endpoint in OPEN_TO_ANYBODY:
            continue
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            answer = client.open(
                address(rule.rule),
                method=method,
                headers={"Accept": "text/html"},
                json={} if method == "POST" else None,
            )
            gone = answer.status_code == 302 and answer.headers["Location"].startswith("/sign-in")
            assert gone or answer.status_code == 401, f"{method} {rule.rule} answered {answer.status_code}"
            closed += 1
    assert closed > 60


def test_the_public_list_is_the_one_this_test_knows() -> None:
    assert PUBLIC | {"api-public.verify"} == OPEN_TO_ANYBODY


@pytest.mark.parametrize("who", ["tech", "verifier", "approver", "keeper", "customer", "auditor"])
def test_demonstration_people_can_sign_in_and_out(visitor: Visitor, who: str) -> None:
    assert visitor.sign_in(who).status_code == 302
    assert visitor.get("/").status_code in (200, 302)
    assert visitor.post("/sign-out").status_code == 302
    assert visitor.get("/").headers["Location"].startswith("/sign-in")


def test_five_wrong_passwords_lock_the_name_and_the_page_says_until_when(app: Flask, visitor: Visitor) -> None:
    for _ in range(5):
        assert visitor.sign_in("tech", "wrong").status_code == 403
    locked = visitor.sign_in("tech")
    assert locked.status_code == 429
    assert "锁定" in locked.get_data(as_text=True)
    app.config["LIMS_CLOCK"] = lambda: laboratory.AT + timedelta(minutes=16)
    assert visitor.sign_in("tech").status_code == 302


def test_a_name_that_does_not_exist_is_answered_like_a_wrong_password(visitor: Visitor) -> None:
    nobody, somebody = visitor.sign_in("nobody", "x"), visitor.sign_in("tech", "x")
    said = [re.search(r'role="alert">.*?</div></div>', a.get_data(as_text=True), re.S) for a in (nobody, somebody)]
    assert said[0] and said[1] and said[0][0] == said[1][0]


def test_a_form_without_its_token_is_refused_and_changes_nothing(app: Flask, signed_in: As) -> None:
    tech = signed_in("tech")
    answer = tech.client.post("/requests/WT-2026-000001/receipt", data={"condition": "x"})
    assert answer.status_code == 400


def test_every_answer_carries_a_strict_policy_and_pages_have_no_inline_code(signed_in: As) -> None:
    answer = signed_in("tech").get("/pieces")
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    page = answer.get_data(as_text=True)
    assert not re.search(r"\son\w+=|\sstyle=|javascript:", page)
    assert not re.search(r"""(?:src|href)=["']https?://""", page)


def test_the_session_cookie_is_closed_to_scripts_and_secure_unless_on_loopback(app: Flask, visitor: Visitor) -> None:
    cookie = visitor.sign_in("tech").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    from lims.config import Settings

    assert Settings(host="0.0.0.0").session_cookie_secure
    assert app.config["SESSION_COOKIE_SECURE"] is False


@pytest.mark.parametrize(
    ("who", "path", "status"),
    [
        ("verifier", "/requests/new", 403),
        ("auditor", "/bench/WT-2026-000001/by-hand", 403),
        ("customer", "/bench/", 403),
        ("customer", "/review/", 403),
        ("customer", "/standards/", 403),
        ("customer", "/quality/", 403),
        ("customer", "/records/R-WT-2026-000002", 403),
        ("tech", "/quality/", 403),
        ("tech", "/mine/", 403),
        ("customer2", "/certificates/YS-2026-000001", 404),
        ("customer2", "/certificates/YS-2026-000001/pdf", 404),
        ("customer2", "/requests/WT-2026-000001", 404),
        ("customer2", "/traceability/YS-2026-000001", 404),
        ("customer", "/certificates/YS-2026-000001", 200),
        ("auditor", "/quality/", 200),
    ],
)
def test_a_page_opens_to_its_roles_alone(signed_in: As, who: str, path: str, status: int) -> None:
    assert signed_in(who).get(path).status_code == status


@pytest.mark.parametrize(
    ("who", "path", "fields"),
    [
        ("auditor", "/requests/WT-2026-000001/receipt", {"condition": "x"}),
        ("tech", "/review/R-WT-2026-000002/verification", {"password": laboratory.PASSWORD}),
        ("verifier", "/review/R-WT-2026-000002/issue", {"password": laboratory.PASSWORD}),
        ("auditor", "/certificates/YS-2026-000001/withdrawal", {"reason": "x"}),
        ("verifier", "/bench/WT-2026-000001/start", {"stage": "as_found"}),
    ],
)
def test_an_act_without_the_right_is_refused_in_one_sentence(
    signed_in: As, who: str, path: str, fields: dict[str, str]
) -> None:
    answer = signed_in(who).post(path, **fields)
    assert answer.status_code == 403
    assert "无权" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "bad", ["//evil.example", "https://evil.example", "/\\evil", "evil", "/x\r\nSet-Cookie: a=b", ""]
)
def test_coming_back_leads_nowhere_outside(bad: str) -> None:
    assert safe_target(bad) is None
    assert safe_target("/certificates/?q=1") == "/certificates/?q=1"


def test_one_click_changes_the_language_and_it_stays(visitor: Visitor) -> None:
    assert 'lang="zh-CN"' in visitor.get("/sign-in").get_data(as_text=True)
    visitor.post("/language", to="en", back="/sign-in")
    page = visitor.get("/sign-in").get_data(as_text=True)
    assert '<html lang="en"' in page
    assert "Sign in" in page
    visitor.sign_in("tech")
    assert "Today" in visitor.get("/").get_data(as_text=True)


def test_an_unknown_address_and_an_unforeseen_error_are_one_sentence_without_a_traceback(
    app: Flask, signed_in: As
) -> None:
    @app.get("/broken")
    def broken() -> str:
        raise RuntimeError("secret detail")

    auditor = signed_in("auditor")
    assert auditor.get("/nothing/here").status_code == 404
    failed = auditor.get("/broken")
    assert failed.status_code == 500
    assert "secret detail" not in failed.get_data(as_text=True)
    assert "Traceback" not in failed.get_data(as_text=True)
