"""Rules of items: what may be noted when, files by their signature, names on labels, terms."""

from __future__ import annotations

import base64
import itertools
from datetime import date

import pytest

from lims.domain import handling, labels, orders, pictures, states
from lims.domain.errors import UnusableValue
from lims.domain.workdays import Calendar
from tests.areas.items import PNG


def test_every_incident_is_a_known_event_and_every_move_is_in_the_machine() -> None:
    for kind, incident in handling.INCIDENTS.items():
        assert kind in orders.ITEM_EVENTS
        for state in incident.within:
            assert state in states.REQUEST.table
            assert incident.to is None or states.REQUEST.allows(state, incident.to), (kind, state)
    assert set(orders.ITEM_EVENTS) >= handling.CONCERNS_CUSTOMER
    assert not {"note", "moved", "assigned", "label"} & handling.CONCERNS_CUSTOMER


GOES_BACK = {"issued", "uncalibratable", "withdrawn", "refused"}


@pytest.mark.parametrize(("state", "gone"), list(itertools.product(states.REQUEST.table, (False, True))))
def test_what_may_go_back_7_4(state: str, gone: bool) -> None:
    line = handling.may_go_back("WT-1", state, gone=gone)
    assert line.ok == (state in GOES_BACK and not gone)
    assert "7.4" in line.clause


@pytest.mark.parametrize(
    ("state", "until", "scope", "ok"),
    [
        ("approved", date(2026, 11, 20), ["DCV"], [True, True, True]),
        ("proposed", date(2026, 11, 20), ["DCV"], [False, True, True]),
        ("suspended", date(2026, 11, 20), ["dcv"], [False, True, True]),
        ("approved", date(2026, 11, 19), ["DCV"], [True, False, True]),
        ("approved", None, ["DCV"], [True, False, True]),
        ("approved", date(2027, 1, 1), ["ACV"], [True, True, False]),
    ],
)
def test_a_provider_is_approved_in_date_and_in_scope_6_6_2(
    state: str, until: date | None, scope: list[str], ok: list[bool]
) -> None:
    lines = handling.provider_suitable({"zh": "甲", "en": "A"}, state, until, scope, "DCV", date(2026, 11, 20))
    assert [line.ok for line in lines] == ok


def test_performer_and_checker_differ_7_5_1() -> None:
    assert not handling.different_people(4, 4).ok
    assert handling.different_people(4, 5).ok
    assert handling.different_people(None, None).ok


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"),
        (b"%PDF-1.7\n", "application/pdf"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", None),
        (b"GIF89a", None),
        (PNG[:8] + b"<html>", None),
        (b"", None),
    ],
    ids=["png", "jpeg", "pdf", "svg", "gif", "png-signature-alone", "empty"],
)
def test_a_file_is_what_its_first_bytes_say(content: bytes, kind: str | None) -> None:
    assert pictures.type_of(content) == kind
    if kind not in ("image/png", "image/jpeg"):
        with pytest.raises(UnusableValue, match="PNG or JPEG"):
            pictures.check_photo("a.png", content)


def test_a_photograph_over_8_mib_is_refused_and_one_of_8_mib_is_kept() -> None:
    whole = PNG + bytes(8 * 2**20 - len(PNG))
    assert pictures.check_photo("a.png", whole) == "image/png"
    with pytest.raises(UnusableValue, match="8 MiB"):
        pictures.check_photo("a.png", whole + b"\0")


def test_a_drawn_signature_is_a_png_or_nothing() -> None:
    drawn = "data:image/png;base64," + base64.b64encode(PNG).decode()
    assert pictures.signature_of(drawn) == PNG
    assert pictures.signature_of("  ") is None
    svg = "data:image/svg+xml;base64," + base64.b64encode(b"<svg/>").decode()
    for wrong in (svg, "data:image/png;base64,%%%", "javascript:alert(1)", drawn[:40]):
        with pytest.raises(UnusableValue):
            pictures.signature_of(wrong)


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("青禾精密电子有限公司（虚构）", "青禾精密电子"),
        ("江苏远景仪器股份有限公司", "江苏远景仪器"),
        ("Qinghe Precision Electronics Co., Ltd.", "Qinghe Precision …"),
        ("有限公司", "有限公司"),
    ],
)
def test_a_label_has_a_short_name(name: str, short: str) -> None:
    assert labels.short_name({"zh": name})["zh"] == short


def test_a_label_says_what_the_certificate_is() -> None:
    assert [labels.word_of(kind) for kind in ("calibration", "verification", "result_notice")] == [
        "calibrated",
        "verified",
        "failed",
    ]


def test_an_objection_has_fifteen_working_days() -> None:
    """20 November 2026 is a Friday; three weeks without a holiday end on Friday, 11 December."""
    assert handling.dispute_until(date(2026, 11, 20), Calendar()) == date(2026, 12, 11)
