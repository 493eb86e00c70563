"""Assignment of waiting chats, and what happens when agents do not reply, go offline or return."""

from datetime import timedelta

import pytest

from beneficiate.actions import assignment, messages
from beneficiate.domain.booking.rules import BusinessRules
from beneficiate.models.accounts import AVAILABLE, AWAY, Agent
from beneficiate.models.chats import ACTIVE, RETURNED, WAITING, Chat
from beneficiate.protocol import channels
from beneficiate.protocol.commands import SendMessage
from beneficiate.protocol.events import MessageSent, NewChat, QueueLengthChanged
from beneficiate.protocol.queue import AvailabilityChanged, ChatUnassigned, QueueReordered
from beneficiate.queries.assignment import list_queue_positions
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.actions.queue_steps import (
    OPEN_HOURS_NOW,
    QueueActions,
    agent_availability,
    available_agent,
    chat_events,
    chat_state,
    create_topic,
    event_names_for,
    events_with_channels,
    load_chat,
    messages_of,
    seconds_after_now,
    set_online,
)
from tests.factories import agent, direct_chat, member, support_chat


@pytest.fixture
def desk(act):
    return QueueActions(act)


@pytest.fixture
def look(act):
    """Run the job at so many seconds; return how many chats it took back, and the emitted events."""
    return lambda second: act(assignment.return_unanswered_chats, None, SYSTEM, seconds_after_now(second))


@pytest.fixture
def come(act):
    return lambda second, *who: act(
        assignment.on_agents_online, {one.id for one in who}, SYSTEM, seconds_after_now(second)
    )[1]


@pytest.fixture
def leave(act):
    return lambda second, *who: act(
        assignment.on_agents_offline, {one.id for one in who}, SYSTEM, seconds_after_now(second)
    )[1]


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
    about_money, about_visits, whatever = desk.join(topic_code="pagos"), desk.join(topic_code="citas"), desk.join()
    assert [chat_state(one)[1] for one in (about_money, about_visits, whatever)] == [
        None,
        yuliana.agent_id,
        yuliana.agent_id,
    ]
    omar = available_agent(topics=[pagos])
    Agent.update(capacity=1).where(Agent.id == omar.agent_id).execute()
    desk.join()
    assert chat_state(about_money) == (ACTIVE, omar.agent_id)


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
    yuliana, omar = available_agent(capacity=3), available_agent(capacity=2)
    given, outgoing = assign(act, 10)
    assert given == 5
    assert [load_chat(chat).status for chat in waiting] == [ACTIVE] * 5 + [WAITING] * 2
    assert assignment.count_chats_by_agent([yuliana.agent_id, omar.agent_id]) == {yuliana.agent_id: 3, omar.agent_id: 2}
    assert events_with_channels(outgoing, QueueLengthChanged) == [
        (QueueLengthChanged(waiting=2), (channels.AGENTS_CHANNEL,))
    ]


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


# ---- No first reply --------------------------------------------------------------------------------


def test_chat_without_first_reply_returns_to_the_front(desk, look):
    ana, citas = member(), create_topic("citas")
    yuliana = available_agent("Yuliana", capacity=1, topics=[citas])
    chat = desk.join(ana, topic_code="citas")
    desk.join(second=1)
    assert look(59) == (0, [])
    count, outgoing = look(60)
    now = load_chat(chat)
    assert (count, now.status, now.agent_id, now.is_front, now.topic_id) == (1, WAITING, None, True, citas.id)
    assert agent_availability(yuliana) == (AWAY, "No respondió un chat a tiempo")
    away = AvailabilityChanged(agent_id=yuliana.agent_id, availability="away", reason="No respondió un chat a tiempo")
    assert events_with_channels(outgoing, AvailabilityChanged) == [
        (away, (channels.agent_channel(yuliana.agent_id), channels.SUPERVISORS_CHANNEL))
    ]
    assert events_with_channels(outgoing, ChatUnassigned) == [
        (ChatUnassigned(chat_id=chat.id, reason="no_reply"), (channels.agent_channel(yuliana.agent_id),))
    ]
    assert event_names_for(outgoing, channels.user_channel(ana.id)) == ["MessageSent", "NewChat"]
    assert messages_of(chat)[-1] == "Seguimos buscando a una persona que le responda."
    assert chat_events(chat)[-1] == ("no_reply", yuliana.agent_id, "")
    assert next(place.chat_id for place in list_queue_positions(UnitOfWork(SYSTEM, seconds_after_now(61)))) == chat.id
    assert look(62) == (0, [])


def test_unanswered_chat_goes_to_another_agent(desk, look):
    yuliana = available_agent()
    chat = desk.join()
    omar = available_agent("Omar")
    look(60)
    assert chat_state(chat) == (ACTIVE, omar.agent_id)
    assert load_chat(chat).reply_due_at == seconds_after_now(120)
    look(120)
    assert (chat_state(chat), agent_availability(omar)[0]) == ((WAITING, None), AWAY)
    assert agent_availability(yuliana)[0] == AWAY


def test_one_reply_of_the_agent_is_enough_and_a_members_is_not(desk, look):
    ana, yuliana, luis = member(), available_agent(), member()
    answered, silent = desk.join(ana), desk.join(luis)
    desk.run_as(messages.send_messages, SendMessage(chat_id=answered.id, message="Buenos días"), yuliana, 30)
    desk.run_as(messages.send_messages, SendMessage(chat_id=silent.id, message="¿Hola?"), luis, 30)
    assert look(500)[0] == 1
    assert (load_chat(answered).status, load_chat(silent).status) == (ACTIVE, WAITING)


def test_other_chats_of_an_unresponsive_agent_stay(desk, look):
    yuliana = available_agent()
    early, late = desk.join(), desk.join(second=30)
    look(60)
    assert (load_chat(early).status, chat_state(late)) == (WAITING, (ACTIVE, yuliana.agent_id))


def test_first_reply_deadline_is_a_setting(desk, act):
    available_agent()
    payload = desk.join()
    Chat.update(status=WAITING, agent=None).execute()

    def do(uow):
        assignment.lock_queue()
        return assignment.assign_waiting_chats(
            UnitOfWork(uow.actor, uow.now, BusinessRules(first_reply=timedelta(seconds=5)))
        )

    act(do, None, SYSTEM, OPEN_HOURS_NOW)
    assert load_chat(payload).reply_due_at == seconds_after_now(5)


# ---- Presence of agents ------------------------------------------------------------------------------


def test_chats_of_an_offline_agent_go_to_the_front_and_agent_is_away(desk, leave):
    ana, yuliana = member(), available_agent()
    mine, direct = desk.join(ana), direct_chat(yuliana, member())
    set_online(yuliana, is_online=False)
    outgoing = leave(30, yuliana)
    assert (chat_state(mine), load_chat(mine).is_front, load_chat(direct).status) == ((WAITING, None), True, ACTIVE)
    assert agent_availability(yuliana) == (AWAY, "Se perdió la conexión")
    assert events_with_channels(outgoing, ChatUnassigned) == [
        (ChatUnassigned(chat_id=mine.id, reason="lost"), (channels.agent_channel(yuliana.agent_id),))
    ]
    assert messages_of(mine)[-1] == "Se perdió la conexión con quien le respondía. Buscamos a otra persona del equipo."
    assert chat_events(mine)[-1] == ("lost", yuliana.agent_id, "")
    assert [to for _, to in events_with_channels(outgoing, MessageSent)] == [
        (channels.user_channel(ana.id), channels.watched_chat_channel(mine.id))
    ]


def test_returned_chat_goes_to_an_agent_with_capacity(desk, leave):
    yuliana = available_agent()
    chat = desk.join()
    omar = available_agent("Omar")
    set_online(yuliana, is_online=False)
    outgoing = leave(30, yuliana)
    assert chat_state(chat) == (ACTIVE, omar.agent_id)
    assert [event.chat.status for event, _ in events_with_channels(outgoing, NewChat)] == [WAITING, ACTIVE]


def test_agent_who_was_never_online_keeps_an_assigned_chat(desk, leave, come, act):
    yuliana = available_agent(is_online=False)
    chat = support_chat(member(), yuliana)
    assert leave(0, yuliana) == []
    assert (chat_state(chat), agent_availability(yuliana)[0]) == ((ACTIVE, yuliana.agent_id), AVAILABLE)
    set_online(yuliana)
    assert come(1, yuliana) == []
    assert load_chat(chat).agent_was_here
    set_online(yuliana, is_online=False)
    leave(30, yuliana)
    assert chat_state(chat) == (WAITING, None)


def test_presence_of_members_does_not_change_the_queue(desk, leave, come):
    ana = member()
    chat = desk.join(ana)
    assert come(1, ana) == leave(2, ana) == []
    assert (chat_state(chat), load_chat(chat).queued_at) == ((WAITING, None), OPEN_HOURS_NOW)


def test_agent_who_comes_online_available_gets_waiting_chats(desk, come):
    yuliana, omar = available_agent(is_online=False), agent()
    chat = desk.join()
    set_online(omar)
    assert come(1, omar) == []
    set_online(yuliana)
    outgoing = come(2, yuliana)
    assert chat_state(chat) == (ACTIVE, yuliana.agent_id)
    assert events_with_channels(outgoing, QueueLengthChanged) == [
        (QueueLengthChanged(waiting=0), (channels.AGENTS_CHANNEL,))
    ]


def test_inactive_agent_is_a_member_and_loses_nothing(desk, leave):
    ines = available_agent()
    chat = desk.join()
    Agent.update(status="INACTIVE").where(Agent.id == ines.agent_id).execute()
    assert leave(30, ines) == []
    assert chat_state(chat) == (ACTIVE, ines.agent_id)


def test_who_is_away_already_is_not_set_away_again(desk, leave):
    yuliana = available_agent()
    desk.join()
    Agent.update(availability=AWAY, reason="Almuerzo").execute()
    assert events_with_channels(leave(30, yuliana), AvailabilityChanged) == []
    assert agent_availability(yuliana) == (AWAY, "Almuerzo")
