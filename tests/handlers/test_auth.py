"""Signing in as a program does: a pair of tokens, renewed once each, and patience after wrong passwords."""

import asyncio
from datetime import timedelta

import bcrypt
import pytest

from beneficiate.actions import accounts
from beneficiate.models.accounts import SignIn, User
from beneficiate.models.payments import Plan, Subscription
from beneficiate.passwords import MAX_OLD_COST
from beneficiate.queries.accounts import find_highest_old_cost
from tests.databases import BACKENDS
from tests.factories import PASSWORD, agent, member, supervisor
from tests.handlers.test_recovery import statements_of
from tests.http_client import call_api

USER = {"id", "email", "first_name", "last_name", "role", "plan"}
WRONG = "El correo o la contraseña no coinciden. Revíselos e intente de nuevo."


async def login(server, email, password=PASSWORD, **headers):
    return await call_api(server.port, "auth/login", None, {"email": email, "password": password}, **headers)


async def refresh(server, token, browser="Firefox"):
    body = {"refreshToken": token}
    return await call_api(server.port, "auth/refresh-token", None, body, **{"User-Agent": browser})


async def logout(server, token):
    return await call_api(server.port, "auth/logout", None, {"refreshToken": token})


async def is_good(server, token):
    answer = await call_api(server.port, "townships/departments", None, Authorization=f"Bearer {token}")
    return answer.status == 200


@pytest.mark.gen_test
async def test_right_password_gives_tokens_and_the_profile(server):
    people = {"member": member(), "agent": agent(), "supervisor": supervisor()}
    for role, who in people.items():
        answer = await login(server, f"  {who.user.email.upper()} ")
        assert (answer.status, answer.json["message"]) == (200, "Bienvenido a Beneficiate.")
        assert set(answer.data) == {"token", "refreshToken", "expiresIn", "user", "deviceToken"}
        assert answer.data["user"] == {
            "id": who.id,
            "email": who.user.email,
            "first_name": who.user.first_name,
            "last_name": who.user.last_name,
            "role": role,
            "plan": None,
        }
        assert answer.data["expiresIn"] == 900
        assert await is_good(server, answer.data["token"])


@pytest.mark.gen_test
async def test_profile_has_the_current_plan(server):
    ana = member()
    now = ana.user.created_at
    plan = Plan.create(code="familiar", name="Familiar", description="", price=1, duration_days=30, max_beneficiaries=1)
    Subscription.create(user=ana.id, plan=plan, starts_at=now, ends_at=now + timedelta(days=365), created_at=now)
    answer = await login(server, ana.user.email)
    assert set(answer.data["user"]) == USER
    assert answer.data["user"]["plan"].items() >= {"code": "familiar", "name": "Familiar"}.items()
    assert answer.data["user"]["plan"]["ends_at"].endswith("Z")


@pytest.mark.gen_test
async def test_unknown_wrong_and_deactivated_get_the_same_answer(server):
    ana, gone = member(), member(is_active=False)
    answers = [
        await login(server, "nadie@x.co"),
        await login(server, ana.user.email, "otra clave"),
        await login(server, gone.user.email),
    ]
    said = [(answer.status, answer.code, answer.json["error"]) for answer in answers]
    assert said == [(401, "wrong_credentials", WRONG)] * 3
    assert {frozenset(answer.headers) for answer in answers} == {frozenset(answers[0].headers)}


@pytest.mark.gen_test
@pytest.mark.parametrize("backend", BACKENDS, indirect=True)
async def test_wrong_password_takes_the_same_statements_for_every_reason(server, context):
    """Hashes take the same work too: `tests/test_passwords.py`."""
    addresses = [member().user.email, agent().user.email, member(is_active=False).user.email, "nadie@x.co"]
    first, *others = [await statements_of(login(server, email, "otra clave")) for email in addresses]
    assert first
    assert others == [first] * 3


@pytest.mark.gen_test
async def test_invalid_login_body_is_refused(server):
    wrong = {
        "": 400,
        "{": 400,
        "[]": 422,
        "{}": 422,
        "[" * 5000: 422,
        '{"x": ' + "[" * 5000: 400,
        '{"email": "a@x.co"}': 422,
        '{"email": 5, "password": "x"}': 422,
        '{"email": "a@x.co", "password": ""}': 422,
        '{"email": "a\\u0000@x.co", "password": "x"}': 422,
        '{"email": "a@x.co", "password": "\\ud800"}': 400,
        '{"email": "a@x.co", "password": "' + "x" * 513 + '"}': 422,
        '{"email": "' + "x" * 70_000 + '"}': 413,
    }
    answers = {body: (await call_api(server.port, "auth/login", None, body)).status for body in wrong}
    assert answers == wrong
    for body in ('{"refreshToken": "\\u0000.x"}', '{"refreshToken": 5}', "{}"):
        assert (await call_api(server.port, "auth/refresh-token", None, body)).status == 422


@pytest.mark.gen_test
async def test_reuse_of_a_refresh_token_ends_its_family(server):
    ana = member()
    first = (await login(server, ana.user.email)).data
    elsewhere = (await login(server, ana.user.email)).data
    second = await refresh(server, first["refreshToken"])
    assert set(second.data) == {"token", "refreshToken", "expiresIn"}
    assert await is_good(server, second.data["token"])
    assert (await refresh(server, first["refreshToken"], "curl")).status == 401
    assert (await refresh(server, second.data["refreshToken"])).status == 401
    assert (await refresh(server, elsewhere["refreshToken"])).status == 200


@pytest.mark.gen_test
async def test_refresh_with_a_chosen_secret_can_be_asked_again(server):
    token = (await login(server, member().user.email)).data["refreshToken"]
    body = {"refreshToken": token, "nextSecret": "0123456789abcdef" * 2}
    answers = [await call_api(server.port, "auth/refresh-token", None, body) for _ in range(2)]
    assert [answer.status for answer in answers] == [200, 200]
    assert answers[0].data["refreshToken"] == answers[1].data["refreshToken"]
    for short in ("abc", "a" * 31, "a b" * 12, "ñ" * 32):
        refused = await call_api(server.port, "auth/refresh-token", None, {**body, "nextSecret": short})
        assert refused.status == 422, short
    assert (await refresh(server, answers[0].data["refreshToken"])).status == 200


@pytest.mark.gen_test
async def test_two_simultaneous_refreshes_of_one_device_leave_it_signed_in(server):
    token = (await login(server, member().user.email)).data["refreshToken"]
    answers = await asyncio.gather(refresh(server, token), refresh(server, token))
    renewed, refused = sorted(answers, key=lambda answer: answer.status)
    assert (renewed.status, refused.status, refused.code) == (200, 409, "already_refreshed")
    assert await is_good(server, renewed.data["token"])
    assert (await refresh(server, renewed.data["refreshToken"])).status == 200


@pytest.mark.gen_test
async def test_stale_access_token_does_not_hinder_a_refresh(server):
    token = (await login(server, member().user.email)).data["refreshToken"]
    answer = await call_api(
        server.port, "auth/refresh-token", None, {"refreshToken": token}, Authorization="Bearer a.b.c"
    )
    assert answer.status == 200


@pytest.mark.gen_test
async def test_sign_out_ends_the_refresh_token(server):
    token = (await login(server, member().user.email)).data["refreshToken"]
    answer = await logout(server, token)
    assert (answer.status, answer.headers["Clear-Site-Data"]) == (200, '"cache"')
    assert (await refresh(server, token)).status == 401
    assert (await logout(server, token)).status == 401
    assert (await logout(server, "hola")).status == 401


@pytest.mark.gen_test
@pytest.mark.parametrize(("site", "is_cleared"), [("same-origin", True), ("same-site", False), ("cross-site", False)])
async def test_sign_out_clears_data_for_a_page_of_ours_only(start, site, is_cleared):
    server = await start(origins=("https://empresa.example",))
    token = (await login(server, member().user.email)).data["refreshToken"]
    headers = {"Sec-Fetch-Site": site} | ({} if is_cleared else {"Origin": "https://empresa.example"})
    answer = await call_api(server.port, "auth/logout", None, {"refreshToken": token}, **headers)
    assert (answer.status, "Clear-Site-Data" in answer.headers) == (200, is_cleared)


@pytest.mark.gen_test
async def test_deactivated_person_is_signed_out_everywhere(server):
    ana = member()
    pair = (await login(server, ana.user.email)).data
    await server.context.store.run(accounts.set_account_active, (ana.user.email, False))
    assert not await is_good(server, pair["token"])
    assert (await refresh(server, pair["refreshToken"])).status == 401
    assert SignIn.get().ended_at is not None


@pytest.mark.gen_test
async def test_account_waits_after_wrong_passwords_also_for_the_right_one(start):
    server = await start(sign_in_attempts=2, sign_in_wait_s=40)
    ana = member()
    answers = [await login(server, ana.user.email, password) for password in ("otra clave", "otra clave", PASSWORD)]
    assert [answer.status for answer in answers] == [401, 401, 429]
    assert answers[2].code == "rate_limited"
    wait_s = int(answers[2].headers["Retry-After"])
    assert 30 <= wait_s <= 40
    assert f"{wait_s} segundos" in answers[2].json["error"]
    # An account that does not exist waits in the same way, and another one does not.
    assert [(await login(server, "nadie@x.co")).status for _ in range(3)] == [401, 401, 429]
    assert (await login(server, member().user.email)).status == 200


@pytest.mark.gen_test
async def test_known_device_signs_in_whatever_strangers_do(start):
    server = await start(sign_in_attempts=2)
    ana, beto = member(), member()
    device = (await login(server, ana.user.email)).data["deviceToken"]
    for who in (ana, beto):
        assert [(await login(server, who.user.email, "otra clave")).status for _ in range(3)] == [401, 401, 429]

    async def with_device(who, password=PASSWORD, token=device):
        body = {"email": who.user.email, "password": password, "deviceToken": token}
        return await call_api(server.port, "auth/login", None, body)

    assert (await with_device(beto)).status == (await with_device(ana, token=device[:-1])).status == 429
    answer = await with_device(ana)
    assert (answer.status, answer.data["deviceToken"]) == (200, device)
    # The device itself may not guess any more than another one.
    guesses = [(await with_device(ana, "otra clave")).status for _ in range(3)]
    assert guesses == [401, 401, 429]


@pytest.mark.gen_test
async def test_simultaneous_guesses_are_counted_like_successive_ones(start):
    server = await start(sign_in_attempts=2)
    email = member().user.email
    answers = await asyncio.gather(*(login(server, email, f"clave {number}") for number in range(8)))
    assert sorted(answer.status for answer in answers) == [401] * 2 + [429] * 6


@pytest.mark.gen_test
async def test_network_waits_after_guesses_at_many_accounts(start):
    server = await start(sign_in_attempts=1, trusted_proxies=1)
    guesses = [await login(server, f"a{number}@x.co", X_Forwarded_For="203.0.113.9") for number in range(5)]
    assert [answer.status for answer in guesses] == [401] * 4 + [429]
    assert (await login(server, member().user.email, X_Forwarded_For="203.0.113.77")).status == 429
    assert (await login(server, member().user.email, X_Forwarded_For="203.0.114.9")).status == 200


@pytest.mark.gen_test
async def test_forwarded_address_is_ignored_without_a_proxy(start):
    server = await start(sign_in_attempts=1)
    guesses = [await login(server, f"a{number}@x.co", X_Forwarded_For=f"203.0.113.{number}") for number in range(5)]
    assert guesses[4].status == 429


@pytest.mark.gen_test
async def test_password_is_stored_as_a_hash(server):
    assert all(PASSWORD not in user.password_hash for user in [member().user, *User])


@pytest.mark.gen_test
async def test_me_answers_the_profile_of_the_sign_in(server):
    signed_in = (await login(server, member().user.email)).data
    answer = await call_api(server.port, "auth/me", None, Authorization=f"Bearer {signed_in['token']}")
    assert (answer.status, answer.data) == (200, signed_in["user"])
    assert (await call_api(server.port, "auth/me", None)).status == 401


# ---- Accounts of the old service ----------------------------------------------------------------


def old_account(password, cost=4, **columns):
    hashed = bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(cost, prefix=b"2a")).decode()
    return member(password_hash=hashed, **columns)


def stored_hash(who):
    return User.get_by_id(who.id).password_hash


@pytest.mark.gen_test
async def test_password_of_the_old_service_signs_in_and_is_hashed_again(server):
    ana = old_account("clave del servicio anterior")
    before = stored_hash(ana)
    assert (await login(server, ana.user.email, "otra")).status == 401
    assert stored_hash(ana) == before
    assert (await login(server, ana.user.email, "clave del servicio anterior")).status == 200
    assert stored_hash(ana).startswith("$argon2id$")
    renewed = stored_hash(ana)
    assert (await login(server, ana.user.email, "clave del servicio anterior")).status == 200
    assert (await login(server, ana.user.email, "otra")).status == 401
    assert stored_hash(ana) == renewed


@pytest.mark.gen_test
async def test_two_first_sign_ins_at_once_both_succeed_and_leave_one_hash(server):
    ana = old_account("clave del servicio anterior")
    both = await asyncio.gather(*(login(server, ana.user.email, "clave del servicio anterior") for _ in range(2)))
    assert [one.status for one in both] == [200, 200]
    assert stored_hash(ana).startswith("$argon2id$")


@pytest.mark.gen_test
async def test_old_hash_of_a_deactivated_account_stays_and_signs_nobody_in(server):
    gone = old_account("clave del servicio anterior", is_active=False)
    before = stored_hash(gone)
    assert (await login(server, gone.user.email, "clave del servicio anterior")).status == 401
    assert stored_hash(gone) == before


def test_highest_cost_of_old_hashes_is_known_while_there_are_some(db):
    assert find_highest_old_cost() == 0
    for cost in (4, 6, 5):
        old_account("x", cost)
    member(password_hash="$2b$31$" + "a" * 53)
    assert find_highest_old_cost() == MAX_OLD_COST
    User.delete().where(User.password_hash.startswith("$2b$31")).execute()
    assert find_highest_old_cost() == 6
