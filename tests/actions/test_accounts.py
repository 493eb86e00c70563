"""Sign-ins start, are refreshed, end and are stolen; wrong passwords are throttled."""

from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.actions import accounts
from beneficiate.actions.accounts import RefreshSignIn, SignInAttempt, StartSignIn
from beneficiate.errors import Conflict, NotFound, RateLimited, Unauthorized
from beneficiate.models.accounts import API_SIGN_IN, PAGE_SIGN_IN, Agent, SignIn, SignInThrottle, Supervisor, User
from beneficiate.protocol import channels
from beneficiate.protocol.events import ConnectionsEnded
from beneficiate.queries.accounts import find_page_actor
from beneficiate.unit_of_work import SYSTEM
from tests.factories import agent, member, supervisor

NOW = datetime(2026, 8, 25, 15, 0, tzinfo=UTC)
MONTH = timedelta(days=30)
TRIES, WAIT_S = 3, 30


@pytest.fixture
def do(act):
    """Run an action at so many seconds and return its result."""
    return lambda action, command, at=0.0: act(action, command, SYSTEM, NOW + timedelta(seconds=at))[0]


@pytest.fixture
def tries(do):
    """Make so many attempts and return the seconds to wait, 0 if the last one was allowed."""

    def claim(count=1, email="ana@x.co", address="10.0.0.1", at=0.0):
        try:
            for _ in range(count):
                do(accounts.count_sign_in_attempt, SignInAttempt(email, address, TRIES, WAIT_S), at)
        except RateLimited as problem:
            return problem.retry_after_s
        return 0

    return claim


def begin(do, who, kind=API_SIGN_IN, at=0.0):
    return do(
        accounts.start_sign_in,
        StartSignIn(who.id, SignInAttempt(who.user.email, "10.0.0.1", TRIES, WAIT_S), kind, MONTH),
        at,
    ).token


def renew(do, token, at=0.0):
    return do(accounts.refresh_sign_in, RefreshSignIn(token, MONTH), at)


def test_sign_in_returns_the_actor_and_stores_only_a_digest(do, db):
    yuliana = agent()
    signed_in = do(
        accounts.start_sign_in, StartSignIn(yuliana.id, SignInAttempt("x", "y", TRIES, WAIT_S), API_SIGN_IN, MONTH)
    )
    family, secret = signed_in.token.split(".")
    row = SignIn.get()
    assert signed_in.actor == yuliana.actor
    assert (row.family, row.user_id, row.expires_at) == (family, yuliana.id, NOW + MONTH)
    assert secret not in row.secret_hash


def test_deactivated_person_does_not_sign_in(do, db):
    with pytest.raises(Unauthorized):
        begin(do, member(is_active=False))
    assert not SignIn.select().exists()


def test_refreshed_token_replaces_the_old_one(do, db):
    ana = member()
    old = begin(do, ana)
    new = renew(do, old, 60)
    assert new.actor == ana.actor
    assert new.token != old
    assert SignIn.get().expires_at == NOW + timedelta(seconds=60) + MONTH
    assert renew(do, new.token, 120).token


def test_reused_token_ends_its_family(do, db):
    ana = member()
    other = begin(do, ana)
    old = begin(do, ana)
    new = renew(do, old).token
    # Nothing is raised: that would roll the end of the family back.
    assert renew(do, old).token == ""
    with pytest.raises(Unauthorized):
        renew(do, new)
    assert renew(do, other).token


@pytest.mark.parametrize("token", ["", ".", "hola", "a.b", "00000000-0000-0000-0000-000000000000.x", "ñ.ñ"])
def test_invalid_token_refreshes_nothing(do, db, token):
    with pytest.raises(Unauthorized):
        renew(do, token)
    with pytest.raises(Unauthorized):
        do(accounts.end_sign_in, token)
    assert do(find_page_actor, token) is None


def test_token_expires(do, db):
    token = begin(do, member())
    with pytest.raises(Unauthorized):
        renew(do, token, MONTH.total_seconds())


def test_page_and_api_sign_ins_are_not_interchangeable(do, db):
    yuliana = agent()
    page, api = begin(do, yuliana, PAGE_SIGN_IN), begin(do, yuliana, API_SIGN_IN)
    assert do(find_page_actor, page) == yuliana.actor
    assert do(find_page_actor, api) is None
    with pytest.raises(Unauthorized):
        renew(do, page)


def test_cookie_with_a_nul_belongs_to_nobody(do, db):
    assert do(find_page_actor, "\0.x") is None


def test_signing_out_ends_one_device(do, db):
    yuliana = agent()
    here, there = begin(do, yuliana, PAGE_SIGN_IN), begin(do, yuliana, PAGE_SIGN_IN)
    do(accounts.end_sign_in, here)
    assert do(find_page_actor, here) is None
    assert do(find_page_actor, there) == yuliana.actor
    with pytest.raises(Unauthorized):
        do(accounts.end_sign_in, here)


def test_role_of_a_page_is_the_present_one(do, db):
    yuliana = agent()
    token = begin(do, yuliana, PAGE_SIGN_IN)
    Agent.update(status="INACTIVE").where(Agent.id == yuliana.agent_id).execute()
    assert do(find_page_actor, token).role == "member"
    Supervisor.appoint(yuliana.user, NOW)
    assert do(find_page_actor, token).role == "supervisor"


def test_supervisor_keeps_or_gets_an_agent_row(do, db):
    yuliana, marta = agent(), supervisor()
    Supervisor.appoint(yuliana.user, NOW)
    for who in (yuliana, marta):
        actor = do(find_page_actor, begin(do, who, PAGE_SIGN_IN))
        assert (actor.role, actor.agent_id) == ("supervisor", who.agent_id)
        row = Agent.get_by_id(who.agent_id)
        assert (row.status, row.availability) == ("ACTIVE", "offline")


def test_wrong_passwords_are_free_and_then_the_wait_doubles(tries, db):
    assert tries(TRIES) == 0
    assert tries() == WAIT_S
    assert tries(at=WAIT_S - 1) == 1
    assert tries(at=WAIT_S) == 0
    assert tries(at=WAIT_S) == 2 * WAIT_S
    assert tries(at=3 * WAIT_S) == 0
    assert tries(at=3 * WAIT_S) == 4 * WAIT_S


def test_wait_ends_at_a_quarter_of_an_hour(tries, db):
    at = 0.0
    tries(TRIES)
    for _ in range(12):
        at += tries(at=at)
        assert tries(at=at) == 0
    assert tries(at=at) == 900


def test_many_attempts_at_once_gain_nothing(tries, db):
    assert tries(100) == WAIT_S
    assert {row.failures for row in SignInThrottle} == {TRIES}


def test_account_is_throttled_from_every_address(tries, db):
    tries(TRIES)
    assert tries(address="10.0.0.2") == WAIT_S
    assert tries(email="beto@x.co") == 0


def test_address_is_throttled_for_every_account(tries, db):
    for number in range(TRIES * accounts.ADDRESS_FACTOR):
        assert tries(email=f"a{number}@x.co") == 0
    assert tries(email="one-more@x.co") == WAIT_S
    assert tries(email="one-more@x.co", address="10.0.0.2") == 0


def test_correct_passwords_throttle_neither_account_nor_address(do, tries, db):
    ana = member(email="ana@x.co")
    for _ in range(2 * TRIES * accounts.ADDRESS_FACTOR):
        assert tries() == 0
        begin(do, ana)
    assert tries(TRIES - 1) == 0
    begin(do, ana)
    assert tries(TRIES) == 0


def test_old_failures_expire(tries, db):
    tries(TRIES - 1)
    assert tries(TRIES, at=accounts.FAILURES_EXPIRE_AFTER_S + 1) == 0


def test_throttle_stores_only_digests(tries, db):
    tries(1)
    assert {len(row.key) for row in SignInThrottle} == {64}


def test_expired_rows_are_deleted(do, tries, db):
    ana = member()
    tries(1)
    open_, ended = begin(do, ana), begin(do, ana)
    do(accounts.end_sign_in, ended)
    do(accounts.delete_expired_sign_ins, None, accounts.FAILURES_EXPIRE_AFTER_S)
    assert (SignInThrottle.select().count(), SignIn.select().count()) == (2, 2)
    do(accounts.delete_expired_sign_ins, None, timedelta(days=31).total_seconds())
    assert [row.family for row in SignIn] == [open_.split(".")[0]]
    assert not SignInThrottle.select().exists()


def test_deactivated_account_loses_its_sign_ins_and_connections(act, do, db):
    yuliana, other = agent(email="yuliana@x.co"), agent()
    token, theirs = begin(do, yuliana, PAGE_SIGN_IN), begin(do, other, PAGE_SIGN_IN)
    user_id, outgoing = act(accounts.set_account_active, (" Yuliana@X.co ", False), SYSTEM, NOW)
    assert user_id == yuliana.id
    assert [(one.event, one.channels) for one in outgoing] == [
        (ConnectionsEnded(code=4403, reason="account deactivated"), (channels.user_channel(yuliana.id),))
    ]
    assert do(find_page_actor, token) is None
    assert do(find_page_actor, theirs) == other.actor
    assert act(accounts.set_account_active, ("yuliana@x.co", True), SYSTEM, NOW) == (yuliana.id, [])
    # Activating the account again does not restore the old sign-ins.
    assert do(find_page_actor, token) is None
    assert begin(do, yuliana, PAGE_SIGN_IN)


def test_unknown_email_deactivates_nobody(do, db):
    with pytest.raises(NotFound):
        do(accounts.set_account_active, ("nadie@x.co", False))


def test_supervisor_is_created_once(do, db):
    account = {
        "email": "marta@x.co",
        "password_hash": "x",
        "first_name": "Marta",
        "last_name": "Ruiz",
        "document_type": "CC",
        "document_number": "1",
    }
    user_id = do(accounts.create_supervisor_account, account)
    assert Supervisor.get().user_id == user_id
    for taken in ({**account, "document_number": "2"}, {**account, "email": "otra@x.co"}):
        with pytest.raises(Conflict):
            do(accounts.create_supervisor_account, taken)
    assert User.select().count() == 1
