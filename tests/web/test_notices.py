"""The page of notices: told by what happened, opened, done, by e-mail; nobody sees another's."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from lims.records import Notice, Person
from tests.web.conftest import Visitor
from tests.web.test_pages import CERTIFICATE

As = Callable[[str], Visitor]


def waiting(page: str) -> list[str]:
    return re.findall(r'action="/notices/(\d+)"', page)


def test_a_withdrawn_certificate_is_told_to_its_customer_opened_and_done(app: Flask, signed_in: As) -> None:
    approver, customer, other = signed_in("approver"), signed_in("customer"), signed_in("customer2")
    page = f"/certificates/{CERTIFICATE}"
    assert approver.post(f"{page}/withdrawal", page, reason="标准器存疑").status_code == 302
    told = customer.get("/notices/").get_data(as_text=True)
    assert f"证书 {CERTIFICATE} 已撤回" in told and "标准器存疑" in told and "等待您处理" in told
    assert CERTIFICATE not in other.get("/notices/").get_data(as_text=True)
    with app.extensions["lims_readers"]() as session:
        notice = session.scalars(select(Notice).where(Notice.kind == "certificate_withdrawn")).one()
    assert other.post(f"/notices/{notice.id}", "/notices/", do="done").status_code == 404
    opened = customer.post(f"/notices/{notice.id}", "/notices/", do="open")
    assert opened.headers["Location"].endswith(page)
    assert str(notice.id) in waiting(customer.get("/notices/").get_data(as_text=True)), "read is not done"
    customer.post(f"/notices/{notice.id}", "/notices/", do="done")
    assert "已办理" in customer.get("/notices/").get_data(as_text=True)


def test_the_top_bar_counts_what_is_unread_until_it_is_read(app: Flask, signed_in: As) -> None:
    with app.extensions["lims_readers"]() as session:
        me = session.scalars(select(Person.id).where(Person.username == "customer")).one()
        unread = session.scalars(select(Notice.id).where(Notice.person_id == me, Notice.read_at.is_(None))).all()
    customer = signed_in("customer")
    page = customer.get("/notices/").get_data(as_text=True)
    number = re.search(r'class="bell".*?<b class="count">(\d+)</b>', page, re.S)
    assert number is not None and int(number[1]) == len(unread) > 0
    customer.post("/notices/read", "/notices/")
    assert 'class="count">' not in customer.get("/certificates/").get_data(as_text=True)
    assert "没有未读通知" in customer.get("/notices/?unread=1").get_data(as_text=True)


@pytest.mark.parametrize("typed", ["nobody", "a@b.cn, c@d.cn"])
def test_what_is_no_address_stands_beside_its_field_and_is_kept(signed_in: As, typed: str) -> None:
    tech = signed_in("tech")
    wrong = tech.post("/notices/address", "/notices/", email=typed)
    text = wrong.get_data(as_text=True)
    assert wrong.status_code == 422 and 'id="e-email"' in text and f'value="{typed}"' in text


def test_an_address_is_kept_and_taken_away_again(app: Flask, signed_in: As) -> None:
    tech = signed_in("tech")
    assert tech.post("/notices/address", "/notices/", email="lin@example.com").status_code == 302
    assert 'value="lin@example.com"' in tech.get("/notices/").get_data(as_text=True)
    tech.post("/notices/address", "/notices/", email="")
    with app.extensions["lims_readers"]() as session:
        assert session.scalars(select(Person.email).where(Person.username == "tech")).one() is None


def test_the_old_address_of_the_notices_leads_to_the_new_one(signed_in: As) -> None:
    assert signed_in("customer").get("/mine/notices").headers["Location"].endswith("/notices/")
    assert signed_in("tech").get("/mine/notices").status_code == 403
