"""How a page speaks: language of the visitor, texts in two languages, numbers, units and instants."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, current_app, g, has_request_context, request, session
from flask_babel import Babel, Domain
from markupsafe import Markup, escape

from lims import words
from lims.words import N_

__all__ = ["LANGUAGES", "N_", "_", "day", "grouped", "language", "moment", "small", "text", "unit", "zone"]

LANGUAGES = ("zh", "en")
# How units are written for people (SI brochure, 9th edition, 5.4); inside documents they stay plain ASCII.
UNITS = {"degC": "°C", "uV": "µV", "uA": "µA", "Ohm": "Ω", "ohm": "Ω", "kOhm": "kΩ", "MOhm": "MΩ", "dimensionless": ""}
NUMBER = re.compile(r"([+\-−]?)(\d+)(?:\.(\d+))?([eE][+\-]?\d+)?")
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class Words(Domain):  # type: ignore[misc]
    """Flask-Babel asks the laboratory's own catalogues instead of compiled files beside the app."""

    def get_translations(self) -> Any:
        return words.translations(language())


def language() -> str:
    """Language of this visitor: chosen by a click, else the laboratory's."""
    if not has_request_context():
        return "zh"
    chosen = session.get("language")
    if chosen in LANGUAGES:
        return str(chosen)
    offered = current_app.config["LIMS"].language
    return str(offered) if offered in LANGUAGES else "zh"


def _(msgid: str, **facts: object) -> str:
    """The text in the language of the page."""
    return str(words.gettext(msgid, language(), **facts))


def text(value: object) -> str:
    """A bilingual text {zh, en} in the language of the page; plain text as it is."""
    if isinstance(value, Mapping):
        return str(value.get(language()) or value.get("en") or value.get("zh") or "")
    return "" if value is None else str(value)


def zone() -> ZoneInfo:
    """Time zone of the laboratory: every instant on a page is local to it."""
    if has_request_context() and "zone" not in g:
        g.zone = ZoneInfo(str(current_app.config.get("LIMS_ZONE", "Asia/Shanghai")))
    return g.zone if has_request_context() else ZoneInfo("Asia/Shanghai")


def moment(value: datetime | str | None, seconds: bool = False) -> str:
    """An instant as 2026-11-23 10:15, local to the laboratory; text that is no instant stays as it is."""
    if value is None:
        return "—"
    try:
        at = datetime.fromisoformat(value.replace("Z", "+00:00")) if isinstance(value, str) else value
    except ValueError:
        return str(value)
    if at.tzinfo is not None:
        at = at.astimezone(zone())
    return at.strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")


def day(value: date | datetime | str | None) -> str:
    if value is None:
        return "—"
    if isinstance(value, datetime):
        return moment(value)[:10]
    return value if isinstance(value, str) else value.isoformat()


def unit(symbol: str | None) -> str:
    """A unit as people write it: degC becomes °C, uV becomes µV."""
    return UNITS.get(symbol or "", symbol or "")


def grouped(number: object) -> Markup:
    """A decimal string with its digits in groups of three (SI brochure, 5.4.4), gaps drawn and not typed.

    The gap is a margin, so that copying gives the exact text. Four digits stand without a gap.
    """
    found = NUMBER.fullmatch(str(number).strip())
    if number is None or found is None:
        return escape("—" if number is None else str(number))
    sign, whole, decimals, exponent = found.groups()
    sign = "\N{MINUS SIGN}" if sign == "-" else sign
    body = _runs(whole, from_right=True)
    if decimals is not None:
        body += Markup(".") + _runs(decimals, from_right=False)
    return escape(sign) + body + escape(exponent or "")


def small(value: float | str | None) -> str:
    """A figure of two digits for a budget or a summary, powers of ten as people write them: 7.1 × 10⁻⁵."""
    if value is None:
        return "—"
    mantissa, _sign, exponent = f"{float(value):.2g}".partition("e")
    mantissa = mantissa.replace("-", "\N{MINUS SIGN}")
    return f"{mantissa} × 10{str(int(exponent)).translate(RAISED)}" if exponent else mantissa


def _runs(digits: str, *, from_right: bool) -> Markup:
    if len(digits) < 5:
        return escape(digits)
    start = len(digits) % 3 if from_right else 0
    parts = ([digits[:start]] if start else []) + [digits[i : i + 3] for i in range(start, len(digits), 3)]
    return Markup("").join([escape(parts[0]), *(Markup("<i class=d3>{}</i>").format(part) for part in parts[1:])])


def same_address(lang: str | None = None) -> str:
    """The address of this page, for coming back to it after choosing a language."""
    del lang
    return request.full_path.rstrip("?") if request.method == "GET" else request.path


def init_app(app: Flask) -> None:
    babel = Babel(configure_jinja=False)
    babel.init_app(app, default_locale="zh", locale_selector=lambda: {"zh": "zh_CN"}.get(language(), language()))
    app.extensions["babel"].instance.domain_instance = Words()
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.globals.update(_=_, language=language, same_address=same_address)
    app.jinja_env.filters.update(text=text, moment=moment, day=day, unit=unit, grouped=grouped, small=small)
