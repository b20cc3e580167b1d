"""What can go wrong with a document.

LimsError
└── DocumentError                 a document could not be made or read
    ├── SnapshotNotUsable         a field of the snapshot is missing or of the wrong shape   (ValueError)
    ├── CharacterNotPrintable     no font of the certificate has a character                 (ValueError)
    ├── RenderingFailed           typst refused for another reason
    ├── UnknownUnit               a unit has no D-SI form                                    (ValueError)
    ├── NotADocument              bytes are neither a readable PDF nor a DCC                 (ValueError)
    ├── KeyFileExposed            others than the owner can read a private key               (PermissionError)
    ├── KeyFileUnusable           a key file cannot be read                                  (ValueError)
    └── SchemaNotUsable           a schema folder lacks a file or holds a broken one         (ValueError)
"""

from __future__ import annotations

from typing import ClassVar

from lims.domain.errors import LimsError


class DocumentError(LimsError):
    """Root of what lims.documents raises."""

    code: ClassVar[str] = "document"
    sentence: ClassVar[str] = "The document could not be made: {reason}."


class SnapshotNotUsable(DocumentError, ValueError):
    """A snapshot lacks a field or holds a value of the wrong shape."""

    code: ClassVar[str] = "snapshot_not_usable"
    sentence: ClassVar[str] = "The certificate's data at {place} hold {found}; {right} is needed there."


class CharacterNotPrintable(DocumentError, ValueError):
    """No font of the certificate has this character."""

    code: ClassVar[str] = "character_not_printable"
    sentence: ClassVar[str] = (
        "The character {character} ({codepoint}) in “{text}” at {place} is in none of the certificate's fonts: "
        "write it another way."
    )


class RenderingFailed(DocumentError):
    """The typesetter refused the certificate."""

    code: ClassVar[str] = "rendering_failed"
    sentence: ClassVar[str] = "Certificate {number} could not be typeset: {reason}."


class UnknownUnit(DocumentError, ValueError):
    """A unit has no form in the D-SI."""

    code: ClassVar[str] = "unit_without_dsi"
    sentence: ClassVar[str] = "The unit “{unit}” has no D-SI form: write an SI unit such as mV, Ω, degC or µV/V."


class NotADocument(DocumentError, ValueError):
    """The bytes are neither a readable PDF nor a DCC."""

    code: ClassVar[str] = "not_a_document"
    sentence: ClassVar[str] = "The file is neither a readable PDF nor a DCC: {reason}."


class KeyFileExposed(DocumentError, PermissionError):
    """Others than the owner may read a private key."""

    code: ClassVar[str] = "key_file_exposed"
    sentence: ClassVar[str] = (
        "The key file {file} can be read by others than its owner (mode {mode}): make it 0600, or replace the key."
    )


class KeyFileUnusable(DocumentError, ValueError):
    """A key file exists and cannot be used."""

    code: ClassVar[str] = "key_file_unusable"
    sentence: ClassVar[str] = "The key file {file} cannot be used: {reason}."


class SchemaNotUsable(DocumentError, ValueError):
    """A schema folder lacks a file, or holds one that does not load."""

    code: ClassVar[str] = "schema_not_usable"
    sentence: ClassVar[str] = "The schema folder {folder} cannot be used: {reason}."
