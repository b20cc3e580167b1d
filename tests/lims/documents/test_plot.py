"""The error plot: native SVG that a page under a strict CSP may hold."""

from __future__ import annotations

from lxml import etree

from lims.documents import plot

from .conftest import sample

SVG = "{http://www.w3.org/2000/svg}"


def _rows(name: str = "calibration_dc_voltage") -> list[dict[str, str]]:
    rows: list[dict[str, str]] = sample(name)["result_sets"][0]["rows"]
    return rows


def test_every_point_has_a_mark_and_a_whisker_and_every_range_a_band_name() -> None:
    root = etree.fromstring(plot.error_plot(_rows()))

    whiskers = [path for path in root.findall(f"{SVG}path") if path.get("class").startswith("whisker")]
    assert len(whiskers) == len(_rows()) == 21
    assert len(root.findall(f"{SVG}circle")) == 21
    assert [text.text for text in root.findall(f"{SVG}text[@class='range']")] == [
        "100 mV", "1 V", "10 V", "100 V", "1000 V",
    ]  # fmt: skip
    assert len(root.findall(f"{SVG}line[@class='limit']")) == 2


def test_a_point_on_its_limit_stands_on_the_limit_line() -> None:
    row = {**_rows()[0], "error": "0.0035", "low": "-0.0035", "high": "0.0035", "U": "0.0001"}
    root = etree.fromstring(plot.error_plot([row]))

    assert root.find(f"{SVG}circle").get("cy") in {
        line.get("y1") for line in root.findall(f"{SVG}line[@class='limit']")
    }


def test_it_is_an_image_with_title_and_description_and_without_style_or_script() -> None:
    svg = plot.error_plot(_rows(), identity="p7", languages=("en",))
    root = etree.fromstring(svg)

    assert root.get("role") == "img" and root.get("aria-labelledby") == "p7-title p7-desc"
    assert "21 points in 5 ranges" in root.findtext(f"{SVG}desc")
    assert "style=" not in svg and "<script" not in svg and "<style" not in svg


def test_verdicts_differ_by_shape_and_what_lies_beyond_is_an_arrow_at_the_edge() -> None:
    rows = _rows()[:3]
    rows[0] |= {"error": "0.0040", "verdict": "fail"}
    rows[1] |= {"verdict": "undetermined"}
    rows[2] |= {"error": "0.9", "verdict": "fail"}
    root = etree.fromstring(plot.error_plot(rows))

    assert root.find(f"{SVG}path[@class='mark fail']") is not None
    assert root.find(f"{SVG}circle[@class='mark undetermined']").get("fill") == "#ffffff"
    assert root.find(f"{SVG}path[@class='mark beyond fail']") is not None


def test_without_limits_each_range_has_its_own_scale() -> None:
    rows = [row | {"low": None, "high": None} for row in _rows()]
    root = etree.fromstring(plot.error_plot(rows))

    assert root.find(f"{SVG}line[@class='limit']") is None
    assert len(root.findall(f"{SVG}circle")) == 21


def test_results_that_are_no_errors_give_no_plot() -> None:
    assert plot.error_plot(_rows("evaluation_impedance")) == ""


def test_names_from_outside_are_escaped() -> None:
    row = _rows()[0] | {"range": "<b>&"}

    assert "&lt;b&gt;&amp;" in plot.error_plot([row])
