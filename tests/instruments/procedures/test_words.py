"""Every sentence and phrase of these packages has its Chinese, with the same facts in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from instruments.procedures import ProcedureError, load_procedure, read
from lims import words

ROOT = Path(__file__).parents[3]
PACKAGES = ("procedures", "specifications", "capture")
CALLS = {"Phrase", "UnitError", "wrong", "_refuse", "_refused", "_one", "text_of", "number"}
PLACE = re.compile(r"\{(\w+)[^}]*\}")


def literal(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def said(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == "sentence":
            if node.value is not None and (text := literal(node.value)):
                yield text
        elif isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name not in CALLS:
                continue
            candidates = [*node.args, *(word.value for word in node.keywords if word.arg in ("found", "right"))]
            for text in filter(None, map(literal, candidates)):
                if " " in text or name == "Phrase":
                    yield text


def phrases() -> set[str]:
    found: set[str] = set()
    for package in PACKAGES:
        for path in (ROOT / "instruments" / package).rglob("*.py"):
            found |= set(said(ast.parse(path.read_text("utf-8"))))
    return found


def test_every_sentence_and_phrase_has_its_chinese() -> None:
    with (ROOT / "lims/words/zh/instruments_procedures.po").open("rb") as file:
        catalogue = read_po(file, locale="zh")
    missing = sorted(phrase for phrase in phrases() if not (catalogue.get(phrase) and catalogue.get(phrase).string))
    assert missing == []
    for message in catalogue:
        if message.id:
            assert sorted(PLACE.findall(str(message.id))) == sorted(PLACE.findall(str(message.string))), message.id


def test_a_refusal_is_one_sentence_in_the_readers_language() -> None:
    text = load_procedure("dmm-dcv").text.replace("most: 1000 V", "most: 100 V")
    with pytest.raises(ProcedureError) as caught:
        read(text, file="mine.yaml")
    assert words.sentence(caught.value, "zh") == (
        "mine.yaml 第 28 行，points.1000 V[1]：写的是 500；应为 正负均不超过 most 声明的 100 V。"
    )
