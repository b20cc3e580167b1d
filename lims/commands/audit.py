"""`lims audit`: the chain of audit entries."""

from __future__ import annotations

import json

import click

from lims import audit as chain
from lims import words
from lims.queries.certificates import audit_heads

from .laboratory import open_laboratory
from .speech import language, say


@click.group()
def audit() -> None:
    """The audit chain."""


@audit.command("verify")
@click.option("--json", "as_json", is_flag=True)
def verify(as_json: bool) -> int:
    """Check the chain from the first entry to the last, and against the head that each certificate carries."""
    with open_laboratory() as (session, _settings):
        report = chain.verify(session, heads=audit_heads(session))
    if as_json:
        click.echo(
            json.dumps(
                {"ok": report.ok, "entries": report.entries, "first_bad": report.first_bad, "why": report.why},
                ensure_ascii=False,
            )
        )
    elif report.ok:
        say(
            "The audit chain is whole: {entries} entries, head {head}.",
            entries=report.entries,
            head=report.head[1][:16],
        )
    else:
        why = words.term(str(report.why), language())
        say("The audit chain is broken at entry {first_bad}: {why}.", first_bad=report.first_bad, why=why)
    return 0 if report.ok else 1
