"""`python -m lims.words.build`: which texts have no Chinese yet, and which Chinese does not fit its English.

python -m lims.words.build            # lists them; exit code 1 when there are any
python -m lims.words.build --write    # adds the missing texts to zh/<area>.po, to be filled in
"""

from __future__ import annotations

import string
import sys
from collections.abc import Iterable, Sequence

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from .catalogue import FOLDER, entries, files, read
from .extract import Said, everything


def missing(said: Iterable[Said] | None = None) -> list[Said]:
    """Texts without Chinese, each once, at the first place where it is said."""
    known = {msgid for file in files() for msgid, _ in entries(file)}
    found: dict[str, Said] = {}
    for text in everything() if said is None else said:
        if text.msgid not in known:
            found.setdefault(text.msgid, text)
    return sorted(found.values())


def placeholders(text: str) -> set[str]:
    """The {names} of a text; a text that is no format has none."""
    try:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}
    except ValueError:
        return set()


def misfits() -> list[str]:
    """Translations whose {placeholders} differ from the English, and texts that two catalogues translate differently."""
    found, known = [], dict[str, tuple[str, str]]()
    for file in files():
        for msgid, msgstr in entries(file):
            if placeholders(msgid) != placeholders(msgstr):
                found.append(f"{file.name}: {msgid!r} and {msgstr!r} have different placeholders")
            other = known.setdefault(msgid, (file.name, msgstr))
            if other[1] != msgstr:
                found.append(f"{file.name}: {msgid!r} is {msgstr!r}, but {other[1]!r} in {other[0]}")
    return found


def add(texts: Iterable[Said]) -> None:
    """Add texts to the catalogues of their areas, without a translation."""
    by_area: dict[str, list[Said]] = {}
    for text in texts:
        by_area.setdefault(text.area, []).append(text)
    for area, group in by_area.items():
        file = FOLDER / f"{area}.po"
        catalogue = read(file) if file.exists() else Catalog(locale="zh", charset="utf-8", domain=area)
        for text in group:
            catalogue.add(text.msgid, locations=[(text.file, text.line)])
        with file.open("wb") as stream:
            write_po(stream, catalogue, width=0)


def main(arguments: Sequence[str]) -> int:
    """Exit code: 0 everything can be said in Chinese, 1 not."""
    gone, wrong = missing(), misfits()
    for text in gone:
        sys.stdout.write(f"{text.area}.po lacks {text.msgid!r} ({text.file}:{text.line})\n")
    for line in wrong:
        sys.stdout.write(line + "\n")
    if "--write" in arguments and gone:
        add(gone)
    sys.stdout.write(f"{len(everything())} texts, {len(gone)} without Chinese, {len(wrong)} that do not fit\n")
    return 1 if gone or wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
