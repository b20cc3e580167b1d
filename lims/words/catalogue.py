"""The catalogues: every zh/*.po beside this file, read once, no compiled copies."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from gettext import NullTranslations
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

LANGUAGES = ("zh", "en")
FOLDER = Path(__file__).parent / "zh"


class Words(NullTranslations):
    """A gettext-like object over a plain mapping; what it does not hold comes back as it is."""

    def __init__(self, lang: str, messages: dict[str, str]) -> None:
        super().__init__()
        self.lang, self.messages = lang, messages

    def gettext(self, message: str) -> str:
        return self.messages.get(message, message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Chinese has one form, found under the singular or the plural; English two."""
        if msgid1 in self.messages:
            return self.messages[msgid1]
        return self.messages.get(msgid2, msgid1 if n == 1 else msgid2)

    def pgettext(self, context: str, message: str) -> str:
        return self.messages.get(f"{context}\x04{message}", self.gettext(message))

    def npgettext(self, context: str, msgid1: str, msgid2: str, n: int) -> str:
        return self.messages.get(f"{context}\x04{msgid1}", self.ngettext(msgid1, msgid2, n))

    def __contains__(self, message: str) -> bool:
        return message in self.messages


def files() -> list[Path]:
    """The Chinese catalogues, one an area."""
    return sorted(FOLDER.glob("*.po"))


def read(file: Path) -> Catalog:
    """One catalogue; raises PoFileError where the file is broken."""
    with file.open("rb") as stream:
        return read_po(stream, locale="zh", domain=file.stem, abort_invalid=True)


def entries(file: Path) -> Iterator[tuple[str, str]]:
    """(msgid, msgstr) of every translated message of a catalogue; fuzzy ones do not count."""
    for message in read(file):
        if not message.id or message.fuzzy:
            continue
        forms = message.id if isinstance(message.id, tuple | list) else (message.id,)
        said = message.string[0] if isinstance(message.string, tuple | list) else message.string
        if said:
            for form in forms:
                yield (f"{message.context}\x04{form}" if message.context else form), said


@cache
def translations(lang: str) -> Words:
    """The words of a language, zh or en; any other language gets English."""
    if lang != "zh":
        return Words("en", {})
    return Words("zh", {msgid: said for file in files() for msgid, said in entries(file)})
