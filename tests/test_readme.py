"""What the README shows runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_the_readings_of_the_readme_become_a_result(capsys: pytest.CaptureFixture[str]) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.S)
    assert len(blocks) == 1
    exec(compile(blocks[0], "README.md", "exec"), {})
    said = capsys.readouterr().out
    assert re.fullmatch(r"\(-?\d+ ± \d+\) \S+，k = 2\n", said), said
