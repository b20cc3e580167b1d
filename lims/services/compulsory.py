"""The register of compulsory verification (强制检定): instruments are filed, applied for, verified in time, deregistered.

Source: 计量法 第九条; 强制检定的工作计量器具检定管理办法 第五条 (users register and apply), 第八条 (interval), 第九条 (the body
arranges the verification).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import audit
from lims.domain import orders, states
from lims.domain.actor import Actor
from lims.domain.errors import NotFound, UnusableValue
from lims.domain.intervals import valid_to
from lims.domain.rights import require
from lims.queries import compulsory, ledger, registers, rules
from lims.records import CatalogueEntry, CompulsoryEntry, Request
from lims.records.series import next_number
from lims.words import N_, both

DONE = {"verification": "verified", "result_notice": "failed"}
"""Document → what the register says after it: a certificate says that the item passed, a notice that it did not."""


def file(
    session: Session, code: str, use: str, *, place: str = "", authority: str = "", by: Actor, at: datetime
) -> CompulsoryEntry:
    """Enter an instrument of the ledger for a use under which the catalogue lists it. Raises NotFound, UnusableValue."""
    require(by, "compulsory.manage")
    item = ledger.by_code(session, code.strip(), by=by, lock=True)
    if item.customer_id is None:
        raise UnusableValue(field="code", found=code, right=N_("an instrument of a customer"))
    if use not in orders.USES:
        raise UnusableValue(field="use", found=use or "—", right=", ".join(orders.USES))
    listed = rules.compulsory_for(session, item, use, registers.day(session, at))
    if listed is None:
        raise UnusableValue(
            field="use", found=both(orders.USES[use]), right=N_("a use for which the catalogue lists it")
        )
    kept = compulsory.of_instrument(session, item.id, lock=True)
    if kept is not None:
        raise UnusableValue(
            field="code", found=code, right=both("not filed yet; it is entry {number}", number=kept.number)
        )
    row = CompulsoryEntry(
        number=next_number(session, "compulsory", at),
        instrument_id=item.id,
        customer_id=item.customer_id,
        catalogue_entry_id=listed.id,
        use=use,
        place=place.strip(),
        authority=authority.strip(),
        state="filed",
        due=item.due,
        filed_at=at,
        filed_by_id=by.person_id,
    )
    session.add(row)
    session.flush()
    facts = {"instrument": code, "use": use, "catalogue": listed.number}
    audit.append(session, "compulsory.filed", "compulsory", row.number, by=by.username, at=at, payload=facts)
    return row


def apply(session: Session, number: str, *, by: Actor, at: datetime) -> CompulsoryEntry:
    """The user has applied for the verification; from now on the laboratory has to arrange it."""
    return _moved(session, number, "applied", "", by, at)


def deregister(session: Session, number: str, reason: str, *, by: Actor, at: datetime) -> CompulsoryEntry:
    """Out of the register, with the reason: scrapped, sealed, or used for something else."""
    if not reason.strip():
        raise UnusableValue(field="reason", found="—", right=N_("why it leaves the register"))
    return _moved(session, number, "deregistered", reason.strip(), by, at)


def _moved(session: Session, number: str, to: str, reason: str, by: Actor, at: datetime) -> CompulsoryEntry:
    require(by, "compulsory.manage")
    row = session.scalar(
        select(CompulsoryEntry)
        .where(CompulsoryEntry.number == number)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound(kind="entry", number=number)
    states.COMPULSORY.move(row, to)
    session.flush()
    audit.append(session, f"compulsory.{to}", "compulsory", number, by=by.username, at=at, reason=reason or None)
    return row


def note_result(session: Session, request: Request, kind: str, *, by: Actor, at: datetime) -> None:
    """After a document was issued: what it says for the register, and the day by which the next one is due."""
    row = compulsory.of_instrument(session, request.instrument_id, lock=True) if kind in DONE else None
    if row is None or row.state == "deregistered":
        return
    if row.state != "applied":
        states.COMPULSORY.move(row, "applied")  # brought without an application: the order was one
    states.COMPULSORY.move(row, DONE[kind])
    months = session.get_one(CatalogueEntry, row.catalogue_entry_id).interval
    row.last, row.result = registers.day(session, at), DONE[kind]
    row.due = valid_to(row.last, months) if months is not None and DONE[kind] == "verified" else None
    session.flush()
    facts = {"result": DONE[kind], "due": None if row.due is None else row.due.isoformat()}
    audit.append(session, "compulsory.result", "compulsory", row.number, by=by.username, at=at, payload=facts)
