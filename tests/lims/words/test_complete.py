"""Whatever the product says, it can say in Chinese."""

from __future__ import annotations

from lims.words import build


def test_no_text_of_code_or_templates_lacks_its_chinese() -> None:
    assert [f"{said.area}.po lacks {said.msgid!r} ({said.file}:{said.line})" for said in build.missing()] == []


def test_every_translation_fits_its_text_and_no_text_has_two() -> None:
    assert build.misfits() == []
