"""A person as an instrument: what somebody reads from a dial, typed in."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NoReturn, Self

from instruments.errors import ErrorStyle
from instruments.link import Link
from instruments.reading import Identity, Reading
from instruments.roles_mechanical import Indicator, NothingEntered, UnusableEntry
from instruments.specifications.phrase import Phrase

NUMBER = re.compile(r"[+-]?\d{1,12}(?:\.\d{1,12})?")


class ManualEntry(Indicator):
    """Readings typed by an operator. Resource: `MANUAL::unit::serial number of the dial`.

    Each value is typed twice, or confirmed by another person. low, high: what the dial can show; step: the smallest
    part of a division that is estimated. ask: called when a reading is asked for and none is entered yet; it enters.
    """

    maker, model = "by hand", "MANUAL"
    identity = r"by hand, MANUAL,"
    errors = ErrorStyle()
    low: float | None = None
    high: float | None = None
    step: str = ""
    ask: Callable[[Any], object] | None = None

    def __init__(self, link: Link, *, expect_serial: str | None = None, marked: bool = False) -> None:
        super().__init__(link, expect_serial=expect_serial, marked=marked)
        kind, unit, serial = ([*link.resource.split("::", 2), "", ""])[:3]
        if kind.upper() != "MANUAL" or not unit or not serial:
            right = Phrase("MANUAL::unit::serial number")
            raise UnusableEntry(field="name of the resource", resource=link.resource, found=link.resource, right=right)
        self.unit, self.serial_number = unit, serial
        self.entered: deque[Reading] = deque()

    @classmethod
    def open(cls, resource: str, library: Any = "@py", *, expect_serial: str | None = None, **options: Any) -> Self:
        """The dial of a resource; there is no line to open."""
        return cls(Link(resource, library, **options), expect_serial=expect_serial)

    def ask_identity(self) -> Identity:
        """The dial's serial number as somebody wrote it into the resource."""
        raw = f"{self.maker}, {self.model}, {self.serial_number}"
        return Identity(self.maker, self.model, self.serial_number, "", raw)

    def enter(
        self,
        typed: str,
        *,
        by: str,
        again: str | None = None,
        confirmed_by: str | None = None,
        photo: bytes | None = None,
        at: datetime | None = None,
    ) -> Reading:
        """Take a value: typed twice by one person (again), or seen by another one (confirmed_by).

        photo: of the dial; its SHA-256 is kept with the reading. at: aware; now where not given.
        Raises UnusableEntry, and keeps nothing then.
        """
        value = self._number(typed)
        if not by.strip():
            self._refuse("operator's name", repr(by), Phrase("the name of a person"))
        if again is not None and self._number(again) != value:
            self._refuse("second entry", again, Phrase("{value}, as in the first entry", value=typed.strip()))
        if again is None and (not (confirmed_by or "").strip() or (confirmed_by or "").strip() == by.strip()):
            self._refuse(
                "second look", repr(confirmed_by or ""), Phrase("the value typed twice, or another person's name")
            )
        moment = at or datetime.now(UTC)
        if moment.tzinfo is None:
            self._refuse("time of the reading", str(moment), Phrase("a time with its zone"))
        setup: dict[str, object] = {"by": by.strip(), "confirmed": (confirmed_by or "typed twice").strip()}
        if photo is not None:
            setup["photo_sha256"] = hashlib.sha256(photo).hexdigest()
        raw = typed if again is None else f"{typed} | {again}"
        reading = Reading(float(value), self.unit, raw, moment, MappingProxyType(setup))
        self.entered.append(reading)
        return reading

    @property
    def reading(self) -> Reading:
        """The next value that was entered, once; raises NothingEntered."""
        if not self.entered and self.ask is not None:
            self.ask(self)
        if not self.entered:
            raise NothingEntered(resource=self.resource)
        return self.entered.popleft()

    def _number(self, typed: str) -> Decimal:
        text = unicodedata.normalize("NFKC", typed).strip().replace("\u2212", "-")  # full-width digits, minus sign
        if not NUMBER.fullmatch(text) or not text.isascii():
            self._refuse("typed value", repr(typed), Phrase("a plain number with a decimal point"))
        value = Decimal(text)
        low, high = self.low, self.high
        if (low is not None and value < Decimal(str(low))) or (high is not None and value > Decimal(str(high))):
            self._refuse("typed value", text, Phrase("{low} to {high} {unit}", low=low, high=high, unit=self.unit))
        if self.step and value % Decimal(self.step):
            self._refuse("typed value", text, Phrase("a multiple of {step} {unit}", step=self.step, unit=self.unit))
        return value

    def _refuse(self, field: str, found: str, right: Phrase) -> NoReturn:
        raise UnusableEntry(field=field, resource=self.resource, found=found, right=right)
