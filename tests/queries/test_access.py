"""Who may see a chat: its participants, and the staff every support chat."""

import pytest

from beneficiate.errors import NotFound
from beneficiate.models.accounts import Agent, Supervisor
from beneficiate.queries.access import (
    access_participant_chat,
    access_readable_chat,
    access_support_chat,
    is_staff,
    require_self_or_staff,
    require_supervisor,
)
from tests.factories import agent, direct_chat, member, supervisor, support_chat


@pytest.fixture
def cast(db):
    return {"ana": member(), "dora": member(), "yuliana": agent(), "omar": agent(), "marta": supervisor()}


def allowed(cast, access, chat):
    """Return the names of those whom a function gives the chat."""
    found = set()
    for name, person in cast.items():
        try:
            access(person.actor, chat.id)
        except NotFound:
            continue
        found.add(name)
    return found


def test_support_chat(cast):
    chat = support_chat(cast["ana"], cast["yuliana"])
    assert allowed(cast, access_participant_chat, chat) == {"ana", "yuliana"}
    assert allowed(cast, access_readable_chat, chat) == {"ana", "yuliana", "omar", "marta"}
    assert allowed(cast, access_support_chat, chat) == {"yuliana", "omar", "marta"}


def test_direct_chat(cast):
    chat = direct_chat(cast["yuliana"], cast["omar"])
    assert allowed(cast, access_participant_chat, chat) == {"yuliana", "omar"}
    assert allowed(cast, access_readable_chat, chat) == {"yuliana", "omar"}
    assert allowed(cast, access_support_chat, chat) == set()


@pytest.mark.parametrize("access", [access_participant_chat, access_readable_chat, access_support_chat])
def test_chat_that_does_not_exist_is_not_found(cast, access):
    with pytest.raises(NotFound):
        access(cast["marta"].actor, 999_999)


def test_others_than_oneself_are_for_the_staff(cast):
    require_self_or_staff(cast["ana"].actor, cast["ana"].id)
    require_self_or_staff(cast["omar"].actor, cast["ana"].id)
    with pytest.raises(NotFound):
        require_self_or_staff(cast["dora"].actor, cast["ana"].id)


def test_supervisors_are_required_by_role(cast):
    require_supervisor(cast["marta"].actor)
    for name in ("ana", "yuliana"):
        with pytest.raises(NotFound):
            require_supervisor(cast[name].actor)


def test_staff_are_active_in_every_way(db):
    idle, marta = agent(), supervisor()
    Agent.update(status="INACTIVE").where(Agent.id.in_([idle.agent_id, marta.agent_id])).execute()
    Supervisor.update(status="INACTIVE").where(Supervisor.user == marta.id).execute()
    assert [is_staff(who.id) for who in (agent(), supervisor())] == [True, True]
    assert [is_staff(who.id) for who in (member(), agent(is_active=False), idle, marta)] == [False] * 4
