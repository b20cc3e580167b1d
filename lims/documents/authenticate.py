"""Look at a PDF or a DCC, ours or foreign: is its signature intact and trusted, what does it say it is?

Only what the signature covers is believed; trust is what the caller gives. Whether a certificate is still current is
asked of the register, not of the file. Bytes outside every signature (padding) are caught by the register's own digest.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from asn1crypto import pem
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathError, ValidationError

from . import read_dcc, read_pdf
from .errors import NotADocument
from .findings import Finding

Signature = Literal["good", "broken", "none", "untrusted"]
Trust = Iterable[x509.Certificate | bytes]


@dataclass(frozen=True, slots=True)
class Examination:
    """What a document is, as far as it shows itself.

    signature: good (intact, under a trusted root) | untrusted (intact) | broken | none. sha256: of the whole file.
    snapshot, attached_dcc: the attached files of a PDF, as they stand in it. dcc: the examination of the attached DCC.
    """

    kind: Literal["pdf", "dcc"]
    signature: Signature
    sha256: str
    signer: str | None = None
    signed_at: datetime | None = None
    number: str | None = None
    snapshot_digest: str | None = None
    snapshot: bytes | None = None
    attached_dcc: bytes | None = None
    demonstration: bool = False
    findings: tuple[Finding, ...] = ()
    dcc: Examination | None = None


def examine(document: bytes, *, trust: Trust = (), at: datetime | None = None) -> Examination:
    """Examine a PDF or a DCC.

    trust: root certificates (PEM, DER or loaded). at: the time for which certificates must be valid; now without it.
    Raises NotADocument when the bytes are neither a readable PDF nor a DCC; nothing else.
    """
    roots = [_root(held) for held in trust]
    if b"%PDF-" in document[:1024]:
        return _examine_pdf(document, roots, at)
    return _examine_dcc(document, roots, at)


def _examine_dcc(document: bytes, roots: list[asn1_x509.Certificate], at: datetime | None) -> Examination:
    read = read_dcc.read(document)
    signature, findings = _judged(read.seal, roots, at)
    if read.number is None:
        findings.append(Finding("no_number"))
    if read.snapshot_digest is None:
        findings.append(Finding("no_digest"))
    return Examination(
        kind="dcc",
        signature=signature,
        sha256=hashlib.sha256(document).hexdigest(),
        signer=read.seal.signer,
        signed_at=read.seal.at,
        number=read.number,
        snapshot_digest=read.snapshot_digest,
        demonstration=read.demonstration,
        findings=tuple(findings),
    )


def _examine_pdf(document: bytes, roots: list[asn1_x509.Certificate], at: datetime | None) -> Examination:
    read = read_pdf.read(document)
    signature, findings = _judged(read.seal, roots, at)
    out = Examination(
        kind="pdf",
        signature=signature,
        sha256=hashlib.sha256(document).hexdigest(),
        signer=read.seal.signer,
        signed_at=read.seal.at,
        number=read.number,
        snapshot_digest=read.snapshot_digest,
        demonstration=read.demonstration,
        snapshot=read.snapshot,
        attached_dcc=read.dcc,
    )
    out, more = _with_snapshot(out)
    findings += more
    out, more = _with_dcc(out, roots, at)
    findings += more
    if out.number is None:
        findings.append(Finding("no_number"))
    if out.snapshot_digest is None:
        findings.append(Finding("no_digest"))
    return replace(out, findings=tuple(findings))


def _with_snapshot(out: Examination) -> tuple[Examination, list[Finding]]:
    """Compare the attached snapshot with what the document states."""
    if out.snapshot is None:
        return out, []
    found = hashlib.sha256(out.snapshot).hexdigest()
    findings = []
    if out.snapshot_digest not in (None, found):
        findings.append(Finding("digest_disagrees", {"found": found, "stated": out.snapshot_digest}))
    try:
        number = json.loads(out.snapshot)["number"]
    except (ValueError, KeyError, TypeError, RecursionError):
        findings.append(Finding("attached_unreadable", {"what": "snapshot", "reason": "it is no snapshot"}))
        return out, findings
    if out.number not in (None, number):
        findings.append(Finding("number_disagrees", {"what": "snapshot", "found": number, "stated": out.number}))
    return replace(out, number=out.number or str(number), snapshot_digest=out.snapshot_digest or found), findings


def _with_dcc(
    out: Examination, roots: list[asn1_x509.Certificate], at: datetime | None
) -> tuple[Examination, list[Finding]]:
    """Examine the attached DCC and compare it with the PDF around it."""
    if out.attached_dcc is None:
        return out, []
    try:
        inner = _examine_dcc(out.attached_dcc, roots, at)
    except NotADocument as error:
        return out, [Finding("attached_unreadable", {"what": "DCC", "reason": error.facts["reason"]})]
    findings = []
    if inner.signature == "broken":
        findings.append(Finding("attached_dcc_altered"))
    elif inner.signature == "none":
        findings.append(Finding("attached_dcc_unsigned"))
    elif inner.signature == "untrusted":
        findings.append(Finding("attached_dcc_untrusted", {"signer": inner.signer or "?"}))
    if out.number and inner.number and inner.number != out.number:
        findings.append(Finding("number_disagrees", {"what": "DCC", "found": inner.number, "stated": out.number}))
    if out.snapshot_digest and inner.snapshot_digest and inner.snapshot_digest != out.snapshot_digest:
        facts = {"found": inner.snapshot_digest, "stated": out.snapshot_digest}
        findings.append(Finding("digest_disagrees", facts))
    out = replace(
        out,
        dcc=inner,
        number=out.number or inner.number,
        snapshot_digest=out.snapshot_digest or inner.snapshot_digest,
        demonstration=out.demonstration or inner.demonstration,
    )
    return out, findings


def _judged(
    seal: read_dcc.Seal, roots: list[asn1_x509.Certificate], at: datetime | None
) -> tuple[Signature, list[Finding]]:
    """The word for a signature, after its signer's certificate was followed to the roots."""
    findings = list(seal.findings)
    if seal.state == "none":
        return "none", [*findings, Finding("unsigned")]
    if seal.state == "broken" or seal.certificate is None:
        return "broken", findings
    reason = _why_untrusted(seal.certificate, seal.others, roots, at)
    if reason is not None:
        return "untrusted", [*findings, Finding("untrusted", {"signer": seal.signer or "?", "reason": reason})]
    return "good", findings


def _why_untrusted(
    certificate: asn1_x509.Certificate,
    others: Iterable[asn1_x509.Certificate],
    roots: list[asn1_x509.Certificate],
    at: datetime | None,
) -> str | None:
    """Why a certificate does not lead to a root; None when it does."""
    context = ValidationContext(trust_roots=roots, allow_fetching=False, moment=at, other_certs=list(others))
    validator: Any = CertificateValidator(certificate, intermediate_certs=list(others), validation_context=context)
    try:
        asyncio.run(validator.async_validate_usage({"digital_signature"}))
    except (PathError, ValidationError) as error:
        return str(error).split("\n")[0].split(" - ")[-1].rstrip(".")
    except Exception as error:  # a foreign certificate may hold anything: whatever stops the path is a reason
        return f"{type(error).__name__}: {error}"
    return None


def _root(held: x509.Certificate | bytes) -> Any:
    if isinstance(held, x509.Certificate):
        held = held.public_bytes(Encoding.DER)
    if pem.detect(held):
        held = pem.unarmor(held)[2]
    return asn1_x509.Certificate.load(held)
