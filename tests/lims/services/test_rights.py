"""Every door of lims.services and lims.queries, tried by those who have no business there.

A public function that is not classified here fails the first test: whoever adds one says who may call it.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy import inspect as mapped
from sqlalchemy.orm import Session

import lims.queries
import lims.services
from lims import audit
from lims.domain.actor import Actor
from lims.domain.errors import LimsError, NotAllowed, NotFound, UnusableValue, WrongPassword
from lims.domain.rights import ROLES
from lims.queries import certificates as lists
from lims.queries import covariance, details, history, traceability, worklists
from lims.queries import industry as boards
from lims.queries import scope as scopes
from lims.records import Base, Certificate, Reading, Record, Request, Result
from lims.services import (
    bench,
    budgets,
    certificates,
    data_files,
    demonstration,
    evaluation,
    holds,
    industry,
    laboratory,
    people,
    requests,
    review,
    scope,
    standards,
    tokens,
)
from tests import areas

from .conftest import PASSWORD, Lab

REFUSED = (NotAllowed, NotFound, WrongPassword)
NOBODY = Actor(0, "nobody", {"zh": "无名", "en": "nobody"}, frozenset())


@dataclass
class World:
    """Customer 1 has an issued certificate, a submitted record and an open one; customer 2 has nothing."""

    lab: Lab
    certificate: Certificate
    issued: Record
    submitted: Record
    request: Request
    waiting: Request
    token_id: int

    @property
    def session(self) -> Session:
        return self.lab.session

    def secrets(self) -> set[str]:
        """Words that belong to customer 1 alone."""
        mine = self.lab.who("customer")
        assert mine.customer_id is not None
        numbers = {self.certificate.number, self.certificate.token, self.issued.number, self.submitted.number}
        return numbers | {self.request.number, self.waiting.number, "青禾精密电子有限公司（虚构）", "MY41000001"}


Act = Callable[[World, Actor], object]
"""What is tried; the result is looked through for another customer's data."""


@dataclass(frozen=True)
class Door:
    """Who is refused. Those in `own` are answered, about themselves alone; everybody else is refused."""

    act: Act
    own: frozenset[str] = frozenset()


def door(act: Act, *own: str) -> Door:
    return Door(act, frozenset(own))


FUNCTIONS = [
    {"function": "DCV", "unit": "V", "ranges": [{"range": "1 V", "upper": "1", "points": [{"at": "1", "correction": "0", "U": "1e-6"}]}]}
]  # fmt: skip

BUDGET = {
    "budget": 1,
    "quantities": {"a": {"readings": [1.0, 1.1, 0.9], "unit": "V"}},
    "measurands": {"y": {"expression": "2 * a", "unit": "V"}},
}
METHOD = budgets.Method("X-1", {"zh": "x", "en": "x"}, "X", "1")

DOORS: dict[str, Door] = {
    "services.bench.gates_before": door(lambda w, by: bench.gates_before(w.session, w.waiting.number, by=by, at=w.lab.at)),
    "services.bench.start": door(lambda w, by: bench.start(w.session, w.waiting.number, "as_found", by=by, at=w.lab.at, settings=w.lab.settings)),
    "services.bench.command": door(lambda w, by: bench.command(w.session, w.submitted.number, "abort", by=by, at=w.lab.at, settings=w.lab.settings)),
    "services.bench.events": door(lambda w, by: bench.events(w.session, w.submitted.number, 0, by=by, settings=w.lab.settings)),
    "services.bench.run_state": door(lambda w, by: bench.run_state(w.session, w.submitted.number, by=by, settings=w.lab.settings)),
    "services.bench.close_interrupted": door(lambda w, by: bench.close_interrupted(w.session, w.submitted.number, by=by, at=w.lab.at, settings=w.lab.settings)),
    "services.bench.enter_readings": door(lambda w, by: bench.enter_readings(w.session, w.waiting.number, "as_found", [{"point": 1, "indications": ["0.1"]}], by=by, at=w.lab.at)),
    "services.budgets.evaluate": door(lambda w, by: budgets.evaluate(BUDGET, by=by), "customer2"),
    "services.budgets.save": door(lambda w, by: budgets.save(w.session, BUDGET, METHOD, by=by, at=w.lab.at)),
    "services.certificates.by_number": door(lambda w, by: certificates.by_number(w.session, w.certificate.number, by=by)),
    "services.certificates.gates_before_issue": door(lambda w, by: certificates.gates_before_issue(w.session, w.submitted.number, by=by, at=w.lab.at)),
    "services.certificates.issue_all": door(lambda w, by: certificates.issue_all(w.session, [w.submitted.number], PASSWORD, by=by, at=w.lab.at, settings=w.lab.settings)),
    "services.certificates.issue": door(lambda w, by: certificates.issue(w.session, w.submitted.number, PASSWORD, by=by, at=w.lab.at, settings=w.lab.settings)),
    "services.certificates.evaluation_report": door(lambda w, by: certificates.evaluation_report(w.session, w.submitted.number, by=by, at=w.lab.at, settings=w.lab.settings)),
    "services.certificates.withdraw": door(lambda w, by: certificates.withdraw(w.session, w.certificate.number, "r", by=by, at=w.lab.at)),
    "services.certificates.amend": door(lambda w, by: certificates.amend(w.session, w.certificate.number, "r", PASSWORD, by=by, at=w.lab.at, settings=w.lab.settings)),
    "services.data_files.import_readings": door(lambda w, by: data_files.import_readings(w.session, w.waiting.number, "a.csv", b"V (V)\n1\n", provenance={}, by=by, at=w.lab.at)),
    "services.evaluation.submit": door(lambda w, by: evaluation.submit(w.session, w.submitted.number, PASSWORD, by=by, at=w.lab.at, settings=w.lab.settings)),
    "services.holds.begin": door(lambda w, by: holds.begin(w.session, w.waiting.number, "part", "", by=by, at=w.lab.at)),
    "services.holds.end": door(lambda w, by: holds.end(w.session, w.waiting.number, by=by, at=w.lab.at)),
    "services.industry.add": door(lambda w, by: industry.add(w.session, chain={"zh": "x"}, node={"zh": "x"}, position=1, product={"zh": "x"}, stage="design", parameter={"zh": "x"}, measurand="DCV", unit="V", low=0, high=1, required=1, by=by, at=w.lab.at)),
    "services.industry.withdraw": door(lambda w, by: industry.withdraw(w.session, 1, "r", by=by, at=w.lab.at)),
    "services.laboratory.add_customer": door(lambda w, by: laboratory.add_customer(w.session, name={"zh": "x"}, address={}, contact="", by=by, at=w.lab.at)),
    "services.people.confirm_password": door(lambda w, by: people.confirm_password(w.session, by, "wrong", at=w.lab.at)),
    "services.people.add_person": door(lambda w, by: people.add_person(w.session, username="new", name={"zh": "x"}, password="long enough 1", roles=["auditor"], by=by, at=w.lab.at), "administrator"),
    "services.people.authorise": door(lambda w, by: people.authorise(w.session, "tech", "DMM-DCV", "verify", valid_from=date(2026, 1, 1), valid_to=date(2027, 1, 1), by=by, at=w.lab.at)),
    "services.requests.create": door(lambda w, by: requests.create(w.session, customer_id=w.request.customer_id, instrument=w.request.instrument_id, procedure="DMM-DCV", document_kind="calibration", rule={"rule": "none"}, by=by, at=w.lab.at)),
    "services.requests.own": door(lambda w, by: requests.own(w.session, "DMM-DCV", by=by, at=w.lab.at)),
    "services.requests.receive": door(lambda w, by: requests.receive(w.session, w.waiting.number, condition={"zh": "x", "en": "x"}, accessories="", by=by, at=w.lab.at)),
    "services.review.exceptions": door(lambda w, by: review.exceptions(w.session, w.submitted.number, by=by)),
    "services.review.verify": door(lambda w, by: review.verify(w.session, w.submitted.number, PASSWORD, by=by, at=w.lab.at)),
    "services.review.verify_all": door(lambda w, by: review.verify_all(w.session, [w.submitted.number], PASSWORD, by=by, at=w.lab.at)),
    "services.review.gates_before_verifying": door(lambda w, by: review.gates_before_verifying(w.session, w.submitted, by=by, at=w.lab.at)),
    "services.review.return_record": door(lambda w, by: review.return_record(w.session, w.submitted.number, "x", by=by, at=w.lab.at)),
    "services.review.note": door(lambda w, by: review.note(w.session, w.submitted.number, "x", by=by, at=w.lab.at)),
    "services.review.correct": door(lambda w, by: review.correct(w.session, w.submitted.number, a_reading(w), "1", "x", by=by, at=w.lab.at)),
    "services.scope.propose": door(lambda w, by: scope.propose(w.session, demonstration.SCOPE, valid_from=date(2026, 1, 1), by=by, at=w.lab.at)),
    "services.scope.recognise": door(lambda w, by: scope.recognise(w.session, "CMC-DCV-1", 1, by=by, at=w.lab.at)),
    "services.scope.withdraw": door(lambda w, by: scope.withdraw(w.session, "CMC-DCV-1", 1, "r", by=by, at=w.lab.at)),
    "services.standards.register": door(lambda w, by: standards.register(w.session, description={"zh": "x"}, maker="m", model="m", serial="s", by=by, at=w.lab.at)),
    "services.standards.add_calibration": door(lambda w, by: standards.add_calibration(w.session, "YQ-2026-000001", certificate_number="c", issuer={"zh": "i"}, issued=date(2026, 1, 1), valid_from=date(2026, 1, 1), valid_to=date(2027, 1, 1), route_class="a", functions=FUNCTIONS, upstream=[], correlation={"kind": "none"}, by=by, at=w.lab.at)),
    "services.tokens.make": door(lambda w, by: tokens.make(w.session, "mine", 1, by=by, at=w.lab.at), "customer2", "administrator"),
    "services.tokens.revoke": door(lambda w, by: tokens.revoke(w.session, w.token_id, by=by, at=w.lab.at)),
    "services.tokens.of": door(lambda w, by: tokens.of(w.session, by), "customer2", "administrator", "nobody"),
    "queries.certificates.page": door(lambda w, by: lists.page(w.session, by), "customer2"),
    "queries.covariance.of_results": door(lambda w, by: covariance.of_results(w.session, result_ids(w), by)),
    "queries.details.request_by_number": door(lambda w, by: details.request_by_number(w.session, w.request.number, by=by)),
    "queries.details.request_detail": door(lambda w, by: details.request_detail(w.session, w.request.number, by)),
    "queries.details.choices_for_request": door(lambda w, by: details.choices_for_request(w.session, by), "customer2"),
    "queries.details.own_instruments": door(lambda w, by: details.own_instruments(w.session, by), "customer2"),
    "queries.details.notices": door(lambda w, by: details.notices(w.session, by), "customer2"),
    "queries.details.standard_detail": door(lambda w, by: details.standard_detail(w.session, "YQ-2026-000001", by)),
    "queries.history.record_detail": door(lambda w, by: history.record_detail(w.session, w.submitted.number, by)),
    "queries.history.audit_of": door(lambda w, by: history.audit_of(w.session, "record", w.submitted.number, by)),
    "queries.history.audit_page": door(lambda w, by: history.audit_page(w.session, by)),
    "queries.industry.board": door(lambda w, by: boards.board(w.session, by, w.lab.at.date())),
    "queries.scope.lines": door(lambda w, by: scopes.lines(w.session, by), "customer2"),
    "queries.scope.search": door(lambda w, by: scopes.search(w.session, by, "DCV", 1, 2, "V", w.lab.at.date()), "customer2"),
    "queries.traceability.chain": door(lambda w, by: traceability.chain(w.session, w.certificate.number, by)),
    "queries.worklists.requests": door(lambda w, by: worklists.requests(w.session, by), "customer2"),
    "queries.worklists.by_record_state": door(lambda w, by: worklists.by_record_state(w.session, by, ("submitted", "locked"))),
    "queries.worklists.open_records": door(lambda w, by: worklists.open_records(w.session, by)),
    "queries.worklists.to_measure": door(lambda w, by: worklists.to_measure(w.session, by, on=w.lab.at.date()), "customer2"),
    "queries.worklists.standards": door(lambda w, by: worklists.standards(w.session, by, on=w.lab.at.date())),
}  # fmt: skip

INNER = {
    # The public: they hold number and token, or the file itself, and that is checked inside.
    "services.authentication.status": "anybody with number and token",
    "services.authentication.examine_file": "anybody with the file",
    # Who somebody is: asked before there is an actor.
    "services.people.authenticate": "who knows the password",
    "services.people.actor": "the sign-in",
    "services.people.by_username": "the sign-in",
    "services.tokens.holder": "who holds the token",
    # The command line of the machine itself, when a laboratory is made.
    "services.laboratory.found": "founding",
    "services.laboratory.exists": "founding",
    "services.demonstration.found": "founding",
    "services.industry_examples.enter": "founding",
    "services.history_examples.a_year": "founding",
    "services.history_examples.tell": "founding",
    # The worker: it acts on what the records say is due, for nobody in particular.
    "services.review.exceptions_in": "reads what was read",
    "services.review.without_exception": "of records that a service has asked the right for",
    "queries.exceptions.of_records": "of records that a door gave",
    "queries.firsts.in_states": "makes a question and asks none",
    "services.evaluation.digest_in": "reads what was read",
    "services.bench.deliver": "the worker",
    "services.faults.sentence": "says a value",
    "services.rendering.due": "the worker",
    "services.rendering.claim": "the worker",
    "services.rendering.content": "the worker",
    "services.rendering.make": "the worker",
    "services.rendering.store": "the worker",
    "services.rendering.render_due": "the worker",
    "services.rendering.schemas_of": "the worker",
    "services.rendering.signer_of": "the worker",
    "queries.leases.claim": "the worker",
    "queries.leases.release": "the worker",
    # Steps inside a service that has asked for the right already; pages reach them through an object that a door gave.
    "services.bench.record_by_number": "inside a service",
    "services.bench.run_dir": "inside a service",
    "services.bench.number": "reads a text",
    "services.budgets.template": "makes a text",
    "services.budgets.as_yaml": "makes a text",
    "services.bench.unfinished": "of a request that a door gave",
    "services.certificates.status_of": "of a certificate that a door gave",
    "services.certificates.records_for_issue": "inside a service",
    "services.certificates.refuse_untraceable": "inside a service",
    "services.certificates.verification_url": "makes a text",
    "services.certificates.refuse_unless_complete": "reads a value",
    "services.evaluation.sign": "inside a service, after the password",
    "services.evaluation.evaluate": "inside a service",
    "services.evaluation.keep": "inside a service",
    "services.evaluation.record_digest": "of a record that a door gave",
    "services.evaluation.latest_evaluation": "of a record that a door gave",
    "services.evaluation.work_out": "of a record that a door gave",
    "services.evaluation.observed": "of a record that a door gave",
    "services.evaluation.version_data": "reads a value",
    "services.evaluation.effective_readings": "of a record that a door gave",
    "services.evaluation.stored": "of an evaluation that a door gave",
    "services.reexecution.execute_again": "of a certificate that a door gave",
    "services.rendering.document": "of a number that a door has passed",
    "services.rendering.results_text": "the command line of the machine itself",
    "services.rendering.sheets": "the command line of the machine itself",
    "services.snapshots.compose": "inside a service",
    "services.snapshots.row": "reads a value",
    "services.snapshots.printed_row": "reads a value",
    "services.snapshots.correlation": "reads values",
    "services.snapshots.missing_links": "inside a service",
    "services.standards.check_functions": "reads values",
    "services.tokens.digest_of": "reads a text",
    "queries.certificates.audit_heads": "the verifier of the chain: numbers and hashes alone",
    "queries.details.upstream_choices": "the page that asked for calibrations.add",
    "queries.details.certificate_detail": "of a certificate that a door gave",
    "queries.clocks.terms": "reads a value",
    "queries.clocks.holds": "of requests that a door gave",
    "queries.clocks.of_requests": "of requests that a door gave",
    "queries.worklists.by_clock": "of lines that a door gave",
    "queries.registers.current_procedure": "the laboratory's own registers, no customer's data",
    "queries.registers.procedure_of": "the laboratory's own registers",
    "queries.registers.instrument_for": "the laboratory's own registers",
    "queries.registers.calibration_on": "the laboratory's own registers",
    "queries.registers.current_calibration": "the laboratory's own registers",
    "queries.registers.authorisations": "the laboratory's own registers",
    "queries.registers.laboratory": "the laboratory's own registers",
    "queries.registers.zone": "the laboratory's own registers",
    "queries.registers.day": "the laboratory's own registers",
    "queries.registers.software": "the laboratory's own registers",
    "queries.industry.assessed": "reads values",
    "queries.scope.entries": "the laboratory's own scope, published",
    "queries.scope.entry_of": "reads a value",
    "queries.scope.wanted": "reads a value",
    "queries.scope.gates_of": "the laboratory's own scope",
    "queries.scope.not_below": "of results that a door gave",
    "queries.scope.accredited_on": "the laboratory's own scope",
    "queries.scope.coverage": "the laboratory's own scope",
    "queries.traceability.links_of_records": "of records that a door gave",
}
"""No actor of their own: why they need none."""


for _name, _act in areas.merged("DOORS").items():
    DOORS[_name] = door(*_act) if isinstance(_act, tuple) else door(_act)
INNER |= areas.merged("INNER")


def a_reading(world: World) -> int:
    found = world.session.scalar(select(Reading.id).where(Reading.record_id == world.submitted.id).limit(1))
    assert found is not None
    return found


def result_ids(world: World) -> list[int]:
    return list(world.session.scalars(select(Result.id).limit(3)))


def _public() -> Iterator[tuple[str, Callable[..., object]]]:
    for package in (lims.services, lims.queries):
        for module in _modules(package):
            for name, found in vars(module).items():
                if inspect.isfunction(found) and found.__module__ == module.__name__ and not name.startswith("_"):
                    yield f"{module.__name__.removeprefix('lims.')}.{name}", found


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    for each in pkgutil.iter_modules(package.__path__):
        yield importlib.import_module(f"{package.__name__}.{each.name}")


def test_every_public_function_is_classified_and_none_is_listed_that_is_gone() -> None:
    there = {name for name, _ in _public()}
    assert there - set(DOORS) - set(INNER) == set(), "say in this file who may call these"
    assert (set(DOORS) | set(INNER)) - there == set(), "these are gone"
    assert set(DOORS) & set(INNER) == set()


def test_whoever_names_an_actor_is_a_door() -> None:
    named = {n for n, f in _public() if {"by", "viewer"} & set(inspect.signature(f).parameters)}
    # They write down who acted, or do one of many, for a service that has asked for the right and the password.
    writing = {"evaluation.sign", "gatekeeping.keep", "gatekeeping.pass_through", "compulsory.note_result", "fees.fix"}
    writing |= {"person_gates.lines"}
    one_of_many = {"evaluation.hand_over", "review.verify_one", "certificates.issue_one"}
    assert named - set(DOORS) == {f"services.{name}" for name in writing | one_of_many}


@pytest.fixture
def world(lab: Lab) -> World:
    first = lab.request()
    record = lab.verified(request=first)
    certificate = certificates.issue(
        lab.session, record.number, PASSWORD, by=lab.who("approver"), at=lab.now(), settings=lab.settings
    )
    submitted = lab.submitted()
    waiting = lab.request()
    tokens.make(lab.session, "customer's own", 30, by=lab.who("customer"), at=lab.now())
    token = tokens.of(lab.session, lab.who("customer"))[0]
    lab.session.commit()
    return World(lab, certificate, record, submitted, first, waiting, token.id)


@pytest.mark.parametrize("who", ["nobody", "customer2", "administrator"])
def test_no_door_opens_to_who_has_no_right_and_nothing_is_written(world: World, who: str) -> None:
    by = {"nobody": NOBODY, "customer2": world.lab.who("customer2"), "administrator": world.lab.who("admin")}[who]
    secrets = world.secrets()
    session = world.session
    wrong = []
    for name, each in DOORS.items():
        session.commit()
        before = _state(session)
        try:
            answer = each.act(world, by)
        except REFUSED as refusal:
            session.flush()
            if who in each.own:
                wrong.append(f"{name} refused {who}: {refusal}")
            elif _state(session, but=_KEPT.get(name, set())) != _without(before, _KEPT.get(name, set())):
                wrong.append(f"{name} wrote something before it refused {who}")
        except Exception as other:
            wrong.append(f"{name} raised {type(other).__name__} for {who}: {other}")
        else:
            told = secrets & set(_words(answer))
            if who not in each.own:
                wrong.append(f"{name} answered {who}")
            elif told:
                wrong.append(f"{name} told {who} {told}")
        session.rollback()
        if _state(session) != before:
            wrong.append(f"{name} committed something for {who}")
    assert wrong == []


_KEPT: dict[str, set[str]] = {"services.people.confirm_password": {"signin_attempt"}} | areas.merged("KEPT")
"""Failed tries are kept on purpose: they count towards the lock."""


def _state(session: Session, but: set[str] | None = None) -> dict[str, object]:
    """Rows of each table, and the head of the audit chain."""
    with session.no_autoflush:
        counted = {
            table.name: session.scalar(select(func.count()).select_from(table)) for table in Base.metadata.sorted_tables
        }
    return _without(counted | {"head": audit.head(session)}, but or set())


def _without(state: dict[str, Any], but: set[str]) -> dict[str, Any]:
    return {name: value for name, value in state.items() if name not in but}


def _words(found: object, depth: int = 0) -> Iterator[str]:
    """Every text in an answer: rows, values, lists and mappings alike."""
    if depth > 6 or found is None:
        return
    if isinstance(found, str):
        yield found
    elif isinstance(found, Mapping):
        for value in found.values():
            yield from _words(value, depth + 1)
    elif isinstance(found, list | tuple | set | frozenset):
        for value in found:
            yield from _words(value, depth + 1)
    elif isinstance(found, Base):
        for column in mapped(type(found)).column_attrs:
            yield from _words(getattr(found, column.key), depth + 1)
    elif is_dataclass(found):
        for each in fields(found):
            yield from _words(getattr(found, each.name), depth + 1)


def test_the_owner_is_answered_so_that_the_refusals_above_mean_something(world: World) -> None:
    customer = world.lab.who("customer")
    assert world.certificate.number in set(_words(lists.page(world.session, customer)))
    assert world.request.number in set(_words(details.request_detail(world.session, world.request.number, customer)))
    assert "MY41000001" in set(_words(details.own_instruments(world.session, customer)))
    auditor = world.lab.who("auditor")
    assert world.submitted.number in set(_words(history.record_detail(world.session, world.submitted.number, auditor)))


@pytest.mark.parametrize("roles", [["customer"], ["customer", "technician"], ["customer", "auditor"]])
def test_a_customer_account_without_its_customer_is_refused_for_it_would_see_everybodys(
    lab: Lab, roles: list[str]
) -> None:
    """An account without a customer is the laboratory's own: with a customer's rights it would see all of them."""
    with pytest.raises(UnusableValue) as refused:
        people.add_person(
            lab.session, username="c3", name={"zh": "丙"}, password=PASSWORD, roles=roles, by=None, at=lab.now()
        )
    assert refused.value.facts["field"] in ("roles", "customer")


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"customer"}))
def test_a_customers_account_has_no_role_of_the_laboratory(lab: Lab, role: str) -> None:
    customer = lab.who("customer").customer_id
    for roles in ([role], [role, "customer"]):
        with pytest.raises(UnusableValue):
            people.add_person(
                lab.session,
                username=f"c-{role}",
                name={"zh": "丙"},
                password=PASSWORD,
                roles=roles,
                by=None,
                at=lab.now(),
                customer_id=customer,
            )


@pytest.mark.parametrize("do", ["pause", "abort", "confirm", "resume", "repeat"])
def test_a_record_entered_by_hand_has_no_run_to_be_commanded(lab: Lab, do: str) -> None:
    """Its folder would be the laboratory's own: nothing may be written there."""
    record = lab.record()
    lab.session.commit()
    folder = lab.settings.data
    before = sorted(folder.rglob("*")) if folder.exists() else []
    with pytest.raises(NotFound):
        bench.command(lab.session, record.number, do, point=1, by=lab.who("tech"), at=lab.now(), settings=lab.settings)
    with pytest.raises(LimsError):
        bench.close_interrupted(lab.session, record.number, by=lab.who("tech"), at=lab.now(), settings=lab.settings)
    assert (sorted(folder.rglob("*")) if folder.exists() else []) == before


def test_an_upstream_certificate_that_is_not_there_is_refused(lab: Lab) -> None:
    for version in (999_999, 10**30, -1):
        with pytest.raises(NotFound):
            standards.add_calibration(
                lab.session,
                "YQ-2026-000001",
                certificate_number="c",
                issuer={"zh": "i", "en": "i"},
                issued=date(2026, 1, 1),
                valid_from=date(2026, 1, 1),
                valid_to=date(2027, 1, 1),
                route_class="a",
                functions=FUNCTIONS,
                upstream=[{"version_id": version}],
                correlation={"kind": "none"},
                by=lab.who("keeper"),
                at=lab.now(),
            )
