"""YAML 1.2 as a tree that remembers its lines: safe, closed, and exact.

No tags, anchors, aliases or merge keys; doubled keys are refused; figures stay decimal, as they are written,
because a limit of error is computed from the printed digits and not from their binary neighbours.
"""

from __future__ import annotations

import dataclasses
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import ClassVar

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from instruments.faults import InstrumentError
from instruments.specifications.phrase import Phrase

MAX_DEPTH = 24
MAX_BYTES = 2_000_000

# YAML 1.2, chapter 10.3.2 (core schema); octal and hexadecimal are left as text: nobody writes a voltage so.
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip


class DocumentError(InstrumentError, ValueError):
    """A document that people write is wrong: facts are file, line, field, found, right."""

    code: ClassVar[str] = "document"
    sentence: ClassVar[str] = "{file}, line {line}, {field}: found {found}; right would be {right}."


Value = str | bool | Decimal | None


@dataclass(frozen=True, slots=True)
class Node:
    """One value of a document, with the line (from 1) and the field where it stands."""

    value: Value | dict[str, Node] | list[Node]
    line: int
    field: str
    raw: str = ""
    key_lines: dict[str, int] = dataclasses.field(default_factory=dict)

    @property
    def found(self) -> str:
        """The value as a person would recognise it in an error sentence."""
        if isinstance(self.value, dict):
            return "{" + ", ".join(self.value) + "}"
        if isinstance(self.value, list):
            return (
                "[" + ", ".join(item.found for item in self.value[:6]) + ("" if len(self.value) <= 6 else ", …") + "]"
            )
        return self.raw or Phrase("nothing")


class Source:
    """A document of one file: `root` is its tree, and `wrong` makes the error that names file, line and field.

    error: the class of what is raised, a DocumentError.
    """

    def __init__(self, text: str, *, file: str, error: type[DocumentError] = DocumentError) -> None:
        self.text, self.file, self._error = text, file, error
        if len(text) > MAX_BYTES:
            raise self._error(
                file=file,
                line=1,
                field="document",
                found=Phrase("{count} characters", count=len(text)),
                right=Phrase("a shorter file"),
            )
        self.root = self._read()

    def wrong(self, node: Node, right: str, *, field: str | None = None, found: str | None = None) -> DocumentError:
        """The error about this node; raise what it returns."""
        return self._error(
            file=self.file,
            line=node.line,
            field=field or node.field or "document",
            found=_phrase(found or node.found),
            right=_phrase(right),
        )

    def mapping(self, node: Node, *, known: set[str] | None = None, required: tuple[str, ...] = ()) -> dict[str, Node]:
        """The fields of a node; raises for what is no mapping, for unknown and for missing fields."""
        if not isinstance(node.value, dict):
            if known:
                raise self.wrong(node, Phrase("a mapping of fields: {known}", known=", ".join(sorted(known))))
            raise self.wrong(node, "a mapping of fields")
        for key in node.value:
            if known is not None and key not in known:
                raise self._error(
                    file=self.file, line=node.key_lines[key], field=_join(node.field, key), found=Phrase("an unknown field"),
                    right=Phrase("one of {choices}", choices=", ".join(sorted(known))),
                )  # fmt: skip
        for key in required:
            if key not in node.value:
                raise self.wrong(
                    node,
                    Phrase("the field {key} as well", key=key),
                    field=_join(node.field, key),
                    found=Phrase("nothing"),
                )
        return node.value

    def items(self, node: Node) -> list[Node]:
        """The entries of a list node; raises for anything else, and for an empty list."""
        if not isinstance(node.value, list) or not node.value:
            raise self.wrong(node, "a list with at least one entry")
        return node.value

    def text_of(self, node: Node, right: str = "text") -> str:
        """A text that is not empty. A number counts as the text it was written as (a model may be called 8508)."""
        if isinstance(node.value, (dict, list, bool)) or node.value is None or not node.raw.strip():
            raise self.wrong(node, right)
        return node.raw.strip()

    def choice(self, node: Node, among: tuple[str, ...]) -> str:
        """One word of a closed list."""
        if not isinstance(node.value, str) or node.value not in among:
            raise self.wrong(node, Phrase("one of {choices}", choices=", ".join(among)))
        return node.value

    def flag(self, node: Node) -> bool:
        """true or false."""
        if not isinstance(node.value, bool):
            raise self.wrong(node, "true or false")
        return node.value

    def number(self, node: Node, right: str = "a number") -> Decimal:
        """A bare number, exactly as it is written."""
        if not isinstance(node.value, Decimal):
            raise self.wrong(node, right)
        return node.value

    def count(self, node: Node, low: int, high: int) -> int:
        """A whole number between two bounds."""
        right = Phrase("a whole number from {low} to {high}", low=low, high=high)
        number = self.number(node, right)
        if number != number.to_integral_value() or not low <= number <= high:
            raise self.wrong(node, right)
        return int(number)

    def bilingual(self, node: Node) -> dict[str, str]:
        """A text in both languages, {zh, en}."""
        fields = self.mapping(node, known={"zh", "en"}, required=("zh", "en"))
        return {language: self.text_of(fields[language]) for language in ("zh", "en")}

    def plain(self, node: Node) -> object:
        """The node as plain data for another reader: numbers become int or float."""
        if isinstance(node.value, dict):
            return {key: self.plain(value) for key, value in node.value.items()}
        if isinstance(node.value, list):
            return [self.plain(value) for value in node.value]
        if isinstance(node.value, Decimal):
            whole = node.value == node.value.to_integral_value() and not set(node.raw) & set(".eE")
            return int(node.value) if whole else float(node.value)
        return node.value

    # -- reading ------------------------------------------------------------------------------------------------

    def _refuse(self, line: int, field: str, found: str, right: str) -> DocumentError:
        return self._error(
            file=self.file, line=line, field=field or "document", found=_phrase(found), right=_phrase(right)
        )

    def _read(self) -> Node:
        yaml = YAML(typ="safe", pure=True)
        yaml.version = (1, 2)
        parse: Callable[[io.StringIO], Iterator[Event]] = yaml.parse
        try:
            events = iter(list(parse(io.StringIO(self.text))))
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark is not None else 1
            problem = (error.problem or "text that is not YAML").strip()
            hint = "valid YAML 1.2 (put units such as % and texts with : or # in quotes)"
            raise self._refuse(line, "document", problem, hint) from None
        except (YAMLError, ValueError) as error:
            raise self._refuse(1, "document", str(error).splitlines()[0], "valid YAML 1.2") from None
        root: Node | None = None
        for event in events:
            if isinstance(event, StreamEndEvent):
                break
            if isinstance(event, DocumentStartEvent):
                if root is not None:
                    raise self._refuse(
                        event.start_mark.line + 1, "document", "a second document", "one document a file"
                    )
                root = self._node(next(events), events, "", 0)
            elif isinstance(event, DocumentEndEvent):
                continue
        if root is None or root.value is None:
            raise self._refuse(1, "document", "nothing", "a mapping of fields")
        return root

    def _node(self, event: Event, events: Iterator[Event], field: str, depth: int) -> Node:
        line = event.start_mark.line + 1
        if depth > MAX_DEPTH:
            raise self._refuse(line, field, "too many levels", Phrase("at most {count} levels", count=MAX_DEPTH))
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
            raise self._refuse(line, field, "an anchor or alias", "the value itself, written out")
        if (tag := getattr(event, "tag", None)) not in (None, "!"):
            raise self._refuse(line, field, Phrase("the tag {tag}", tag=tag), "the value without a tag")
        if isinstance(event, ScalarEvent):
            return Node(_resolve(event), line, field, event.value)
        if isinstance(event, SequenceStartEvent):
            entries: list[Node] = []
            while not isinstance(entry := next(events), SequenceEndEvent):
                entries.append(self._node(entry, events, f"{field}[{len(entries) + 1}]", depth + 1))
            return Node(entries, line, field)
        if isinstance(event, MappingStartEvent):
            return self._mapping(events, line, field, depth)
        raise self._refuse(line, field, type(event).__name__, "a value")

    def _mapping(self, events: Iterator[Event], line: int, field: str, depth: int) -> Node:
        values: dict[str, Node] = {}
        lines: dict[str, int] = {}
        while not isinstance(key := next(events), MappingEndEvent):
            at = key.start_mark.line + 1
            if not isinstance(key, ScalarEvent) or key.anchor:
                raise self._refuse(at, field, "a key that is no text", "a plain name before the colon")
            place = _join(field, key.value)
            if key.value in values:
                raise self._refuse(
                    at,
                    place,
                    Phrase("the field a second time (first on line {line})", line=lines[key.value]),
                    "one of the two",
                )
            lines[key.value] = at
            node = self._node(next(events), events, place, depth + 1)
            values[key.value] = replace(node, line=at) if isinstance(node.value, (dict, list)) else node
        return Node(values, line, field, key_lines=lines)


def _phrase(text: str) -> str:
    """A fixed text becomes a phrase as well: its own pattern."""
    return text if isinstance(text, Phrase) else Phrase(text)


def _join(field: str, key: str) -> str:
    return f"{field}.{key}" if field else key


def _resolve(event: ScalarEvent) -> Value:
    if event.style is not None:  # quoted or block text is text
        return str(event.value)
    if event.value in _WORDS:
        return _WORDS[event.value]
    if _NUMBER.fullmatch(event.value):
        return Decimal(event.value)
    return str(event.value)
