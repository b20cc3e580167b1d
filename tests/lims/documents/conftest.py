"""Sample snapshots, one set of keys for the session, and the issued documents of a sample."""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from lims.documents import dcc, keys, pdf, signing
from lims.documents.schemas import Schemas, locate

SAMPLES = Path(__file__).parents[3] / "fixtures" / "snapshots"
NAMES = sorted(file.stem for file in SAMPLES.glob("*.json"))
AT = datetime(2026, 11, 21, 1, 13, tzinfo=UTC)


@cache
def _sample(name: str) -> dict[str, Any]:
    held: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    return held


def sample(name: str = "calibration_dc_voltage") -> dict[str, Any]:
    """A fresh copy of a sample snapshot."""
    return copy.deepcopy(_sample(name))


@dataclass(frozen=True)
class Issued:
    snapshot: dict[str, Any]
    unsigned_dcc: bytes
    dcc: bytes
    unsigned_pdf: bytes
    pdf: bytes


@pytest.fixture(scope="session")
def laboratory_keys(tmp_path_factory: pytest.TempPathFactory) -> keys.Keys:
    return keys.open_or_make(tmp_path_factory.mktemp("keys"), "溯源演示计量中心")


@pytest.fixture(scope="session")
def issued(laboratory_keys: keys.Keys) -> Callable[[str], Issued]:
    """The four documents of a sample, made once."""

    @cache
    def make(name: str = "calibration_dc_voltage") -> Issued:
        snapshot = sample(name)
        unsigned = dcc.build(snapshot)
        signed = signing.sign_dcc(unsigned, laboratory_keys, at=AT)
        unsigned_pdf = pdf.render(snapshot, signed)
        return Issued(snapshot, unsigned, signed, unsigned_pdf, signing.sign_pdf(unsigned_pdf, laboratory_keys, at=AT))

    return make


@pytest.fixture(scope="session")
def schemas() -> Schemas:
    folder = os.environ.get("LIMS_DCC_SCHEMAS")
    if not folder:
        pytest.skip("LIMS_DCC_SCHEMAS names no folder of DCC schemas")
    found = locate(Path(folder))
    assert found is not None, f"LIMS_DCC_SCHEMAS names {folder}, which is no folder"
    return found


@pytest.fixture
def run() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a program of the system; the test is skipped where it is not installed (never in CI)."""

    def runs(*command: str | Path) -> subprocess.CompletedProcess[str]:
        if shutil.which(str(command[0])) is None:
            pytest.skip(f"{command[0]} is not installed")
        return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=60, check=False)

    return runs
