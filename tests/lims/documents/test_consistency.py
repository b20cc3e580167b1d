"""PDF and DCC cannot disagree: every number of the snapshot stands in both."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from lims.documents import snapshot

from .conftest import NAMES, Issued


@pytest.mark.parametrize("name", NAMES)
def test_every_number_of_the_snapshot_is_in_the_dcc_as_often(name: str, issued: Callable[[str], Issued]) -> None:
    held = issued(name)
    root = etree.fromstring(held.dcc)
    written = Counter(
        number
        for element in root.iter("{https://ptb.de/si}*")
        for number in (element.text or "").split()
        if snapshot.DECIMAL.fullmatch(number)
    )
    # Ambient conditions are stated in each set of results, their U with both ends of the range.
    sets = len(held.snapshot["result_sets"])
    expected: Counter[str] = Counter()
    for place, number in snapshot.numbers(held.snapshot):
        times = 1
        if place.startswith("environment"):
            times = sets * (2 if place.endswith("U") else 1)
        expected[number] += times

    assert written == expected


@pytest.mark.parametrize("name", NAMES)
def test_every_number_of_the_snapshot_is_on_the_pages(
    name: str, issued: Callable[[str], Issued], run: Callable[..., object], tmp_path: Path
) -> None:
    held = issued(name)
    (tmp_path / "c.pdf").write_bytes(held.pdf)
    text = str(run("pdftotext", "-layout", tmp_path / "c.pdf", "-").stdout)  # type: ignore[attr-defined]
    printed = set(re.findall(r"-?\d+(?:\.\d+)?", text.replace("−", "-").replace("±", " ")))
    printed |= {"-" + number for number in re.findall(r"±(\d+(?:\.\d+)?)", text)}

    missing = {number for _, number in snapshot.numbers(held.snapshot) if number not in printed}

    assert not missing


@pytest.mark.parametrize("name", NAMES)
def test_a_row_prints_its_numbers_in_one_line_in_order(
    name: str, issued: Callable[[str], Issued], run: Callable[..., object], tmp_path: Path
) -> None:
    held = issued(name)
    (tmp_path / "c.pdf").write_bytes(held.pdf)
    text = str(run("pdftotext", "-layout", tmp_path / "c.pdf", "-").stdout).replace("−", "-")  # type: ignore[attr-defined]
    lines = [line.split() for line in text.splitlines()]
    for results in held.snapshot["result_sets"]:
        for row in results["rows"]:
            wanted = [row[key] for key in ("nominal", "reference", "indication", "error", "value", "U") if row.get(key)]
            assert any(_in_order(wanted, line) for line in lines), wanted


def _in_order(wanted: list[str], line: list[str]) -> bool:
    rest = iter(line)
    return all(number in rest for number in wanted)
