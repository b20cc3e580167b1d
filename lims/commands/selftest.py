"""`lims selftest`: every published case computed again, as evidence for the validation of the software."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from lims import __version__
from uncertainty.presentation import evidence as evidences
from uncertainty.presentation.evidence import Evidence
from uncertainty.selftest import cases

from .outputs import write
from .speech import _, console, say

COLOURS = {"PASS": "green", "NOTE": "yellow", "DIFF": "bold red"}


@click.command()
@click.option("--family", help="only the cases of one family")
@click.option("--json", "as_json", is_flag=True, help="the whole answer, for programs")
@click.option("--csv", "csv_out", type=click.Path(dir_okay=False, path_type=Path), help="write every figure to a file")
@click.pass_context
def selftest(context: click.Context, family: str | None, as_json: bool, csv_out: Path | None) -> None:
    """Compute the published cases again and compare; exit code 1 when a figure differs."""
    found = _run(family)
    if csv_out:
        write(csv_out, evidences.as_csv(found))
    if as_json:
        click.echo(json.dumps(found.to_dict(), ensure_ascii=False, indent=1))
    else:
        _show(found)
    context.exit(0 if found.is_good else 1)


def _run(family: str | None) -> Evidence:
    """The evidence, with a bar on standard error while a person waits for it."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    terminal = Console(stderr=True)
    with Progress(*columns, console=terminal, transient=True, disable=not terminal.is_terminal) as bar:
        task = bar.add_task("", total=sum(1 for _case in cases(family)))

        def advance(case: str) -> None:
            bar.update(task, advance=1, description=case[:40])

        return evidences.gather(f"Suyuan {__version__}", family, advance)


def _show(found: Evidence) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in (_("Case"), _("Source"), _("Figure"), _("Expected"), _("Found"), "LRE", "", _("Remark")):
        table.add_column(heading, overflow="fold", max_width=36)
    for row in found.outcomes:
        lre = "" if row.lre is None else f"{row.lre:.1f}"
        texts = (row.case, row.source, row.name, _short(row.published), _short(row.found), lre)
        status = Text(row.status, style=COLOURS[row.status])
        table.add_row(*(Text(text) for text in texts), status, Text(row.note))
    Console(highlight=False, width=None if console().is_terminal else 200).print(table)
    click.echo()
    say(
        "{cases} cases, {figures} figures: {passed} PASS, {noted} NOTE, {differ} DIFF",
        cases=found.cases,
        figures=len(found.outcomes),
        passed=found.counts["PASS"],
        noted=found.counts["NOTE"],
        differ=found.counts["DIFF"],
    )
    _sign_off(found)


def _short(text: str) -> str:
    """A list of many figures by its beginning; --json and --csv hold it whole."""
    return text if len(text) <= 60 else f"{text[:57]}…"


def _sign_off(found: Evidence) -> None:
    """What the laboratory signs."""
    versions = ", ".join(f"{name} {number}" for name, number in found.versions.items())
    say("Product: {product}; {versions}; {platform}", product=found.product, versions=versions, platform=found.platform)
    say("SHA-256 of the cases: {digest}", digest=found.cases_sha256)
    say("SHA-256 of the outcomes: {digest}", digest=found.outcomes_sha256)
    click.echo()
    say("Record of software validation (ISO/IEC 17025:2017, 7.11.2)")
    if found.is_good:
        say("Conclusion: every figure agrees with its published value within the stated tolerance.")
    else:
        say(
            "Conclusion: {differ} figures differ; the methods concerned are not validated.", differ=found.counts["DIFF"]
        )
    blank = "_" * 24
    say("Carried out by: {blank}  Date: {blank}", blank=blank)
    say("Checked by: {blank}  Date: {blank}", blank=blank)
    say("Approved for use by: {blank}  Date: {blank}", blank=blank)
