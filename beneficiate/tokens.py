"""Access tokens: HS256 JWTs with the user id in the claim `id` and the sign-in in `sid`. They contain no role.

The old service's tokens name no sign-in: docs/decisions/0017-ended-sessions.md says what ends them.
"""

import base64
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jwt

from beneficiate.errors import NotFound, Unauthorized

LEEWAY_S = 10
TOKEN_TYPE = "at+jwt"  # noqa: S105  RFC 9068, in the header of our own tokens
TOKEN_AUDIENCE = "beneficiate"  # noqa: S105
OLD_TOKEN_TYPES = ("JWT", None)
"""The old service's tokens have no audience, and the type that its library writes by itself, or none."""
MAX_TOKEN_LIFETIME_S = 31 * 24 * 3600
"""The longest life of a token of either kind."""
MAX_DEVICE_TOKENS = 5
_MAX_ID = 2**31 - 1
_OPTIONS: Any = {
    "require": ["exp"],
    "verify_sub": False,
    "verify_aud": False,
    # Checked here: the library compares them with the clock of the process.
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
}


@dataclass(frozen=True, slots=True)
class TokenClaims:
    """The user and the sign-in of a token, its expiry and when it was issued in seconds since the epoch.

    `sign_in_id` is None for a token of the old service, whose `issued_at` is 0 when it does not say.
    """

    user_id: int
    expires_at: int
    sign_in_id: int | None = None
    issued_at: int = 0


class AccessTokens:
    """Signs and verifies access tokens with one secret, by a clock in seconds since the epoch."""

    def __init__(self, secret: str, lifetime_s: int, clock: Callable[[], float] = time.time) -> None:
        self._secret = secret
        self._clock = clock
        self.lifetime_s = lifetime_s

    def issue(self, user_id: int, sign_in_id: int | None = None, lifetime_s: int | None = None) -> str:
        """Return a token of this sign-in that lasts `lifetime_s` seconds, by default as long as configured."""
        now = int(self._clock())
        claims: dict[str, object] = {
            "id": user_id,
            "sub": str(user_id),
            "aud": TOKEN_AUDIENCE,
            "iat": now,
            "exp": now + (lifetime_s or self.lifetime_s),
        }
        if sign_in_id is not None:
            claims["sid"] = sign_in_id
        return jwt.encode(claims, self._secret, "HS256", headers={"typ": TOKEN_TYPE})

    def verify(self, token: str) -> TokenClaims:
        """Return the claims of a token. Old tokens have the user id in `id`, others in `sub`, as a string.

        Raises Unauthorized for any fault, without saying which.
        """
        try:
            decoded = jwt.decode_complete(token, self._secret, ["HS256"], options=_OPTIONS)
            claims = decoded["payload"]
            is_ours = _check_purpose(decoded["header"].get("typ"), claims)
            user_id = _read_user_id(claims)
            expires_at = _read_expiry(claims, int(self._clock()))
            sign_in_id = _read_sign_in_id(claims) if is_ours else None
        # ValueError: a number in the token that has too many digits for Python. RecursionError: too deep for its JSON.
        except (jwt.InvalidTokenError, ValueError, OverflowError, RecursionError) as problem:
            raise Unauthorized from problem
        return TokenClaims(user_id, expires_at, sign_in_id, claims.get("iat", 0))


class DeviceTokens:
    """Tells a device that signed in to an account before from all others. Nobody is signed in by such a token.

    A token is `nonce.digest`; a device keeps those of its last accounts, joined by `~`.
    """

    def __init__(self, secret: str) -> None:
        self._key = hmac.digest(secret.encode(), b"device tokens", "sha256")

    def find(self, tokens: str, email: str) -> str:
        """Return the nonce of the token of this account among those of a device; empty when there is none."""
        for token in tokens.split("~")[:MAX_DEVICE_TOKENS]:
            nonce, _, digest = token.partition(".")
            if hmac.compare_digest(digest.encode(), self._digest(nonce, email).encode()):
                return nonce
        return ""

    def add(self, tokens: str, email: str) -> str:
        """Return the tokens of a device with one of this account first: the one that it has, or a new one."""
        nonce = self.find(tokens, email) or secrets.token_urlsafe(16)
        own = f"{nonce}.{self._digest(nonce, email)}"
        others = [token for token in tokens.split("~") if token and token != own]
        return "~".join([own, *others][:MAX_DEVICE_TOKENS])

    def _digest(self, nonce: str, email: str) -> str:
        return hmac.digest(self._key, f"{nonce}:{email}".encode(errors="replace"), "sha256").hex()


class FormTokens:
    """What the forms of a signed-in person send back, so that no other site can send them: one for each sign-in."""

    def __init__(self, secret: str) -> None:
        self._key = hmac.digest(secret.encode(), b"form tokens", "sha256")

    def derive(self, session: str) -> bytes:
        """Return the token of the forms of a sign-in, named by its cookie, as bytes."""
        return hmac.digest(self._key, session.encode(errors="replace"), "sha256")


class UnsubscribeTokens:
    """Names a person and a kind of e-mail that they can end by the link of one, without a sign-in and for nothing else.

    A token is `user-kind-digest`, at most 64 characters; it does not expire, since e-mails are kept for years.
    """

    def __init__(self, secret: str) -> None:
        self._key = hmac.digest(secret.encode(), b"unsubscribe tokens", "sha256")

    def issue(self, user_id: int, kind: str) -> str:
        """Return the token of this person and kind."""
        return f"{user_id}-{kind}-{self._digest(user_id, kind)}"

    def verify(self, token: str) -> tuple[int, str]:
        """Return the user id and the kind of a token. Raises NotFound for any other text."""
        number, _, rest = token.partition("-")
        kind, _, digest = rest.partition("-")
        user_id = int(number) if number.isascii() and number.isdecimal() and len(number) < 11 else 0
        if not hmac.compare_digest(digest.encode(), self._digest(user_id, kind).encode()):
            raise NotFound
        return user_id, kind

    def _digest(self, user_id: int, kind: str) -> str:
        digest = hmac.digest(self._key, f"{user_id}:{kind}".encode(), "sha256")
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _check_purpose(token_type: object, claims: dict[str, object]) -> bool:
    """Refuse what the secret signed for another purpose. Returns whether the token is ours and not an old one."""
    is_ours = token_type == TOKEN_TYPE and claims.get("aud") == TOKEN_AUDIENCE
    is_old = token_type in OLD_TOKEN_TYPES and "aud" not in claims
    if not is_ours and not is_old:
        raise Unauthorized
    return is_ours


def _read_sign_in_id(claims: dict[str, object]) -> int | None:
    sign_in_id = claims.get("sid")
    if sign_in_id is not None and (type(sign_in_id) is not int or not 1 <= sign_in_id <= _MAX_ID):
        raise Unauthorized
    return sign_in_id


def _read_user_id(claims: dict[str, object]) -> int:
    user_id, subject = claims.get("id"), claims.get("sub")
    numeric = int(subject) if isinstance(subject, str) and subject.isascii() and subject.isdecimal() else None
    if "id" not in claims:
        user_id = numeric
    if type(user_id) is not int or not 1 <= user_id <= _MAX_ID or numeric not in (None, user_id):
        raise Unauthorized
    return user_id


def _read_expiry(claims: dict[str, object], now: int) -> int:
    expires_at, issued_at, not_before = claims["exp"], claims.get("iat", now), claims.get("nbf", now)
    if type(expires_at) is not int or type(issued_at) is not int or not isinstance(not_before, int | float):
        raise Unauthorized
    # Asked so that NaN, which Python reads in JSON, is refused.
    if issued_at > now + LEEWAY_S or not not_before <= now + LEEWAY_S:
        raise Unauthorized
    # The leeway is for issuers whose clock is ahead of ours, not for expired tokens.
    if expires_at <= now or expires_at - issued_at > MAX_TOKEN_LIFETIME_S:
        raise Unauthorized
    # A token that says it was issued ages ahead could last that much longer.
    if expires_at - now > MAX_TOKEN_LIFETIME_S + LEEWAY_S:
        raise Unauthorized
    return expires_at
