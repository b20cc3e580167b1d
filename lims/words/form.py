"""Dates, instants and numbers as people of a language write them (Babel)."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import dates, numbers

ZONE = ZoneInfo("Asia/Shanghai")
"""Where nothing else is said: the one time zone of the laboratory's country."""


def day(value: date, lang: str) -> str:
    """2026年11月20日 · 20 Nov 2026."""
    return dates.format_date(value, "yyyy年M月d日" if lang == "zh" else "d MMM yyyy", locale=lang)


def instant(value: datetime, lang: str, zone: tzinfo = ZONE) -> str:
    """An aware instant in local time with its offset: 2026年11月20日 16:00 (+08:00) · 20 Nov 2026, 16:00 (+08:00)."""
    pattern = "yyyy年M月d日 HH:mm (xxx)" if lang == "zh" else "d MMM yyyy, HH:mm (xxx)"
    return dates.format_datetime(value.astimezone(zone), pattern, tzinfo=zone, locale=lang)


def number(value: int | float | Decimal, lang: str) -> str:
    """A counted number with grouped digits. Measured values are printed as the results state them, never by this."""
    return numbers.format_decimal(value, locale=lang)
