"""From an empty clone to the first certificate: `git clone`, `make demo` without serving. Goal: 3 minutes.

    python benchmarks/first_certificate.py
The yardstick of the same run is the setting up alone (virtual environment and locked packages).
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]


def run(*words: str, cwd: Path) -> float:
    begun = time.perf_counter()
    subprocess.run(words, cwd=cwd, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "suyuan"
        cloned = run("git", "clone", "-q", str(ROOT), str(clone), cwd=Path(folder))
        python = f"PYTHON={sys._base_executable}"  # type: ignore[attr-defined]
        ready = run("make", python, ".venv/.runtime", cwd=clone)
        demo = run("make", python, "demo", "DEMO=--no-serve", cwd=clone)
    total = cloned + ready + demo
    print(f"empty clone to first certificate: {total:.0f} s (goal: 180 s)")
    print(f"ratio to setting up alone ({ready:.0f} s): {total / ready:.2f}")


if __name__ == "__main__":
    main()
