"""`lims verify`: is a PDF or DCC genuine, and can its digits be had again?"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import click

from lims import config
from lims.records.upgrade import is_current
from lims.services import authentication

from .laboratory import open_laboratory
from .speech import _, say

# What a library logs about a broken signature is said by the verdict; without a handler it would print tracebacks.
for library in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(library).addHandler(logging.NullHandler())


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True)
def verify(files: tuple[Path, ...], as_json: bool) -> int:
    """Check PDF or DCC files: signature, registered status, digest, and every printed digit computed again."""
    settings = config.load()
    good = True
    answers = []
    for file in files:
        data = file.read_bytes()
        if is_current(settings.database):
            with open_laboratory(settings) as (session, _settings):
                verdict = authentication.examine_file(session, data, settings=settings)
        else:
            verdict = authentication.examine_file(None, data, settings=settings)
        good = good and verdict.ok
        answers.append({"file": str(file)} | _as_data(verdict))
        if not as_json:
            _print(file, verdict)
    if as_json:
        click.echo(json.dumps(answers, ensure_ascii=False, indent=1))
    return 0 if good else 1


def _print(file: Path, verdict: authentication.Verdict) -> None:
    seen = verdict.examination
    click.echo(str(file))
    signature = {
        "good": _("signature good, by {signer}", signer=seen.signer or ""),
        "broken": _("signature BROKEN: the file was changed after it was signed"),
        "none": _("no signature"),
        "untrusted": _("signature whole, but its signer {signer} is not trusted here", signer=seen.signer or ""),
    }
    click.echo("  " + signature[seen.signature])
    if verdict.registered is None:
        click.echo("  " + _("not a certificate of this laboratory"))
    else:
        states = {
            "current": _("registered here, current"),
            "superseded": _("registered here, superseded by {successor}", successor=verdict.registered.successor or ""),
            "withdrawn": _("registered here, withdrawn: {reason}", reason=verdict.registered.reason or ""),
        }
        click.echo(f"  {verdict.registered.number}: {states[verdict.registered.status]}")
        if verdict.same_file is False:
            click.echo("  " + _("the file is NOT the one that was issued: its digest differs"))
        elif verdict.same_file:
            click.echo("  " + _("the file is byte for byte the one that was issued"))
        if verdict.same_content is False:
            click.echo("  " + _("the content is NOT what was frozen at issue"))
    if verdict.again is not None:
        again = verdict.again
        if again.ok:
            say("  {count} printed values computed again from the readings: all equal", count=again.compared)
        for difference in again.differences:
            click.echo(
                "  DIFF "
                + _(
                    "record {record}, point {point}, {field}: printed {printed}, computed {computed}",
                    record=difference.record,
                    point=difference.point,
                    field=difference.field,
                    printed=difference.printed,
                    computed=difference.computed,
                )
            )


def _as_data(verdict: authentication.Verdict) -> dict[str, Any]:
    return {
        "ok": verdict.ok,
        "kind": verdict.examination.kind,
        "signature": verdict.examination.signature,
        "signer": verdict.examination.signer,
        "number": verdict.examination.number,
        "status": None if verdict.registered is None else verdict.registered.status,
        "same_file": verdict.same_file,
        "same_content": verdict.same_content,
        "compared": None if verdict.again is None else verdict.again.compared,
        "differences": [] if verdict.again is None else [vars_of(d) for d in verdict.again.differences],
    }


def vars_of(difference: Any) -> dict[str, Any]:
    return {name: getattr(difference, name) for name in difference.__slots__}
