"""Password hashes (argon2id) and the secrets of sessions, tokens and certificates."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

# RFC 9106, second recommended option: 64 MiB, 3 passes, 4 lanes; argon2-cffi's default profile.
_HASHER = PasswordHasher()


def hash_password(password: str) -> str:
    """The argon2id hash with its parameters and salt, as one text."""
    return _HASHER.hash(password)


def verify_password(password_hash: str, password: str) -> bool:
    """Whether the password belongs to the hash; False for a hash that is none."""
    try:
        return _HASHER.verify(password_hash, password)
    except (Argon2Error, InvalidHashError):
        return False


def needs_rehash(password_hash: str) -> bool:
    """Whether the hash was made with weaker parameters than today's: hash again at the next good sign-in."""
    try:
        return _HASHER.check_needs_rehash(password_hash)
    except InvalidHashError:
        return True


def new_token() -> str:
    """A secret of 256 bits, URL-safe."""
    return secrets.token_urlsafe(32)


def token_digest(token: str) -> str:
    """What is stored of a token: its SHA-256. A random token needs no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def same_token(token: str, digest: str) -> bool:
    """Whether a token has the digest, compared in constant time."""
    return hmac.compare_digest(token_digest(token), digest)
