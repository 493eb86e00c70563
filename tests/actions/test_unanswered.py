"""The time for the first reply, and what happens to chats when their agents lose the connection or are absent."""

from datetime import timedelta

import pytest

from beneficiate.actions import assignment, messages, queue, unanswered
from beneficiate.domain.booking.rules import BusinessRules
from beneficiate.models.accounts import AVAILABLE, AWAY, Agent
from beneficiate.models.chats import ACTIVE, WAITING
from beneficiate.protocol import channels
from beneficiate.protocol.commands import SendMessage
from beneficiate.protocol.events import ChatInitiated, MessageSent, NewChat, QueueLengthChanged
from beneficiate.protocol.queue import AvailabilityChanged, ChatUnassigned, RequestAgent
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
from tests.factories import agent, direct_chat, member


@pytest.fixture
def desk(act):
    return QueueActions(act)


@pytest.fixture
def return_due(act):
    """Run the job at so many seconds; return how many chats it took back, and the emitted events."""
    return lambda second: act(unanswered.return_unanswered_chats, None, SYSTEM, seconds_after_now(second))


@pytest.fixture
def queue_for_absent(act):
    return lambda second: act(unanswered.return_chats_of_absent_agents, None, SYSTEM, seconds_after_now(second))


@pytest.fixture
def come(act):
    return lambda second, *who: act(
        unanswered.on_agents_online, {one.id for one in who}, SYSTEM, seconds_after_now(second)
    )[1]


@pytest.fixture
def leave(act):
    """Take agents offline; return the emitted events."""

    def do(second, *who):
        for one in who:
            set_online(one, is_online=False)
        return act(unanswered.on_agents_offline, {one.id for one in who}, SYSTEM, seconds_after_now(second))[1]

    return do


@pytest.fixture
def see(act):
    """What was sent to an agent is written to their connection."""
    return lambda who, second=0: act(unanswered.start_reply_clocks, None, who.actor, seconds_after_now(second))


@pytest.fixture
def say(desk):
    return lambda chat, who, second: desk.run_as(
        messages.send_messages, SendMessage(chat_id=chat.id, message="Hola"), who, second
    )


# ---- The time for the first reply ------------------------------------------------------------------


def test_time_runs_from_when_the_agent_could_see_the_chat(desk, see, return_due):
    yuliana = available_agent()
    chat = desk.join()
    assert (load_chat(chat).needs_first_reply, load_chat(chat).reply_due_at) == (True, None)
    assert return_due(500) == (0, [])
    see(yuliana, 500)
    see(yuliana, 530)
    assert load_chat(chat).reply_due_at == seconds_after_now(560)
    assert (return_due(559)[0], return_due(560)[0]) == (0, 1)


def test_delivery_of_the_assignment_starts_the_time(desk):
    ana, yuliana = member(), available_agent()
    chat, outgoing = desk.run_as(queue.join_queue, RequestAgent(), ana)
    (mark,) = [one.mark for one in outgoing if isinstance(one.event, ChatInitiated)]
    delivered = messages.MarkDelivered(mark.chat_id, mark.seq, mark.message_id)
    desk.run_as(messages.mark_delivered, delivered, yuliana, 7)
    assert load_chat(chat).reply_due_at == seconds_after_now(67)
    # What is delivered later does not start it again.
    stored, _ = desk.run_as(messages.send_messages, SendMessage(chat_id=chat.id, message="¿Hola?"), ana, 8)
    desk.run_as(messages.mark_delivered, messages.MarkDelivered(chat.id, stored.seq, stored.id), yuliana, 9)
    assert load_chat(chat).reply_due_at == seconds_after_now(67)


def test_delivery_to_the_member_starts_nothing(desk):
    available_agent()
    ana = member()
    chat = desk.join(ana)
    desk.run_as(messages.mark_delivered, messages.MarkDelivered(chat.id, chat.last_seq, 1), ana, 7)
    assert load_chat(chat).reply_due_at is None


def test_chat_without_first_reply_returns_to_the_front(desk, see, return_due):
    ana, citas = member(), create_topic("citas")
    yuliana = available_agent("Yuliana", capacity=1, topics=[citas])
    chat = desk.join(ana, topic_code="citas")
    see(yuliana)
    desk.join(second=1)
    assert return_due(59) == (0, [])
    count, outgoing = return_due(60)
    now = load_chat(chat)
    assert (count, now.status, now.agent_id, now.is_front, now.topic_id) == (1, WAITING, None, True, citas.id)
    assert now.awaiting_since == OPEN_HOURS_NOW
    reason = "No respondió un chat a tiempo"
    assert agent_availability(yuliana) == (AWAY, reason)
    away = AvailabilityChanged(agent_id=yuliana.agent_id, availability="away", reason=reason, is_automatic=True)
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
    assert return_due(62) == (0, [])


def test_unanswered_chat_goes_to_another_agent(desk, see, return_due):
    yuliana = available_agent()
    chat = desk.join()
    see(yuliana)
    omar = available_agent("Omar")
    return_due(60)
    assert chat_state(chat) == (ACTIVE, omar.agent_id)
    see(omar, 61)
    assert load_chat(chat).reply_due_at == seconds_after_now(121)
    return_due(121)
    assert (chat_state(chat), agent_availability(omar)[0]) == ((WAITING, None), AWAY)
    assert agent_availability(yuliana)[0] == AWAY
    assert load_chat(chat).awaiting_since == OPEN_HOURS_NOW


def test_one_reply_of_the_agent_is_enough_and_a_members_is_not(desk, see, return_due, say):
    ana, yuliana, luis = member(), available_agent(), member()
    answered, silent = desk.join(ana), desk.join(luis)
    see(yuliana)
    say(answered, yuliana, 30)
    say(silent, luis, 30)
    assert return_due(500)[0] == 1
    assert (load_chat(answered).status, load_chat(silent).status) == (ACTIVE, WAITING)


def test_agent_who_answered_before_owes_no_first_reply(desk, see, return_due, say, leave):
    ana, yuliana = member(), available_agent()
    chat = desk.join(ana)
    say(chat, yuliana, 10)
    say(chat, ana, 20)
    leave(30, yuliana)
    set_online(yuliana)
    desk.take(chat, yuliana, 40)
    see(yuliana, 41)
    assert (load_chat(chat).needs_first_reply, load_chat(chat).reply_due_at) == (False, None)
    assert load_chat(chat).awaiting_since == seconds_after_now(20)
    assert return_due(500)[0] == 0


def test_other_chats_of_an_unresponsive_agent_stay(desk, see, return_due):
    yuliana = available_agent()
    early = desk.join()
    see(yuliana)
    late = desk.join(second=30)
    see(yuliana, 30)
    return_due(60)
    assert (load_chat(early).status, chat_state(late)) == (WAITING, (ACTIVE, yuliana.agent_id))


def test_time_for_the_first_reply_is_a_setting(desk, act):
    yuliana = available_agent()
    chat = desk.join()

    def see_soon(uow):
        rules = BusinessRules(first_reply=timedelta(seconds=5))
        unanswered.start_reply_clocks.run_one(UnitOfWork(yuliana.actor, uow.now, rules), None)

    act(see_soon, None, yuliana.actor, OPEN_HOURS_NOW)
    assert load_chat(chat).reply_due_at == seconds_after_now(5)


# ---- Lost connections ------------------------------------------------------------------------------


def test_chats_of_an_offline_agent_go_to_the_front_and_agent_is_away(desk, leave):
    ana, yuliana = member(), available_agent()
    mine, direct = desk.join(ana), direct_chat(yuliana, member())
    outgoing = leave(30, yuliana)
    assert (chat_state(mine), load_chat(mine).is_front, load_chat(direct).status) == ((WAITING, None), True, ACTIVE)
    assert load_chat(mine).awaiting_since == OPEN_HOURS_NOW
    assert agent_availability(yuliana) == (AWAY, "Se perdió la conexión")
    assert events_with_channels(outgoing, ChatUnassigned) == [
        (ChatUnassigned(chat_id=mine.id, reason="lost"), (channels.agent_channel(yuliana.agent_id),))
    ]
    lost = "Se perdió la conexión con quien le respondía. Buscamos a otra persona del equipo."
    assert messages_of(mine)[-1] == lost
    assert chat_events(mine)[-1] == ("lost", yuliana.agent_id, "")
    assert [to for _, to in events_with_channels(outgoing, MessageSent)] == [
        (channels.user_channel(ana.id), channels.watched_chat_channel(mine.id))
    ]


def test_chats_in_which_nobody_waits_stay_without_a_notice(desk, leave, say):
    ana, yuliana = member(), available_agent()
    answered, waiting = desk.join(ana), desk.join()
    say(answered, yuliana, 10)
    before = messages_of(answered)
    outgoing = leave(30, yuliana)
    assert chat_state(answered) == (ACTIVE, yuliana.agent_id)
    assert (messages_of(answered), event_names_for(outgoing, channels.user_channel(ana.id))) == (before, [])
    assert chat_state(waiting) == (WAITING, None)


def test_agent_in_whose_chats_nobody_waits_is_not_set_away(desk, leave, say):
    yuliana = available_agent()
    say(desk.join(), yuliana, 10)
    assert leave(30, yuliana) == []
    assert agent_availability(yuliana)[0] == AVAILABLE


def test_member_who_writes_after_the_agent_has_left_queues_by_that_message(desk, leave, say, queue_for_absent):
    ana, yuliana = member(), available_agent()
    asleep = desk.join(ana)
    say(asleep, yuliana, 10)
    leave(30, yuliana)
    first = desk.join(second=40)
    assert queue_for_absent(45) == (0, [])
    say(asleep, ana, 50)
    count, outgoing = queue_for_absent(51)
    row = load_chat(asleep)
    assert (count, row.status, row.is_front, row.awaiting_since) == (1, WAITING, False, seconds_after_now(50))
    assert messages_of(asleep)[-1] == "Quien le respondía ya no está. Buscamos a otra persona del equipo."
    assert chat_events(asleep)[-1] == ("absent", yuliana.agent_id, "")
    places = list_queue_positions(UnitOfWork(SYSTEM, seconds_after_now(52)))
    assert [one.chat_id for one in places] == [first.id, asleep.id]
    left = ChatUnassigned(chat_id=asleep.id, reason="absent")
    assert events_with_channels(outgoing, ChatUnassigned) == [(left, (channels.agent_channel(yuliana.agent_id),))]
    assert queue_for_absent(53) == (0, [])


def test_request_for_a_person_in_a_chat_whose_agent_has_left_waits_too(desk, leave, say, queue_for_absent):
    ana, yuliana = member(), available_agent()
    chat = desk.join(ana)
    say(chat, yuliana, 10)
    leave(30, yuliana)
    assert desk.join(ana, second=50).id == chat.id
    assert queue_for_absent(51)[0] == 1
    assert load_chat(chat).awaiting_since == seconds_after_now(50)


def test_chats_of_a_dismissed_agent_are_found_too(desk, say, queue_for_absent):
    ana, ines = member(), available_agent()
    chat = desk.join(ana)
    Agent.update(status="INACTIVE").where(Agent.id == ines.agent_id).execute()
    assert queue_for_absent(1)[0] == 1
    assert chat_state(chat) == (WAITING, None)


def test_returned_chat_goes_to_an_agent_with_capacity(desk, leave):
    yuliana = available_agent()
    chat = desk.join()
    omar = available_agent("Omar")
    outgoing = leave(30, yuliana)
    assert chat_state(chat) == (ACTIVE, omar.agent_id)
    assert [event.chat.status for event, _ in events_with_channels(outgoing, NewChat)] == [WAITING, ACTIVE]


def test_presence_of_members_does_not_change_the_queue(desk, leave, come):
    ana = member()
    chat = desk.join(ana)
    assert come(1, ana) == leave(2, ana) == []
    assert (chat_state(chat), load_chat(chat).awaiting_since) == ((WAITING, None), OPEN_HOURS_NOW)


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


def test_inactive_agent_is_a_member_when_they_leave(desk, leave):
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


# ---- A chat that fails -----------------------------------------------------------------------------


@pytest.fixture
def two_chats(desk, see):
    """Two chats with an agent each, of which the first can never be returned."""
    people = [available_agent(name, capacity=1) for name in ("Yuliana", "Omar")]
    chats = [desk.join(second=second) for second in range(2)]
    for who in people:
        see(who)
    return chats, [next(who for who in people if who.agent_id == chat.agent_id) for chat in chats]


@pytest.mark.parametrize("way", ["no_reply", "lost", "absent"])
def test_chat_that_cannot_be_returned_holds_up_no_other(two_chats, return_due, queue_for_absent, leave, spoil, way):
    (bad, good), people = two_chats
    spoil(assignment, "send_system_messages", lambda uow, sentences: bad.id in sentences)
    if way == "no_reply":
        assert return_due(60)[0] == 1
        assert [agent_availability(who)[0] for who in people] == [AVAILABLE, AWAY]
    elif way == "lost":
        leave(60, *people)
    else:
        for who in people:
            set_online(who, is_online=False)
        assert queue_for_absent(60)[0] == 1
    assert (chat_state(bad), chat_state(good)) == ((ACTIVE, people[0].agent_id), (WAITING, None))
    assert chat_events(good)[-1] == (way, people[1].agent_id, "")
