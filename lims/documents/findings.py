"""What a check found, in a sentence that can be said in both languages (`words.sentence(finding, lang)`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

SENTENCES = {
    "not_validated": "The DCC was not validated: no schemas are installed.",
    "no_schema": "The DCC was not validated: no schema of version {version} is installed, only {versions}.",
    "schema": "The schema objects: {reason}.",
    "unsigned": "The document carries no signature.",
    "altered": "The document was altered after it was signed: {reason}.",
    "appended": "Something was appended after the last signature ({coverage}).",
    "unsupported": "The signature could not be checked: {reason}.",
    "untrusted": "The signer {signer} is not under a trusted root: {reason}.",
    "partly_signed": "The signature covers a part of the document only.",
    "no_number": "The document states no certificate number.",
    "no_digest": "The document states no snapshot digest: it was not issued by this system.",
    "digest_disagrees": "The attached data have digest {found}, the document states {stated}.",
    "number_disagrees": "The attached {what} has number {found}, the document states {stated}.",
    "attached_dcc_altered": "The attached DCC was altered after it was signed.",
    "attached_dcc_unsigned": "The attached DCC carries no signature.",
    "attached_dcc_untrusted": "The attached DCC was signed by {signer}, who is not under a trusted root.",
    "attached_unreadable": "The attached {what} cannot be read: {reason}.",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a check found. line: in the file, where known."""

    code: str
    facts: Mapping[str, object] = field(default_factory=dict)
    line: int | None = None

    @property
    def sentence(self) -> str:
        """The English sentence, its placeholders open: the message id."""
        return SENTENCES[self.code]

    def __str__(self) -> str:
        return self.text if self.line is None else f"{self.text} (line {self.line})"

    @property
    def text(self) -> str:
        """The English sentence."""
        return self.sentence.format(**self.facts)
