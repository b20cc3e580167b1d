"""How commands speak: the language asked for, sentences on standard error, tables and progress by rich."""

from __future__ import annotations

import os
import sys
from typing import Any

import click
from rich.console import Console

from lims import words


def language() -> str:
    """The language of this command: --lang, else the setting, else Chinese."""
    context = click.get_current_context(silent=True)
    while context is not None:
        if context.obj in ("zh", "en"):
            return str(context.obj)
        context = context.parent
    if "--lang" in sys.argv[:-1]:
        asked = sys.argv[sys.argv.index("--lang") + 1]
        if asked in ("zh", "en"):
            return asked
    asked = os.environ.get("LIMS_LANGUAGE", "zh")
    return asked if asked in ("zh", "en") else "zh"


def _(msgid: str, **facts: Any) -> str:
    """The text in the language of this command."""
    return words.gettext(msgid, language(), **facts)


def say(msgid: str, **facts: Any) -> None:
    click.echo(_(msgid, **facts))


def echo_error(error: BaseException) -> None:
    click.echo(words.sentence(error, language()), err=True)


def console() -> Console:
    return Console(highlight=False, soft_wrap=True)
