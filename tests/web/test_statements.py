"""No page asks the database more than twelve questions, whoever looks and however much there is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.web.conftest import Visitor
from tests.web.test_look import PAGES

MOST = 12
ACTING = ("/bench/", "/review/")
BEFORE_A_STEP = 24
"""Pages before a step ask every gate as well."""


@pytest.mark.parametrize("who", [name for name in PAGES if name is not None])
def test_no_page_asks_more_than_its_share_of_questions(
    signed_in: Callable[[str], Visitor], statements: list[str], who: str
) -> None:
    visitor = signed_in(who)
    many = []
    for path in (PAGES[who] or "").split():
        visitor.get(path)  # once for what is kept afterwards
        statements.clear()
        most = BEFORE_A_STEP if path.startswith(ACTING) and path not in ACTING else MOST
        if visitor.get(path).status_code == 200 and len(statements) > most:
            many.append(f"{path}: {len(statements)} statements")
    assert many == []
