"""A budget as PDF: tagged, the same bytes for the same budget, nothing typed is evaluated."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pikepdf
import pytest

import uncertainty
from lims.documents import budget_page
from lims.documents.errors import CharacterNotPrintable

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def made(
    title: str = "质量 Mass", source: str = "证书", **options: Any
) -> tuple[uncertainty.Budget, uncertainty.Evaluation]:
    budget = uncertainty.compile(
        {
            "budget": 1,
            "title": title,
            "quantities": {
                "a": {"value": 1, "u": 1, "source": source, "title": "标准"},
                "b": {"value": 1, "u": 1},
                "n": {"value": 4, "exact": True},
            },
            "correlations": [{"between": ["a", "b"], "r": 0.9}],
            "measurands": {"y": {"expression": "a - b/n"}},
        }
    )
    return budget, budget.evaluate(**options)


def test_the_page_is_tagged_archivable_and_the_same_for_the_same_budget() -> None:
    budget, evaluation = made(method="both", trials=2000, seed=1)
    pages = budget_page.as_pdf(budget, evaluation, at=AT, software="Suyuan 1")
    assert pages == budget_page.as_pdf(budget, evaluation, at=AT, software="Suyuan 1")
    with pikepdf.open(io.BytesIO(pages)) as pdf:
        metadata = str(pdf.open_metadata())
        assert "pdfaid" in metadata and "pdfuaid" in metadata
        assert str(pdf.docinfo["/Title"]) == "质量 Mass"
        assert pdf.Root.MarkInfo.Marked


def test_the_view_shows_the_figures_of_the_table_in_both_languages() -> None:
    """u² = 1 + 1/16 − 0.45 = 0.6125; share of b −26.5 % (closed form)."""
    view = budget_page.view(*made(), at=AT, software="x")
    table = view["tables"][0]
    assert [row["en"]["share"] for row in table["rows"]] == ["126.5 %", "−26.5 %", "0.0 %"]
    assert table["foot"][1] == {
        "zh": "合成标准不确定度 u_c", "en": "Combined standard uncertainty u_c", "figure": "0.783"
    }  # fmt: skip
    assert table["correlations"] == [{"between": "a, b", "r": "0.9"}]
    assert len(view["plots"]) == 1 and view["monte_carlo"] is None
    assert all(text in view["plots"][0]["alt"] for text in ("126.5 %", "占比", "largest"))


def test_what_people_typed_is_text_also_where_it_looks_like_a_program() -> None:
    budget, evaluation = made('#panic("x") $x$ *b* <svg>', '#import "x": *')
    assert budget_page.as_pdf(budget, evaluation, at=AT, software="x").startswith(b"%PDF")


def test_a_character_that_no_font_has_is_named() -> None:
    budget, evaluation = made(source="\U00012345")
    with pytest.raises(CharacterNotPrintable, match=r"U\+12345"):
        budget_page.as_pdf(budget, evaluation, at=AT, software="x")
