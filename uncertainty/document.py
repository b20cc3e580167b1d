"""The budget document: YAML, JSON or plain data, read strictly, every fault named with its place, file and line."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import N_, DocumentError, Term, UncertaintyError

KNOWN = (
    "budget",
    "title",
    "quantities",
    "correlations",
    "observed_together",
    "functions",
    "measurands",
    "coverage",
    "order",
)
DEEPEST, MOST_PARTS = 30, 1_000_000
LARGEST = 5_000_000  # characters of a document


@dataclass(frozen=True, slots=True)
class Document:
    """A document as plain data, with the file it came from and the line of every place in it."""

    data: Mapping[str, Any]
    file: str = ""
    lines: Mapping[str, int] = field(default_factory=dict)

    def locate(self, error: UncertaintyError) -> UncertaintyError:
        """The error with file and line of its place, or of the nearest place around it."""
        place = str(error.facts.get("place", ""))
        if not self.file or "line" in error.facts:
            return error
        while place and place not in self.lines:
            place = place.rpartition(".")[0]
        return error.at(self.file, self.lines.get(place))


def load(document: Mapping[str, Any] | str | Path) -> Document:
    """The document: from a mapping, a path to YAML or JSON, or YAML text: a str is never a path, it may come from a form.

    Raises DocumentError for what is no budget document; unknown and doubled fields are refused.
    """
    found = _read(document)
    try:
        _check(found.data)
    except UncertaintyError as error:
        raise found.locate(error) from None
    return found


def _read(document: Mapping[str, Any] | str | Path) -> Document:
    if isinstance(document, Mapping):
        return Document(document)
    if isinstance(document, str):
        return _parse(document, "budget")
    try:
        text = document.read_text("utf-8-sig")
    except OSError as error:
        raise DocumentError(
            place=str(document), found=str(error.strerror), right=N_("a file that can be read")
        ) from error
    except UnicodeDecodeError as error:
        raise DocumentError(place=str(document), found=str(error.reason), right=N_("text in UTF-8")) from error
    return _parse(text, document.name)


def _check(data: Any) -> None:
    _bounded(data)
    if not isinstance(data, Mapping):
        raise DocumentError(place="document", found=type(data).__name__, right=N_("a mapping with budget: 1"))
    if isinstance(data.get("budget"), bool) or data.get("budget") != 1:
        raise DocumentError(place="budget", found=show(data.get("budget")), right="1")
    only(data, KNOWN, "")
    for name in ("quantities", "measurands"):
        if not isinstance(data.get(name), Mapping) or not data[name]:
            raise DocumentError(place=name, found=show(data.get(name)), right=N_("a mapping of names"))
    for name in ("correlations", "observed_together"):
        if data.get(name) is not None and not isinstance(data[name], list | tuple):
            raise DocumentError(place=name, found=show(data[name]), right=N_("a list"))


def _bounded(data: Any) -> None:
    """Refuse what goes round in a circle, or grows without end by names for parts of itself (YAML aliases)."""
    level, parts = [data], 0
    for _ in range(DEEPEST):
        level = [
            inner
            for each in level
            for inner in (
                each.values() if isinstance(each, Mapping) else each if isinstance(each, list | tuple) else ()
            )
            if isinstance(inner, Mapping | list | tuple)
        ]
        parts += len(level)
        if not level:
            return
        if parts > MOST_PARTS:
            break
    raise DocumentError(
        place="document", found=N_("parts without end"), right=N_("a document nested less than 30 deep")
    )


def only(data: Mapping[Any, Any], known: tuple[str, ...], place: str) -> None:
    """Refuse fields that are not known here."""
    unknown = sorted(str(key) for key in data if key not in known)
    if unknown:
        raise DocumentError(
            place=f"{place}.{unknown[0]}".lstrip("."), found=N_("an unknown field"), right=", ".join(known)
        )


def show(found: Any) -> str:
    """What was found, short enough for a sentence."""
    if found is None or isinstance(found, Term):
        return N_("nothing") if found is None else found
    return repr(found)[:60] if not isinstance(found, int | float) or isinstance(found, bool) else f"{found:.12g}"


def number(found: Any, place: str, right: str = N_("a number")) -> float:
    """A finite number of the document; a truth value or a text is none."""
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise DocumentError(place=place, found=show(found), right=right)
    if not math.isfinite(found):
        raise DocumentError(place=place, found=str(found), right=N_("a finite number"))
    return float(found)


def _parse(text: str, file: str) -> Document:
    if len(text) > LARGEST:
        raise DocumentError(place=file, found=len(text), right=N_("a document of at most 5 million characters"))
    if file.endswith(".json") or text.lstrip().startswith("{"):
        try:
            return Document(json.loads(text, object_pairs_hook=_once), file, _lines(text))
        except RecursionError:
            right = N_("a document nested less than 30 deep")
            raise DocumentError(place="document", found=N_("parts without end"), right=right).at(file, None) from None
        except json.JSONDecodeError as error:
            if file.endswith(".json"):
                fault = DocumentError(place="document", found=error.msg, right="JSON")
                raise fault.at(file, error.lineno) from None
        except DocumentError as error:
            raise error.at(file, None) from None
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        data = YAML(typ="safe", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        right = N_('YAML; put "%" and expressions in quotes, and each name once')
        problem = str(error.problem).splitlines()[0]
        raise DocumentError(place="document", found=problem, right=right).at(
            file, mark.line + 1 if mark else None
        ) from None
    except (YAMLError, ValueError, RecursionError) as error:
        raise DocumentError(place="document", found=str(error).splitlines()[0], right="YAML").at(file, None) from None
    return Document(data, file, _lines(text))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    doubled = next((name for name in names if names.count(name) > 1), None)
    if doubled is not None:
        raise DocumentError(place=doubled, found=N_("the same name twice"), right=N_("each name once"))
    return dict(pairs)


def _lines(text: str) -> dict[str, int]:
    """Line of every place (quantities.l_s.u) of a YAML or JSON text; nothing where it cannot be read as YAML."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError
    from ruamel.yaml.nodes import MappingNode, SequenceNode

    lines: dict[str, int] = {}
    seen: set[int] = set()

    def walk(node: Any, place: str) -> None:
        if id(node) in seen:
            return
        seen.add(id(node))
        if isinstance(node, MappingNode):
            for key, value in node.value:
                at = f"{place}.{key.value}".lstrip(".")
                lines[at] = key.start_mark.line + 1
                walk(value, at)
        elif isinstance(node, SequenceNode):
            for i, value in enumerate(node.value):
                at = f"{place}.{i}"
                lines[at] = value.start_mark.line + 1
                walk(value, at)

    try:
        walk(YAML(typ="safe", pure=True).compose(text), "")
    except YAMLError:
        return {}
    return lines
