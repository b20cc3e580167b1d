"""Every refusal can be said in Chinese, and names the same place, file and line there."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

import uncertainty
from lims import words
from uncertainty import errors

KINDS = [v for v in vars(errors).values() if isinstance(v, type) and issubclass(v, errors.UncertaintyError)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.__name__)
def test_sentence_of_each_error_is_translated(kind: type) -> None:
    assert words.term(kind.sentence, "zh") != kind.sentence
    assert [one.code for one in KINDS].count(kind.code) == 1


def test_a_refusal_survives_a_pickle() -> None:
    refused = errors.DocumentError(place="x", found="1", right="2").at("file.yaml", 3)
    again = pickle.loads(pickle.dumps(refused))
    assert (type(again), again.facts, str(again)) == (type(refused), refused.facts, str(refused))


def test_a_refusal_in_chinese_with_file_and_line(tmp_path: Path) -> None:
    file = tmp_path / "block.yaml"
    file.write_text('budget: 1\nquantities:\n  x: {value: 1, U: 0.1}\nmeasurands: {y: {expression: "x"}}\n', "utf-8")
    with pytest.raises(uncertainty.UncertaintyError) as refused:
        uncertainty.evaluate(file)
    assert words.sentence(refused.value, "zh") == (
        "block.yaml:3: quantities.x.U：只有 U，没有 k 或 p 不可用；应为：U 及其 k，或 U 及其 p。"
    )
    assert str(refused.value) == (
        "block.yaml:3: quantities.x.U: U without k or p cannot be used; it has to be: U with its k, or with p."
    )


@pytest.mark.parametrize("name", ["nothing", "u", "a number"])
def test_what_people_typed_is_never_translated(name: str) -> None:
    for document in (
        {"quantities": {"x": {"value": 1, "u": name}}, "measurands": {"y": {"expression": "x"}}},
        {"quantities": {"x": {"value": 1, "u": 1}}, "measurands": {"y": {"expression": name.replace(" ", "_")}}},
        {"quantities": {"x": {"value": 1, "distribution": name}}, "measurands": {"y": {"expression": "x"}}},
    ):
        with pytest.raises(uncertainty.UncertaintyError) as refused:
            uncertainty.evaluate({"budget": 1, **document})
        assert name.replace(" ", "_") in words.sentence(refused.value, "zh").replace(" ", "_")
