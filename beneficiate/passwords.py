"""Password hashing with Argon2id (RFC 9106). Each call takes about 50 ms of a core: never in a unit of work."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_PASSWORD_CHARS, MAX_PASSWORD_CHARS = 12, 128
MIN_DIFFERENT_CHARS = 5
_hasher = PasswordHasher()


def describe_password_problem(password: str, email: str) -> str:
    """Return why a password cannot be chosen, in a sentence; empty for one that can (NIST SP 800-63B, 3.1.1)."""
    if len(password) < MIN_PASSWORD_CHARS:
        return f"Use al menos {MIN_PASSWORD_CHARS} caracteres: varias palabras son fáciles de recordar."
    if len(password) > MAX_PASSWORD_CHARS:
        return f"Use hasta {MAX_PASSWORD_CHARS} caracteres."
    if len(set(password)) < MIN_DIFFERENT_CHARS or password.lower() in (email, email.partition("@")[0]):
        return "Esa contraseña es fácil de adivinar. Elija otra."
    return ""


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
