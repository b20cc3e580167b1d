"""Who acts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person as services see one: identity, roles, and the customer they belong to, if any.

    name: {"zh", "en"}. customer_id: None for the laboratory's own people.
    """

    person_id: int
    username: str
    name: Mapping[str, str]
    roles: frozenset[str]
    customer_id: int | None = None
    language: str = "zh"
