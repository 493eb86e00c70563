"""Access tokens: HS256 JWTs with the user id in the claim `id`. They contain no role."""

import time
from dataclasses import dataclass

import jwt

from beneficiate.errors import Unauthorized

LEEWAY_S = 10
_MAX_ID = 2**31 - 1


@dataclass(frozen=True, slots=True)
class TokenClaims:
    """The user of a token, and its expiry in seconds since the epoch."""

    user_id: int
    expires_at: float


class AccessTokens:
    """Signs and verifies access tokens with one secret."""

    def __init__(self, secret: str, lifetime_s: int) -> None:
        self._secret = secret
        self.lifetime_s = lifetime_s

    def issue(self, user_id: int, lifetime_s: int | None = None) -> str:
        """Return a token for this user that lasts `lifetime_s` seconds, by default as long as configured."""
        now = int(time.time())
        claims = {"id": user_id, "sub": str(user_id), "iat": now, "exp": now + (lifetime_s or self.lifetime_s)}
        return jwt.encode(claims, self._secret, "HS256")

    def verify(self, token: str) -> TokenClaims:
        """Return the claims of a token. Old tokens have the user id in `id`, others in `sub`, as a string.

        Raises Unauthorized for any fault, without saying which.
        """
        try:
            claims = jwt.decode(
                token,
                self._secret,
                ["HS256"],
                leeway=LEEWAY_S,
                options={"require": ["exp"], "verify_sub": False, "verify_aud": False},
            )
            user_id = claims["id"] if "id" in claims else int(claims["sub"])
            expires_at = float(claims["exp"])
        except (jwt.InvalidTokenError, KeyError, ValueError, TypeError) as problem:
            raise Unauthorized from problem
        if type(user_id) is not int or not 1 <= user_id <= _MAX_ID:
            raise Unauthorized
        # The leeway is for issuers whose clock is ahead of ours, not for expired tokens.
        if expires_at <= time.time():
            raise Unauthorized
        return TokenClaims(user_id, expires_at)
