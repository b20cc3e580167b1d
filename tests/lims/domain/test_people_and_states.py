"""Rights, states, passwords, intervals: the small rules."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest

from lims.domain import errors, intervals, passwords, rights, states
from lims.domain.actor import Actor
from lims.domain.errors import LimsError, NotAllowed, WrongState


def an_actor(*roles: str, customer_id: int | None = None) -> Actor:
    return Actor(1, "chen", {"zh": "陈工", "en": "Chen"}, frozenset(roles), customer_id)


@pytest.mark.parametrize(
    ("role", "right"),
    [
        ("technician", "bench.run"),
        ("technician", "records.submit"),
        ("verifier", "records.verify"),
        ("approver", "certificates.issue"),
        ("standards_keeper", "standards.manage"),
        ("reception", "items.receive"),
        ("auditor", "audit.read"),
        ("administrator", "people.manage"),
        ("customer", "certificates.read"),
    ],
)
def test_a_role_has_its_right(role: str, right: str) -> None:
    rights.require(an_actor(role), right)


@pytest.mark.parametrize(
    ("role", "right"),
    [
        ("technician", "records.verify"),
        ("technician", "certificates.issue"),
        ("verifier", "certificates.issue"),
        ("verifier", "bench.run"),
        ("approver", "records.verify"),
        ("auditor", "records.correct"),
        ("auditor", "people.manage"),
        ("customer", "records.read"),
        ("customer", "audit.read"),
        ("administrator", "records.read"),
        ("administrator", "certificates.read"),
        ("administrator", "certificates.issue"),
        ("administrator", "records.verify"),
        ("not a role", "certificates.read"),
    ],
)
def test_a_role_lacks_a_right_and_the_refusal_says_so(role: str, right: str) -> None:
    with pytest.raises(NotAllowed, match="chen has no right") as caught:
        rights.require(an_actor(role), right)
    assert caught.value.facts == {"username": "chen", "right": right}


def test_roles_add_up_and_an_auditor_only_reads() -> None:
    both = an_actor("technician", "verifier")
    assert rights.may(both, "bench.run") and rights.may(both, "records.verify")
    acts = {right.rsplit(".", 1)[1] for right in rights.rights_of(an_actor("auditor"))}
    assert acts == {"read", "verify", "evaluate", "export"}


def test_an_unknown_right_is_a_mistake_in_the_program() -> None:
    with pytest.raises(KeyError, match="no right"):
        rights.may(an_actor("technician"), "records.fly")


def test_a_customer_sees_their_own_alone() -> None:
    assert rights.sees_customer(an_actor("customer", customer_id=3), 3)
    assert not rights.sees_customer(an_actor("customer", customer_id=3), 4)
    assert not rights.sees_customer(an_actor("customer", customer_id=3), None)
    assert rights.sees_customer(an_actor("auditor"), 4)


@pytest.mark.parametrize(
    "machine",
    [states.REQUEST, states.RECORD, states.CERTIFICATE, states.CALIBRATION, states.PROCEDURE, states.INSTRUMENT],
)
def test_every_state_that_can_be_reached_is_in_its_table(machine: states.States) -> None:
    reached, todo = {machine.initial}, [machine.initial]
    while todo:
        for state in machine.table[todo.pop()]:
            if state not in reached:
                reached.add(state)
                todo.append(state)
    assert reached == set(machine.table)


def test_a_record_goes_its_way_and_no_other() -> None:
    record = SimpleNamespace(number="JL-2026-000001", state="open")
    for state in ("submitted", "returned", "submitted", "verified", "approved", "locked"):
        states.RECORD.move(record, state)
    with pytest.raises(WrongState, match="JL-2026-000001 is locked and cannot become returned"):
        states.RECORD.move(record, "returned")
    assert record.state == "locked"


@pytest.mark.parametrize("way", [("open", "verified"), ("submitted", "locked"), ("interrupted", "submitted")])
def test_no_step_is_left_out(way: tuple[str, str]) -> None:
    with pytest.raises(WrongState):
        states.RECORD.move(SimpleNamespace(number="1", state=way[0]), way[1])


def test_a_withdrawn_certificate_stays_withdrawn() -> None:
    assert not any(states.CERTIFICATE.allows(state, "issued") for state in ("withdrawn", "superseded"))


def test_a_password_is_kept_as_argon2id_and_only_itself_opens_it() -> None:
    kept = passwords.hash_password("correct horse 电池")
    assert kept.startswith("$argon2id$")
    assert passwords.verify_password(kept, "correct horse 电池")
    assert not passwords.verify_password(kept, "correct horse")
    assert not passwords.verify_password("not a hash", "x")
    assert kept != passwords.hash_password("correct horse 电池")
    assert not passwords.needs_rehash(kept)
    weak = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$9QpRAcYaqTkWdzWmLjLXyg"
    assert passwords.needs_rehash(weak) and passwords.needs_rehash("not a hash")


def test_a_token_is_kept_as_its_digest() -> None:
    token = passwords.new_token()
    assert len(token) >= 43  # 256 bits in base 64
    assert passwords.same_token(token, passwords.token_digest(token))
    assert not passwords.same_token(token + "x", passwords.token_digest(token))


@pytest.mark.parametrize(
    ("calibrated", "months", "end"),
    [
        (date(2026, 3, 2), 12, date(2027, 3, 1)),
        (date(2026, 1, 31), 1, date(2026, 2, 27)),
        (date(2024, 2, 29), 12, date(2025, 2, 27)),
        (date(2025, 12, 15), 1, date(2026, 1, 14)),
    ],
)
def test_validity_ends_the_day_before_the_same_day(calibrated: date, months: int, end: date) -> None:
    assert intervals.valid_to(calibrated, months) == end


@pytest.mark.parametrize(("left", "shown"), [(-1, "overdue"), (0, "soon"), (30, "soon"), (31, "near"), (61, "good")])
def test_how_close_the_end_is(left: int, shown: str) -> None:
    end = date(2026, 11, 20)
    today = date.fromordinal(end.toordinal() - left)
    assert intervals.urgency(end, today) == shown
    assert intervals.days_left(end, today) == left
    assert intervals.is_overdue(end, today) is (left < 0)


@pytest.mark.parametrize(
    ("found", "months", "reason"),
    [
        ([], 12, "kept"),
        ([True, True], 12, "kept"),
        ([True, True, True], 15, "longer"),
        ([False, True, True], 12, "kept"),
        ([True, True, False], 9, "shorter"),
    ],
)
def test_the_staircase_proposes(found: list[bool], months: int, reason: str) -> None:
    proposal = intervals.staircase(12, found)
    assert (proposal.months, proposal.reason) == (months, reason)


def test_the_staircase_stops_at_its_limits() -> None:
    assert intervals.staircase(60, [True, True, True]).reason == "at_limit"
    assert intervals.staircase(1, [False]).reason == "at_limit"


def all_errors(root: type[LimsError] = LimsError) -> list[type[LimsError]]:
    return [root, *(error for child in root.__subclasses__() for error in all_errors(child))]


def test_every_error_has_a_code_of_its_own_and_one_sentence() -> None:
    mine = [error for error in all_errors() if error.__module__ == errors.__name__]
    codes = [error.code for error in mine]
    assert len(codes) == len(set(codes))
    for error in mine:
        assert error.sentence.endswith(".")
        assert error.exit_code in (1, 2)
        assert f"── {error.__name__}" in (errors.__doc__ or "") or error is LimsError


def test_an_error_keeps_its_facts() -> None:
    error = errors.GateClosed(step="start", reason={"zh": "甲", "en": "no"}, clause="6.2.6", closed=2)
    assert str(error) == "start is refused: no (6.2.6; 2 closed in all)."
    assert error.facts["reason"] == {"zh": "甲", "en": "no"}
    assert str(errors.UnknownSetting(setting="LIMS_X", place="environment", nearest="LIMS_DATA")).startswith(
        "LIMS_X in"
    )


def test_an_error_of_a_worker_process_comes_back_with_its_facts() -> None:
    import pickle

    error = pickle.loads(pickle.dumps(WrongState(kind="record", number="1", state="a", wanted="b", allowed="c")))
    assert (type(error), error.facts["wanted"], str(error)[:6]) == (WrongState, "b", "record")
