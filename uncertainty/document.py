"""The budget document: YAML, JSON or plain data, read strictly, every fault named with its place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .errors import DocumentError

KNOWN = {"budget", "title", "quantities", "correlations", "observed_together", "measurands", "coverage", "combine"}


def load(document: Mapping[str, Any] | str | Path) -> dict[str, Any]:
    """The document as plain data: from a mapping, a path to YAML or JSON, or YAML text (a str with a line break)."""
    if isinstance(document, Mapping):
        data: Any = dict(document)
    else:
        text = document if isinstance(document, str) and "\n" in document else Path(document).read_text("utf-8-sig")
        data = _parse(text)
    if not isinstance(data, dict):
        raise DocumentError(place="document", found=type(data).__name__, right="a mapping with budget: 1")
    if data.get("budget") != 1:
        raise DocumentError(place="budget", found=repr(data.get("budget")), right="1")
    unknown = set(data) - KNOWN
    if unknown:
        raise DocumentError(place=str(min(unknown)), found="an unknown field", right=", ".join(sorted(KNOWN)))
    for name in ("quantities", "measurands"):
        if not isinstance(data.get(name), Mapping) or not data[name]:
            raise DocumentError(place=name, found=repr(data.get(name))[:60], right="a mapping of names")
    return data


def _parse(text: str) -> Any:
    if text.lstrip().startswith("{") and "\n" in text:
        try:
            return json.loads(text)
        except ValueError:
            pass
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError

    try:
        return YAML(typ="safe", pure=True).load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise DocumentError(
            place=f"line {line}", found=str(error.problem), right='YAML; put "%" and expressions in quotes'
        ) from error
