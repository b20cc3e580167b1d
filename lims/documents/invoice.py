"""An invoice as PDF, in both languages, made from its frozen lines; the same invoice gives the same pages."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import typst

from lims.domain import fees
from lims.records import Customer, Invoice
from lims.words import N_, both

from .errors import RenderingFailed
from .pdf import font_folders

TEMPLATE = Path(__file__).parent / "invoice.typ"
WORDS = {
    "job": N_("Job"),
    "what": N_("For"),
    "amount": N_("Amount, CNY"),
    "total": N_("Total"),
    "no_tax": N_("This is a bill of the laboratory, not a tax invoice."),
}
STATES = {
    "issued": N_("has to be paid"),
    "paid": N_("is paid"),
    "cancelled": N_("is cancelled: not to be paid"),
}
_compiling = threading.Lock()


def as_pdf(
    invoice: Invoice, customer: Customer, laboratory: Mapping[str, Any], *, work: str, zone: ZoneInfo, software: str
) -> bytes:
    """The pages. work: number of the work order; zone: of the day printed. Raises RenderingFailed."""
    shown = view(invoice, customer, laboratory, work=work, zone=zone, software=software)
    with _compiling:
        try:
            made = _compiler().compile(
                format="pdf",
                sys_inputs={"view": json.dumps(shown, ensure_ascii=False)},
                pdf_standards=["a-2a", "ua-1"],
                timestamp=int(invoice.issued_at.timestamp()),
            )
        except typst.TypstError as error:
            raise RenderingFailed(number=invoice.number, reason=str(error)) from error
    assert isinstance(made, bytes)
    return made


@cache
def _compiler() -> typst.Compiler:
    """One compiler for the process: fonts are read once."""
    return typst.Compiler(str(TEMPLATE), root=str(TEMPLATE.parent), font_paths=font_folders(), ignore_system_fonts=True)


def view(
    invoice: Invoice, customer: Customer, laboratory: Mapping[str, Any], *, work: str, zone: ZoneInfo, software: str
) -> dict[str, Any]:
    """What the pages show, as text."""
    details = customer.details or {}
    title, tax = str(details.get("invoice_title") or ""), str(details.get("tax_number") or "")
    rows: list[tuple[str, Any]] = [
        (N_("Bill No."), invoice.number),
        (N_("Customer"), _text(customer.name)),
        *([(N_("Title for the invoice"), title)] if title else []),
        *([(N_("Taxpayer's number"), tax)] if tax else []),
        (N_("Work order No."), work),
        (N_("Day of the bill"), invoice.issued_at.astimezone(zone).date().isoformat()),
        (N_("Standing"), both(STATES[invoice.state])),
    ]
    return {
        "title": both(N_("Bill")),
        "number": invoice.number,
        "laboratory": _text(laboratory.get("name", {})),
        "address": _text(laboratory.get("address", {})),
        "facts": [{"word": both(word), "said": said} for word, said in rows],
        "lines": [
            {"request": line["request"], "what": both(fees.KINDS[line["kind"]]), "text": line["text"],
             "amount": line["amount"]}
            for line in invoice.lines
        ],
        "total": f"{invoice.total} CNY",
        "words": {key: both(word) for key, word in WORDS.items()},
        "software": software,
    }  # fmt: skip


def _text(said: Mapping[str, Any]) -> dict[str, str]:
    return {lang: str(said.get(lang) or "") for lang in ("zh", "en")}
