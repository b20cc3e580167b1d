"""A snapshot as a signed certificate's pages: PDF/A-3a and PDF/UA-1 by typst, the DCC and the snapshot attached.

The same snapshot and the same DCC give the same bytes: fonts come from packages only, the time from the snapshot.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import typst

from . import plot, qr
from . import snapshot as snapshots
from .errors import CharacterNotPrintable, RenderingFailed
from .view import view

TEMPLATE = Path(__file__).parent / "certificate.typ"
FONT_PACKAGES = ("pylopdf_fonts_zh_cn", "manimgx_fonts_cjk")
SNAPSHOT_NAME = "snapshot.json"
_NOT_PRINTED = re.compile(r'(?:the text|contains the codepoint) `"(.+?)"`')
_ESCAPED = re.compile(r"\\u\{([0-9a-fA-F]+)\}")
_compiling = threading.Lock()


def render(snapshot: Mapping[str, Any], dcc_xml: bytes) -> bytes:
    """The unsigned PDF of a snapshot, with its DCC (signed or not) and its canonical JSON attached.

    Raises SnapshotNotUsable, CharacterNotPrintable for a character that no font has, RenderingFailed otherwise.
    """
    snapshots.check(snapshot)
    canonical = snapshots.canonical(snapshot).decode()
    plots = [
        {"svg": svg, "alt": plot.description(results["rows"])}
        for results in snapshot["result_sets"]
        for svg in [plot.error_plot(results["rows"])]
    ]
    inputs = {
        "snapshot": canonical,
        "view": json.dumps({**view(snapshot), "plots": plots}, ensure_ascii=False),
        "qr": qr.svg(snapshot["verification"]["url"]),
        "dcc": dcc_xml.decode(),
        "dcc_name": dcc_name(snapshot["number"]),
        "snapshot_name": SNAPSHOT_NAME,
    }
    with _compiling:
        try:
            made = _compiler().compile(
                format="pdf", sys_inputs=inputs, pdf_standards=["a-3a", "ua-1"], timestamp=_timestamp(snapshot)
            )
        except typst.TypstError as error:
            raise _why(error, snapshot) from error
    if not isinstance(made, bytes):
        raise RenderingFailed(number=snapshot["number"], reason=f"the typesetter gave {type(made).__name__}")
    return made


def dcc_name(number: str) -> str:
    """File name of a certificate's DCC: the number, with nothing a file system would mind."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", number) + ".dcc.xml"


def font_folders() -> list[str]:
    """Folders of the font packages, found without importing them."""
    return [str(Path(spec.origin).parent) for spec in map(find_spec, FONT_PACKAGES) if spec and spec.origin]


@cache
def _compiler() -> typst.Compiler:
    """One compiler for the process: fonts are read once."""
    return typst.Compiler(
        str(TEMPLATE), root=str(TEMPLATE.parent), font_paths=font_folders(), ignore_system_fonts=True
    )  # fmt: skip


def _timestamp(snapshot: Mapping[str, Any]) -> int:
    """Seconds since 1970 of the approval, else of midnight UTC of the day of issue."""
    at = [person["at"] for person in snapshot["people"] if person["role"] == "approver"]
    instant = datetime.fromisoformat(at[-1] if at else snapshot["dates"]["issued"])
    return int((instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp())


def _why(error: typst.TypstError, snapshot: Mapping[str, Any]) -> CharacterNotPrintable | RenderingFailed:
    """The error of the typesetter as ours: a character without a glyph is led back to its place in the snapshot."""
    message = str(getattr(error, "message", error))
    found = _NOT_PRINTED.search(message)
    if found is None:
        return RenderingFailed(number=snapshot["number"], reason=message)
    run = _ESCAPED.sub(lambda escaped: chr(int(escaped[1], 16)), found[1])
    for place, text in snapshots.texts(snapshot):
        if run in text:
            return CharacterNotPrintable(
                character=run, codepoint=" ".join(f"U+{ord(one):04X}" for one in run), text=text[:60], place=place
            )
    return RenderingFailed(number=snapshot["number"], reason=message)
