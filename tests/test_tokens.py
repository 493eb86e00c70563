"""Access tokens name a user and expire; any fault is Unauthorized."""

import time

import jwt
import pytest

from beneficiate.errors import Unauthorized
from beneficiate.tokens import AccessTokens

SECRET = "0123456789abcdef0123456789abcdef"
TOKENS = AccessTokens(SECRET, 900)


def sign(secret=SECRET, algorithm="HS256", **claims):
    return jwt.encode({"exp": int(time.time()) + 60, **claims}, secret, algorithm)


def test_issued_token_is_verified_until_it_expires():
    claims = TOKENS.verify(TOKENS.issue(31))
    assert claims.user_id == 31
    assert claims.expires_at - time.time() == pytest.approx(900, abs=2)
    assert TOKENS.verify(TOKENS.issue(31, 60)).expires_at - time.time() == pytest.approx(60, abs=2)


@pytest.mark.parametrize("claims", [{"id": 31}, {"sub": "31"}, {"id": 31, "sub": "32"}])
def test_user_is_in_id_or_sub(claims):
    assert TOKENS.verify(sign(**claims)).user_id == 31


@pytest.mark.parametrize(
    "token",
    [
        "",
        "a.b.c",
        sign("another-secret-another-secret-another", id=31),
        sign(algorithm="HS512", secret=SECRET * 2, id=31),
        sign(id=31, exp=int(time.time()) - 1),
        sign(id=0),
        sign(id=2**31),
        sign(id="31"),
        sign(id=True),
        sign(sub="ana"),
        sign(),
        jwt.encode({"id": 31}, SECRET, "HS256"),
    ],
    ids=range(12),
)
def test_any_fault_is_unauthorized(token):
    with pytest.raises(Unauthorized):
        TOKENS.verify(token)
