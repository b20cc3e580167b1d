"""One blueprint an area: a page reads its input, calls one service, renders one template."""

from __future__ import annotations

from importlib import import_module

from flask import Blueprint

AREAS = (
    "account",
    "today",
    "intake",
    "bench",
    "live",
    "review",
    "records",
    "certificates",
    "standards",
    "traceability",
    "scope",
    "industry",
    "budgets",
    "quality",
    "mine",
    "authentic",
    "pieces",
)


def blueprints() -> list[Blueprint]:
    return [import_module(f"web.pages.{area}").pages for area in AREAS]
