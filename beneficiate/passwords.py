"""Password hashing with Argon2id (RFC 9106). Each call takes about 50 ms of a core: never in a unit of work."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """Return the hash of a password, with its own salt."""
    return _hasher.hash(password)


def verify_password(password: str, password_hash: str | None) -> bool:
    """Return whether the password matches the hash; without one, None or empty, False after the same time."""
    dummy_hash = _dummy_hash()
    try:
        return _hasher.verify(password_hash or dummy_hash, password) and bool(password_hash)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _dummy_hash() -> str:
    """Return the hash that is verified when the account does not exist, so that the response time does not reveal it.

    Whoever signs in first pays for it, whether or not the account exists; the commands of `run.py` do not.
    """
    return _hasher.hash("nobody has this password")
