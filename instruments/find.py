"""What is connected: every resource of a VISA library, asked who it is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pyvisa

from instruments.drivers import DRIVERS
from instruments.faults import InstrumentError, Unreachable
from instruments.link import Link
from instruments.reading import Identity
from instruments.roles import Instrument


@dataclass(frozen=True, slots=True)
class Found:
    """One resource. driver and identity: None where nobody we know answered; why: the sentence that says so."""

    resource: str
    driver: type[Instrument] | None
    identity: Identity | None
    why: str = ""


def resources(library: Any = "@py") -> tuple[str, ...]:
    """The names of the resources that a VISA library lists; sockets are not listed by any. Raises Unreachable."""
    if library == "@sim":
        from instruments.bench import default_bench

        library = default_bench().library
    try:
        return tuple(pyvisa.ResourceManager(library).list_resources("?*"))
    except (OSError, ValueError, pyvisa.errors.Error) as error:
        raise Unreachable(resource=str(library), why=str(error)) from error


def discover(
    library: Any = "@py", names: Iterable[str] | None = None, drivers: Iterable[type[Instrument]] = DRIVERS
) -> list[Found]:
    """Ask each resource (or each of `names`) who it is, in the way of each driver until one knows it.

    Only identities are asked for; nothing is energised, and no setting but the output format of a monitor is touched.
    """
    return [_asked(name, library, tuple(drivers)) for name in (resources(library) if names is None else names)]


def _asked(name: str, library: Any, drivers: tuple[type[Instrument], ...]) -> Found:
    why = ""
    for who in dict.fromkeys((driver.who, driver.ends["write"], driver.ends["read"]) for driver in drivers):
        question, write_end, read_end = who
        try:
            with Link(name, library, write_end=write_end, read_end=read_end, timeout=1.0) as link:
                answer = link.query(question).strip()
        except InstrumentError as error:
            why = str(error)
            if isinstance(error, Unreachable):
                break
            continue
        driver = next((d for d in drivers if d.who == question and re.match(d.identity, answer)), None)
        if driver is None:
            why = f"no driver knows {answer!r}"
            continue
        try:
            with driver.open(name, library) as instrument:
                return Found(name, driver, instrument.identify())
        except InstrumentError as error:
            why = str(error)
    return Found(name, None, None, why)
