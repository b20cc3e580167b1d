"""Two languages: facts put in, terms translated, dates as people write them, catalogues that fit."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from lims import words
from lims.domain import rights, states
from lims.domain.errors import GateClosed, NotFound, SignInLocked, StandardNotValid, UnusableValue, WrongState
from lims.words import build, catalogue, extract


def test_english_is_the_text_itself_and_chinese_comes_from_the_catalogue() -> None:
    assert words.gettext("Date of issue", "en") == "Date of issue"
    assert words.gettext("Date of issue", "zh") == "签发日期"
    assert words.both("Record {number} is verified", number="JL-1") == {
        "zh": "记录 JL-1 已核验",
        "en": "Record JL-1 is verified",
    }


def test_what_has_no_translation_is_said_in_english() -> None:
    assert words.gettext("nobody has translated {this}", "zh", this=1) == "nobody has translated 1"


def test_a_text_without_facts_may_hold_braces() -> None:
    assert words.gettext('write {"rule": "none"}', "zh") == 'write {"rule": "none"}'


def test_an_error_becomes_a_sentence_in_each_language() -> None:
    error = StandardNotValid(standard="S-1", used_at=date(2026, 11, 20), valid_to=date(2026, 11, 19))
    assert words.sentence(error, "zh") == (
        "S-1 于 2026年11月20日 使用，而其证书有效期至 2026年11月19日：请重新校准，或改用其他标准器。"
    )
    assert words.sentence(error, "en").startswith("S-1 was used on 20 Nov 2026, its certificate ended on 19 Nov 2026")


def test_words_of_the_trade_are_translated_inside_a_sentence() -> None:
    assert words.sentence(NotFound(kind="request", number="WT-1"), "zh") == "没有编号为 WT-1 的委托，请核对编号。"
    error = WrongState(kind="record", number="JL-1", state="submitted", wanted="locked", allowed="returned, verified")
    assert words.sentence(error, "zh") == "记录 JL-1 现为“已提交”，不能变为“已锁定”；可变为：已退回、已核验。"
    error2 = UnusableValue(field="rule", found="my, own", right="none, simple")
    assert "my, own" in words.sentence(error2, "zh")


def test_a_bilingual_fact_gives_its_half() -> None:
    error = GateClosed(step="verify", reason={"zh": "不得核验", "en": "may not"}, clause="7.8.1", closed=1)
    assert words.sentence(error, "zh") == "拒绝执行“核验”：不得核验（7.8.1；共 1 项不满足）。"
    assert words.sentence(error, "en") == "verify is refused: may not (7.8.1; 1 closed in all)."


def test_an_instant_is_said_in_local_time_with_its_offset() -> None:
    error = SignInLocked(username="chen", until=datetime(2026, 11, 20, 8, 15, tzinfo=UTC), failures=5)
    assert "2026年11月20日 16:15 (+08:00)" in words.sentence(error, "zh")
    assert "20 Nov 2026, 16:15 (+08:00)" in words.sentence(error, "en")


def test_other_errors_say_what_they_say() -> None:
    assert words.sentence(ValueError("plain"), "zh") == "plain"


def test_numbers_are_grouped_and_texts_picked() -> None:
    assert words.number(1234567, "zh") == "1,234,567"
    assert words.number(Decimal("0.5"), "en") == "0.5"
    assert words.pick({"zh": "", "en": "only English"}, "zh") == "only English"
    assert words.pick("as it is", "zh") == "as it is"


def test_plurals_have_one_form_in_chinese() -> None:
    spoken = catalogue.Words("zh", {"{n} days": "{n} 天", "menu\x04Open": "打开"})
    assert spoken.ngettext("{n} day", "{n} days", 1) == "{n} 天"
    assert spoken.ngettext("{n} cat", "{n} cats", 2) == "{n} cats"
    assert spoken.pgettext("menu", "Open") == "打开"
    assert spoken.pgettext("other", "Open") == "Open"


def test_every_state_role_and_right_has_its_chinese() -> None:
    names = {state for machine in states.ALL for state in machine.table}
    names |= set(rights.ROLES) | rights.RIGHTS | {machine.kind for machine in states.ALL}
    assert sorted(name for name in names if name not in words.translations("zh")) == []


@pytest.mark.parametrize("file", catalogue.files(), ids=lambda file: file.stem)
def test_a_catalogue_says_each_text_once_with_the_same_placeholders(file: Path) -> None:
    pairs = list(catalogue.entries(file))
    assert pairs
    assert [p for p in pairs if build.placeholders(p[0]) != build.placeholders(p[1])] == []


SOURCE = """
from lims.words import N_, both, gettext as _
TITLES = {"a": "First title", "b": "Second title"}
LATER = N_("Marked")
class Bad(Exception):
    sentence: ClassVar[str] = "A {fact} is "
    other = "not said"
class Worse(Bad):
    sentence = ("two " "parts")
def f(x, name):
    both(TITLES[x]); _("Yes" if x else "No", n=1); words.both(TITLES.get(x, "Third")); say(name)
    print("not said either"); _(f"not {x}")
    ngettext("{n} day", "{n} days", x)
"""


def test_texts_are_found_in_code() -> None:
    assert {text for _, text in extract.of_module(SOURCE)} == {
        "First title", "Second title", "Third", "Marked", "A {fact} is ", "two parts", "Yes", "No", "{n} day", "{n} days",
    }  # fmt: skip


def test_texts_are_found_in_templates(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(
        "<h1>{{ _('Bench') }}</h1>\n<p title=\"{{ gettext('Hint {n}', n=2) }}\">"
        "{% trans %}Sign in{% endtrans %}</p>{{ other('no') }}",
        encoding="utf-8",
    )
    assert list(extract.of_template(file)) == [(1, "Bench"), (2, "Hint {n}"), (2, "Sign in")]


def test_what_is_missing_is_listed_and_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = [
        extract.Said("lims", "lims/x.py", 3, "Nobody translated this"),
        extract.Said("lims", "lims/x.py", 4, "Title"),
    ]
    assert build.missing(said) == said[:1]
    monkeypatch.setattr(build, "FOLDER", tmp_path)
    build.add(said[:1])
    text = (tmp_path / "lims.po").read_text(encoding="utf-8")
    assert "#: lims/x.py:3" in text
    assert 'msgid "Nobody translated this"\nmsgstr ""' in text
    assert list(catalogue.entries(tmp_path / "lims.po")) == []


@pytest.mark.parametrize("area", ["lims"])
def test_everything_this_area_says_has_its_chinese(area: str) -> None:
    mine = ("lims/domain/", "lims/records/", "lims/audit/", "lims/migrations/", "lims/words/", "lims/config.py")
    said = [text for text in extract.everything(("lims",)) if text.file.startswith(mine)]
    assert len(said) > 100
    assert build.missing(said) == []
