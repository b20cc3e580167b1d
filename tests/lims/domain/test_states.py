"""The state machines by tables: ways that must be open, and ways that must never be, each with what demands it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from lims.domain import diagrams, states
from lims.domain.errors import WrongState
from lims.domain.states import States

WAYS: list[tuple[States, str, str]] = [
    (states.SERVICE_REQUEST, "draft submitted accepted closed", "3.1 steps 1-2, a request on its way"),
    (states.SERVICE_REQUEST, "draft submitted draft submitted refused", "17025 7.1.1, a question to the customer, then refused"),
    (states.WORK_ORDER, "accepted in_progress on_hold in_progress done closed", "3.1, held in between"),
    (states.WORK_ORDER, "accepted in_progress done in_progress done", "17025 7.9, an item comes back"),
    (states.REQUEST, "draft submitted accepted received in_work issued returned closed", "17025 7.4, an item through the laboratory"),
    (states.REQUEST, "draft accepted discrepancy received", "17025 7.4.3, differs from the order, then cleared"),
    (states.REQUEST, "draft accepted received uncalibratable returned closed", "3.4, cannot be calibrated"),
    (states.REQUEST, "draft accepted received in_work lost closed", "3.4, lost"),
    (states.RECORD, "open submitted returned submitted verified approved locked", "17025 7.5, given back and mended"),
    (states.CERTIFICATE, "issued superseded", "17025 7.8.8, an amendment replaces it"),
    (states.CALIBRATION, "received confirmed current superseded disproved", "17025 6.4, found wrong long after"),
    (states.PROCEDURE, "draft verified approved current superseded", "17025 8.3, document control"),
    (states.MEASUREMENT_STANDARD, "preparing applied examined in_force changed in_force re_examination in_force", "JJF 1033, a standard's life"),
    (states.MEASUREMENT_STANDARD, "preparing applied examined in_force sealed re_examination", "JJF 1033, sealed and taken up again"),
    (states.AUTHORISATION, "proposed trained assessed granted suspended granted withdrawn", "17025 6.2.5"),
    (states.NONCONFORMITY, "opened contained evaluated decided notified closed", "17025 7.10"),
    (states.NONCONFORMITY, "opened contained evaluated decided notified evaluated", "17025 8.7.1 d, not effective: again"),
    (states.COMPLAINT, "received acknowledged investigated decided notified closed", "17025 7.9"),
    (states.COMPULSORY, "filed applied verified applied failed applied verified", "L3 5, after repair it is verified again"),
    (states.BOOKING, "requested confirmed in_use returned", "R 14, shared equipment"),
    (states.CAPABILITY, "proposed recognised changed", "ILAC P14, a newer version"),
    (states.INVOICE, "issued paid", "3.1 step 9"),
    (states.VERSIONED, "proposed current superseded", "2.4, rules as data"),
]  # fmt: skip
NEVER: list[tuple[States, str, str, str]] = [
    (states.SERVICE_REQUEST, "draft", "accepted", "17025 7.1.1: accepted without having been asked for"),
    (states.SERVICE_REQUEST, "refused", "accepted", "a refusal stands; a new request is made"),
    (states.REQUEST, "accepted", "issued", "17025 7.8.1: issued without work"),
    (states.REQUEST, "received", "issued", "17025 7.8.1: issued without work"),
    (states.REQUEST, "closed", "in_work", "a closed job stays closed"),
    (states.RECORD, "open", "verified", "17025 7.5.1: verified before it was submitted"),
    (states.RECORD, "submitted", "approved", "17025 7.8.1.1: approved before it was verified"),
    (states.RECORD, "locked", "returned", "17025 7.5.2: locked is final"),
    (states.CERTIFICATE, "withdrawn", "issued", "17025 7.8.8: a withdrawn certificate does not come back"),
    (states.CERTIFICATE, "superseded", "issued", "17025 7.8.8"),
    (states.CALIBRATION, "disproved", "current", "17025 6.4.9: found wrong is not used again"),
    (states.MEASUREMENT_STANDARD, "preparing", "in_force", "JJF 1033: in force without examination"),
    (states.MEASUREMENT_STANDARD, "revoked", "in_force", "JJF 1033: revoked is final"),
    (states.AUTHORISATION, "proposed", "granted", "17025 6.2.5: authorised without assessment"),
    (states.AUTHORISATION, "withdrawn", "granted", "17025 6.2.5: a new authorisation is proposed"),
    (states.NONCONFORMITY, "opened", "closed", "17025 7.10.1: closed without evaluation"),
    (states.NONCONFORMITY, "decided", "closed", "17025 7.10.1 f: closed before those concerned know"),
    (states.COMPLAINT, "received", "decided", "17025 7.9.5: decided without investigation"),
    (states.COMPULSORY, "filed", "verified", "L3 5: verified without application"),
    (states.VERSIONED, "withdrawn", "current", "a withdrawn rule is proposed anew"),
]  # fmt: skip


@pytest.mark.parametrize(("machine", "way", "why"), WAYS, ids=[why for _, _, why in WAYS])
def test_a_way_is_open(machine: States, way: str, why: str) -> None:
    first, *rest = way.split()
    assert first == machine.initial, why
    thing = SimpleNamespace(number="X-1", state=first)
    for state in rest:
        machine.move(thing, state)
    assert thing.state == rest[-1]


@pytest.mark.parametrize(("machine", "state", "wanted", "why"), NEVER, ids=[why for *_, why in NEVER])
def test_a_way_is_closed_and_nothing_has_changed(machine: States, state: str, wanted: str, why: str) -> None:
    thing = SimpleNamespace(number="X-1", state=state)
    with pytest.raises(WrongState, match="X-1"):
        machine.move(thing, wanted)
    assert thing.state == state


@pytest.mark.parametrize("machine", states.ALL, ids=lambda machine: machine.kind)
def test_every_state_is_reached_from_the_first_and_every_way_leads_to_a_state(machine: States) -> None:
    reached, waiting = {machine.initial}, [machine.initial]
    while waiting:
        for way in machine.table[waiting.pop()]:
            assert way in machine.table
            if way not in reached:
                reached.add(way)
                waiting.append(way)
    assert reached == set(machine.table)
    assert any(not ways for ways in machine.table.values()), "some state is final"


def test_the_page_of_diagrams_is_the_one_that_the_code_draws() -> None:
    """`python -m lims.domain.diagrams --write` after a change of a table."""
    assert (Path(__file__).parents[3] / "docs" / "states.md").read_text("utf-8") == diagrams.page()


def test_every_machine_of_the_module_is_drawn() -> None:
    found = {name for name, value in vars(states).items() if isinstance(value, States)}
    assert len(found) == len(states.ALL)
