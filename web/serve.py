"""`lims serve`: the web app on this machine."""

from __future__ import annotations

import gc
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import click

from lims import config
from lims.config import Settings
from lims.domain.errors import SettingError
from lims.migrations import upgrade
from lims.records.engine import open_engine, session_factory
from lims.worker import Coordinator

THREADS = 32


class ListensTooWide(SettingError, PermissionError):
    """Demonstration sign-ins have published passwords: nobody else may reach them."""

    code: ClassVar[str] = "listens_too_wide"
    sentence: ClassVar[str] = (
        "The laboratory has demonstration sign-ins whose passwords are known to everybody, so it is served on 127.0.0.1 "
        "alone and not on {host}; close those accounts first."
    )


class PortTaken(SettingError, OSError):
    code: ClassVar[str] = "port_taken"
    sentence: ClassVar[str] = "Port {port} of {host} is in use; choose another with --port, or stop what uses it."


@click.command("serve")
@click.option("--host", help="address to listen on (LIMS_HOST, 127.0.0.1)")
@click.option("--port", type=click.IntRange(1, 65535), help="port to listen on (LIMS_PORT, 8000)")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="folder of the laboratory (LIMS_DATA)")
def command(host: str | None, port: int | None, data: Path | None) -> None:
    """Serve the web app of the laboratory (127.0.0.1:8000 unless told otherwise)."""
    settings = config.load()
    given: dict[str, Any] = {"host": host, "port": port, "data": data}
    serve(replace(settings, **{name: value for name, value in given.items() if value is not None}))


def settle_memory() -> None:
    """What the program is made of is not looked through again by the collector: that took 150 ms of a page now and then."""
    gc.collect()
    gc.freeze()


def serve(settings: Settings) -> None:
    """Serve until stopped. Raises ListensTooWide or PortTaken before anything is served."""
    import waitress

    from web.app import create_app

    settings.data.mkdir(parents=True, exist_ok=True)
    engine = open_engine(settings.database)
    upgrade(engine)
    app = create_app(settings)
    if app.config["LIMS_DEMONSTRATION_PEOPLE"] and not settings.only_this_machine:
        raise ListensTooWide(host=settings.host)
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError:
            raise PortTaken(host=settings.host, port=settings.port) from None
    click.echo(f"{settings.public_url}/", err=True)
    coordinator = Coordinator(session_factory(engine), settings)
    coordinator.start()  # what a crash left unrendered is due, and is done now
    settle_memory()
    try:
        waitress.serve(app, host=settings.host, port=settings.port, threads=THREADS, ident=None)
    finally:
        coordinator.stop()
        engine.dispose()
