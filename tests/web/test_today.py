"""The first page of each role, and the drawings of the dashboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest

from lims.queries.yearly import Month
from tests.web.conftest import Visitor
from web import dashboard_figures

As = Callable[[str], Visitor]


@pytest.mark.parametrize(
    ("who", "words"),
    [
        ("tech", ["待检", "今日预约", "标准", "扫描标签或输入编号"]),
        ("verifier", ["待核验"]),
        ("approver", ["待批准"]),
        ("keeper", ["待送样品", "待答复的预约", "在室样品", "标准"]),
        ("manager", ["待评审委托", "在室样品", "已超期"]),
        ("quality", ["案件（先到期在前）", "处理中的投诉"]),
        ("finance", ["待开账单", "待付款账单"]),
        ("auditor", ["从这里开始", "未关闭的审核发现", "最新证书"]),
        ("admin", ["账户", "24 小时内登录失败"]),
    ],
)
def test_the_first_page_shows_what_the_role_needs_first(signed_in: As, who: str, words: list[str]) -> None:
    page = signed_in(who).get("/").get_data(as_text=True)
    assert [word for word in words if word not in page] == []


@pytest.mark.parametrize("who", ["tech", "keeper", "manager", "quality", "finance", "auditor", "admin", "verifier"])
def test_every_count_leads_to_a_list_that_opens(signed_in: As, who: str) -> None:
    visitor = signed_in(who)
    page = visitor.get("/").get_data(as_text=True)
    links = re.findall(r'class="tile" href="([^"]+)"', page)
    assert links
    assert [(link, visitor.get(link.replace("&amp;", "&")).status_code) for link in links] == [(x, 200) for x in links]


def test_a_count_is_the_length_of_the_list_it_leads_to(signed_in: As) -> None:
    keeper = signed_in("keeper")
    page = keeper.get("/").get_data(as_text=True)
    told = re.search(r'href="/requests/\?state=accepted"><b>(\d+)</b>', page)
    listed = keeper.get("/requests/?state=accepted").get_data(as_text=True)
    assert told and int(told[1]) == len(re.findall(r'<a href="/requests/WT-[^"]+"><b>', listed)) > 0


def test_the_scanner_leads_straight_to_the_item(signed_in: As) -> None:
    answer = signed_in("tech").get("/find?q=WT-2026-000001")
    assert answer.status_code == 302 and answer.headers["Location"] == "/requests/WT-2026-000001"


def test_a_customers_first_page_are_their_instruments_with_a_way_to_book(signed_in: As) -> None:
    customer = signed_in("customer")
    assert customer.get("/").headers["Location"] == "/mine/"
    assert 'href="/bookings/"' in customer.get("/mine/").get_data(as_text=True)


@pytest.mark.parametrize(
    ("today", "months"),
    [(date(2026, 11, 23), ("2025-12", "2026-11")), (date(2026, 12, 1), ("2026-01", "2026-12")), (date(2028, 2, 29), ("2027-03", "2028-02"))],
)  # fmt: skip
def test_twelve_months_end_with_this_one(today: date, months: tuple[str, str]) -> None:
    drawn = dashboard_figures.twelve([Month("2026-11", 3, 1, 0)], today)
    assert (len(drawn), drawn[0].month, drawn[-1].month) == (12, *months)
    assert dashboard_figures.first(today).strftime("%Y-%m") == months[0]


def test_a_pillar_is_as_high_as_the_share_on_time() -> None:
    """3 of 4 on time: three quarters of the axis; nothing is drawn where no day was promised."""
    tall = dashboard_figures.BOTTOM - dashboard_figures.TOP
    drawn = dashboard_figures.pillars([Month("2026-10", 3, 1, 5), Month("2026-11", 0, 0, 2), Month("2026-12", 0, 2, 0)])
    assert [each["tall"] for each in drawn] == [pytest.approx(tall * 0.75, abs=0.1), None, 0]
    assert drawn[2]["x"] + drawn[2]["wide"] < dashboard_figures.WIDE - dashboard_figures.RIGHT
