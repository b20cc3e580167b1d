"""How a text is cut for the search box, the same on every database.

Full-text indexes of the usual databases find nothing for 砝码: they look for words between blanks. Here a text becomes
its words, whole (`=34401a`), so that the beginning of a word finds it, and the neighbouring pairs of its ideographs
(`砝码`), so that any two of them find it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

LONGEST = 60
"""Signs of a word that are kept."""
MOST = 12
"""Parts of a question that are looked at."""
WORD = "="

_IDEOGRAPH = r"\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3041-\u30ff\uac00-\ud7af\U00020000-\U0003ffff"
_RUN = re.compile(f"[{_IDEOGRAPH}]+")
_PART = re.compile(rf"[^\W_{_IDEOGRAPH}]+")


def plain(text: str) -> str:
    """Full width, half width, upper and lower case are the same: ＭＹ４１ is my41."""
    return unicodedata.normalize("NFKC", text).casefold()


def grams(texts: Iterable[str]) -> set[str]:
    """What is kept of an object's texts."""
    found: set[str] = set()
    for text in texts:
        for chunk in plain(text).split():
            found.update(_pairs(chunk))
            found.update(WORD + part[:LONGEST] for part in _PART.findall(chunk))
    return found


def _pairs(chunk: str) -> Iterable[str]:
    for run in _RUN.findall(chunk):
        if len(run) == 1:
            yield run
        yield from (run[at : at + 2] for at in range(len(run) - 1))


def asked(question: str) -> list[tuple[str, bool]]:
    """Parts of a question: (gram, whole). whole False: what begins with it is found too."""
    parts: dict[str, bool] = {}
    for chunk in plain(question).split():
        for run in _RUN.findall(chunk):
            if len(run) == 1:
                parts[run] = False
            for at in range(len(run) - 1):
                parts[run[at : at + 2]] = True
        for part in _PART.findall(chunk):
            parts[WORD + part[:LONGEST]] = False
    return list(parts.items())[:MOST]


def after(prefix: str) -> str:
    """The first text that no longer begins with the prefix, in the order of code points."""
    return prefix + "\U0010ffff"
