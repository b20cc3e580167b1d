"""The search box on both databases: what is found, by whom, and that the search table follows its objects."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.queries import search
from lims.records import Customer, Instrument, SearchGram
from lims.records.searched import again
from tests.factories import TODAY, a_customer, an_actor, an_instrument

from .conftest import Lab


def keys(session: Session, viewer: object, question: str) -> list[tuple[str, str]]:
    return [(hit.kind, hit.key) for hit in search.find(session, viewer, question, on=TODAY)]  # type: ignore[arg-type]


def test_a_customer_is_found_by_two_chinese_characters(session: Session) -> None:
    keeper = an_actor(session, "reception")
    made = a_customer(session, zh="川西砝码仪器厂", en="West Works")
    a_customer(session, zh="法码仪表厂", en="East Works")
    assert keys(session, keeper, "砝码") == [("customer", str(made.id))]
    assert keys(session, keeper, "west") == [("customer", str(made.id))]


def test_an_instrument_is_found_by_serial_and_by_its_beginning(session: Session) -> None:
    keeper = an_actor(session, "reception")
    made = an_instrument(session, serial="ZX-99-𠮷1")
    assert ("instrument", made.code) in keys(session, keeper, "zx-99")
    assert ("instrument", made.code) in keys(session, keeper, "ＺＸ-99-𠮷1")
    assert keys(session, keeper, "zx-98") == []


def test_a_changed_text_is_found_anew_and_no_longer_as_it_was(session: Session) -> None:
    keeper = an_actor(session, "reception")
    made = an_instrument(session, serial="OLD77001")
    made.serial = "NEW88002"
    session.flush()
    assert keys(session, keeper, "OLD77001") == []
    assert keys(session, keeper, "NEW88002") == [("instrument", made.code)]
    made.state = "stopped"
    session.flush()
    assert keys(session, keeper, "NEW88002") == [("instrument", made.code)]


def test_every_number_is_found_whole_or_by_its_last_digits(lab: Lab) -> None:
    request = lab.request()
    keeper = lab.who("keeper")
    assert ("request", request.number) in keys(lab.session, keeper, request.number.lower())
    assert ("request", request.number) in keys(lab.session, keeper, request.number[-6:].lstrip("0"))


def test_a_customer_finds_their_own_alone(lab: Lab) -> None:
    request = lab.request()
    item = lab.session.get_one(Instrument, request.instrument_id)
    mine, other = lab.who("customer"), lab.who("customer2")
    assert ("instrument", item.code) in keys(lab.session, mine, item.serial)
    assert ("request", request.number) in keys(lab.session, mine, request.number)
    assert keys(lab.session, other, item.serial) == []
    assert keys(lab.session, other, request.number) == []
    assert keys(lab.session, other, "青禾") == []
    assert keys(lab.session, lab.who("admin"), item.serial) == []


@pytest.mark.parametrize(
    "question", ["", "   ", "%", "_", "'; drop table person; --", "=", "\\", "(((", "x" * 5000, "\ud7ff"]
)
def test_nothing_typed_breaks_it(session: Session, question: str) -> None:
    assert keys(session, an_actor(session, "reception"), question) == []


def test_written_anew_the_table_is_the_same(lab: Lab) -> None:
    lab.request()
    lab.session.commit()
    columns = (SearchGram.gram, SearchGram.kind, SearchGram.object_id, SearchGram.customer_id)
    question = select(*columns).order_by(*columns[:3])
    before = lab.session.execute(question).all()
    assert len(before) == again(lab.session)
    assert lab.session.execute(question).all() == before


def test_what_is_rolled_back_is_not_found(session: Session) -> None:
    keeper = an_actor(session, "reception")
    session.commit()
    session.add(Customer(name={"zh": "消失砝码厂", "en": "Gone"}, address={"zh": "", "en": ""}))
    session.flush()
    session.rollback()
    assert keys(session, keeper, "消失") == []
