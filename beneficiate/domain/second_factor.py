"""The second factor: codes of an application (TOTP, RFC 6238) and codes for the day without it."""

import hmac
import secrets
from datetime import datetime

import pyotp

ISSUER = "Beneficiate"
STEP_S = 30
DRIFT_STEPS = 1
"""A code of the step before or after is good too: a telephone's clock is wrong, or somebody types slowly."""
CODE_DIGITS = 6
RECOVERY_CODES = 10
RECOVERY_CHARS = 8
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's Base32: eight of them are 40 bits, and none looks like another."""
_LOOKALIKES = str.maketrans("OIL", "011")
_IGNORED = str.maketrans("", "", " -\u00a0\u2010\u2011\u2013")


def draw_secret() -> str:
    """Return a new secret of 160 random bits in Base32, which both sides derive the codes from."""
    return pyotp.random_base32()


def build_setup_uri(secret: str, email: str) -> str:
    """Return what a QR code tells an application of codes: `otpauth://totp/…`."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def split_secret(secret: str) -> str:
    """Return a secret in groups of four, as people type it."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def find_step(secret: str, code: str, now: datetime) -> int | None:
    """Return the time step of which this is the code; None if it is of no step that is good now.

    All of them are compared, each in constant time. If two steps had the same code, it would be that of the later one.
    """
    totp, current = pyotp.TOTP(secret, digits=CODE_DIGITS, interval=STEP_S), int(now.timestamp()) // STEP_S
    found = None
    for step in range(current - DRIFT_STEPS, current + DRIFT_STEPS + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode(errors="replace")):
            found = step
    return found


def normalize_code(text: str) -> str:
    """Return a code without spaces and hyphens, in capitals."""
    return text.translate(_IGNORED).strip().upper()


def is_application_code(code: str) -> bool:
    """Return whether a normalized code may be one of an application, and none for recovery."""
    return len(code) == CODE_DIGITS and code.isascii() and code.isdecimal()


def draw_recovery_codes() -> list[str]:
    """Return ten new recovery codes, as `7KQ4-M2XD`."""
    half = RECOVERY_CHARS // 2
    drawn = ("".join(secrets.choice(_LETTERS) for _ in range(RECOVERY_CHARS)) for _ in range(RECOVERY_CODES))
    return [f"{code[:half]}-{code[half:]}" for code in drawn]


def hash_recovery_code(secret: str, code: str) -> str:
    """Return the hash of a recovery code in hexadecimal, under a key that is derived from the secret of its factor.

    The secret is encrypted in the database: whoever reads only that cannot try the 2^40 codes.
    """
    key = hmac.digest(secret.encode(), b"recovery codes", "sha256")
    letters = normalize_code(code).translate(_LOOKALIKES)
    return hmac.digest(key, letters.encode(errors="replace"), "sha256").hex()
