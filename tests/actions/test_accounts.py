"""Accounts are deactivated with everything that is theirs, and created once."""

from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.actions import accounts, sign_ins
from beneficiate.actions.sign_ins import StartSignIn
from beneficiate.errors import Conflict, Invalid, NotFound, Unauthorized
from beneficiate.models.accounts import PAGE_SIGN_IN, SignIn, Supervisor, User
from beneficiate.protocol import channels
from beneficiate.protocol.events import ConnectionsEnded
from beneficiate.queries.accounts import find_page_session, identify_actors
from beneficiate.tokens import TokenClaims
from beneficiate.unit_of_work import SYSTEM
from tests.factories import agent, member

NOW = datetime(2026, 8, 25, 15, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def do(act):
    """Run an action and return its result."""
    return lambda action, command, at=NOW: act(action, command, SYSTEM, at)[0]


def find_page_actor(uow, token):
    session = find_page_session(uow, token)
    return None if session is None else session.actor


def begin(do, who):
    return do(sign_ins.start_sign_in, StartSignIn(who.id, PAGE_SIGN_IN)).token


def test_deactivated_account_loses_its_sign_ins_and_connections(act, do, db):
    yuliana, other = agent(email="yuliana@x.co"), agent()
    token, theirs = begin(do, yuliana), begin(do, other)
    user_id, outgoing = act(accounts.set_account_active, (" Yuliana@X.co ", False), SYSTEM, NOW)
    assert user_id == yuliana.id
    ending, *_ = outgoing
    assert ending.event == ConnectionsEnded(code=4403, reason="account deactivated")
    assert ending.channels == (channels.user_channel(yuliana.id),)
    assert do(find_page_actor, token) is None
    assert do(find_page_actor, theirs) == other.actor
    assert act(accounts.set_account_active, ("yuliana@x.co", True), SYSTEM, NOW) == (yuliana.id, [])
    # Activating the account again does not restore the old sign-ins.
    assert do(find_page_actor, token) is None
    assert begin(do, yuliana)


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
        "document_number": "52.000.111",
    }
    user_id = do(accounts.create_supervisor_account, account)
    assert Supervisor.get().user_id == user_id
    assert User.get().document_number == "52000111"
    for wrong in ({**account, "email": "marta@x.co\n"}, {**account, "document_number": "1"}):
        with pytest.raises(Invalid):
            do(accounts.create_supervisor_account, wrong)
    for taken in ({**account, "document_number": "52000222"}, {**account, "email": "otra@x.co"}):
        with pytest.raises(Conflict):
            do(accounts.create_supervisor_account, taken)
    assert User.select().count() == 1


def test_no_old_access_token_works_after_activating_again(do, db):
    ana = member(email="ana@x.co")
    begin(do, ana)
    tokens = [
        TokenClaims(ana.id, (NOW + HOUR).timestamp(), sign_in_id, issued_at)
        for sign_in_id in (SignIn.get().id, None)
        for issued_at in (0.0, NOW.timestamp())
    ]
    for claims in tokens:
        assert do(identify_actors, claims) == ana.actor
    do(accounts.set_account_active, ("ana@x.co", False))
    do(accounts.set_account_active, ("ana@x.co", True))
    for claims in tokens:
        with pytest.raises(Unauthorized):
            do(identify_actors, claims)
    later = NOW + timedelta(seconds=1)
    assert do(identify_actors, TokenClaims(ana.id, (NOW + HOUR).timestamp(), None, later.timestamp())) == ana.actor
