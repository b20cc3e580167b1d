"""`lims export` and `lims import`: the data set out, and a laboratory's past in."""

from __future__ import annotations

from pathlib import Path

import click

from lims.domain.sheets import SHEETS
from lims.services import exports, imports
from lims.words import pick

from .laboratory import auditor_of_this_machine, now, open_laboratory, signed_in
from .speech import language, say


@click.command()
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="the archive to be made (.zip)"
)
def export(out: Path) -> None:
    """Set everything out as one archive: JSON lines and CSV a table, documents and files, digests of all."""
    with open_laboratory() as (session, _settings):
        by = auditor_of_this_machine(session)
        with out.open("xb") as file:
            manifest = exports.export(
                session, file, by=by, at=now(), tell=lambda name, rows: click.echo(f"{name} {rows}")
            )
        exports.note(session, manifest, by=by, at=now())
    say("{n} files are in {out}.", n=len(manifest["files"]), out=str(out))


@click.command(name="import")
@click.argument("kind", type=click.Choice(list(SHEETS)))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--user", help="who brings it in (default: asked)")
@click.option("--apply", "whole", is_flag=True, help="take it over when no cell is wrong; without it only look")
@click.pass_context
def bring(context: click.Context, kind: str, file: Path, user: str | None, whole: bool) -> None:
    """Look at a spreadsheet of customers, instruments, standards or old certificates, and take it over."""
    with open_laboratory() as (session, _settings):
        by = signed_in(session, user)
        batch = imports.look_at(session, kind, file.name, file.read_bytes(), by=by, at=now())
        found = batch.findings
        for fault in found["faults"][:50]:
            click.echo(
                f"{fault['row']}:{fault['column']} {fault['heading']}: {fault['found']} → {pick(fault['right'], language())}"
            )
        if whole and not found["fault_count"]:
            found = imports.apply(session, batch.number, by=by, at=now()).findings
        say("{number}: {new} new, {same} there already, {wrong} wrong.", number=batch.number,
            new=found["new"], same=found["same"], wrong=found["wrong"])  # fmt: skip
    if found["fault_count"]:
        context.exit(1)
