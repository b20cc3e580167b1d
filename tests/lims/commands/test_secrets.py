"""Who on the machine may read the laboratory's folder: its owner alone."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from .test_doors import lims


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_the_folder_of_a_new_laboratory_and_its_database_are_closed_to_others(tmp_path: Path) -> None:
    """Under the usual umask of 022, which would leave the database readable for everybody."""
    before = os.umask(0o022)
    try:
        made = lims("db", "upgrade", cwd=tmp_path)
    finally:
        os.umask(before)
    assert made.returncode == 0, made.stderr
    folder = tmp_path / "data"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = list(folder.rglob("*"))
    assert "lims.db" in {path.name for path in files}
    for path in files:
        wanted = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == wanted, path
