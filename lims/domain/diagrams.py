"""Every state machine as a diagram: `python -m lims.domain.diagrams` prints docs/states.md, `--write` writes it.

The diagrams are Mermaid's `stateDiagram-v2`, drawn from the very tables that the services move things by.
"""

from __future__ import annotations

import sys
from pathlib import Path

from lims.words import both

from .states import ALL, States

TITLE = """# States and how they follow one another · 状态与流转

Drawn from `lims/domain/states.py` by `python -m lims.domain.diagrams --write`; a test compares. A state with no way out
is final. What can be computed is no state: due, overdue and expired come from the day, waiting from an open hold, measured
and verified of an item from its record.

本页由代码生成。没有出路的状态即为终态。可由日期或其他记录推算的（到期、超期、过期、等待、已测、已核验）不是状态。
"""


def words(code: str) -> str:
    """A state or kind in both languages."""
    said = both(code)
    english = said["en"].replace("_", " ")
    return english if said["zh"] == said["en"] else f"{said['zh']} {english}"


def diagram(machine: States) -> str:
    """One machine as Mermaid text."""
    lines = ["stateDiagram-v2", f"    [*] --> {machine.initial}"]
    lines += [f"    {state}: {words(state)}" for state in machine.table]
    for state, ways in machine.table.items():
        lines += [f"    {state} --> {way}" for way in ways]
        if not ways:
            lines.append(f"    {state} --> [*]")
    return "\n".join(lines)


def page() -> str:
    """The whole page."""
    parts = [TITLE]
    for machine in ALL:
        parts.append(f"## {words(machine.kind)}\n\n```mermaid\n{diagram(machine)}\n```\n")
    return "\n".join(parts)


def main() -> None:
    if "--write" in sys.argv[1:]:
        (Path(__file__).resolve().parents[2] / "docs" / "states.md").write_text(page(), encoding="utf-8")
    else:
        sys.stdout.write(page())


if __name__ == "__main__":
    main()
