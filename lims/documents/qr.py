"""The QR code of a certificate as native SVG, the same bytes for the same text."""

from __future__ import annotations

import io

import segno


def svg(text: str) -> str:
    """A QR code of `text`, error correction at least M, as one SVG element with a viewBox (scales freely).

    No style attribute and no XML declaration, so that it may stand inside a page under a strict CSP.
    """
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=4, nl=False, svgclass=None, lineclass=None
    )
    return out.getvalue().decode("utf-8")
