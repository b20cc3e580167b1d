"""Files that people bring beside readings: photographs, drawn signatures, another laboratory's certificate.

A file is what its first bytes say, whatever its name is. SVG is refused, since it may carry a script.
"""

from __future__ import annotations

import base64
import binascii

from lims.words import N_

from .errors import UnusableValue

LARGEST = 8 * 1024 * 1024
LARGEST_SIGNATURE = 256 * 1024
PNG = b"\x89PNG\r\n\x1a\n"
"""W3C Portable Network Graphics, 5.2; the IHDR chunk follows."""
JPEG = b"\xff\xd8\xff"
"""ITU-T T.81, B.1.1.3: SOI, and the first byte of the next marker."""
PDF = b"%PDF-"
"""ISO 32000-1, 7.5.2."""
DATA_URL = "data:image/png;base64,"


def type_of(content: bytes) -> str | None:
    """image/png, image/jpeg or application/pdf by the first bytes; None for anything else."""
    if content.startswith(PNG) and content[12:16] == b"IHDR":
        return "image/png"
    if content.startswith(JPEG):
        return "image/jpeg"
    return "application/pdf" if content.startswith(PDF) else None


def check_photo(name: str, content: bytes, *, field: str = "photo") -> str:
    """The type of a photograph. Raises UnusableValue for another kind of file, an empty or a too large one."""
    kind = type_of(content)
    if kind not in ("image/png", "image/jpeg"):
        raise UnusableValue(field=field, found=name[:80] or "—", right=N_("a PNG or JPEG picture"))
    _check_size(name, content, LARGEST, field)
    return kind


def check_certificate(name: str, content: bytes, *, field: str = "file") -> str:
    """The type of another laboratory's certificate: a PDF, or its picture. Raises UnusableValue."""
    kind = type_of(content)
    if kind is None:
        raise UnusableValue(field=field, found=name[:80] or "—", right=N_("a PDF file, or a PNG or JPEG picture"))
    _check_size(name, content, LARGEST, field)
    return kind


def signature_of(drawn: str) -> bytes | None:
    """The PNG of a signature drawn in the browser, a data URL; None where nothing was drawn. Raises UnusableValue."""
    if not drawn.strip():
        return None
    try:
        content = base64.b64decode(drawn.removeprefix(DATA_URL), validate=True)
    except (binascii.Error, ValueError):
        content = b""
    if not drawn.startswith(DATA_URL) or type_of(content) != "image/png":
        raise UnusableValue(field="signature", found=drawn[:24], right=N_("a PNG drawn on this page"))
    _check_size("PNG", content, LARGEST_SIGNATURE, "signature")
    return content


def _check_size(name: str, content: bytes, largest: int, field: str) -> None:
    if len(content) > largest:
        found = f"{name[:80]}, {len(content) / 2**20:.1f} MiB"
        raise UnusableValue(field=field, found=found, right=f"≤ {largest / 2**20:g} MiB")
