"""How texts are cut for the search box."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.domain import grams


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("成都砝码厂", "砝码"),
        ("成都砝码厂", "码厂"),
        ("𠮷田远", "𠮷田"),
        ("MY41000001", "my41"),
        ("MY41000001", "ＭＹ４１"),
        ("34401A", "34401a"),
        ("数字多用表 34401A", "多用 344"),
        ("YQ-2026-000003", "YQ-2026-000003"),
        ("YQ-2026-000003", "000003"),
        ("压力表（精密）", "精密"),
        ("Ω表", "ω表"),
        ("表", "表"),
    ],
)
def test_what_is_asked_finds_the_text(text: str, question: str) -> None:
    assert fits(text, question)


@pytest.mark.parametrize(
    ("text", "question"), [("成都砝码厂", "码砝"), ("MY41000001", "41000001"), ("砝码", "法码"), ("压力", "压力表")]
)
def test_what_does_not_fit_is_not_found(text: str, question: str) -> None:
    assert not fits(text, question)


def fits(text: str, question: str) -> bool:
    has = grams.grams([text])
    parts = grams.asked(question)
    return bool(parts) and all(
        gram in has if whole else any(each.startswith(gram) for each in has) for gram, whole in parts
    )


@given(st.text(alphabet="砝码电表压力𠮷A1b2 -（）", min_size=1, max_size=30))
def test_a_text_is_found_by_itself(text: str) -> None:
    assert fits(text, text) or not grams.asked(text)


@given(st.text(max_size=200))
def test_nothing_typed_breaks_it_and_little_is_looked_up(text: str) -> None:
    assert len(grams.asked(text)) <= grams.MOST
    assert all(len(gram) <= grams.LONGEST + 1 for gram in grams.grams([text]))
