"""Password hashing with Argon2id (RFC 9106). Each call takes about 50 ms of a core: never in a unit of work.

Accounts that came from the old service have its hash, of bcrypt, until they sign in for the first time.
"""

import re
import unicodedata
from functools import cache

import bcrypt
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()

NO_PASSWORD = "!"  # noqa: S105  no hash: its person sets a password by a link of `/recuperar`
MIN_OLD_COST, MAX_OLD_COST = 4, 12
"""The costs of bcrypt that are accepted: 12 takes a quarter of a second of a core, and each one more twice as much."""
MAX_OLD_BYTES = 72
"""bcrypt looks at no more bytes of a password, and the old service did not refuse longer ones."""
_OLD_HASH = re.compile(r"\$2[ab]\$([0-9]{2})\$[./A-Za-z0-9]{53}")
_ARGON2_PREFIX = "$argon2"


def normalize_password(password: str) -> str:
    """Return a password in the form that is hashed (NFKC), the same on every keyboard (NIST SP 800-63B-4, 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def hash_password(password: str) -> str:
    """Return the hash of a password, with its own salt."""
    return _hasher.hash(normalize_password(password))


def is_old_hash(password_hash: str) -> bool:
    """Return whether this is a hash of the old service, of a cost that is accepted."""
    return _find_old_cost(password_hash) > 0


def verify_password(password: str, password_hash: str | None, highest_old_cost: int = 0) -> bool:
    """Return whether the password matches the hash; without one, None or empty, False after the same time.

    A hash from before passwords were normalised is of what was typed, which is compared too where it differs.
    `highest_old_cost` is the highest cost of all hashes of the old service that accounts still have, 0 for none. While
    there is one, each call takes the time of both algorithms, so that it does not tell which one an account has.
    """
    stored = password_hash or ""
    compared = stored if stored.startswith(_ARGON2_PREFIX) else _dummy_hash()
    forms = dict.fromkeys((normalize_password(password), password))
    is_right = any(_matches(form, compared) for form in forms) and compared is stored
    old_hash = stored if is_old_hash(stored) else ""
    if not (highest_old_cost or old_hash):
        return is_right
    return any(_matches_old_hash(form, old_hash, highest_old_cost) for form in forms) or is_right


def _matches(password: str, password_hash: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _matches_old_hash(password: str, old_hash: str, highest_cost: int) -> bool:
    """Return whether a password matches a hash of bcrypt, if there is one, in the time that the highest cost takes.

    A cost takes 2^cost rounds: those of its own and of each cost from there to the highest are as many as the highest.
    """
    typed, cost = password.encode()[:MAX_OLD_BYTES], _find_old_cost(old_hash)
    is_right = bool(old_hash) and bcrypt.checkpw(typed, old_hash.encode())
    for padded_cost in range(cost, highest_cost) if cost else (highest_cost,):
        bcrypt.hashpw(typed, bcrypt.gensalt(padded_cost))
    return is_right


def _find_old_cost(password_hash: str) -> int:
    """Return the cost of a hash of the old service, 0 for what is none."""
    match = _OLD_HASH.fullmatch(password_hash)
    cost = int(match[1]) if match else 0
    return cost if MIN_OLD_COST <= cost <= MAX_OLD_COST else 0


@cache
def _dummy_hash() -> str:
    """Return the hash that is verified when the account does not exist, so that the response time does not reveal it.

    Whoever signs in first pays for it, whether or not the account exists; the commands of `run.py` do not.
    """
    return _hasher.hash("nobody has this password")
