"""What a page says of an item: the next step for each state, tones of events, files that were sent."""

from __future__ import annotations

from flask import request

from lims.domain import pictures
from web.forms import Form
from web.speech import N_

NEXT = {
    "accepted": N_("The item is expected: reception receives it by its code."),
    "discrepancy": N_("The work stands still until it is decided what happens to the item."),
    "received": N_("Assign a performer and a checker; then the performer opens the bench."),
    "in_work": N_("The performer measures and submits the record; then it is verified and approved."),
    "uncalibratable": N_("The item goes back without a certificate: hand it over."),
    "issued": N_("The work is done: hand the item over, or hand out the certificate."),
    "withdrawn": N_("The item goes back unmeasured: hand it over."),
    "refused": N_("The item goes back unmeasured: hand it over."),
    "lost": N_("The loss is followed up as nonconforming work."),
    "returned": N_("The item has gone back; nothing is left to do."),
}
NEXT_FOR_CUSTOMER = {
    "accepted": N_("Bring or send the item to the laboratory, with this number."),
    "discrepancy": N_("The laboratory waits for your decision below."),
    "received": N_("The item is in the laboratory and waits for its turn."),
    "in_work": N_("The item is being measured."),
    "uncalibratable": N_("The item could not be calibrated; the laboratory hands it back."),
    "issued": N_("The certificate is issued; the item can be collected."),
    "withdrawn": N_("The item goes back to you unmeasured."),
    "refused": N_("The item goes back to you unmeasured."),
    "lost": N_("The laboratory gets in touch with you about the loss."),
    "returned": N_("You have the item back."),
}
TONES = {
    "damaged_on_receipt": "bad",
    "damaged_in_laboratory": "bad",
    "lost": "bad",
    "uncalibratable": "bad",
    "discrepancy": "attention",
    "partial": "attention",
    "withdrawn": "attention",
    "returned": "good",
    "ready": "good",
}
ABOUT = {
    "conflict": N_("conflict of interest noted"),
    "dispute": N_("the customer objects to the result"),
    "out_of_tolerance": N_("found outside its limits; the customer is told"),
    "decision": N_("decided"),
}
"""Notes that say something of their own instead of "note"."""


def photos(field: str = "photo") -> list[tuple[str, bytes]]:
    """The files sent under a field: name and content, read no further than one byte over the limit."""
    return [
        (each.filename, each.stream.read(pictures.LARGEST + 1))
        for each in request.files.getlist(field)[:20]
        if each.filename
    ]


def chosen_people(form: Form) -> dict[str, int | None]:
    """The performer and the checker chosen in a form; nothing chosen: nobody."""
    return {f"{role}_id": form.whole(role) if form.value(role).strip() else None for role in ("performer", "checker")}
