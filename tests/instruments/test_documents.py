"""What the documents show is run: each python block of a document in one namespace, from the first to the last."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("name", ["drivers.md"])
def test_each_example_runs(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    blocks = BLOCK.findall((DOCS / name).read_text("utf-8"))
    assert blocks
    known: dict[str, Any] = {"__name__": "example"}
    for block in blocks:
        exec(compile(block, name, "exec"), known)
    if name == "drivers.md":
        lines = [line for line in blocks[0].splitlines() if line.strip()]
        assert len(lines) <= 25, "a driver in 25 lines"
        assert "MY41000001" in capsys.readouterr().out
