"""The queue: its order, the waits, the agents who had a member before."""

from datetime import UTC, datetime, timedelta

from beneficiate.domain.assignment.matching import Candidate
from beneficiate.models.accounts import AVAILABLE, Agent, User
from beneficiate.models.chats import CLOSED
from beneficiate.queries.assignment import (
    count_chats_by_agent,
    count_waiting_chats,
    count_working_capacity,
    list_queue_positions,
    load_recent_durations,
    load_waiting_chats,
)
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.factories import agent, member, support_chat

NOW = datetime(2026, 8, 25, 15, 0, tzinfo=UTC)


def at(minutes):
    return NOW - timedelta(minutes=minutes)


def test_positions_follow_the_time_and_those_in_front(db):
    late, early, front = member(), member(), member()
    support_chat(late, None, awaiting_since=at(1))
    support_chat(early, None, awaiting_since=at(5))
    support_chat(front, None, awaiting_since=at(0), is_front=True)
    found = list_queue_positions(UnitOfWork(SYSTEM, NOW))
    assert [(one.user_id, one.position) for one in found] == [(front.id, 1), (early.id, 2), (late.id, 3)]
    assert count_waiting_chats() == 3


def test_waits_are_unknown_without_a_closed_chat(db):
    support_chat(member(), None, awaiting_since=at(1))
    assert [one.estimated_wait_s for one in list_queue_positions(UnitOfWork(SYSTEM, NOW))] == [None]


def test_durations_are_those_of_closed_chats_from_their_assignment(db):
    yuliana = agent()
    support_chat(member(), yuliana, status=CLOSED, assigned_at=at(30), closed_at=at(20))
    support_chat(member(), yuliana, status=CLOSED, assigned_at=None, closed_at=at(20))
    support_chat(member(), yuliana, assigned_at=at(10))
    assert load_recent_durations() == [timedelta(minutes=10)]


def test_capacity_is_of_agents_who_are_available_and_online(db):
    working, away, offline = agent(), agent(), agent()
    Agent.update(availability=AVAILABLE, capacity=3).where(Agent.id.in_([working.agent_id, offline.agent_id])).execute()
    User.update(online_status=True).where(User.id.in_([working.id, away.id])).execute()
    assert count_working_capacity() == 3


def test_load_counts_active_chats(db):
    yuliana, omar = agent(), agent()
    for _ in range(2):
        support_chat(member(), yuliana)
    support_chat(member(), omar, status=CLOSED)
    assert count_chats_by_agent([yuliana.agent_id, omar.agent_id]) == {yuliana.agent_id: 2}


def test_waiting_chat_names_the_last_agent_of_its_member(db):
    ana, yuliana = member(), agent()
    support_chat(ana, yuliana, status=CLOSED)
    waiting = support_chat(ana, None, awaiting_since=at(1))
    candidate = Candidate(yuliana.agent_id, load=0, capacity=1, topics=frozenset(), idle_since=at(9), free_replies=1)
    (found,) = load_waiting_chats([candidate], 10)
    assert (found.chat_id, found.last_agent, found.released_by) == (waiting.id, yuliana.agent_id, None)
