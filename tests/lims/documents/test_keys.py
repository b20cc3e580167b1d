"""Keys are made once, belong to their owner, and show no secret."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from lims.documents import keys
from lims.documents.errors import KeyFileExposed, KeyFileUnusable


def _serial(folder: Path) -> int:
    return keys.open_or_make(folder, "Laboratory").certificate.serial_number


def test_first_start_makes_rsa_3072_keys_that_only_their_owner_may_read(laboratory_keys: keys.Keys) -> None:
    files = sorted(laboratory_keys.folder.iterdir())

    assert [file.name for file in files] == [keys.ROOT_FILE, keys.ROOT_PEM, keys.SIGNER_FILE]
    assert [oct(file.stat().st_mode & 0o777) for file in files] == ["0o600", "0o644", "0o600"]
    assert isinstance(laboratory_keys.key, RSAPrivateKey) and laboratory_keys.key.key_size == 3072
    assert laboratory_keys.certificate.issuer == laboratory_keys.root.subject
    assert b"PRIVATE" not in files[1].read_bytes()


def test_second_start_opens_the_same_keys(laboratory_keys: keys.Keys) -> None:
    assert keys.open_or_make(laboratory_keys.folder, "another name") is laboratory_keys


def test_processes_that_start_together_end_with_the_same_keys(tmp_path: Path) -> None:
    with ProcessPoolExecutor(2) as pool:
        serials = set(pool.map(_serial, [tmp_path] * 2))

    assert len(serials) == 1
    assert not list(tmp_path.glob(".key-*"))


def test_a_key_file_that_others_may_read_is_refused(laboratory_keys: keys.Keys, tmp_path: Path) -> None:
    file = tmp_path / keys.SIGNER_FILE
    file.write_bytes((laboratory_keys.folder / keys.SIGNER_FILE).read_bytes())
    os.chmod(file, 0o640)

    with pytest.raises(KeyFileExposed, match="0640"):
        keys.open_or_make(tmp_path, "Laboratory")


def test_a_broken_key_file_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / keys.SIGNER_FILE
    file.write_bytes(b"not a key")
    os.chmod(file, 0o600)

    with pytest.raises(KeyFileUnusable):
        keys.open_or_make(tmp_path, "Laboratory")

    assert file.read_bytes() == b"not a key"


def test_the_text_form_shows_no_secret(laboratory_keys: keys.Keys) -> None:
    assert repr(laboratory_keys).endswith("signer 'Suyuan demonstration signer (no legal force)')")
