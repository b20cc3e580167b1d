"""Read a PDF, its signatures and its attachments."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from .errors import NotADocument
from .findings import Finding
from .read_dcc import Seal

SNAPSHOT_NAME = "snapshot.json"
DCC_SUFFIX = ".dcc.xml"
_KEYWORD = re.compile(r"(number|snapshot-sha256)=([^,;\s]+)")
DEEPEST = 32  # of a name tree; a document that goes deeper is refused


@dataclass(frozen=True, slots=True)
class PdfRead:
    """A PDF's own words, its attachments, and the seal over them."""

    seal: Seal
    number: str | None
    snapshot_digest: str | None
    demonstration: bool
    snapshot: bytes | None
    dcc: bytes | None


def read(document: bytes) -> PdfRead:
    """Read a PDF. Raises NotADocument when the bytes are no PDF that can be read."""
    try:
        reader = PdfFileReader(io.BytesIO(document), strict=False)
        if reader.encrypted:
            raise NotADocument(reason="it is encrypted")
        files = dict(_attachments(reader))
        keywords = str(reader.trailer["/Info"].get("/Keywords", "")) if "/Info" in reader.trailer else ""
        seal = _seal(reader)
    except NotADocument:
        raise
    except Exception as error:  # a broken file may break any assumption of a reader; it is then no readable PDF
        raise NotADocument(reason=f"{type(error).__name__}: {error}"[:200]) from error
    stated = dict(_KEYWORD.findall(keywords))
    return PdfRead(
        seal=seal,
        number=stated.get("number"),
        snapshot_digest=stated.get("snapshot-sha256"),
        demonstration="DEMONSTRATION" in keywords,
        snapshot=files.get(SNAPSHOT_NAME),
        dcc=_dcc_among(files),
    )


def _dcc_among(files: Mapping[str, bytes]) -> bytes | None:
    named = [data for name, data in files.items() if name.endswith(DCC_SUFFIX)]
    foreign = [data for data in files.values() if b"digitalCalibrationCertificate" in data[:4096]]
    return next(iter(named + foreign), None)


def _attachments(reader: PdfFileReader) -> Iterator[tuple[str, bytes]]:
    names = reader.root.get("/Names")
    if names is not None and "/EmbeddedFiles" in names:
        yield from _walk(names["/EmbeddedFiles"], 0)


def _walk(node: Any, depth: int) -> Iterator[tuple[str, bytes]]:
    if depth > DEEPEST:
        raise NotADocument(reason="its list of attachments has no end")
    for child in node.get("/Kids", ()):
        yield from _walk(child.get_object(), depth + 1)
    pairs = node.get("/Names", ())
    for i in range(1, len(pairs), 2):
        held = pairs[i].get_object()
        name = str(held.get("/UF", held.get("/F", "")))
        yield name, bytes(held["/EF"]["/F"].get_object().data)


def _name(certificate: Any) -> str:
    return str(certificate.subject.native.get("common_name") or certificate.subject.human_friendly)


def _seal(reader: PdfFileReader) -> Seal:
    """The document's seal: every signature must hold, and the last must cover the whole file."""
    signatures = list(reader.embedded_regular_signatures)
    if not signatures:
        return Seal("none")
    last = signatures[-1]
    for signature in signatures:
        try:
            # the signer stands for its own root here: trust is judged later, for PDF and DCC alike
            context = ValidationContext(trust_roots=[signature.signer_cert], allow_fetching=False)
            status = asyncio.run(async_validate_pdf_signature(signature, context))
            signer = _name(signature.signer_cert)
        except Exception as error:  # what cannot be checked is not good
            return Seal("broken", findings=(Finding("unsupported", {"reason": f"{error}"[:200]}),))
        if not (status.intact and status.valid):
            reason = "its digest does not match" if not status.intact else "its signature value is wrong"
            return Seal("broken", signer=signer, findings=(Finding("altered", {"reason": reason}),))
    whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    harmless = status.modification_level == ModificationLevel.LTA_UPDATES  # a time stamp on the signed file
    if not whole and not harmless:
        return Seal("broken", signer=signer, findings=(Finding("appended", {"coverage": str(status.coverage)}),))
    return Seal(
        "intact",
        signer=signer,
        at=status.signer_reported_dt,
        certificate=last.signer_cert,
        others=tuple(last.other_embedded_certs),
    )
