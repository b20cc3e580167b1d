"""Every fixed text of a document exists in both languages, with the same placeholders."""

from __future__ import annotations

import string

from lims import words
from lims.documents import errors
from lims.documents.findings import SENTENCES
from lims.documents.texts import LABELS


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def _sentences() -> list[str]:
    kinds = [
        held for held in vars(errors).values() if isinstance(held, type) and issubclass(held, errors.DocumentError)
    ]
    return [*LABELS.values(), *SENTENCES.values(), *(kind.sentence for kind in kinds)]


def test_every_text_has_its_chinese_with_the_same_placeholders() -> None:
    for text in _sentences():
        chinese = words.gettext(text, "zh")
        assert chinese != text or text in ("TUR", "ν_eff"), text
        assert _placeholders(chinese) == _placeholders(text), text


def test_each_error_has_its_own_code() -> None:
    kinds = [
        held for held in vars(errors).values() if isinstance(held, type) and issubclass(held, errors.DocumentError)
    ]

    assert len({kind.code for kind in kinds}) == len(kinds) == 9
