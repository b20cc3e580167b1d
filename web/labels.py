"""The labels of items as their page prints them: facts of the registers put into lims.domain.labels."""

from __future__ import annotations

import json
from datetime import date

from lims.domain.labels import Label, StatusLabel, short_name, word_of
from lims.queries.items import ItemDetail, ItemLine
from web.speech import N_

WORDS = {"calibrated": N_("Calibrated"), "verified": N_("Verified"), "failed": N_("Failed verification")}


def item_label(line: ItemLine, due: date | None, position: tuple[int, int] | None = None) -> Label:
    """Number, what it is, whose, and until when; the QR code holds the number, as the scanner's field wants it."""
    return Label(
        code=line.request.number,
        what=f"{line.item.maker} {line.item.model}",
        serial=line.item.serial,
        customer=short_name(line.customer.name),
        due=due,
        position=position,
    )


def status_of(found: ItemDetail) -> StatusLabel | None:
    """The status after issue, from the newest certificate as it was frozen; None without one."""
    if not found.certificates:
        return None
    certificate = found.certificates[-1]
    said = json.loads(certificate.snapshot)
    until = said["dates"].get("valid_to")
    return StatusLabel(
        certificate=certificate.number,
        address=str(said["verification"]["url"]),
        what=f"{said['item']['maker']} {said['item']['model']}",
        serial=str(said["item"]["serial"]),
        day=date.fromisoformat(said["dates"]["performed_to"]),
        word=WORDS[word_of(certificate.kind)],
        valid_to=date.fromisoformat(until) if until else None,
    )
