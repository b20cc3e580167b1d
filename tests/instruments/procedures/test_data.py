"""Files of readings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import uncertainty
from instruments.procedures import WrongReadings, load_procedure, read_readings

FIXTURES = Path(__file__).parents[3] / "fixtures" / "readings"
PROCEDURE = load_procedure("impedance")
GOOD = (FIXTURES / "impedance_gum_h2.csv").read_bytes()


def test_the_observations_of_gum_h2_are_read_as_published() -> None:
    """JCGM 100:2008, H.2, table H.2: five simultaneous observations; arithmetic means as printed there."""
    table = read_readings(FIXTURES / "impedance_gum_h2.csv", PROCEDURE)
    assert table.rows == 5
    mean = {name: sum(values) / 5 for name, values in table.values.items()}
    assert (round(mean["V"], 4), round(mean["I"], 4), round(mean["phi"], 5)) == (4.9990, 19.6610, 1.04446)
    assert table.raw["I"][2] == "19.640"
    document = PROCEDURE.bind(table.quantities())
    assert document["observed_together"] == [["V", "I", "phi"]]
    assert json.loads(json.dumps(document))["quantities"]["I"]["unit"] == "mA"


def test_byte_order_mark_line_ends_order_of_columns_and_forms_of_header_are_free() -> None:
    expected = read_readings(GOOD, PROCEDURE).values
    for content in (
        b"\xef\xbb\xbf" + GOOD,
        GOOD.replace(b"\n", b"\r\n"),
        GOOD + b"\n\n",
        GOOD.replace(b"V (V)", b"V/V"),
    ):
        assert read_readings(content, PROCEDURE).values == expected
    swapped = b"phi [rad], I (mA), V (V)\n1.0456, 19.663, 5.007\n1.0438,19.639,4.994\n"
    assert read_readings(swapped, PROCEDURE).values["V"] == (5.007, 4.994)


@pytest.mark.parametrize(
    ("content", "row", "column", "found"),
    [
        (GOOD.replace(b"I (mA)", b"I (A)"), 1, "I", "I (A)"),
        (GOOD.replace(b"I (mA)", b"I"), 1, "I", "I"),
        (GOOD.replace(b"I (mA)", b"J (mA)"), 1, 2, "J (mA)"),
        (GOOD.replace(b",phi (rad)", b""), 1, "all", "V, I"),
        (GOOD.replace(b"19.639", b""), 3, "I", "an empty cell"),
        (GOOD.replace(b"19.639", b"19;639"), 3, "I", "19;639"),
        (GOOD.replace(b"19.639", b'"19,639"'), 3, "I", "19,639"),
        (GOOD.replace(b"19.639", b"19,639"), 3, "all", "4 cells"),
        (GOOD.replace(b"19.639", b"NaN"), 3, "I", "NaN"),
        (GOOD.replace(b"19.639", b"inf"), 3, "I", "inf"),
        (GOOD.replace(b"19.639", b"1e999"), 3, "I", "1e999"),
        (GOOD.replace(b"19.639", "１９".encode()), 3, "I", "１９"),
        (GOOD.replace(b",", b";"), 1, 1, "V (V);I (mA);phi (rad)"),
        (b"V (V),I (mA),phi (rad)\n5,19,1\n", 2, "all", "1 rows of readings"),
        (b"", 1, "all", "no header"),
        (GOOD.decode().encode("utf-16"), 1, "all", "UTF-16"),
        (GOOD + "电压".encode("gbk"), 7, "all", "byte 0xb5"),
    ],
)
def test_a_wrong_cell_is_named(content: bytes, row: int, column: object, found: str) -> None:
    with pytest.raises(WrongReadings) as caught:
        read_readings(content, PROCEDURE, name="f.csv")
    first = caught.value.cells[0]
    assert (first["row"], first["column"], first["found"]) == (row, column, found)
    assert first["right"] and f"row {row}" in str(caught.value)


def test_every_wrong_cell_is_named_not_only_the_first() -> None:
    content = GOOD.replace(b"19.639", b"x").replace(b"1.0428", b"y")
    with pytest.raises(WrongReadings) as caught:
        read_readings(content, PROCEDURE)
    assert [(cell["row"], cell["column"]) for cell in caught.value.cells] == [(3, "I"), (5, "phi")]


def test_a_procedure_with_points_reads_no_files() -> None:
    with pytest.raises(ValueError, match="reads instruments"):
        read_readings(GOOD, load_procedure("dmm-dcv"))


def test_the_bound_budget_of_h2_gives_the_published_results() -> None:
    """JCGM 100:2008, H.2, table H.4, with the tolerances of the reference file."""
    evaluated = uncertainty.evaluate(PROCEDURE.bind(read_readings(GOOD, PROCEDURE).quantities()))
    cases = json.loads((FIXTURES / "gum_annex_h.json").read_text("utf-8"))["cases"]
    expected = next(case for case in cases if case["id"] == "gum-h2-impedance-raw")["expected"]
    for name in ("R", "X", "Z"):
        result = evaluated.results[name]
        assert result.unit == "ohm"
        assert result.value == pytest.approx(expected[name]["value"], abs=expected[name]["abs_tol"])
        assert result.u == pytest.approx(expected[f"u_{name}"]["value"], abs=expected[f"u_{name}"]["abs_tol"])
