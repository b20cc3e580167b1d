"""flask-smorest's blueprint with types: its decorators return what they were given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask_smorest import Blueprint
from marshmallow import Schema, validate

ROW = validate.Range(min=1, max=2**31 - 1)
"""The number of a row: no database keeps a larger one."""
IF_MATCH = "the ETag that GET answered"
F = TypeVar("F", bound=Callable[..., Any])


class Calls(Blueprint):  # type: ignore[misc]
    """The calls of one area of the API."""

    def route(self, rule: str, **options: Any) -> Callable[[F], F]:
        return cast(Callable[[F], F], super().route(rule, **options))

    def arguments(self, schema: type[Schema], **options: Any) -> Callable[[F], F]:
        return cast(Callable[[F], F], super().arguments(schema, **options))

    def response(self, status: int, **options: Any) -> Callable[[F], F]:
        return cast(Callable[[F], F], super().response(status, **options))

    def alt_response(self, status: int, **options: Any) -> Callable[[F], F]:
        return cast(Callable[[F], F], super().alt_response(status, **options))

    def doc(self, **options: Any) -> Callable[[F], F]:
        return cast(Callable[[F], F], super().doc(**options))

    def edit(self, view: F) -> F:
        """An edit: If-Match is wanted, and the version may be an old one (see web.api.tags)."""
        described = {"in": "header", "name": "If-Match", "schema": {"type": "string"}, "description": IF_MATCH}
        for status, why in ((428, "If-Match is missing"), (412, "somebody else has changed it: who, when, what it is")):
            view = self.alt_response(status, description=why)(view)
        return self.doc(parameters=[described])(view)
