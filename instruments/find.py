"""What is connected: every resource of a VISA library, asked who it is."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pyvisa
from pyvisa.rname import InvalidResourceName, ResourceName

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
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # PyVISA-py's advice on packages that would find more
            return tuple(pyvisa.ResourceManager(library).list_resources("?*"))
    except (OSError, ValueError, pyvisa.errors.Error) as error:
        raise Unreachable(resource=str(library), why=str(error)) from error


def is_resource(name: str) -> bool:
    """Whether a name is spelled as VISA resources are; nothing is opened."""
    try:
        ResourceName.from_string(name)
    except InvalidResourceName:
        return False
    return True


def discover(
    library: Any = "@py", names: Iterable[str] | None = None, drivers: Iterable[type[Instrument]] = DRIVERS
) -> list[Found]:
    """Ask each resource (or each of `names`) who it is, in the way of each driver until one knows it.

    Only identities are asked for; nothing is energised, and no setting is touched but the output format of a monitor
    and the echo of a terminal line.
    """
    return [_asked(name, library, tuple(drivers)) for name in (resources(library) if names is None else names)]


def _asked(name: str, library: Any, drivers: tuple[type[Instrument], ...]) -> Found:
    why, left = "", False
    for who in dict.fromkeys((driver.who, driver.ends["write"], driver.ends["read"]) for driver in drivers):
        question, write_end, read_end = who
        try:
            with Link(name, library, write_end=write_end, read_end=read_end, timeout=1.0) as link:
                if left:
                    link.open()
                    link.drain(0.3)  # what a driver that was not the right one has asked for
                answer = link.query(question).strip()
        except InstrumentError as error:
            why = str(error)
            if isinstance(error, Unreachable):
                break
            continue
        for driver in _who_may_be(drivers, question, answer):
            try:
                with driver.open(name, library) as instrument:
                    return Found(name, driver, instrument.identify())
            except InstrumentError as error:
                why, left = str(error), True
        why = why or f"no driver knows {answer!r}"
    return Found(name, None, None, why)


def _who_may_be(drivers: tuple[type[Instrument], ...], question: str, answer: str) -> list[type[Instrument]]:
    """The driver that knows an answer; where the line repeats the question, those of instruments that do so."""
    asked = [driver for driver in drivers if driver.who == question]
    if answer.casefold() == question.casefold():
        return [driver for driver in asked if driver.echoes]
    return [driver for driver in asked if re.match(driver.identity, answer)][:1]
