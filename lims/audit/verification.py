"""Reading the chain from the first entry to the last: what was edited, left out, put in, or cut off at the end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.records import AuditEntry, AuditHead
from lims.words import N_

from .chain import write
from .hashing import FIELDS, GENESIS, hash_of

BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Report:
    """entries: how many were read. first_bad: seq of the first entry that does not hold. why: in English, translatable.

    head: (seq, hash) as the chain itself ends.
    """

    ok: bool
    entries: int
    first_bad: int | None
    why: str | None
    head: tuple[int, str]


EDITED = N_("the entry does not match its hash")
UNLINKED = N_("the entry does not follow the hash before it")
GAP = N_("an entry is missing")
SHORTENED = N_("the chain ends before its head")
LONGER = N_("entries stand behind the head")
OTHER_HEAD = N_("the head names another hash than the last entry")
NO_HEAD = N_("the head is missing")
CERTIFICATE = N_("a certificate carries another hash for this entry")


def verify(session: Session, heads: Iterable[tuple[int, str]] = ()) -> Report:
    """Whether the chain is whole.

    heads: (seq, hash) pairs kept elsewhere, such as those that certificates carry: a chain that was cut off and closed
    again with a new head still differs from them. Written for millions of entries: they are read in batches.
    """
    write(session)
    carried: dict[int, set[str]] = {0: {GENESIS}}
    for seq, digest in heads:
        carried.setdefault(seq, set()).add(digest)
    known = session.execute(select(AuditHead.seq, AuditHead.hash).where(AuditHead.id == 1)).one_or_none()
    columns = [getattr(AuditEntry, name) for name in (*FIELDS, "hash")]
    last, digest, entries = 0, GENESIS, 0

    def bad(seq: int, why: str) -> Report:
        return Report(False, entries, seq, why, (last, digest))

    if carried[0] != {GENESIS}:
        return bad(0, CERTIFICATE)
    in_order = select(*columns).order_by(AuditEntry.seq).execution_options(yield_per=BATCH)
    with session.execute(in_order) as found:
        for row in found.mappings():
            entries += 1
            if row["seq"] != last + 1:
                return bad(last + 1, GAP)
            if row["prev_hash"] != digest:
                return bad(row["seq"], UNLINKED)
            if hash_of(dict(row)) != row["hash"]:
                return bad(row["seq"], EDITED)
            last, digest = row["seq"], row["hash"]
            if carried.get(last, {digest}) != {digest}:
                return bad(last, CERTIFICATE)
    if known is None:
        return bad(last, NO_HEAD)
    if known.seq > last:
        return bad(last + 1, SHORTENED)
    if known.seq < last:
        return bad(known.seq + 1, LONGER)
    if known.hash != digest:
        return bad(last, OTHER_HEAD)
    beyond = [seq for seq in carried if seq > last]
    if beyond:
        return bad(last + 1, SHORTENED)
    return Report(True, entries, None, None, (last, digest))
