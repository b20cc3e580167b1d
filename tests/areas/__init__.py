"""What each area of the laboratory adds to the tests that look at everything, one module an area. A module may have:

PAGES   {username or None: "path path …"}: looked at by axe and at 360 px, and opened on PostgreSQL
fill    fill(session): rows that these pages need, added to the small laboratory of tests/web
DOORS   {"services.x.f": lambda w, by: …} or {…: (lambda, "customer2", …)}: see tests/lims/services/test_rights.py
INNER   {"services.x.g": "who calls it"}
ROUTES  {right: "endpoint endpoint:POST …"}: who may open the pages and calls, see tests/web/test_every_route.py
KEPT    {"services.x.f": {"table", …}}: tables that a refused call may write to (a try that is kept)
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from types import ModuleType
from typing import Any


def modules() -> list[ModuleType]:
    return [importlib.import_module(f"{__name__}.{each.name}") for each in pkgutil.iter_modules(__path__)]


def merged(name: str) -> dict[str, Any]:
    """The tables of that name of all areas in one."""
    found: dict[str, Any] = {}
    for module in modules():
        table: Mapping[str, Any] = getattr(module, name, {})
        assert not set(table) & set(found), f"{module.__name__}.{name} repeats {sorted(set(table) & set(found))}"
        found.update(table)
    return found


def pages(own: Mapping[str | None, str]) -> dict[str | None, str]:
    """The pages of each person, those of the areas behind the own ones."""
    found = dict(own)
    for module in modules():
        for who, paths in getattr(module, "PAGES", {}).items():
            found[who] = f"{found.get(who, '')} {paths}".strip()
    return found
