"""Procedures on their pages: a draft, three signatures, what changed, the text as a file."""

from __future__ import annotations

import io
from collections.abc import Callable

from tests.areas.competence import raised
from tests.web import laboratory
from tests.web.conftest import Visitor

As = Callable[[str], Visitor]
PLACE = "/procedures/DMM-DCV"


def text(visitor: Visitor, path: str) -> str:
    return visitor.get(path).get_data(as_text=True)


def test_three_people_sign_a_new_version_on_its_page(signed_in: As) -> None:
    keeper, verifier, manager = signed_in("keeper"), signed_in("verifier"), signed_in("manager")
    new = text(keeper, f"{PLACE}/1.0.yaml").replace('version: "1.0"', 'version: "1.2"', 1)
    made = keeper.post("/procedures/new", "/procedures/new", text=new.replace("\n", "\r\n"), reason="换版")
    assert made.status_code == 302
    page = made.headers["Location"]
    assert text(keeper, f"{PLACE}/1.2.yaml") == new
    key = text(verifier, page).partition("/procedures/versions/")[2].partition("/")[0]
    assert verifier.post(f"/procedures/versions/{key}/verify", password="wrong").status_code == 422
    for who, step in ((verifier, "verify"), (manager, "approve")):
        assert who.post(f"/procedures/versions/{key}/{step}", password=laboratory.PASSWORD).status_code == 302
    assert manager.post(f"/procedures/versions/{key}/put-in-force").status_code == 302
    shown = text(manager, PLACE)
    assert "DMM-DCV 1.2" in shown and "换版" in shown and "已作废" in shown


def test_a_wrong_text_stands_at_its_place_with_its_line_and_is_kept(signed_in: As) -> None:
    keeper = signed_in("keeper")
    wrong = raised(text(keeper, f"{PLACE}/1.0.yaml")).replace("readings: 20", "readings: many")
    answer = keeper.post("/procedures/new", "/procedures/new", text=wrong, reason="x")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'id="e-text"' in page and "22" in page.partition('id="e-text"')[2][:300] and "readings: many" in page
    sent = {"file": (io.BytesIO(b"\xff\xfe\x00"), "a.yaml"), "reason": "x"}
    assert keeper.post("/procedures/new", "/procedures/new", **sent).status_code == 422


def test_what_changed_is_shown_line_by_line(signed_in: As) -> None:
    page = text(signed_in("tech"), f"{PLACE}/changes?to=1.1")
    assert "readings: 20" in page and "readings: 10" in page and 'class="removed"' in page
    assert "两个版本的文本相同" in text(signed_in("tech"), f"{PLACE}/changes?from=1.0&to=1.0")


def test_a_technician_reads_and_writes_nothing(signed_in: As) -> None:
    tech = signed_in("tech")
    assert "测量计划" in text(tech, PLACE)
    assert tech.get("/procedures/new").status_code == 403
    assert tech.post("/procedures/new", text="", reason="").status_code == 403
    assert tech.post("/procedures/versions/3/verify", password=laboratory.PASSWORD).status_code == 403
    assert tech.get("/procedures/NO-SUCH").status_code == 404
    assert signed_in("customer").get("/procedures/").status_code in (403, 404)
