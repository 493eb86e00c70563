"""Access tokens name a user and expire; any fault is Unauthorized."""

import re
import time

import jwt
import pytest

from beneficiate.errors import NotFound, Unauthorized
from beneficiate.handlers.base import LINK_SECRET
from beneficiate.tokens import MAX_DEVICE_TOKENS, MAX_TOKEN_LIFETIME_S, AccessTokens, DeviceTokens, UnsubscribeTokens

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
    assert TOKENS.verify(TOKENS.issue(31, lifetime_s=60)).expires_at - time.time() == pytest.approx(60, abs=2)


def test_token_names_its_sign_in_and_when_it_was_issued():
    claims = TOKENS.verify(TOKENS.issue(31, 7))
    assert claims.sign_in_id == 7
    assert claims.issued_at == pytest.approx(time.time(), abs=2)
    assert TOKENS.verify(TOKENS.issue(31)).sign_in_id is None
    # What an old token calls `sid` is no sign-in of ours.
    old = TOKENS.verify(sign(id=31, sid="abc"))
    assert (old.sign_in_id, old.issued_at) == (None, 0)


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
        sign(id=31, exp=int(time.time()) + MAX_TOKEN_LIFETIME_S + 86_400),
        sign(id=31, iat=1.5),
        sign(id=31, iat=int(time.time()) - MAX_TOKEN_LIFETIME_S),
        sign(id=31, iat=int(time.time()) + 86_400),
        sign(id=31, nbf=int(time.time()) + 86_400),
        sign(id=31, nbf=str(int(time.time()))),
        sign(id=31, nbf=float("nan")),
        sign(id=31, aud="beneficiate"),
        sign(id=31, aud="password-reset"),
        typed("at+jwt"),
        typed("at+jwt", aud="other"),
        typed("at+jwt", aud=["beneficiate", "other"]),
        typed("reset+jwt"),
        typed("at+jwt", aud="beneficiate", sid="7"),
        typed("at+jwt", aud="beneficiate", sid=0),
        typed("at+jwt", aud="beneficiate", sid=True),
    ],
    ids=range(35),
)
def test_any_fault_is_unauthorized(token):
    with pytest.raises(Unauthorized):
        TOKENS.verify(token)


def test_times_of_a_token_are_those_of_the_clock_that_was_given():
    ahead = AccessTokens(SECRET, 900, lambda: time.time() + 3600)
    assert ahead.verify(ahead.issue(31)).expires_at == pytest.approx(time.time() + 4500, abs=2)
    with pytest.raises(Unauthorized):
        TOKENS.verify(ahead.issue(31))
    with pytest.raises(Unauthorized):
        ahead.verify(TOKENS.issue(31))


def test_device_knows_the_accounts_that_signed_in_on_it():
    devices = DeviceTokens(SECRET)
    tokens = devices.add(devices.add("", "ana@x.co"), "luis@x.co")
    ana, luis = devices.find(tokens, "ana@x.co"), devices.find(tokens, "luis@x.co")
    assert "" not in {ana, luis}
    assert ana != luis
    assert devices.find(devices.add(tokens, "ana@x.co"), "ana@x.co") == ana
    for stranger in ("", "~.~", "a.b", tokens.replace(".", "x"), tokens[:-1], "ñ.ñ"):
        assert devices.find(stranger, "luis@x.co" if stranger != tokens[:-1] else "ana@x.co") == ""
    assert devices.find(tokens, "marta@x.co") == DeviceTokens(SECRET + "x").find(tokens, "ana@x.co") == ""


def test_device_keeps_its_last_accounts():
    devices, tokens = DeviceTokens(SECRET), ""
    emails = [f"a{number}@x.co" for number in range(MAX_DEVICE_TOKENS + 1)]
    for email in emails:
        tokens = devices.add(tokens, email)
    assert [bool(devices.find(tokens, email)) for email in emails] == [False] + [True] * MAX_DEVICE_TOKENS


def test_unsubscribe_token_names_a_person_and_a_kind_and_fits_in_a_link():
    tokens = UnsubscribeTokens(SECRET)
    token = tokens.issue(2**31 - 1, "reminder")
    assert tokens.verify(token) == (2**31 - 1, "reminder")
    assert re.fullmatch("[A-Za-z0-9_-]{20,64}", token)
    assert LINK_SECRET.sub("…", f"/baja/{token}") == "/baja/…"
    others = (token[:-1], token + "A", token.replace("reminder", "chat"), f"1{token}", "", "1-chat-", "-", "x-chat-y")
    for wrong in (*others, UnsubscribeTokens("b" * 32).issue(2**31 - 1, "reminder"), "²-chat-x", "1-chat-ñ"):
        with pytest.raises(NotFound):
            tokens.verify(wrong)
