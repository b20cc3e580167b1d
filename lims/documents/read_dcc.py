"""Read a DCC and its signature: is it intact, who signed, what does the signed part say?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from signxml.exceptions import InvalidDigest, InvalidSignature
from signxml.verifier import SignatureConfiguration, XMLVerifier
from signxml.xades.xades import XAdESSignatureConfiguration, XAdESVerifier

from .dcc import DEMONSTRATION_REF_TYPE, DIGEST_REF_TYPE
from .elements import DCC
from .errors import NotADocument
from .findings import Finding
from .keys import common_name

ROOT = f"{{{DCC}}}digitalCalibrationCertificate"
DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"


@dataclass(frozen=True, slots=True)
class Seal:
    """A signature by itself, before trust: intact, broken or none; who made it, when by their own word."""

    state: Literal["intact", "broken", "none"]
    signer: str | None = None
    at: datetime | None = None
    certificate: asn1_x509.Certificate | None = None
    others: Sequence[asn1_x509.Certificate] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class DccRead:
    """A DCC's own words, and the seal over them."""

    seal: Seal
    number: str | None
    snapshot_digest: str | None
    demonstration: bool


def read(document: bytes) -> DccRead:
    """Read a DCC. Raises NotADocument when the bytes are no DCC."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(document, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotADocument(reason=str(error) or "it is empty") from error
    if root.tag != ROOT:
        raise NotADocument(reason=f"its root element is {str(root.tag)[:80]}")
    if root.getroottree().docinfo.internalDTD is not None:
        raise NotADocument(reason="a DCC with a document type declaration is not read")
    seal = _seal(root, document)
    number = root.findtext(f"{{{DCC}}}administrativeData/{{{DCC}}}coreData/{{{DCC}}}uniqueIdentifier")
    digest, demonstration = None, False
    for statement in root.iterfind(f"{{{DCC}}}administrativeData/{{{DCC}}}statements/{{{DCC}}}statement"):
        kinds = (statement.get("refType") or "").split()
        if DIGEST_REF_TYPE in kinds:
            digest = (statement.findtext(f"{{{DCC}}}reference") or "").removeprefix("sha256:") or None
        demonstration = demonstration or DEMONSTRATION_REF_TYPE in kinds
    return DccRead(seal=seal, number=number, snapshot_digest=digest, demonstration=demonstration)


def _seal(root: etree._Element, document: bytes) -> Seal:
    held = root.findall(f"{{{DS}}}Signature")
    if not held:
        return Seal("none")
    try:
        certificates = _certificates(held[-1])
    except ValueError as error:
        return Seal("broken", findings=(Finding("unsupported", {"reason": str(error)}),))
    if not certificates:
        return Seal("broken", findings=(Finding("unsupported", {"reason": "it names no certificate"}),))
    seal = Seal(
        "intact",
        signer=common_name(certificates[0]),
        at=_signing_time(held[-1]),
        certificate=_asn1(certificates[0]),
        others=tuple(_asn1(other) for other in certificates[1:]),
    )
    finding = _why_broken(root, document, certificates[0], len(held))
    if finding is None:
        return seal
    return Seal("broken", signer=seal.signer, at=seal.at, findings=(finding,))


def _why_broken(
    root: etree._Element, document: bytes, certificate: x509.Certificate, signatures: int
) -> Finding | None:
    """Verify every byte's digest and the signature, and that the whole document is what was signed."""
    if signatures > 1:
        return Finding("unsupported", {"reason": f"{signatures} signatures in one DCC"})
    xades = root.find(f".//{{{XADES}}}SignedProperties") is not None
    verifier: Any = XAdESVerifier() if xades else XMLVerifier()
    config: Any = (XAdESSignatureConfiguration if xades else SignatureConfiguration)(
        location="./", expect_references=True
    )
    try:
        results = verifier.verify(document, x509_cert=certificate, expect_config=config)
    except (InvalidDigest, InvalidSignature) as error:
        return Finding("altered", {"reason": str(error) or type(error).__name__})
    except Exception as error:  # a foreign signature may hold anything; what cannot be checked is not good
        return Finding("unsupported", {"reason": str(error) or type(error).__name__})
    results = results if isinstance(results, list) else [results]
    whole = [result.signed_xml for result in results if result.signed_xml is not None and result.signed_xml.tag == ROOT]
    if not any(_same(signed, root) for signed in whole):
        return Finding("partly_signed")
    return None


def _same(signed: etree._Element, root: etree._Element) -> bool:
    """Whether the signed element is the whole document but its signature (a wrapped copy would differ)."""
    children = [child.tag for child in root if child.tag != f"{{{DS}}}Signature"]
    return [child.tag for child in signed if child.tag != f"{{{DS}}}Signature"] == children


def _certificates(signature: etree._Element) -> list[x509.Certificate]:
    texts = signature.iterfind(f"{{{DS}}}KeyInfo/{{{DS}}}X509Data/{{{DS}}}X509Certificate")
    return [
        x509.load_pem_x509_certificate(
            f"-----BEGIN CERTIFICATE-----\n{(held.text or '').strip()}\n-----END CERTIFICATE-----\n".encode()
        )
        for held in texts
    ]


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))


def _signing_time(signature: etree._Element) -> datetime | None:
    held = signature.findtext(f".//{{{XADES}}}SigningTime")
    try:
        at = datetime.fromisoformat(held) if held else None
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None
