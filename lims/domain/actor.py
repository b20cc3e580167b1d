"""Who acts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person as services see one: identity, roles, and the customer they belong to, if any.

    name: {"zh", "en"}. customer_id: None for the laboratory's own people. scopes: the rights that the token in use was
    given, None for a person at a page. epoch: of the sessions that count. must_change: a password that somebody else set.
    """

    person_id: int
    username: str
    name: Mapping[str, str]
    roles: frozenset[str]
    customer_id: int | None = None
    language: str = "zh"
    scopes: frozenset[str] | None = None
    epoch: int = 0
    must_change: bool = False
