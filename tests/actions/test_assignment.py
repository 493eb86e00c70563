"""Assignment of waiting chats, and positions in the queue."""

from datetime import timedelta

import pytest

from beneficiate.actions import assignment, messages
from beneficiate.domain.booking.rules import BusinessRules
from beneficiate.models.accounts import AWAY, Agent, User
from beneficiate.models.call_centre import Skill
from beneficiate.models.chats import ACTIVE, RETURNED, WAITING
from beneficiate.protocol import channels
from beneficiate.protocol.commands import SendMessage
from beneficiate.protocol.events import ChatInitiated, QueueLengthChanged
from beneficiate.protocol.queue import QueueReordered
from beneficiate.queries.assignment import list_queue_positions
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.actions.queue_steps import (
    OPEN_HOURS_NOW,
    QueueActions,
    available_agent,
    chat_state,
    create_topic,
    events_with_channels,
    load_chat,
    seconds_after_now,
    set_online,
)
from tests.factories import agent, direct_chat, member, support_chat


@pytest.fixture
def desk(act):
    return QueueActions(act)


def assign(act, second=0, **how):
    def do(uow):
        assignment.lock_queue()
        return assignment.assign_waiting_chats(uow, **how)

    return act(do, None, SYSTEM, seconds_after_now(second))


# ---- Matching ------------------------------------------------------------------------------------


def test_only_active_agents_who_are_available_and_online_get_anything(desk):
    away, offline, gone, out = (available_agent() for _ in range(4))
    Agent.update(availability=AWAY).where(Agent.id == away.agent_id).execute()
    set_online(offline, is_online=False)
    Agent.update(status="INACTIVE").where(Agent.id == gone.agent_id).execute()
    out.user.is_active = False
    out.user.online_status = True
    out.user.save()
    chat = desk.join()
    assert chat_state(chat) == (WAITING, None)


def test_least_loaded_gets_the_next_and_of_equals_the_longest_idle(desk):
    yuliana, omar = available_agent("Yuliana"), available_agent("Omar")
    Agent.update(idle_since=seconds_after_now(-5)).where(Agent.id == yuliana.agent_id).execute()
    Agent.update(idle_since=seconds_after_now(-9)).where(Agent.id == omar.agent_id).execute()
    got = [desk.join(second=n).agent_id for n in range(4)]
    assert got == [omar.agent_id, yuliana.agent_id, omar.agent_id, yuliana.agent_id]


def test_chat_that_cannot_be_assigned_holds_up_no_other(desk, act, spoil):
    chats = [desk.join(second=second) for second in range(3)]
    spoil(assignment, "record_chat_history", lambda uow, some, *args: chats[0].id in dict(some))
    yuliana = available_agent()
    count, outgoing = assign(act)
    assert count == 2
    assert [chat_state(chat) for chat in chats] == [(WAITING, None), *[(ACTIVE, yuliana.agent_id)] * 2]
    opened = [one.event.chat.id for one in outgoing if isinstance(one.event, ChatInitiated)]
    assert sorted(opened) == [chats[1].id, chats[2].id]


def test_agent_who_never_had_one_has_been_idle_longest(desk):
    yuliana, omar = available_agent(), available_agent()
    Agent.update(idle_since=seconds_after_now(-9999)).where(Agent.id == yuliana.agent_id).execute()
    assert desk.join().agent_id == omar.agent_id


def test_direct_chats_and_closed_ones_are_no_load(desk):
    yuliana = available_agent(capacity=1)
    direct_chat(yuliana, member())
    support_chat(member(), yuliana, status="CLOSED")
    assert chat_state(desk.join()) == (ACTIVE, yuliana.agent_id)
    assert chat_state(desk.join()) == (WAITING, None)


def test_agent_of_last_time_comes_first_while_they_have_capacity(desk):
    ana = member()
    yuliana, omar = available_agent("Yuliana", capacity=2), available_agent("Omar")
    for who, ended in ((omar, -30), (yuliana, -20)):
        support_chat(
            ana, who, status="CLOSED", closed_at=seconds_after_now(ended), assigned_at=seconds_after_now(ended - 60)
        )
    support_chat(member(), yuliana)
    assert desk.join(ana).agent_id == yuliana.agent_id
    luis = member()
    support_chat(luis, yuliana, status="CLOSED", closed_at=OPEN_HOURS_NOW)
    assert desk.join(luis).agent_id == omar.agent_id


def test_topic_waits_for_one_who_knows_it_and_the_next_does_not_wait_with_it(desk):
    citas, pagos = create_topic("citas"), create_topic("pagos")
    yuliana = available_agent(topics=[citas])
    available_agent(topics=[pagos], is_online=False)
    about_money, about_a_date, whatever = desk.join(topic_code="pagos"), desk.join(topic_code="citas"), desk.join()
    assert [chat_state(one)[1] for one in (about_money, about_a_date, whatever)] == [
        None,
        yuliana.agent_id,
        yuliana.agent_id,
    ]
    omar = available_agent(topics=[pagos])
    Agent.update(capacity=1).where(Agent.id == omar.agent_id).execute()
    desk.join()
    assert chat_state(about_money) == (ACTIVE, omar.agent_id)


def test_anybody_takes_a_chat_about_what_no_active_agent_knows(desk):
    yuliana, gone = available_agent(topics=[create_topic("citas")]), agent("Edwin")
    Skill.create(agent=gone.agent_id, topic=create_topic("pagos"))
    Agent.update(status="INACTIVE").where(Agent.id == gone.agent_id).execute()
    assert chat_state(desk.join(topic_code="pagos")) == (ACTIVE, yuliana.agent_id)


def test_closing_frees_capacity_for_the_first_in_the_queue(desk):
    yuliana, ana = available_agent(capacity=1), member()
    busy, first, second = desk.join(ana), desk.join(second=1), desk.join(second=2)
    _, outgoing = desk.close(busy, ana, 3)
    assert (chat_state(first), chat_state(second)) == ((ACTIVE, yuliana.agent_id), (WAITING, None))
    assert events_with_channels(outgoing, QueueLengthChanged) == [
        (QueueLengthChanged(waiting=1), (channels.AGENTS_CHANNEL,))
    ]


def test_more_than_fit_at_once_are_all_given_in_order(desk, act, monkeypatch):
    monkeypatch.setattr(assignment, "MAX_CHATS_PER_RUN", 2)
    waiting = [desk.join(second=n) for n in range(7)]
    yuliana, omar, ines = available_agent(capacity=3), available_agent(capacity=2), available_agent(capacity=1)
    given, outgoing = assign(act, 10)
    assert given == 5
    assert [load_chat(chat).status for chat in waiting] == [ACTIVE] * 5 + [WAITING] * 2
    load = {yuliana.agent_id: 2, omar.agent_id: 2, ines.agent_id: 1}
    assert assignment.count_chats_by_agent(list(load)) == load
    assert events_with_channels(outgoing, QueueLengthChanged) == [
        (QueueLengthChanged(waiting=2), (channels.AGENTS_CHANNEL,))
    ]


def test_next_chat_comes_when_the_first_reply_is_given(desk, act):
    yuliana, members = available_agent(capacity=8), [member() for _ in range(4)]
    one, two, three, four = [desk.join(who, second=n) for n, who in enumerate(members)]
    assert [load_chat(chat).status for chat in (one, two, three, four)] == [ACTIVE, ACTIVE, WAITING, WAITING]
    assert act(assignment.assign_next_chats, None, SYSTEM, seconds_after_now(5)) == (0, [])
    desk.run_as(messages.send_messages, SendMessage(chat_id=two.id, message="¿Hola?"), members[1], 6)
    desk.run_as(messages.send_messages, SendMessage(chat_id=one.id, message="Buenos días"), yuliana, 6)
    # What the member asks next is no first message: the agent has the chat in hand.
    desk.run_as(messages.send_messages, SendMessage(chat_id=one.id, message="Gracias"), members[0], 7)
    assert act(assignment.assign_next_chats, None, SYSTEM, seconds_after_now(8))[0] == 1
    assert [load_chat(chat).status for chat in (one, two, three, four)] == [ACTIVE, ACTIVE, ACTIVE, WAITING]


def test_number_of_unanswered_chats_is_a_setting(desk, act):
    available_agent(is_online=False)
    for n in range(3):
        desk.join(second=n)
    User.update(online_status=True).execute()

    def assign_one(uow):
        assignment.lock_queue()
        return assignment.assign_waiting_chats(UnitOfWork(uow.actor, uow.now, BusinessRules(unanswered_chats=1)))

    assert act(assign_one, None, SYSTEM, seconds_after_now(5))[0] == 1


def test_without_change_nothing_is_emitted(act, db):
    assert assign(act, is_changed=False) == (0, [])
    _, outgoing = assign(act)
    assert events_with_channels(outgoing) == [
        (QueueLengthChanged(waiting=0), (channels.AGENTS_CHANNEL,)),
        (QueueReordered(), (channels.QUEUE_CHANNEL,)),
    ]


# ---- Positions -----------------------------------------------------------------------------------


def test_positions_put_the_front_first(desk):
    yuliana = agent()
    chats = [desk.join(second=n) for n in range(4)]
    desk.take(chats[3], yuliana, 5)
    desk.act(routing_back(chats[3]), None, SYSTEM, seconds_after_now(6))
    assert [place.chat_id for place in list_queue_positions(UnitOfWork(SYSTEM, seconds_after_now(7)))] == [
        chats[3].id,
        chats[0].id,
        chats[1].id,
        chats[2].id,
    ]


def routing_back(chat):
    def do(uow):
        assignment.lock_queue()
        assignment.return_to_queue(uow, [chat.id], assignment.AssignmentReason(RETURNED))

    return do


def test_position_has_an_estimate_from_recent_chats_and_capacity(desk):
    yuliana = available_agent(capacity=1)
    for minutes in (4, 10, 300):
        support_chat(
            member(),
            yuliana,
            status="CLOSED",
            assigned_at=OPEN_HOURS_NOW - timedelta(minutes=minutes),
            closed_at=OPEN_HOURS_NOW,
        )
    desk.join()
    desk.join(second=1)
    desk.join(second=2)
    assert [
        (one.position, one.estimated_wait_s) for one in list_queue_positions(UnitOfWork(SYSTEM, seconds_after_now(3)))
    ] == [(1, 600), (2, 1200)]
    set_online(yuliana, is_online=False)
    assert [one.estimated_wait_s for one in list_queue_positions(UnitOfWork(SYSTEM, seconds_after_now(3)))] == [
        None,
        None,
    ]
