"""The snapshot's canonical bytes, digest and shape."""

from __future__ import annotations

import hashlib
import json
import random
from typing import Any

import pytest

from lims import words
from lims.documents import snapshot
from lims.documents.errors import SnapshotNotUsable

from .conftest import NAMES, sample


def test_canonical_form_is_that_of_jq_sorted_compact() -> None:
    """The form `jq -cjS .` prints: keys sorted by code point, no spaces, UTF-8 unescaped."""
    assert snapshot.canonical({"b": [1, "½ 𠮷"], "a": {"z": None, "y": True}}) == (
        '{"a":{"y":true,"z":null},"b":[1,"½ 𠮷"]}'.encode()
    )


def test_digest_is_the_sha256_of_the_canonical_bytes_whatever_the_order_of_keys() -> None:
    held = sample()
    items = list(held.items())
    random.Random(7).shuffle(items)

    assert snapshot.digest(dict(items)) == snapshot.digest(held)
    assert snapshot.digest(held) == hashlib.sha256(snapshot.canonical(held)).hexdigest()
    assert json.loads(snapshot.canonical(held)) == held


@pytest.mark.parametrize("name", NAMES)
def test_samples_have_the_shape_that_rendering_needs(name: str) -> None:
    snapshot.check(sample(name))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("kind", "guess"),
        ("demonstration", "yes"),
        ("title", {"zh": "校准证书"}),
        ("dates.issued", "21.11.2026"),
        ("dates.issued", None),
        ("people.0.at", "2026-11-20T07:42:10"),
        ("result_sets", []),
        ("result_sets.0.rows.3.error", 0.0021),
        ("result_sets.0.rows.3.U", "abc"),
        ("result_sets.0.rows.3.error", None),
        ("result_sets.0.rows.3.verdict", "good"),
        ("standards", None),
        ("standards.0.issuer", "an institute"),
        ("methods.0.digest", None),
        ("people", []),
        ("sampling", "none"),
        ("software.numpy", None),
        ("clock.simulated", "no"),
        ("environment.0.low", None),
        ("statements.1", {"zh": "说明"}),
        ("dates.received", "20261118"),
    ],
)
def test_a_field_of_the_wrong_shape_is_refused_with_its_place(place: str, value: Any) -> None:
    held: Any = sample()
    *path, last = place.split(".")
    target = held
    for part in path:
        target = target[int(part)] if part.isdigit() else target[part]
    target[int(last) if last.isdigit() else last] = value

    with pytest.raises(SnapshotNotUsable) as caught:
        snapshot.check(held)

    assert caught.value.facts["place"] == place
    assert caught.value.facts["place"] in words.sentence(caught.value, "zh") and "此处应为" in words.sentence(
        caught.value, "zh"
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), "half \ud800 pair"])
def test_what_json_cannot_hold_is_refused(value: object) -> None:
    with pytest.raises(SnapshotNotUsable):
        snapshot.canonical({"a": value})
