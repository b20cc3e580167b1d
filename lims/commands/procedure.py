"""`lims procedure`: check a procedure, show its plan, run it on a bench or on a file of readings."""

from __future__ import annotations

import mimetypes
from pathlib import Path

import click
from sqlalchemy.orm import Session

from instruments import procedures
from lims.config import Settings
from lims.domain.actor import Actor
from lims.domain.errors import UnusableValue
from lims.services import bench, certificates, data_files, evaluation, rendering, requests
from lims.services import procedures as documents
from lims.words import N_

from .follow import ask_at_the_bench, follow
from .laboratory import now, open_laboratory, signed_in
from .speech import _, language, say

FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group()
def procedure() -> None:
    """Calibration procedures."""


@procedure.command()
@FILE
def check(file: Path) -> None:
    """Read a procedure document; refuse it with file, line, field and what would be right."""
    document = procedures.read(file)
    if document.data is None:
        plan = procedures.plan(document)
        say(
            "{file}: good. {points} points, {readings} readings.",
            file=file.name,
            points=len(plan.points),
            readings=plan.readings,
        )
    else:
        say("{file}: good. Columns: {columns}.", file=file.name, columns=", ".join(document.data.columns))


@procedure.command()
@FILE
def plan(file: Path) -> None:
    """Show what a run would do: points, ranges, limits of error, time."""
    click.echo(procedures.describe(procedures.plan(procedures.read(file)), language()))


@procedure.command()
@FILE
@click.option("--user", help="name of a keeper of standards; the password is asked")
@click.option("--reason", default="", help="what changes, and why")
def publish(file: Path, user: str | None, reason: str) -> None:
    """Enter a procedure document as a draft; two other people verify and approve it on its page."""
    procedures.read(file)  # what is wrong is told with file and line, before anybody is asked for a password
    with open_laboratory() as (session, _settings):
        by = signed_in(session, user)
        version = documents.draft(session, file.read_text("utf-8"), reason, by=by, at=now())
        say(
            "{name} {version} is a draft; two other people verify and approve it.",
            name=version.name,
            version=version.version,
        )


@procedure.command()
@FILE
@click.option("--request", "request_number", help="number of the request (for readings: one is made when left out)")
@click.option("--stage", type=click.Choice(["as_found", "as_left"]), default="as_found", show_default=True)
@click.option("--readings", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="a CSV file of readings")
@click.option("--standard", "declared", multiple=True, metavar="COLUMN=CODE", help="standard that measured a column")
@click.option("--origin", default="", help="where the readings come from")
@click.option("--certificate", is_flag=True, help="ask for a certificate instead of an evaluation report")
@click.option("--user", help="name to sign in with; the password is asked")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), default=Path("."), help="folder for the report"
)
def run(
    file: Path,
    request_number: str | None,
    stage: str,
    readings: Path | None,
    declared: tuple[str, ...],
    origin: str,
    certificate: bool,
    user: str | None,
    out: Path,
) -> int:
    """Run a procedure: on the bench, or on a file of readings."""
    document = procedures.read(file)
    with open_laboratory() as (session, settings):
        by = signed_in(session, user)
        if readings is not None:
            return _run_file(
                session, settings, by, document, readings, request_number, declared, origin, certificate, out
            )
        if request_number is None:
            raise UnusableValue(
                field="--request", found="", right=N_("the number of the request that the item came with")
            )
        record = bench.start(session, request_number, stage, by=by, at=now(), settings=settings)
        session.commit()

        def confirm(prompt: dict[str, object]) -> bool:
            yes = ask_at_the_bench(prompt)
            bench.command(
                session,
                record.number,
                "confirm" if yes else "refuse",
                prompt=str(prompt["prompt"]),
                by=by,
                at=now(),
                settings=settings,
            )
            session.commit()
            return yes

        state = follow(bench.run_dir(record, settings), confirm)
        bench.deliver(session, record.number, settings=settings)
        say("Record {number}: {state}.", number=record.number, state=_(state))
        return 0 if state == "finished" else 1


def _run_file(
    session: Session,
    settings: Settings,
    by: Actor,
    document: procedures.Procedure,
    readings: Path,
    request_number: str | None,
    declared: tuple[str, ...],
    origin: str,
    certificate: bool,
    out: Path,
) -> int:
    standards = {}
    for pair in declared:
        column, found, code = pair.partition("=")
        if not found or not code:
            raise UnusableValue(field="--standard", found=pair, right=N_("COLUMN=CODE, such as V=YQ-2026-000003"))
        standards[column] = code
    if request_number is None:
        request_number = requests.own(session, document.name, by=by, at=now()).number
    record = data_files.import_readings(
        session,
        request_number,
        readings.name,
        readings.read_bytes(),
        provenance={
            "origin": origin or str(readings.name),
            "type": mimetypes.guess_type(readings.name)[0] or "text/csv",
        },
        standards=standards,
        by=by,
        at=now(),
    )
    password = click.prompt(_("Password, to sign as the one who performed"), hide_input=True, err=True)
    evaluation.submit(session, record.number, password, by=by, at=now(), settings=settings)
    if certificate:
        certificates.refuse_untraceable(session, [record])
        say("Record {number} from {file}.", number=record.number, file=readings.name)
        say("A verifier and an approver now sign record {number} in the web app.", number=record.number)
        return 0
    say("Record {number} from {file}.", number=record.number, file=readings.name)
    report = certificates.evaluation_report(session, record.number, by=by, at=now(), settings=settings)
    session.commit()
    rendering.render_due(session, at=now(), settings=settings)
    out.mkdir(parents=True, exist_ok=True)
    for kind in ("pdf", "dcc"):
        made = rendering.document(session, report.number, kind)
        if made is not None:
            (out / made.file_name).write_bytes(made.bytes)
            click.echo(str(out / made.file_name))
    for line in rendering.results_text(session, report.number):
        click.echo(line)
    return 0
