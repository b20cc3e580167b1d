"""The register of compulsory verification, on both databases."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from lims.domain.errors import NotAllowed, NotFound, UnusableValue, WrongState
from lims.queries import compulsory as lists
from lims.queries import registers
from lims.records import CompulsoryEntry, Instrument, Laboratory, Request
from lims.services import certificates, compulsory, rules

from .conftest import PASSWORD, Lab

LINE: dict[str, Any] = {
    "catalogue": "示例目录（虚构）",
    "number": "9",
    "name": {"zh": "数字多用表", "en": "digital multimeter"},
    "words": ["数字多用表"],
    "uses": ["trade"],
    "mode": "periodic",
    "interval": 12,
    "source": {"title": "示例", "clause": "", "verified": False},
    "valid_from": date(2026, 1, 1),
}


@pytest.fixture
def request_(lab: Lab) -> Request:
    """A meter under the example's catalogue, ordered for verification, received."""
    rules.list_instrument(lab.session, **LINE, by=None, at=lab.now())
    row = lab.session.scalars(select(Laboratory)).one()
    row.profile = dict(row.profile) | {"compulsory_authorised": ["9"]}
    lab.session.flush()
    return lab.request(document_kind="verification", use="trade")


def code(lab: Lab, request: Request) -> str:
    return lab.session.get_one(Instrument, request.instrument_id).code


def filed(lab: Lab, request: Request) -> CompulsoryEntry:
    return compulsory.file(lab.session, code(lab, request), "trade", by=lab.who("keeper"), at=lab.now())


def test_a_certificate_of_verification_sets_the_next_due_day(lab: Lab, request_: Request) -> None:
    row = filed(lab, request_)
    compulsory.apply(lab.session, row.number, by=lab.who("keeper"), at=lab.now())
    record = lab.verified(request=request_)
    issued = certificates.issue(
        lab.session, record.number, PASSWORD, by=lab.who("approver"), at=lab.now(), settings=lab.settings
    )
    assert issued.kind == "verification"
    assert (row.state, row.result) == ("verified", "verified")
    day = registers.day(lab.session, issued.issued_at)
    assert row.last == day
    assert row.due == day.replace(year=day.year + 1) - timedelta(days=1)


@pytest.mark.parametrize(
    ("days", "said"), [(-61, "verified"), (-60, "due"), (0, "due"), (1, "overdue"), (400, "overdue")]
)
def test_due_and_overdue_follow_from_the_day(lab: Lab, request_: Request, days: int, said: str) -> None:
    row = filed(lab, request_)
    due = date(2026, 6, 30)
    row.state, row.due = "verified", due
    assert lists.state_on(row, due + timedelta(days=days)) == said


def test_what_the_catalogue_does_not_list_for_the_use_is_not_filed(lab: Lab, request_: Request) -> None:
    with pytest.raises(UnusableValue, match="catalogue"):
        compulsory.file(lab.session, code(lab, request_), "other", by=lab.who("keeper"), at=lab.now())
    filed(lab, request_)
    with pytest.raises(UnusableValue, match="QJ-"):
        filed(lab, request_)


def test_who_may_not_and_what_is_not_there(lab: Lab, request_: Request) -> None:
    with pytest.raises(NotAllowed):
        compulsory.file(lab.session, code(lab, request_), "trade", by=lab.who("tech"), at=lab.now())
    with pytest.raises(NotFound):
        compulsory.apply(lab.session, "QJ-0", by=lab.who("keeper"), at=lab.now())
    row = filed(lab, request_)
    with pytest.raises(UnusableValue):
        compulsory.deregister(lab.session, row.number, " ", by=lab.who("keeper"), at=lab.now())
    compulsory.deregister(lab.session, row.number, "scrapped", by=lab.who("keeper"), at=lab.now())
    with pytest.raises(WrongState):
        compulsory.apply(lab.session, row.number, by=lab.who("keeper"), at=lab.now())


def test_the_register_lists_the_nearest_due_day_first_and_goes_on_by_key(lab: Lab, request_: Request) -> None:
    first = filed(lab, request_)
    first.due, first.state = date(2026, 8, 1), "verified"
    for n in range(4):
        other = lab.session.get_one(Instrument, request_.instrument_id)
        copy = Instrument(
            code=f"X-{n}", kind="item", maker=other.maker, model=other.model, serial=f"S{n}",
            description=other.description, customer_id=other.customer_id, state="in_service", details={},
        )  # fmt: skip
        lab.session.add(copy)
        lab.session.flush()
        row = compulsory.file(lab.session, copy.code, "trade", by=lab.who("keeper"), at=lab.now())
        row.due = None if n == 3 else date(2026, 7, 1 + n)
        lab.session.flush()
    found, after, by = [], "", lab.who("tech")
    while True:
        page = lists.page(lab.session, by, on=date(2026, 7, 15), after=after, size=2)
        found += [line.entry.due for line in page.lines]
        if page.after is None:
            break
        after = page.after
    assert found == [date(2026, 7, 1), date(2026, 7, 2), date(2026, 7, 3), date(2026, 8, 1), None]
    assert lists.counts(lab.session, by, on=date(2026, 7, 15)) == {"overdue": 3, "due": 1, "waiting": 1, "failed": 0}
