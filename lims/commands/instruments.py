"""`lims instruments find`: what answers on this machine's VISA library, held against the register of standards."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import click

from instruments.find import Found, discover, resources
from lims.domain.errors import DatabaseNotReady
from lims.queries import worklists
from lims.queries.registers import day
from lims.queries.worklists import StandardLine

from .laboratory import auditor_of_this_machine, now, open_laboratory
from .speech import _, echo_error, say


@click.group()
def instruments() -> None:
    """Instruments that are connected."""


@instruments.command()
@click.option(
    "--library", default="@py", show_default=True, help="@py, @sim (simulated bench), or a vendor's VISA file"
)
@click.option("--resource", "names", multiple=True, help="ask this one, such as TCPIP0::192.168.1.9::5025::SOCKET")
@click.option("--json", "as_json", is_flag=True)
def find(library: str, names: tuple[str, ...], as_json: bool) -> int:
    """Ask each resource who it is; say whether it is registered, and until when it is calibrated.

    Nothing is energised. A VISA library lists GPIB, USB, serial lines and VXI-11; a socket has to be named.
    """
    register = _register()
    found = []
    for name in names or resources(library):
        (one,) = discover(library, [name])
        found.append(one)
        if not as_json:
            _print(one, register)
    if as_json:
        click.echo(json.dumps([_as_data(one, register) for one in found], ensure_ascii=False, indent=1))
    elif not found:
        say("Nothing is listed. Name a socket with --resource, or the file of a vendor's VISA with --library.")
    return 0 if any(one.driver for one in found) else 1


def _register() -> list[StandardLine] | None:
    try:
        with open_laboratory() as (session, _settings):
            by = auditor_of_this_machine(session)
            lines = worklists.standards(session, by, on=day(session, now()))
            session.expunge_all()
            return lines
    except DatabaseNotReady as error:
        echo_error(error)  # the instruments are told all the same
        return None


def _registered(found: Found, register: Sequence[StandardLine]) -> StandardLine | None:
    """The standard of the same model and serial number."""
    if found.identity is None:
        return None
    seen = (found.identity.model.casefold(), found.identity.serial.casefold())
    return next((s for s in register if (s.instrument.model.casefold(), s.instrument.serial.casefold()) == seen), None)


def _print(found: Found, register: Sequence[StandardLine] | None) -> None:
    if found.driver is None or found.identity is None:
        click.echo(f"{found.resource}  –  {found.why}")
        return
    who = found.identity
    click.echo(f"{found.resource}  {who.maker} {who.model} {who.serial}  [{found.driver.__name__}]")
    if register is not None:
        click.echo(f"    {_standing(found, register)}")
    if found.driver.unverified:
        click.echo("    " + _("not seen on hardware: {facts}", facts="; ".join(found.driver.unverified)))


def _standing(found: Found, register: Sequence[StandardLine]) -> str:
    line = _registered(found, register)
    if line is None:
        expected = next((s.instrument for s in register if s.instrument.resource == found.resource), None)
        if expected is not None:
            named = f"{expected.model} {expected.serial} ({expected.code})"
            return _("not the one that the register has at this resource: {expected}", expected=named)
        return _("not in the register of standards")
    code, held = line.instrument.code, line.calibration
    if held is None or line.days_left is None:
        return _("{code}: no calibration in force", code=code)
    if line.days_left < 0:
        return _(
            "{code}: certificate {number} ended on {day}", code=code, number=held.certificate_number, day=held.valid_to
        )
    return _(
        "{code}: certificate {number} until {day}, {n} days left",
        code=code,
        number=held.certificate_number,
        day=held.valid_to,
        n=line.days_left,
    )


def _as_data(found: Found, register: Sequence[StandardLine] | None) -> dict[str, Any]:
    who, line = found.identity, None if register is None else _registered(found, register)
    told: dict[str, Any] = {
        "resource": found.resource,
        "driver": None if found.driver is None else found.driver.__name__,
    }
    if who is not None:
        told |= {"maker": who.maker, "model": who.model, "serial": who.serial, "firmware": who.firmware}
    if found.driver is None:
        told["why"] = found.why
    if line is not None:
        until = None if line.calibration is None else line.calibration.valid_to.isoformat()
        told["registered"] = {"code": line.instrument.code, "valid_to": until}
    return told
