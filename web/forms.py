"""What a person typed: kept as typed, given back with the error in its place."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import request

from lims.domain.errors import NotAllowed, NotFound, UnusableValue, WrongPassword
from lims.words import N_
from web.errors import KNOWN, sentence_of

LONGEST = 4000


class Form:
    """Entered text of a form with at most one refusal: a sentence beside its field, or above the form.

    place: the field whose value was refused, when the form has it.
    """

    def __init__(self, entered: Mapping[str, str] | None = None, defaults: Mapping[str, Any] | None = None) -> None:
        self.entered = entered
        self.defaults = defaults or {}
        self.place: str | None = None
        self.refusal: str | None = None

    @classmethod
    def sent(cls, **defaults: Any) -> Form:
        """The form of this request; empty with its defaults for a GET."""
        return cls(request.form if request.method == "POST" else None, defaults)

    def value(self, name: str) -> str:
        if self.entered is not None and name in self.entered:
            return str(self.entered[name])[:LONGEST]
        found = self.defaults.get(name, "")
        return "" if found is None else str(found)

    def text(self, name: str) -> str:
        """A required line of text. Raises UnusableValue when it is empty."""
        found = self.value(name).strip()
        if not found:
            raise UnusableValue(field=name, found="—", right=N_("filled in"))
        return found

    def ticked(self, name: str) -> bool:
        return self.value(name) in ("on", "1", "true", "yes")

    def whole(self, name: str) -> int:
        found = unicodedata.normalize("NFKC", self.value(name)).strip()
        if not found.isascii() or not found.isdigit() or len(found) > 9:
            raise UnusableValue(field=name, found=found or "—", right=N_("a whole number"))
        return int(found)

    def decimal(self, name: str, default: str | None = None) -> Decimal:
        """A number as people type it: full-width digits, a comma of thousands or blanks between, 1e-3."""
        return decimal_of(self.value(name) or (default or ""), name)

    def refuse(self, error: Exception) -> None:
        """Keep the sentence of an error, in its place when the error names a field of this form.

        What no other entry could mend is raised again: a right that is missing, an object that is not there.
        """
        if isinstance(error, NotAllowed | NotFound):
            raise error
        place = getattr(error, "facts", {}).get("field")
        self.place = str(place) if self.entered is not None and place in self.entered else None
        self.refusal = sentence_of(error)

    def refuse_signature(self, error: Exception) -> None:
        """As refuse; a wrong password stands beside the password."""
        self.refuse(error)
        if isinstance(error, WrongPassword):
            self.place = "password"

    def error(self, name: str) -> str | None:
        return self.refusal if self.place == name else None

    @property
    def sentence(self) -> str | None:
        return self.refusal if self.place is None else None

    @property
    def status(self) -> int:
        return 200 if self.refusal is None else 422


def decimal_of(text: str, field: str) -> Decimal:
    typed = unicodedata.normalize("NFKC", text).replace(" ", "").replace("\N{MINUS SIGN}", "-").replace("\u2009", "")
    try:
        found = Decimal(typed)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise UnusableValue(field=field, found=text.strip() or "—", right=N_("a number such as 10.00012 or 1e-3"))
    return found


REFUSALS = KNOWN
