"""What a worker process computes: plain data in, bytes out; no database."""

from __future__ import annotations

import os
from pathlib import Path

# One thread a worker: the pool already uses the cores (set before typst is loaded).
os.environ.setdefault("RAYON_NUM_THREADS", "1")

from lims.documents import keys
from lims.documents.schemas import locate
from lims.services import rendering


def render(content: str, data: Path, laboratory_name: str, dcc_schemas: Path | None) -> tuple[bytes, bytes, str]:
    """(signed PDF, signed DCC, SHA-256 of the unsigned PDF) of a frozen content."""
    signer = keys.open_or_make(data / "keys", laboratory_name)
    return rendering.make(content, signer, locate(dcc_schemas, data / "schemas"))
