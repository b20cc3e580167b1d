"""A year of the demonstration laboratory, lived through its own services at past instants; fictional, always the same.

    history_examples.a_year(session, begin, end, settings=settings, month=session.commit)

Each job is a story that says when it goes on; the stories are told in the order of time, so that the audit chain's
instants never run backwards. Signatures are given without typing the password again: nobody sits at the keyboard.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from instruments import procedures
from lims.config import Settings
from lims.domain.actor import Actor
from lims.domain.agreement import Line, Terms
from lims.queries import orders as order_lists
from lims.queries import registers
from lims.records import Certificate, Customer, Request
from lims.services import (
    assignments,
    bench,
    cases,
    certificates,
    contract_review,
    evaluation,
    hand_overs,
    holds,
    incidents,
    items,
    laboratory,
    orders,
    people,
    review,
)
from lims.services.contract_review import Decision

Story = Iterator[datetime]
CUSTOMERS = (
    ("云岭风电设备有限公司（虚构）", "Yunling Wind Power (fictional)"),
    ("川澜仪表厂（虚构）", "Chuanlan Instruments (fictional)"),
    ("锦屏第二人民医院（虚构）", "Jinping Second Hospital (fictional)"),
)
JOBS = 40
"""Orders of one or two items in the year, one every nine days."""
OUTSIDE = {7, 19, 31, 43}
"""Orders whose first item is outside its limits as found; the second is adjusted, the last waits for its verifier."""
ADJUSTED, RETURNED, HELD, DAMAGED, REFUSED, WITHDRAWN, LATE, AMENDED, TAKEN_BACK = 19, 11, 14, 23, 27, 29, 33, 8, 16
ANSWERED = (
    ("acknowledged", "acknowledgement", "已电话告知委托方收到投诉 / taken in, the customer was called"),
    ("investigated", "investigation", "快递在途延误两天 / the courier lost two days"),
    ("decided", "decision", "投诉成立，免下次运费 / upheld, the next courier is free"),
    ("notified", "notification", "处理结果已书面告知 / the answer was written"),
    ("closed", "action", "改为当日取件的快递 / a courier that collects the same day"),
)
"""States of the complaint and the entry that each needs."""
GAIN, OUT = 1.2e-5, 9.0e-5
"""Relative errors of meters that keep their limits, at most, and of those that do not."""
NOISE = 3e-7
PROMISED = timedelta(days=14)
"""From the contract review to the day promised."""
UNFINISHED = (8, 7, 6, 5, 4, 3, 2, 1)
"""Days before the end when the last orders come in: the laboratory is found in the middle of its work."""
UNVERIFIED, UNAPPROVED = {43, 44}, {41, 42}
"""Of those, the ones whose verifier or approver has not come to them by the end, whatever day of the week that is."""
AWAY = timedelta(days=9)


@dataclass(slots=True)
class Year:
    """What every story needs: the session, who acts, where documents go, and a seeded source of chance."""

    session: Session
    settings: Settings
    password: str
    owners: list[int]
    chance: random.Random

    def who(self, username: str) -> Actor:
        return people.by_username(self.session, username)


def a_year(
    session: Session,
    begin: datetime,
    end: datetime,
    *,
    settings: Settings,
    password: str,
    besides: Sequence[Story] = (),
    month: Callable[[], object] | None = None,
) -> int:
    """Tell the year from begin to end; how many certificates it has. besides: stories of others, told in between.

    month: called after each month is told.
    """
    owners = [session.scalars(select(Customer.id).order_by(Customer.id).limit(1)).one()]
    for zh, en in CUSTOMERS:
        address = {"zh": "云岭市（虚构）", "en": "Yunling (fictional)"}
        owners.append(
            laboratory.add_customer(
                session, name={"zh": zh, "en": en}, address=address, contact="何远", by=None, at=begin
            ).id
        )
    year = Year(session, settings, password, owners, random.Random(17025))  # noqa: S311  a made-up year, not a secret
    step = (end - begin) / (JOBS + 0.3)
    mornings = [(begin + n * step).replace(hour=1, minute=0, second=0, microsecond=0) for n in range(1, JOBS + 1)]
    mornings += [(end - timedelta(days=days)).replace(hour=1, minute=0, second=0, microsecond=0) for days in UNFINISHED]
    starts = [_later(at, hours=n % 5 / 4) for n, at in enumerate(mornings)]  # from 09:00 in Yunling
    stories = [_order(year, n, at) for n, at in enumerate(starts, 1)]
    stories += [*besides, _complaint(year, _later(begin, days=200))]
    tell(stories, end, month)
    return len(session.scalars(select(Certificate.id)).all())


def tell(stories: Sequence[Story], end: datetime, month: Callable[[], object] | None = None) -> None:
    """Go on with the story whose instant comes first, until all are told or the rest lies after the end."""
    last = None
    for at in _together(stories):
        if at >= end:
            break
        if month is not None and last is not None and (at.year, at.month) != last:
            month()
        last = (at.year, at.month)
    if month is not None:
        month()


def _together(stories: Sequence[Story]) -> Story:
    """Several stories as one, each step at its instant."""
    waiting = [(next(story), n, story) for n, story in enumerate(stories)]
    heapq.heapify(waiting)
    while waiting:
        at, n, story = heapq.heappop(waiting)
        yield at
        then = next(story, None)
        if then is not None:
            heapq.heappush(waiting, (then, n, story))


def _later(at: datetime, *, days: int = 0, hours: float = 0) -> datetime:
    """So much later, on Monday where that falls on a weekend."""
    then = at + timedelta(days=days, hours=hours)
    return then + timedelta(days=max(0, 7 - then.weekday()) if then.weekday() > 4 else 0)


def _order(year: Year, n: int, at: datetime) -> Story:
    """An order of one or two meters, from the counter to the hand-over."""
    yield at
    session, keeper = year.session, year.who("keeper")
    rule: dict[str, Any] = {"rule": "guarded", "r": 1.0} if n % 3 else {"rule": "simple"}
    lines = [Line(_meter(n, each), procedure="DMM-DCV", rule=rule) for each in range(1 + n % 2)]
    terms = Terms(contact="何远", urgent=n % 10 == 0, delivery="both" if n % 4 == 0 else "electronic")
    owner = year.owners[n % len(year.owners)]
    order = orders.draft(session, customer_id=owner, terms=terms, lines=lines, by=keeper, at=at)
    orders.submit(session, order.number, by=keeper, at=at)
    at = _later(at, hours=3)
    yield at
    listed = order_lists.lines_of(session, order.id)
    decided = {line.id: Decision(True, "DMM-DCV") for line in listed}
    if n == REFUSED:
        reason = "本月无法按期完成 / cannot be done within the term"
        decided = {line.id: Decision(False, reason_code="capacity", reason=reason) for line in listed}
    due = registers.day(session, at) + PROMISED
    contract_review.decide(session, order.number, decided, version=order.version, due=due, by=keeper, at=at)
    if n == REFUSED:
        return
    wanted = [line.request_id for line in listed]
    jobs = session.scalars(select(Request).where(Request.id.in_(wanted)).order_by(Request.id)).all()
    yield from _together(
        [
            _job(year, n, job.number, _later(at, days=1, hours=place / 3), outside=n in OUTSIDE and not place)
            for place, job in enumerate(jobs)
        ]
    )


def _meter(n: int, place: int) -> dict[str, Any]:
    """Every third order brings a meter that has been here before, as meters come back."""
    serial = f"MY53{(n - 12 if n > 24 and n % 3 == 0 else n):03d}{place + 1:03d}"
    described = {"zh": "6½ 位数字多用表", "en": "6½-digit digital multimeter"}
    return {"maker": "Keysight", "model": "34401A", "serial": serial, "description": described}


def _job(year: Year, n: int, number: str, at: datetime, *, outside: bool) -> Story:
    yield at
    session, keeper, tech = year.session, year.who("keeper"), year.who("tech")
    good = items.Arrival({"zh": "外观完好", "en": "No visible damage"}, ("power_cord", "leads"))
    worn = items.Arrival({"zh": "前面板破裂", "en": "Cracked front panel"}, (), damaged="前面板破裂，不影响通电")
    items.receive(session, number, worn if n == DAMAGED else good, by=keeper, at=at)
    if n == DAMAGED:
        at = _later(at, days=2)
        yield at
        items.resolve(session, number, "go_on", "客户电话同意继续", by=keeper, at=at)
    who = {"performer_id": tech.person_id, "checker_id": year.who("verifier").person_id}
    assignments.assign(session, [number], **who, by=keeper, at=at)
    if n == HELD:
        holds.begin(session, number, "customer", "等待确认量程", by=tech, at=at)
        at = _later(at, days=3)
        yield at
        holds.end(session, number, by=tech, at=at)
    at = _later(at, days=16 if n == LATE else 2)
    yield at
    if n == WITHDRAWN:
        incidents.note(session, number, "withdrawn", "客户取回另用", by=keeper, at=at)
        return
    yield from _measured(year, n, number, at, outside=outside)


def _measured(year: Year, n: int, number: str, at: datetime, *, outside: bool) -> Story:
    session, settings = year.session, year.settings
    tech, verifier, approver = (year.who(name) for name in ("tech", "verifier", "approver"))
    error = OUT * year.chance.choice((-1, 1)) if outside else year.chance.uniform(-GAIN, GAIN)
    record = _read(year, number, "as_found", error, at)
    if n == RETURNED:
        review.return_record(session, record, "请说明读数所用的时间 / how long was each reading?", by=verifier, at=at)
        at = _later(at, hours=4)
        yield at
        evaluation.hand_over(session, record, by=tech, at=at, settings=settings)
    last = record
    if n == ADJUSTED and outside:
        incidents.note(session, number, "adjusted", "按说明书调整增益", by=tech, at=at)
        at = _later(at, hours=1)
        yield at
        last = _read(year, number, "as_left", error / 30, at)
    at = at + AWAY if n in UNVERIFIED else _later(at, days=1)
    yield at
    for each in dict.fromkeys((record, last)):
        review.verify_one(session, each, by=verifier, at=at)
    at = at + AWAY if n in UNAPPROVED else _later(at, hours=5)
    yield at
    issued = certificates.issue_one(session, last, by=approver, at=at, settings=settings)
    if outside and n != ADJUSTED:
        said = "调整前超出最大允许误差，已通知委托方 / found outside its limits"
        incidents.tell_out_of_tolerance(session, number, said, by=year.who("keeper"), at=at)
    at = _later(at, days=4)
    yield at
    way = "courier" if n % 2 else "pickup"
    note = "虚构快递 100200" if way == "courier" else ""
    hand_overs.hand_over(session, number, way=way, to_name="何远", note=note, by=year.who("keeper"), at=at)
    if n in (AMENDED, TAKEN_BACK):
        at = _later(at, days=6)
        yield at
    if n == AMENDED:
        why = "委托方地址有误 / the customer's address was wrong"
        certificates.amend(session, issued.number, why, year.password, by=approver, at=at, settings=settings)
    if n == TAKEN_BACK:
        certificates.withdraw(
            session, issued.number, "器具送错，应为另一台 / another meter was meant", by=approver, at=at
        )


def _read(year: Year, number: str, stage: str, error: float, at: datetime) -> str:
    """A record of three readings a point, evaluated and handed over; its number."""
    tech = year.who("tech")
    rows = []
    for point in procedures.plan(procedures.load_procedure("dmm-dcv")).points:
        scale = 1000.0 if point.display_unit == "mV" else 1.0
        nominal = float(point.nominal) * scale
        read = [nominal * (1 + error) + abs(nominal) * year.chance.gauss(0, NOISE) for _ in range(3)]
        rows.append({"point": point.no, "indications": [f"{each:.7f}" for each in read]})
    room = {"temperature": round(year.chance.uniform(22.4, 23.6), 1), "humidity": round(year.chance.uniform(42, 58))}
    record = bench.enter_readings(year.session, number, stage, rows, by=tech, at=at, ambient=room)
    evaluation.hand_over(year.session, record.number, by=tech, at=at, settings=year.settings)
    return record.number


def _complaint(year: Year, at: datetime) -> Story:
    """A complaint about a late certificate, followed to the customer's answer."""
    yield at
    session, quality = year.session, year.who("quality")
    case = cases.open_case(
        session,
        "complaint",
        "证书比约定晚到两天 / the certificate came two days late",
        origin={"type": "customer", "number": "1"},
        customer_id=year.owners[0],
        by=quality,
        at=at,
    )
    for state, kind, text in ANSWERED:
        at = _later(at, days=3)
        yield at
        cases.add_entry(session, case.number, kind, text, who="秦标" if kind == "action" else "", by=quality, at=at)
        cases.move(session, case.number, state, by=quality, at=at)
