"""The self-test as evidence that a laboratory can sign: outcomes, counts, versions, digests.

Source: ISO/IEC 17025:2017, 7.11.2: functionality of a laboratory's software is validated before it is used.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import platform
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from ..errors import DocumentError
from ..selftest.compare import DIFF, NOTE, PASS, Outcome
from ..selftest.run import cases, run
from .table import safe

LIBRARIES = ("numpy", "scipy", "pint", "odrpack")
COLUMNS = ("case", "source", "name", "published", "found", "status", "lre", "note")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a run found. cases_sha256: of the published cases and data sets; outcomes_sha256: of every outcome's line."""

    product: str
    family: str | None
    outcomes: tuple[Outcome, ...]
    counts: dict[str, int]
    cases: int
    versions: dict[str, str]
    platform: str
    cases_sha256: str
    outcomes_sha256: str

    @property
    def is_good(self) -> bool:
        return not self.counts[DIFF]

    def to_dict(self) -> dict[str, Any]:
        """Plain data; a log relative error where the case is a certified data set, else None."""
        return {"schema": "suyuan.selftest/1", "good": self.is_good} | asdict(self)


def families() -> list[str]:
    """Names of the families of cases."""
    return list(dict.fromkeys(case["family"] for case in cases()))


def gather(product: str, family: str | None = None, advance: Callable[[str], None] = lambda _case: None) -> Evidence:
    """Run the cases of a family, or all. product: name and version; advance is called before each case with its id.

    Raises DocumentError for a family that is not there.
    """
    known = families()
    if family is not None and family not in known:
        raise DocumentError(place="family", found=family, right=", ".join(known))
    outcomes: list[Outcome] = []
    number = 0
    for number, case in enumerate(cases(family), 1):  # noqa: B007
        advance(str(case["id"]))
        outcomes += run(case)
    counted = Counter(outcome.status for outcome in outcomes)
    return Evidence(
        product=product,
        family=family,
        outcomes=tuple(outcomes),
        counts={status: counted[status] for status in (PASS, NOTE, DIFF)},
        cases=number,
        versions={"python": platform.python_version()} | {name: _version(name) for name in LIBRARIES},
        platform=platform.platform(),
        cases_sha256=cases_digest(),
        outcomes_sha256=outcomes_digest(outcomes),
    )


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "—"


def cases_digest() -> str:
    """SHA-256 over name and SHA-256 of every file of cases and data, in the order of their names."""
    whole = hashlib.sha256()
    for name, file in sorted(_files(files("uncertainty.cases"), "")):
        whole.update(f"{name} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()


def _files(folder: Traversable, above: str) -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.name.startswith("__"):
            yield from _files(entry, f"{above}{entry.name}/")
        elif entry.name.endswith((".json", ".txt")):
            yield above + entry.name, entry


def outcomes_digest(outcomes: Iterable[Outcome]) -> str:
    """SHA-256 over one JSON line an outcome: what was expected, what was found, and the verdict."""
    whole = hashlib.sha256()
    for outcome in outcomes:
        whole.update(json.dumps([getattr(outcome, name) for name in COLUMNS], ensure_ascii=False).encode() + b"\n")
    return whole.hexdigest()


def as_csv(evidence: Evidence) -> bytes:
    """One line a figure, then counts, versions and digests; UTF-8 with a byte order mark, no text runs as a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for outcome in evidence.outcomes:
        writer.writerow([_cell(getattr(outcome, name)) for name in COLUMNS])
    writer.writerow([])
    for name, said in summary(evidence):
        writer.writerow([name, safe(said)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _cell(found: Any) -> Any:
    """A number as a number (published texts are often one), anything else as text."""
    try:
        float(found)
    except (TypeError, ValueError):
        return "" if found is None else safe(found)
    return found


def summary(evidence: Evidence) -> Sequence[tuple[str, str]]:
    """(name, figure) of what stands below the outcomes."""
    return [
        ("product", evidence.product),
        ("family", evidence.family or "*"),
        ("cases", str(evidence.cases)),
        *((status, str(count)) for status, count in evidence.counts.items()),
        *evidence.versions.items(),
        ("platform", evidence.platform),
        ("cases_sha256", evidence.cases_sha256),
        ("outcomes_sha256", evidence.outcomes_sha256),
    ]
