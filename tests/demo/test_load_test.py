"""People in bulk: pairs of a member and an agent who can talk, and whom no password signs in."""

from datetime import UTC, datetime

import pytest

from beneficiate.demo.load_test import TOKEN_LIFETIME_S, create_load_test_pairs
from beneficiate.errors import Unauthorized
from beneficiate.models.accounts import Agent, User
from beneficiate.models.chats import ACTIVE, SUPPORT, Chat
from beneficiate.passwords import verify_password
from beneficiate.queries.accounts import find_actors
from beneficiate.settings import Settings
from beneficiate.tokens import AccessTokens
from tests.factories import SECRET

SETTINGS = Settings(secret=SECRET, access_token_s=60)
TOKENS = AccessTokens(SECRET, 60)


def create(db, count):
    db.close()
    pairs = create_load_test_pairs(count, SETTINGS)
    db.connect()
    return pairs


def test_each_pair_has_a_chat_of_its_two_people(db):
    pairs = create(db, 3)
    people = [[TOKENS.verify(pair[name]).user_id for name in ("member_token", "agent_token")] for pair in pairs]
    chats = [Chat.get_by_id(pair["chat_id"]) for pair in pairs]
    assert [[chat.user_id, chat.agent.user_id] for chat in chats] == people
    assert {(chat.kind, chat.status) for chat in chats} == {(SUPPORT, ACTIVE)}
    roles = {id_: actor.role for id_, actor in find_actors([id_ for pair in people for id_ in pair]).items()}
    assert [[roles[one] for one in pair] for pair in people] == [["member", "agent"]] * 3


def test_second_run_adds_people_of_its_own(db):
    first, second = create(db, 2), create(db, 1)
    assert not {pair["chat_id"] for pair in first} & {pair["chat_id"] for pair in second}
    assert (User.select().count(), Agent.select().count(), Chat.select().count()) == (6, 3, 3)
    assert create(db, 0) == []


def test_tokens_last_a_day_and_are_of_this_server(db):
    (pair,) = create(db, 1)
    left = TOKENS.verify(pair["agent_token"]).expires_at - datetime.now(UTC).timestamp()
    assert 60 < left <= TOKEN_LIFETIME_S == 24 * 3600
    with pytest.raises(Unauthorized):
        AccessTokens(f"{SECRET}2", 60).verify(pair["agent_token"])


def test_no_password_signs_these_people_in(db):
    create(db, 1)
    for user in User.select():
        assert user.email.endswith("@carga.invalid")
        assert not [text for text in ("", "!", user.password_hash) if verify_password(text, user.password_hash)]
