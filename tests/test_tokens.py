"""Access tokens name a user and expire; any fault is Unauthorized."""

import time

import jwt
import pytest

from beneficiate.errors import Unauthorized
from beneficiate.tokens import MAX_TOKEN_LIFETIME_S, AccessTokens

SECRET = "0123456789abcdef0123456789abcdef"
TOKENS = AccessTokens(SECRET, 900)


def sign(secret=SECRET, algorithm="HS256", headers=None, **claims):
    return jwt.encode({"exp": int(time.time()) + 60, **claims}, secret, algorithm, headers)


def typed(token_type, **claims):
    return sign(headers={"typ": token_type}, id=31, **claims)


def test_issued_token_is_verified_until_it_expires():
    claims = TOKENS.verify(TOKENS.issue(31))
    assert claims.user_id == 31
    assert claims.expires_at - time.time() == pytest.approx(900, abs=2)
    assert TOKENS.verify(TOKENS.issue(31, 60)).expires_at - time.time() == pytest.approx(60, abs=2)


@pytest.mark.parametrize("claims", [{"id": 31}, {"sub": "31"}, {"id": 31, "sub": "31"}, {"id": 31, "sub": "a@x.co"}])
def test_user_of_an_old_token_is_in_id_or_sub(claims):
    assert TOKENS.verify(sign(**claims)).user_id == 31
    assert TOKENS.verify(sign(headers={"typ": None}, **claims)).user_id == 31


def test_issued_token_names_its_purpose():
    token = TOKENS.issue(31)
    assert jwt.get_unverified_header(token)["typ"] == "at+jwt"
    claims = jwt.decode(token, SECRET, ["HS256"], audience="beneficiate")
    assert (claims["id"], claims["sub"], claims["exp"] - claims["iat"]) == (31, "31", 900)


def test_old_token_may_last_a_month():
    now = int(time.time())
    assert TOKENS.verify(sign(id=31, iat=now - 60, exp=now - 60 + MAX_TOKEN_LIFETIME_S)).user_id == 31


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
        sign(sub=" 31 "),
        sign(sub="٣"),
        sign(id=31, sub="32"),
        sign(id=10**400),
        jwt.encode({"id": 31}, SECRET, "HS256"),
        sign(id=31, exp=str(int(time.time()) + 60)),
        sign(id=31, exp=time.time() + 60),
        sign(id=31, exp=1e308),
        sign(id=31, exp=int(time.time()) + MAX_TOKEN_LIFETIME_S + 60),
        sign(id=31, iat=1.5),
        sign(id=31, iat=int(time.time()) - MAX_TOKEN_LIFETIME_S),
        sign(id=31, iat=int(time.time()) + 3600),
        sign(id=31, aud="beneficiate"),
        sign(id=31, aud="password-reset"),
        typed("at+jwt"),
        typed("at+jwt", aud="other"),
        typed("at+jwt", aud=["beneficiate", "other"]),
        typed("reset+jwt"),
    ],
    ids=range(29),
)
def test_any_fault_is_unauthorized(token):
    with pytest.raises(Unauthorized):
        TOKENS.verify(token)
