"""`lims demo`: the main job on the simulated bench, from readings to issued certificates, then the web app."""

from __future__ import annotations

import json
from importlib.metadata import entry_points
from pathlib import Path

import click
from sqlalchemy.orm import Session

from instruments.bench import server
from lims import config
from lims.config import Settings
from lims.domain.actor import Actor
from lims.records import Certificate, Record
from lims.services import bench, certificates, demonstration, evaluation, people, rendering, requests, review

from .follow import follow
from .laboratory import now, open_laboratory
from .speech import _, say


@click.command()
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="folder for the documents")
@click.option("--no-serve", is_flag=True, help="end after writing the documents")
@click.option("--history/--no-history", default=True, help="whether the new laboratory has a year behind it")
@click.pass_context
def demo(context: click.Context, out: Path | None, no_serve: bool, history: bool) -> int:
    """Do the main job on the simulated bench, then serve the laboratory on 127.0.0.1."""
    settings = config.load()
    out = out or settings.data / "documents"
    bench_was_running = server.running(settings.data / "bench") is not None
    with open_laboratory(settings, create=True) as (session, _settings):
        _found(session, settings, history)
        record = _calibrate(session, settings)
        issued = _issue(session, settings, record)
        files = _write(session, issued, out)
        token = issued.token
        number = issued.number
        points = len(json.loads(issued.snapshot)["result_sets"][0]["rows"])
    say("Certificate {number}, {points} points:", number=number, points=points)
    for file in files:
        click.echo(f"  {file}")
    _addresses(settings, number, token, record.number)
    if no_serve:
        if not bench_was_running:
            server.stop(settings.data / "bench")  # nothing is left running that was not there before
        return 0
    serve = next(point for point in entry_points(group="lims.commands") if point.name == "serve").load()
    context.invoke(serve)
    return 0


def _found(session: Session, settings: Settings, history: bool) -> None:
    """The laboratory where there is none yet; its year is kept month by month, and shown while it is made."""

    def another_month() -> None:
        session.commit()
        click.echo(".", nl=False)

    month = another_month if history else None
    if demonstration.found(session, at=now(), settings=settings, history=history, month=month):
        click.echo()
        say("A demonstration laboratory was made in {folder}.", folder=settings.data)
    session.commit()


def _calibrate(session: Session, settings: Settings) -> Record:
    """Request, receipt, run: the technician's part. Confirmations are given by the demonstration and say so."""
    at = now()
    customer = people.by_username(session, "customer")
    keeper = people.by_username(session, "keeper")
    tech = people.by_username(session, "tech")
    assert customer.customer_id is not None
    request = requests.create(
        session,
        customer_id=customer.customer_id,
        instrument=demonstration.ITEM,
        procedure="DMM-DCV",
        document_kind="calibration",
        rule={"rule": "guarded", "r": 1.0},
        by=customer,
        at=at,
    )
    requests.receive(session, request.number, condition=demonstration.CONDITION, accessories="-", by=keeper, at=at)
    record = bench.start(session, request.number, "as_found", by=tech, at=at, settings=settings)
    session.commit()
    say(
        "Record {number}: the simulated bench's clock runs {speed} times as fast.",
        number=record.number,
        speed=settings.bench_speed,
    )

    def confirm(prompt: dict[str, object]) -> bool:
        bench.command(
            session,
            record.number,
            "confirm",
            prompt=str(prompt["prompt"]),
            by=tech,
            at=now(),
            settings=settings,
            reason="confirmed by the demonstration: the bench is simulated",
        )
        session.commit()
        return True

    state = follow(bench.run_dir(record, settings), confirm)
    if state != "finished":
        raise click.ClickException(_("The run ended as {state}; see {folder}.", state=_(state), folder=record.run_dir))
    return record


def _issue(session: Session, settings: Settings, record: Record) -> Certificate:
    """Evaluation, verification by a second person, approval by a third, issue, documents."""

    def who(username: str) -> Actor:
        return people.by_username(session, username)

    password = demonstration.PASSWORD
    evaluation.submit(session, record.number, password, by=who("tech"), at=now(), settings=settings)
    say("Evaluated and submitted by {name}.", name=demonstration.PEOPLE[0].name["zh"])
    review.verify(session, record.number, password, by=who("verifier"), at=now())
    say("Verified by {name}.", name=demonstration.PEOPLE[1].name["zh"])
    issued = certificates.issue(session, record.number, password, by=who("approver"), at=now(), settings=settings)
    say("Approved and issued by {name}.", name=demonstration.PEOPLE[2].name["zh"])
    session.commit()
    rendering.render_due(session, at=now(), settings=settings, only=issued.number)
    return issued


def _write(session: Session, issued: Certificate, out: Path) -> list[Path]:
    """The documents, the record and the budget of every point, as files."""
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for kind in ("pdf", "dcc"):
        made = rendering.document(session, issued.number, kind)
        assert made is not None
        path = out / made.file_name
        path.write_bytes(made.bytes)
        written.append(path)
    for suffix, content in rendering.sheets(session, issued.number).items():
        path = out / f"{issued.number}.{suffix}"
        path.write_text(content, encoding="utf-8")
        written.append(path)
    return written


def _addresses(settings: Settings, number: str, token: str, record: str) -> None:
    base = settings.public_url.rstrip("/")
    say("Web pages:")
    click.echo(f"  {base}/  ·  {base}/records/{record}  ·  {base}/certificates/{number}")
    click.echo(f"  {certificates.verification_url(settings, number, token)}")
    say("Demonstration sign-ins (password {password}):", password=demonstration.PASSWORD)
    for each in demonstration.PEOPLE:
        click.echo(f"  {each.username:<10} {each.name['zh']}  {_(each.does)}")
