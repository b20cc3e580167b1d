"""The hash of an entry: SHA-256 over the canonical JSON of all it says, the hash before it included."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from lims.domain.canonical import digest_of

GENESIS = "0" * 64
"""What stands before the first entry."""

FIELDS = ("seq", "at", "actor", "act", "object_type", "object_id", "before", "after", "payload", "reason", "prev_hash")


def hash_of(entry: Mapping[str, Any]) -> str:
    """Hexadecimal SHA-256 of an entry given as a mapping of FIELDS; `at` is an aware instant."""
    content = {name: entry[name] for name in FIELDS}
    at: datetime = content["at"]
    content["at"] = at.astimezone(UTC).isoformat(timespec="microseconds")
    return digest_of(content)
