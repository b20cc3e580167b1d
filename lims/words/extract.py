"""What there is to say: the English texts in the code and the templates, with the place of each.

Found are: the `sentence` of an error class, the first argument of _(), gettext(), both(), say(), N_() and their kind where
it is a text, a choice between texts, or an entry of a table of texts in the same module; the field and the right value of a
refusal (UnusableValue, UnusableSetting); and in templates _() and trans.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from jinja2.ext import babel_extract

CALLS = frozenset({"_", "gettext", "both", "say", "N_", "lazy_gettext", "_l", "ngettext", "pgettext", "lazy_ngettext"})
TERMS = ("field", "right")
"""Facts of a refusal (UnusableValue, UnusableSetting) that are words of ours."""
TEMPLATE_CALLS: tuple[str, ...] = ("_", "gettext", "ngettext", "both", "pgettext", "npgettext")
AREAS = {
    "uncertainty": "uncertainty",
    "instruments": "instruments",
    "lims/documents": "documents",
    "lims/commands": "commands",
    "lims": "lims",
    "web": "web",
}
"""Folder → catalogue; the first that fits."""
TEMPLATES = {".html", ".txt", ".xml", ".jinja"}


@dataclass(frozen=True, slots=True, order=True)
class Said:
    """One text and where it is said. file: from the folder of the packages. area: the catalogue it belongs to."""

    area: str
    file: str
    line: int
    msgid: str


def root() -> Path:
    """The folder that holds the packages."""
    return Path(__file__).resolve().parents[2]


def everything(packages: tuple[str, ...] = ("uncertainty", "instruments", "lims", "web")) -> list[Said]:
    """Every text of the packages that are there."""
    found: list[Said] = []
    for package in packages:
        spec = find_spec(package)
        for folder in spec.submodule_search_locations or () if spec else ():
            found += of_folder(Path(folder), package)
    return sorted(found)


def of_folder(folder: Path, package: str) -> Iterator[Said]:
    for file in sorted(folder.rglob("*")):
        name = f"{package}/{file.relative_to(folder).as_posix()}"
        if "/static/" in name or "/__pycache__/" in name:
            continue
        area = next(area for start, area in AREAS.items() if name.startswith(start + "/"))
        if file.suffix == ".py":
            texts: Iterator[tuple[int, str]] = of_module(file.read_text(encoding="utf-8"))
        elif file.suffix in TEMPLATES and "/templates/" in name:
            texts = of_template(file)
        else:
            continue
        for line, text in texts:
            yield Said(area, name, line, text)


def of_module(source: str) -> Iterator[tuple[int, str]]:
    """(line, text) of a Python module."""
    tree = ast.parse(source)
    tables = _tables(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield from _sentences(node)
        elif isinstance(node, ast.Call) and node.args and _name(node.func) in CALLS:
            texts = node.args[:2] if _name(node.func) in ("ngettext", "lazy_ngettext") else node.args[:1]
            for text in texts:
                for found in _texts(text, tables):
                    yield node.lineno, found
        elif isinstance(node, ast.Call) and _name(node.func).startswith("Unusable"):
            for keyword in node.keywords:
                if keyword.arg in TERMS:
                    yield from ((node.lineno, found) for found in _texts(keyword.value, tables) if _is_word(found))


def _is_word(text: str) -> bool:
    """Whether a fact of a refusal is a text to translate: names of fields with a dot, lists of codes and signs are not."""
    return bool(re.search(r"[a-z]{3}", text)) and not re.fullmatch(
        r"--\S+|\S*[._:/\[]\S*|[a-z0-9_]+(, [a-z0-9_]+)+", text
    )


def of_template(file: Path) -> Iterator[tuple[int, str]]:
    """(line, text) of a Jinja template."""
    with file.open("rb") as stream:
        options = {
            "extensions": "jinja2.ext.i18n,jinja2.ext.do,jinja2.ext.loopcontrols",
            "silent": "false",
            "trimmed": "true",
        }
        for line, _function, message, _comments in babel_extract(stream, TEMPLATE_CALLS, (), options):
            for text in message if isinstance(message, tuple) else (message,):
                if text:
                    yield line, text


def _assigned(line: ast.stmt) -> tuple[ast.expr | None, ast.expr | None]:
    """(name, value) of an assignment; (None, None) for any other statement."""
    if isinstance(line, ast.AnnAssign):
        return line.target, line.value
    if isinstance(line, ast.Assign):
        return line.targets[0], line.value
    return None, None


def _name(function: ast.expr | None) -> str:
    return (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )


def _sentences(node: ast.ClassDef) -> Iterator[tuple[int, str]]:
    for line in node.body:
        target, value = _assigned(line)
        if _name(target) == "sentence" and isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield line.lineno, value.value


def _tables(tree: ast.Module) -> dict[str, list[str]]:
    """Names of the module that stand for texts: a text, or a table or list of texts."""
    tables = {}
    for line in tree.body:
        target, value = _assigned(line)
        if isinstance(target, ast.Name) and value is not None:
            held = value.values if isinstance(value, ast.Dict) else [value]
            tables[target.id] = [text for entry in held for text in _texts(entry, {})]
    return tables


def _texts(node: ast.expr, tables: Mapping[str, list[str]]) -> Iterator[str]:
    """The texts that an expression may be."""
    match node:
        case ast.Constant(value=str(text)):
            if text.strip():
                yield text
        case ast.IfExp(body=body, orelse=orelse):
            yield from _texts(body, tables)
            yield from _texts(orelse, tables)
        case ast.BoolOp(values=values) | ast.Tuple(elts=values) | ast.List(elts=values):
            for value in values:
                yield from _texts(value, tables)
        case ast.Subscript(value=ast.Name(id=name)) | ast.Name(id=name):
            yield from tables.get(name, ())
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="get"), args=arguments):
            yield from tables.get(name, ())
            for value in arguments[1:]:
                yield from _texts(value, tables)
        case _:
            return
