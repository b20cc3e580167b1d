"""Control charts and proficiency tests on their pages: from the first check to a red diamond, without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask

from tests.lims.domain.test_charts import CUSUM
from tests.web.conftest import Visitor

As = Callable[[str], Visitor]
FLOW = "49.6\n47.6\n49.9\n51.3\n47.8\n51.2\n52.6\n52.4\n53.6\n52.1"
"""NIST/SEMATECH e-Handbook 6.3.2.2: centre 50.81, limits 45.82 and 55.80."""
NEW = {
    "code": "CC-9",
    "title": "流量",
    "quantity": "flow",
    "unit": "L/min",
    "period_days": "14",
    "chart": "shewhart",
    "rules": "western_electric",
    "least": "10",
    "weight": "0.2",
    "width": "2.962",
    "k": "0.5",
    "h": "5",
}


def test_a_chart_from_its_beginning_to_a_signal(signed_in: As) -> None:
    keeper, tech = signed_in("keeper"), signed_in("tech")
    assert keeper.post("/charts/new", "/charts/new", **NEW).status_code == 302
    page = "/charts/CC-9"
    assert tech.post(f"{page}/paste", page, rows=FLOW).status_code == 302
    assert keeper.post(f"{page}/baseline", page, method="moving_range").status_code == 302
    assert "50.81" in keeper.get(page).get_data(as_text=True)
    tech.post(f"{page}/points", page, readings="55.7；55.5", note="")
    quiet = tech.get(page).get_data(as_text=True)
    assert "55.6" in quiet and 'class="signal"' not in quiet
    tech.post(f"{page}/points", page, readings="55.9")
    loud = tech.get(page).get_data(as_text=True)
    assert 'class="signal"' in loud and "超出 3 s" in loud
    assert "超出 3 s" in tech.get("/charts/").get_data(as_text=True)


def test_each_point_of_the_drawing_can_be_focused_and_read(signed_in: As) -> None:
    page = signed_in("tech").get("/charts/CC-RED").get_data(as_text=True)
    points = re.findall(r'<g tabindex="0" role="img" class="(\w+)" aria-label="([^"]+)"', page)
    assert [kind for kind, _ in points] == ["base"] * 10 + ["later", "signal"]
    assert "56.4" in points[-1][1] and "超出 3 s" in points[-1][1]


@pytest.mark.parametrize(
    ("path", "sent", "field"),
    [
        ("points", {"readings": "ten"}, "readings"),
        ("points", {"readings": ""}, "readings"),
        ("points", {"readings": "1", "at": "tomorrow"}, "at"),
        ("paste", {"rows": "2026-11-20 09:00; 1; x; y"}, "rows"),
        ("points", {"readings": "1", "at": "0001-01-01"}, "at"),
        ("paste", {"rows": "2099-01-01; 1"}, "rows"),
        ("record", {"record": "R-WT-2026-000002", "point": "999"}, "point"),
    ],
)
def test_a_wrong_check_is_refused_at_its_field_and_kept_as_typed(
    signed_in: As, path: str, sent: dict[str, str], field: str
) -> None:
    answer = signed_in("tech").post(f"/charts/CC-NEW/{path}", "/charts/CC-NEW", **sent)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f'id="e-{field}"' in page
    assert all(value in page for value in sent.values())


def test_digits_in_groups_are_one_reading(signed_in: As) -> None:
    """Split at blanks, 10 000.5 would be two readings and their mean a wrong point."""
    tech = signed_in("tech")
    tech.post("/charts/CC-NEW/points", "/charts/CC-NEW", readings="10 000.5")
    assert tech.get("/charts/CC-NEW/points.csv").get_data(as_text=True).splitlines()[-1].split(",")[1] == "10000.5"


def test_a_point_of_a_record_is_taken_by_its_number(signed_in: As) -> None:
    keeper = signed_in("keeper")
    keeper.post("/charts/new", "/charts/new", **NEW | {"unit": "V", "quantity": "DCV"})
    tech = signed_in("tech")
    answer = tech.post("/charts/CC-9/record", "/charts/CC-9", record="R-WT-2026-000002", point="1", measurand="")
    assert answer.status_code == 302, answer.get_data(as_text=True)
    assert 'href="/records/R-WT-2026-000002"' in tech.get("/charts/CC-9").get_data(as_text=True)


def test_a_new_baseline_leaves_the_old_span_to_be_read(signed_in: As) -> None:
    keeper = signed_in("keeper")
    refused = keeper.post("/charts/CC-RED/restart", "/charts/CC-RED", restart_reason="")
    assert refused.status_code == 422 and 'id="e-restart_reason"' in refused.get_data(as_text=True)
    assert keeper.post("/charts/CC-RED/restart", "/charts/CC-RED", restart_reason="换传感器").status_code == 302
    now, before = (keeper.get(f"/charts/CC-RED{asked}").get_data(as_text=True) for asked in ("", "?span=1"))
    assert "换传感器" in now and 'class="signal"' not in now
    assert 'class="signal"' in before and "50.81" in before
    assert keeper.get("/charts/CC-RED?span=99").status_code == 200


def test_a_slip_is_left_out_and_stays_in_the_file(signed_in: As) -> None:
    keeper = signed_in("keeper")
    page = keeper.get("/charts/CC-RED").get_data(as_text=True)
    choice = re.search(r'<option value="(\d+)">12 ', page)
    assert choice
    sent = {"left_out": choice[1], "out_reason": "=记错"}
    assert keeper.post("/charts/CC-RED/left-out", "/charts/CC-RED", **sent).status_code == 302
    assert 'class="signal"' not in keeper.get("/charts/CC-RED").get_data(as_text=True)
    last = keeper.get("/charts/CC-RED/points.csv").get_data(as_text=True).splitlines()[-1]
    assert "56.4" in last and last.endswith(",'=记错")


def test_an_ended_chart_offers_nothing_more(signed_in: As) -> None:
    keeper = signed_in("keeper")
    assert keeper.post("/charts/CC-NEW/end", "/charts/CC-NEW", end_reason="停用").status_code == 302
    page = keeper.get("/charts/CC-NEW").get_data(as_text=True)
    assert '/charts/CC-NEW/points"' not in page and "/charts/CC-NEW/end" not in page


def test_a_technician_sees_no_keepers_forms(signed_in: As) -> None:
    page = signed_in("tech").get("/charts/CC-NEW").get_data(as_text=True)
    assert "/charts/CC-NEW/points" in page and "/charts/CC-NEW/baseline" not in page


@pytest.mark.parametrize(
    ("change", "field"),
    [({"unit": "furlong"}, "unit"), ({"least": "3"}, "least"), ({"weight": "2"}, "weight"), ({"code": "CC-RED"}, "code"), ({"period_days": "x"}, "period_days")],
)  # fmt: skip
def test_a_wrong_chart_is_refused_at_its_field(signed_in: As, change: dict[str, str], field: str) -> None:
    answer = signed_in("keeper").post("/charts/new", "/charts/new", **NEW | change)
    assert answer.status_code == 422
    assert f'id="e-{field}"' in answer.get_data(as_text=True)


def test_a_round_from_the_plan_to_its_scores(signed_in: As) -> None:
    """En of 10.5 ± 0.3 against 10.1 ± 0.4 is 0.8 (ISO 13528:2022, 9.7)."""
    tech, quality, page = signed_in("tech"), signed_in("quality"), "/proficiency/NL-2026-000003"
    wrong = tech.post(f"{page}/results", page, rows="a; ten; 1")
    assert wrong.status_code == 422 and "a; ten; 1" in wrong.get_data(as_text=True)
    assert tech.post(f"{page}/results", page, rows="a; 10.50; 0.30").status_code == 302
    assert "a; 10.50; 0.30" in tech.get(page).get_data(as_text=True)  # to be mended
    assert tech.post(f"{page}/results", page, rows="a; 10.5; 0.3").status_code == 302
    assert quality.post(f"{page}/report", page).status_code == 302
    assert quality.post(f"{page}/evaluation", page, rows="b; 10.1; 0.4").status_code == 422
    assert quality.post(f"{page}/evaluation", page, rows="a; 10.1; 0.4").status_code == 302
    shown = quality.get(page).get_data(as_text=True)
    assert "0.80" in shown and "1.60" in shown and "满意" in shown
    assert "a,10.5,0.3,,10.1,0.4" in quality.get(f"{page}/scores.csv").get_data(as_text=True)
    assert "PT-3" in quality.get("/proficiency/").get_data(as_text=True)


def test_a_round_is_planned_and_cancelled_with_a_reason(signed_in: As) -> None:
    quality = signed_in("quality")
    sent = {"scheme": "PT-9", "provider": "p", "measurand": "DCV", "unit": "V", "planned": "2027-03-01"}
    assert quality.post("/proficiency/new", "/proficiency/new", **sent | {"planned": "March"}).status_code == 422
    where = quality.post("/proficiency/new", "/proficiency/new", **sent).headers["Location"]
    refused = quality.post(f"{where}/cancel", where, reason=" ")
    assert refused.status_code == 422 and 'id="e-reason"' in refused.get_data(as_text=True)
    assert quality.post(f"{where}/cancel", where, reason="提供者取消").status_code == 302


@pytest.mark.parametrize("path", ["/charts/", "/charts/CC-RED", "/proficiency/", "/proficiency/NL-2026-000001"])
def test_pages_ask_little(signed_in: As, statements: list[str], path: str) -> None:
    quality = signed_in("quality")
    statements.clear()
    assert quality.get(path).status_code == 200
    assert len(statements) <= 12


def test_lists_go_on_from_a_place_and_bear_nonsense(app: Flask, signed_in: As) -> None:
    quality = signed_in("quality")
    assert 'href="/charts/CC-NEW"' not in quality.get("/charts/?after=CC-NEW").get_data(as_text=True)
    for place in ("", "x", "2026-11-01_", "2026-11-01_99999999999999999999", "2026-13-01_1"):
        assert quality.get(f"/proficiency/?before={place}").status_code == 200


def test_a_cusum_of_nist_is_drawn_with_both_sums_and_its_signals(signed_in: As) -> None:
    """NIST/SEMATECH e-Handbook 6.3.2.3: h = 4.1959, k = 0.3175 with σ = 0.635; samples 14 to 20 are beyond h."""
    keeper = signed_in("keeper")
    keeper.post("/charts/new", "/charts/new", **NEW | {"chart": "cusum", "h": "6.6077"})
    page = "/charts/CC-9"
    refused = keeper.post(f"{page}/baseline", page, method="stated", centre="325", s="0.635", base_note="")
    assert refused.status_code == 422 and 'id="e-base_note"' in refused.get_data(as_text=True)
    keeper.post(f"{page}/baseline", page, method="stated", centre="325", s="0.635", base_note="NIST")
    assert '<svg class="plot' not in keeper.get(page).get_data(as_text=True)
    keeper.post(f"{page}/paste", page, rows="\n".join(map(str, CUSUM)))
    drawn = keeper.get(page).get_data(as_text=True)
    kinds = re.findall(r'<g tabindex="0" role="img" class="(\w+)"', drawn)
    assert kinds == ["later"] * 13 + ["signal"] * 7
    assert len(re.findall(r'<path class="run"', drawn)) == 2
    assert "累积和超出判定限" in drawn and drawn.count("ZL-2026-") >= 7
