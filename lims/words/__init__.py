"""Sentences in two languages. English is the text in the code; Chinese stands in zh/*.po, one file an area.

words.gettext("There is no {kind} {number}.", "zh", kind="record", number="R-1")
words.sentence(error, "zh")          # translates error.sentence, puts error.facts in
words.both("As found")               # {"zh": …, "en": …}: how bilingual data is stored
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from .catalogue import LANGUAGES, Words, translations
from .form import day, instant, number

__all__ = [
    "LANGUAGES",
    "N_",
    "Text",
    "Words",
    "both",
    "day",
    "gettext",
    "instant",
    "number",
    "pick",
    "sentence",
    "term",
    "translations",
]

Text = Mapping[str, str]
"""A bilingual text: {"zh": …, "en": …}."""


def gettext(msgid: str, lang: str, /, **facts: object) -> str:
    """The text in a language (zh, en), its facts put in; English where a translation is missing."""
    text = translations(lang).gettext(msgid)
    return text.format(**{name: _said(fact, lang) for name, fact in facts.items()}) if facts else text


def both(msgid: str, /, **facts: object) -> dict[str, str]:
    """The text in both languages."""
    return {lang: gettext(msgid, lang, **facts) for lang in LANGUAGES}


def N_(msgid: str) -> str:
    """The text itself; marks a text that is translated later, where it is shown."""
    return msgid


def pick(text: Text | str, lang: str) -> str:
    """The half of a bilingual text in a language; the other half where it is empty."""
    if isinstance(text, str):
        return text
    return text.get(lang) or text.get("en") or text.get("zh") or ""


def term(word: str, lang: str) -> str:
    """A word of the trade (a state, a role, a kind) in a language; itself where the catalogue does not know it."""
    return translations(lang).gettext(word)


def sentence(error: object, lang: str) -> str:
    """An error of ours as one sentence in a language; any other error's own text.

    Facts named in the error's `terms` are words of the trade and are translated too, lists of them word by word.
    """
    msgid = getattr(error, "sentence", None)
    if not isinstance(msgid, str):
        return str(error)
    facts: Mapping[str, Any] = getattr(error, "facts", {})
    terms: tuple[str, ...] = getattr(error, "terms", ())
    said = {name: _term(fact, lang) if name in terms else _said(fact, lang) for name, fact in facts.items()}
    return translations(lang).gettext(msgid).format(**said)


def _term(fact: object, lang: str) -> object:
    if not isinstance(fact, str):
        return _said(fact, lang)
    whole = term(fact, lang)
    if whole != fact or ", " not in fact:
        return whole
    return ("、" if lang == "zh" else ", ").join(term(word, lang) for word in fact.split(", "))


def _said(fact: object, lang: str) -> object:
    """A fact as it stands in a sentence: bilingual texts and phrases that remember their pattern in the language,
    instants in local time, the rest as it is."""
    if isinstance(msgid := getattr(fact, "msgid", None), str):
        return gettext(msgid, lang, **getattr(fact, "facts", {}))
    if isinstance(fact, Mapping):
        return pick(fact, lang)
    if isinstance(fact, datetime):
        return instant(fact, lang)
    if isinstance(fact, date):
        return day(fact, lang)
    return fact
