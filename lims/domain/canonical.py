"""Canonical JSON and its digest: the same content gives the same bytes, whoever writes it."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def canonical(content: Any) -> bytes:
    """UTF-8 JSON with sorted keys and no spaces. NaN and infinities are refused: they are not JSON."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def digest_of(content: Any) -> str:
    """SHA-256 of the canonical JSON, hexadecimal."""
    return hashlib.sha256(canonical(content)).hexdigest()
