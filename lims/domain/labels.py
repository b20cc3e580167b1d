"""What a label says: on an item in the laboratory, and on an item that goes back with its certificate."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

ENDINGS = re.compile(
    r"(（虚构）|\(fictional\)|股份有限公司|有限责任公司|有限公司|,?\s*Co\.,?\s*Ltd\.?|,?\s*(Ltd|Inc|LLC|GmbH)\.?)+$",
    re.IGNORECASE,
)
"""What a company's name may lose on a label of 50 mm."""
LONGEST = 18


@dataclass(frozen=True, slots=True)
class Label:
    """One label. code: what its QR code holds, and a person can read beside it.

    due: the day the work is promised. position: (n, of all) within a work order.
    """

    code: str
    what: str
    serial: str
    customer: Mapping[str, str]
    due: date | None = None
    position: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class StatusLabel:
    """What the item is found to be. address: of the page that authenticates the certificate, in the QR code.

    valid_to: only where a verification sets it: a label recommends no interval of calibration (ISO/IEC 17025:2017,
    7.8.4.3). word: calibrated | verified | failed.
    """

    certificate: str
    address: str
    what: str
    serial: str
    day: date
    word: str
    valid_to: date | None = None


def short_name(name: Mapping[str, str]) -> dict[str, str]:
    """A customer's name without the legal form, cut to what a label holds; each language for itself."""
    return {language: _short(text) for language, text in name.items()}


def _short(text: str) -> str:
    found = ENDINGS.sub("", text.strip()).strip() or text.strip()
    return found if len(found) <= LONGEST else found[: LONGEST - 1] + "…"


def word_of(kind: str) -> str:
    """The word on a status label for a kind of certificate; a notice of result says that the item failed."""
    return {"verification": "verified", "result_notice": "failed"}.get(kind, "calibrated")
