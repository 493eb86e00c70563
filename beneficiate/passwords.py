"""Passwords, hashed with Argon2id (RFC 9106). Both calls take about 50 ms of a core: never inside a unit of work."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()
# Compared when there is no such account, so that the time of an answer does not tell.
_DUMMY_HASH = _hasher.hash("nobody has this password")


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def verify_password(password: str, password_hash: str | None) -> bool:
    """Whether the password belongs to the hash; with no hash, False after the same time."""
    try:
        return _hasher.verify(password_hash or _DUMMY_HASH, password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False
