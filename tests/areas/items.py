"""Items in the laboratory's hands: received, photographed, labelled, handed over; numbers and prints."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from lims.queries import items as lists
from lims.queries import numbers
from lims.queries import providers as provider_lists
from lims.queries import visits as visit_lists
from lims.records import Request
from lims.services import (
    assignments,
    copies,
    hand_overs,
    incidents,
    items,
    people,
    providers,
    subcontracting,
    visits,
    work_orders,
)

PAGES = {
    "keeper": "/requests/WT-2026-000001 /requests/receive /requests/receive?code=DAM-2 /requests/back "
    "/requests/back?which=outside /requests/WT-2026-000001/label /requests/WT-2026-000003/label?label=status "
    "/numbers/ /numbers/?series=request /numbers/request/2026 /numbers/prints/YS-2026-000001 /visits/ /visits/new "
    "/requests/WT-2026-000002",
    "manager": "/providers/",
    "customer": "/requests/ /requests/WT-2026-000001",
}
ROUTES = {
    "requests.create": "item_acts.decide item_acts.subcontract",
    "items.read": "intake.back",
    "requests.read": "intake.file",
    "items.receive": "intake.scan",
    "items.handle": "intake.label intake.sheet item_acts.incident item_acts.photograph item_acts.print_label "
    "item_acts.print_sheet item_acts.tell visits.act",
    "providers.manage": "providers.propose providers.move",
    "standards.read": "providers.index",
    "bench.read": "visits.index",
    "items.assign": "item_acts.assign item_acts.conflict orders.work_assign visits.new visits.new:POST visits.cancel",
    "items.return": "item_acts.ready item_acts.hand_over",
    "complaints.create": "item_acts.dispute",
    "numbers.read": "numbers.index numbers.series",
    "certificates.print": "numbers.prints",
}
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)
"""One red point."""
ARRIVAL = items.Arrival(
    {"zh": "屏幕破裂", "en": "Cracked display"}, ("power_cord", "leads"), "𠮷 2", damaged="屏幕有裂纹"
)


def fill(session: Session) -> None:
    from tests.web.laboratory import AT, a_request  # which imports the areas

    keeper, tech = people.by_username(session, "keeper"), people.by_username(session, "tech")
    items.photograph(session, "WT-2026-000001", ("a.png", PNG), "铭牌", by=keeper, at=AT)
    incidents.note(session, "WT-2026-000001", "moved", "3 号柜", by=tech, at=AT)
    damaged = a_request(session, serial="DAM-1", receive=False)
    items.receive(session, damaged.number, ARRIVAL, photos=[("b.png", PNG)], by=keeper, at=AT)
    a_request(session, serial="DAM-2", receive=False)
    dead = a_request(session, serial="DAM-3")
    incidents.note(session, dead.number, "uncalibratable", "无法开机", by=tech, at=AT)
    hand_overs.ready(session, dead.number, "", by=keeper, at=AT)
    copies.note(session, "YS-2026-000001", "printed", "", by=keeper, at=AT)
    manager, quality = people.by_username(session, "manager"), people.by_username(session, "quality")
    assignments.assign(session, ["WT-2026-000001"], performer_id=tech.person_id, checker_id=None, by=keeper, at=AT)
    known = {
        "name": {"zh": "𠮷林计量院（虚构）"},
        "accreditation": "L0000",
        "scope": ["DCV"],
        "valid_to": date(2027, 6, 1),
    }
    approved = providers.propose(session, **known, by=manager, at=AT)
    providers.move(session, approved.id, "approved", "见证书 L0000", version=1, by=quality, at=AT)
    providers.propose(session, **known | {"name": {"zh": "待审实验室（虚构）"}}, by=manager, at=AT)
    away = a_request(session, serial="SUB-1")
    subcontracting.consent(session, away.number, "电话同意", by=keeper, at=AT)
    subcontracting.send(session, away.number, approved.id, "DCV", "", by=keeper, at=AT)
    own = work_orders.open_internal(
        session, kind="comparison", standard="YQ-2026-000001", procedure="DMM-DCV", due=None, note="", by=keeper, at=AT
    )
    for n in range(2):
        planned = visits.plan(
            session,
            own.number,
            site=f"{n + 1} 号车间",
            from_day=AT.date(),
            to_day=AT.date() + timedelta(days=n),
            people=[tech.person_id],
            equipment=["YQ-2026-000001"],
            by=keeper,
            at=AT,
        )
    visits.begin(session, planned.id, by=tech, at=AT)


def _item(w: Any) -> Request:
    found: Request = w.request
    return found


DOORS: dict[str, Any] = {
    "services.items.receive": lambda w, by: items.receive(w.session, w.waiting.number, ARRIVAL, by=by, at=w.lab.at),
    "services.items.resolve": lambda w, by: items.resolve(w.session, w.waiting.number, "go_on", "r", by=by, at=w.lab.at),
    "services.items.photograph": lambda w, by: items.photograph(w.session, w.waiting.number, ("a", PNG), "", by=by, at=w.lab.at),
    "services.items.print_labels": lambda w, by: items.print_labels(w.session, [w.waiting.number], "item", by=by, at=w.lab.at),
    "services.incidents.note": lambda w, by: incidents.note(w.session, w.waiting.number, "note", "x", by=by, at=w.lab.at),
    "services.incidents.mark_conflict": lambda w, by: incidents.mark_conflict(w.session, w.waiting.number, 1, "x", by=by, at=w.lab.at),
    "services.incidents.dispute": lambda w, by: incidents.dispute(w.session, w.request.number, "x", by=by, at=w.lab.at),
    "services.incidents.tell_out_of_tolerance": lambda w, by: incidents.tell_out_of_tolerance(w.session, w.request.number, "x", by=by, at=w.lab.at),
    "services.assignments.assign": lambda w, by: assignments.assign(w.session, [w.request.number], performer_id=None, checker_id=None, by=by, at=w.lab.at),
    "services.providers.propose": lambda w, by: providers.propose(w.session, name={"zh": "某院"}, accreditation="", scope=["DCV"], valid_to=None, by=by, at=w.lab.at),
    "services.providers.move": lambda w, by: providers.move(w.session, 1, "approved", "x", version=1, by=by, at=w.lab.at),
    "services.subcontracting.consent": lambda w, by: subcontracting.consent(w.session, w.request.number, "x", by=by, at=w.lab.at),
    "services.subcontracting.send": lambda w, by: subcontracting.send(w.session, w.request.number, 1, "DCV", "", by=by, at=w.lab.at),
    "services.subcontracting.come_back": lambda w, by: subcontracting.come_back(w.session, w.request.number, "x", ("a", PNG), whole=False, by=by, at=w.lab.at),
    "services.visits.plan": lambda w, by: visits.plan(w.session, "RW-1", site="x", from_day=w.lab.at.date(), to_day=w.lab.at.date(), people=[1], equipment=[], by=by, at=w.lab.at),
    "services.visits.begin": lambda w, by: visits.begin(w.session, 1, by=by, at=w.lab.at),
    "services.visits.end": lambda w, by: visits.end(w.session, 1, "x", by=by, at=w.lab.at),
    "services.visits.cancel": lambda w, by: visits.cancel(w.session, 1, "x", by=by, at=w.lab.at),
    "queries.providers.all_of": lambda w, by: provider_lists.all_of(w.session, by),
    "queries.providers.usable": lambda w, by: provider_lists.usable(w.session, w.lab.at.date(), by),
    "queries.visits.page": lambda w, by: visit_lists.page(w.session, by),
    "queries.visits.choices": lambda w, by: visit_lists.choices(w.session, by),
    "services.hand_overs.ready": lambda w, by: hand_overs.ready(w.session, w.request.number, "", by=by, at=w.lab.at),
    "services.hand_overs.hand_over": lambda w, by: hand_overs.hand_over(w.session, w.request.number, way="pickup", to_name="x", by=by, at=w.lab.at),
    "services.hand_overs.hand_over_paper": lambda w, by: hand_overs.hand_over_paper(w.session, w.request.number, way="pickup", to_name="x", by=by, at=w.lab.at),
    "services.copies.note": lambda w, by: copies.note(w.session, w.certificate.number, "printed", "", by=by, at=w.lab.at),
    "queries.items.detail": lambda w, by: lists.detail(w.session, w.request.number, by),
    "queries.items.file_of": lambda w, by: lists.file_of(w.session, w.request.number, 1, by),
    "queries.items.awaited": lambda w, by: lists.awaited(w.session, "MY41000001", by),
    "queries.items.to_go_back": (lambda w, by: lists.to_go_back(w.session, by), "customer2"),
    "queries.items.out_of_tolerance": (lambda w, by: lists.out_of_tolerance(w.session, by), "customer2"),
    "queries.items.of_work_order": lambda w, by: lists.of_work_order(w.session, "RW-1", by),
    "queries.items.people_for": (lambda w, by: lists.people_for(w.session, ["DMM-DCV"], "perform", w.lab.at.date(), by), "customer2"),
    "queries.numbers.years": lambda w, by: numbers.years(w.session, by),
    "queries.numbers.accounts": lambda w, by: numbers.accounts(w.session, by, 2026, ["request"]),
    "queries.numbers.page": lambda w, by: numbers.page(w.session, by, "request", 2026),
    "queries.numbers.prints": lambda w, by: numbers.prints(w.session, w.certificate, by),
}  # fmt: skip
OF_A_DOOR = "of a request that a door gave"
INNER = {
    "services.item_events.leave": "services that have asked for the right",
    "services.item_events.store": "services that have asked for the right",
    "services.item_events.stored_photo": "services that have asked for the right",
    "services.item_events.required": "reads a value",
    "services.holds.let_go": "services that have decided on a request",
    "queries.items.events_of": OF_A_DOOR,
    "queries.items.conflicts_in": "reads values",
    "queries.items.promised": OF_A_DOOR,
    "queries.items.site_of": OF_A_DOOR,
    "queries.items.ordered_delivery": OF_A_DOOR,
    "queries.items.certificates_of": OF_A_DOOR,
}
