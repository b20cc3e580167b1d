"""Where instruments are connected: a resource and its driver in the register, and who answers there.

connections.connect(session, code, "GPIB0::4::INSTR", "F5522A", version=1, by=keeper, at=at)
answer = connections.ask(session, code, by=keeper, settings=settings)     # nothing is energised
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from instruments.drivers import DRIVERS, find_driver
from instruments.faults import NoDriver
from instruments.find import Found, discover, is_resource
from lims import audit
from lims.config import Settings
from lims.domain.actor import Actor
from lims.domain.errors import NotFound, StaleEdit, UnusableValue
from lims.domain.rights import require
from lims.records import Instrument
from lims.services import bench
from lims.words import N_

LONGEST = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """Who answered at a resource. same: whether it is the instrument of the register; None where nobody answered."""

    found: Found
    same: bool | None


def connect(
    session: Session, code: str, resource: str, driver: str, *, version: int, by: Actor, at: datetime
) -> Instrument:
    """The VISA name under which an instrument is reached, and its driver; both empty: it is not connected.

    A standard is connected by who keeps standards, an item by who measures. version: as it was shown. Raises NotFound,
    StaleEdit, UnusableValue.
    """
    instrument = _one(session, code, by)
    if instrument.version != version:
        raise StaleEdit(kind="instrument", number=code, found=instrument.version, yours=version)
    place, named = resource.strip()[:LONGEST], driver.strip()
    if place and not place.startswith(bench.SIMULATED) and not is_resource(place):
        right = N_("a VISA name, such as GPIB0::4::INSTR or TCPIP0::192.168.1.9::5025::SOCKET")
        raise UnusableValue(field="resource", found=place[:60], right=right)
    if place:
        _driver_of(instrument, named)
    instrument.resource, instrument.driver = place or None, named or None
    session.flush()
    facts = {"resource": place, "driver": named}
    audit.append(session, "instrument.connected", "instrument", code, by=by.username, at=at, payload=facts)
    return instrument


def ask(session: Session, code: str, *, by: Actor, settings: Settings) -> Answer:
    """Ask the instrument who it is, as its driver asks; a few seconds where nobody answers."""
    instrument = _one(session, code, by, lock=False)
    if not instrument.resource:
        raise UnusableValue(field="resource", found="—", right=N_("where the instrument is connected"))
    place, library = instrument.resource, settings.visa_library or "@py"
    if place.startswith(bench.SIMULATED):
        place = str(bench.simulated(settings)["resources"][place.removeprefix(bench.SIMULATED)])
    (found,) = discover(library, [place], [_driver_of(instrument, instrument.driver or "")])
    if found.identity is None:
        return Answer(found, None)
    return Answer(found, found.identity.serial.strip().casefold() == instrument.serial.strip().casefold())


def drivers() -> list[tuple[str, str]]:
    """(class name, maker and model) of each driver, by name."""
    return sorted((each.__name__, f"{each.maker} {each.model}") for each in DRIVERS)


def _driver_of(instrument: Instrument, named: str) -> type:
    try:
        return find_driver(named or instrument.model)
    except NoDriver as error:
        right = N_("one of the drivers in the list; a generic one where none is made for the model")
        raise UnusableValue(field="driver", found=named or instrument.model, right=right) from error


def _one(session: Session, code: str, by: Actor, *, lock: bool = True) -> Instrument:
    question = select(Instrument).where(Instrument.code == code)
    if lock:
        question = question.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(question)
    if found is not None and found.kind == "item":
        require(by, "bench.run")
    else:
        require(by, "standards.manage")
    if found is None:
        raise NotFound(kind="instrument", number=code)
    return found
