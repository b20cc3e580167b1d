"""`lims trace`: the chain of a certificate to the SI."""

from __future__ import annotations

import json

import click

from lims import words
from lims.queries import traceability

from .laboratory import auditor_of_this_machine, open_laboratory
from .speech import _, language, say


@click.command()
@click.argument("certificate")
@click.option("--json", "as_json", is_flag=True)
def trace(certificate: str, as_json: bool) -> int:
    """Print the chain from a certificate to the SI: value, U, certificate, validity on the day of use."""
    with open_laboratory() as (session, _settings):
        chain = traceability.chain(session, certificate, auditor_of_this_machine(session))
        if as_json:
            click.echo(json.dumps(_as_data(chain), ensure_ascii=False, indent=1))
        else:
            _print(chain)
    return 0 if chain.complete else 1


def _print(chain: traceability.Chain) -> None:
    lang = language()
    item = chain.item
    click.echo(f"{chain.number}  {words.pick(item.description, lang)} {item.maker} {item.model} {item.serial}")
    for link in chain.links:
        indent = "  " * link.level
        click.echo(
            f"{indent}← {words.pick(link.description, lang)} {link.maker} {link.model} {link.serial} [{link.code}]"
        )
        state = _("valid on {day}", day=link.used_on) if link.valid else _("NOT valid on {day}", day=link.used_on)
        issuer = words.pick(link.issuer, lang)
        click.echo(f"{indent}  {link.certificate}, {issuer}, {link.valid_from} – {link.valid_to}: {state}")
        for function, span, uncertainty in link.uncertainty():
            click.echo(f"{indent}  {function} {span}, U = {uncertainty}")
        if link.realises_si:
            click.echo(f"{indent}  ← " + _("the SI"))
        if link.gap:
            click.echo(f"{indent}  " + _("GAP: {why}", why=_(link.gap)))
    if chain.complete:
        say("The chain is unbroken.")
    else:
        say("The chain has {count} gaps.", count=max(len(chain.gaps), 1))


def _as_data(chain: traceability.Chain) -> dict[str, object]:
    return {
        "certificate": chain.number,
        "complete": chain.complete,
        "links": [
            {
                "level": link.level,
                "instrument": link.code,
                "model": link.model,
                "serial": link.serial,
                "certificate": link.certificate,
                "issuer": link.issuer,
                "valid_from": link.valid_from.isoformat(),
                "valid_to": link.valid_to.isoformat(),
                "used_on": link.used_on.isoformat(),
                "valid": link.valid,
                "U": [list(line) for line in link.uncertainty()],
                "realises_si": link.realises_si,
                "gap": link.gap,
            }
            for link in chain.links
        ],
    }
