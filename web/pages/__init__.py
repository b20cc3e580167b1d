"""One blueprint an area: a page reads its input, calls one service, renders one template."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from flask import Blueprint


def blueprints() -> list[Blueprint]:
    """The `pages` of every module of this package that has some."""
    modules = (import_module(f"{__name__}.{each.name}") for each in pkgutil.iter_modules(__path__))
    return [module.pages for module in modules if hasattr(module, "pages")]
