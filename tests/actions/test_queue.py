"""Commands about the queue: every way in, through and out of it, and the emitted events."""

import json

import msgspec
import pytest

from beneficiate.actions import assignment, messages, queue
from beneficiate.actions.availability import change_availability
from beneficiate.domain.assignment.matching import Candidate
from beneficiate.errors import AgentIsAbsent, ChatIsClosed, ChatIsTaken, Conflict, NotFound
from beneficiate.models.accounts import AVAILABLE, AWAY, Agent, User
from beneficiate.models.audit import AuditEntry
from beneficiate.models.chats import ACTIVE, CLOSED, WAITING, Chat, ChatEvent, Note, Rating
from beneficiate.protocol import channels
from beneficiate.protocol.commands import SendMessage
from beneficiate.protocol.desk_tools import NoteAdded
from beneficiate.protocol.events import ChatInitiated, MessageSent, NewChat, QueueLengthChanged
from beneficiate.protocol.queue import (
    AssignChat,
    ChatRated,
    ChatUnassigned,
    QueueReordered,
    RateChat,
    ReopenChat,
    RequestAgent,
    ReturnChat,
    SetAvailability,
    TransferChat,
)
from beneficiate.queries.assignment import list_queue_positions, load_waiting_chats
from beneficiate.unit_of_work import SYSTEM, BatchItem, UnitOfWork
from beneficiate.views.masking import mask_email
from tests.actions.queue_steps import (
    OPEN_HOURS_NOW,
    QueueActions,
    available_agent,
    chat_events,
    chat_state,
    create_topic,
    event_names_for,
    events_with_channels,
    load_agent,
    load_chat,
    messages_of,
    seconds_after_now,
)
from tests.audit import reason_of
from tests.factories import agent, direct_chat, member, supervisor, support_chat

SECRET_NOTE = "No paga desde marzo"
HOUR = 3600


@pytest.fixture
def desk(act):
    return QueueActions(act)


def text_to(outgoing, *who):
    """Return everything that is emitted to these channels, as JSON text."""
    return "".join(msgspec.json.encode(one.event).decode() for one in outgoing if set(one.channels) & set(who))


# ---- Requesting an agent ------------------------------------------------------------------------


def test_request_waits_and_the_queue_length_is_emitted(desk):
    ana = member("Ana")
    payload, outgoing = desk.run_as(queue.join_queue, RequestAgent(), ana)
    chat = Chat.get_by_id(payload.id)
    assert (payload.status, payload.agent_id, payload.user_id) == (WAITING, None, ana.id)
    assert (chat.awaiting_since, chat.is_front, chat.topic_id, chat.bot_muted) == (OPEN_HOURS_NOW, False, None, False)
    assert events_with_channels(outgoing) == [
        (NewChat(chat=payload), (channels.user_channel(ana.id),)),
        (QueueLengthChanged(waiting=1), (channels.AGENTS_CHANNEL,)),
        (QueueReordered(), (channels.QUEUE_CHANNEL,)),
    ]
    assert chat_events(chat) == [("queued", None, "")]


def test_second_request_keeps_the_position_and_emits_nothing(desk):
    ana = member()
    first = desk.join(ana)
    payload, outgoing = desk.run_as(queue.join_queue, RequestAgent(), ana, 60)
    assert (payload.id, outgoing) == (first.id, [])
    assert load_chat(first).awaiting_since == OPEN_HOURS_NOW


def test_who_has_an_agent_gets_the_chat_with_them(desk):
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    payload, outgoing = desk.run_as(queue.join_queue, RequestAgent(), ana)
    assert (payload.id, payload.agent.id, outgoing) == (chat.id, yuliana.id, [])


def test_topic_is_kept_and_one_that_is_not_offered_is_refused(desk):
    citas = create_topic("citas")
    create_topic("viejo", is_active=False)
    assert desk.join(topic_code="citas").topic_id == citas.id
    for code in ("viejo", "nada"):
        with pytest.raises(NotFound):
            desk.join(topic_code=code)
    assert Chat.select().count() == 1


def test_many_ask_at_once_and_each_gets_their_own_answer(db):
    ana, luis, dora = member(), member(), member()
    items = [
        BatchItem(who.actor, RequestAgent(topic=about))
        for who, about in ((ana, None), (luis, "nada"), (ana, None), (dora, None))
    ]
    uow = UnitOfWork(SYSTEM, OPEN_HOURS_NOW)
    first, refused, again, last = queue.join_queue.function(uow, items)
    assert (first, first.user_id, last.user_id) == (again, ana.id, dora.id)
    assert isinstance(refused, NotFound)
    assert [one.event for one in uow.outgoing if isinstance(one.event, QueueLengthChanged)] == [
        QueueLengthChanged(waiting=2)
    ]
    assert ChatEvent.select().count() == 2


def test_where_an_agent_has_capacity_nobody_waits(desk):
    ana, yuliana = member("Ana"), available_agent("Yuliana")
    payload, outgoing = desk.run_as(queue.join_queue, RequestAgent(), ana)
    chat = Chat.get_by_id(payload.id)
    assert (payload.status, payload.agent.id) == (ACTIVE, yuliana.id)
    assert (chat.assigned_at, chat.awaiting_since) == (OPEN_HOURS_NOW, OPEN_HOURS_NOW)
    assert (chat.needs_first_reply, chat.reply_due_at) == (True, None)
    assert load_agent(yuliana).idle_since == OPEN_HOURS_NOW
    to_member, to_agent = channels.user_channel(ana.id), channels.agent_channel(yuliana.agent_id)
    assert event_names_for(outgoing, to_member) == ["NewChat", "MessageSent", "NewChat", "UserConnected"]
    assert event_names_for(outgoing, to_agent) == ["MessageSent", "ChatInitiated"]
    assert events_with_channels(outgoing, QueueLengthChanged) == [
        (QueueLengthChanged(waiting=0), (channels.AGENTS_CHANNEL,))
    ]
    assert messages_of(chat) == ["Le responde Yuliana."]
    assert chat_events(chat) == [("queued", None, ""), ("assigned", yuliana.agent_id, "")]
    ((opened, _),) = events_with_channels(outgoing, ChatInitiated)
    assert (opened.chat.user.email, opened.chat.last_message) == (mask_email(ana.user.email), "")


def test_bot_calls_a_person_and_is_silent_in_that_chat(desk, act):
    ana = member()
    payload, _ = act(queue.request_agent_for_member, None, ana.actor, OPEN_HOURS_NOW)
    assert load_chat(payload).bot_muted
    again, _ = act(queue.request_agent_for_member, None, ana.actor, OPEN_HOURS_NOW)
    assert again.id == payload.id


# ---- Taking ---------------------------------------------------------------------------------------


def test_agent_takes_any_waiting_chat_regardless_of_skill_and_load(desk):
    yuliana, ana = agent("Yuliana", online_status=True), member()
    Agent.update(capacity=0).execute()
    desk.join()
    chat = desk.join(ana, topic_code=create_topic("pagos").code)
    payload, outgoing = desk.take(chat, yuliana, 5)
    assert (payload.id, payload.status, chat_state(chat)) == (chat.id, ACTIVE, (ACTIVE, yuliana.agent_id))
    assert event_names_for(outgoing, channels.user_channel(ana.id)) == ["MessageSent", "NewChat", "UserConnected"]
    assert event_names_for(outgoing, channels.agent_channel(yuliana.agent_id)) == ["MessageSent", "ChatInitiated"]
    assert events_with_channels(outgoing, QueueLengthChanged) == [
        (QueueLengthChanged(waiting=1), (channels.AGENTS_CHANNEL,))
    ]
    assert chat_events(chat)[-1] == ("picked", yuliana.agent_id, "")


def test_what_somebody_has_is_taken_and_ones_own_is_given_again(desk):
    yuliana, omar, ana = agent(), agent(), member()
    chat = desk.join(ana)
    desk.take(chat, yuliana)
    again, outgoing = desk.take(chat, yuliana)
    assert (again.id, outgoing) == (chat.id, [])
    with pytest.raises(ChatIsTaken):
        desk.take(chat, omar)
    desk.close(chat, ana)
    with pytest.raises(ChatIsClosed):
        desk.take(chat, yuliana)


def test_what_does_not_wait_in_the_queue_is_not_there_to_be_picked(desk):
    for chat in (direct_chat(member(), member()), Chat(id=2_000_000_000)):
        with pytest.raises(NotFound):
            desk.take(chat, agent())


# ---- Transfers -------------------------------------------------------------------------------------


def test_chat_goes_to_a_colleague_with_a_note_that_the_member_never_sees(desk):
    ana, yuliana, omar = member(), agent("Yuliana"), agent("Omar", online_status=True)
    chat = desk.join(ana)
    desk.take(chat, yuliana)
    command = TransferChat(chat_id=chat.id, agent_id=omar.agent_id, note=SECRET_NOTE)
    _, outgoing = desk.run_as(queue.transfer_chat, command, yuliana, 5)
    assert chat_state(chat) == (ACTIVE, omar.agent_id)
    now = load_chat(chat)
    assert (now.wanted_agent_id, now.is_front, now.needs_first_reply, now.reply_due_at) == (None, False, True, None)
    assert now.awaiting_since == OPEN_HOURS_NOW
    left = ChatUnassigned(chat_id=chat.id, reason="transferred")
    assert events_with_channels(outgoing, ChatUnassigned) == [(left, (channels.agent_channel(yuliana.agent_id),))]
    assert [to for _, to in events_with_channels(outgoing, ChatInitiated)] == [(channels.agent_channel(omar.agent_id),)]
    assert [event.chat.agent and event.chat.agent.id for event, _ in events_with_channels(outgoing, NewChat)] == [
        None,
        omar.id,
    ]
    assert chat_events(chat)[-2:] == [
        ("transferred", yuliana.agent_id, SECRET_NOTE),
        ("given", omar.agent_id, SECRET_NOTE),
    ]
    assert "transferred" in [one.kind for one in ChatEvent.select().where(ChatEvent.other_agent == omar.agent_id)]
    assert SECRET_NOTE not in text_to(outgoing, channels.user_channel(ana.id))
    assert SECRET_NOTE not in "".join(messages_of(chat))


def test_transfer_to_somebody_absent_is_refused_and_when_confirmed_goes_to_the_queue(desk):
    ana, yuliana, omar = member(), agent(), agent("Omar")
    chat = desk.join(ana)
    desk.take(chat, yuliana)
    command = TransferChat(chat_id=chat.id, agent_id=omar.agent_id, note=SECRET_NOTE)
    with pytest.raises(AgentIsAbsent, match="Omar no está"):
        desk.run_as(queue.transfer_chat, command, yuliana, 5)
    assert (chat_state(chat), Note.select().count()) == ((ACTIVE, yuliana.agent_id), 0)
    desk.run_as(queue.transfer_chat, msgspec.structs.replace(command, if_absent="queue"), yuliana, 6)
    now = load_chat(chat)
    assert (now.status, now.is_front, now.awaiting_since) == (WAITING, True, OPEN_HOURS_NOW)
    assert messages_of(chat)[-1] == "Su chat pasa a otra persona del equipo. No tiene que repetir nada."
    # Whoever is free gets it; of several, the one whom it was meant for.
    ines = available_agent("Inés", capacity=0)
    for who in (ines, omar):
        User.update(online_status=True).where(User.id == who.id).execute()
        Agent.update(availability=AVAILABLE, capacity=1).where(Agent.id == who.agent_id).execute()
    desk.run_as(assign_waiting_chats, None, ines, 7)
    assert chat_state(chat) == (ACTIVE, omar.agent_id)


def assign_waiting_chats(uow):
    assignment.lock_queue()
    assignment.assign_waiting_chats(uow)


@pytest.mark.parametrize("is_taken", [False, True])
def test_supervisor_who_assigns_to_somebody_absent_confirms_it(desk, is_taken):
    marta, yuliana, omar = supervisor(), agent(), agent("Omar")
    chat = desk.join()
    if is_taken:
        desk.take(chat, yuliana)
    command = AssignChat(chat_id=chat.id, agent_id=omar.agent_id)
    with pytest.raises(AgentIsAbsent):
        desk.run_as(queue.assign_chat, command, marta, 5)
    assert not AuditEntry.select().where(AuditEntry.what == "chats.give").exists()
    desk.run_as(queue.assign_chat, msgspec.structs.replace(command, if_absent="queue"), marta, 6)
    now = load_chat(chat)
    assert (now.status, now.wanted_agent_id, now.is_front) == (WAITING, omar.agent_id, is_taken)
    assert now.awaiting_since == OPEN_HOURS_NOW


def test_transfer_to_a_topic_goes_to_a_skilled_agent_or_the_front(desk):
    pagos, yuliana = create_topic("pagos"), agent("Yuliana", online_status=True)
    first = desk.join()
    chat = desk.join(second=1)
    desk.take(chat, yuliana, 2)
    desk.run_as(queue.transfer_chat, TransferChat(chat_id=chat.id, topic="pagos", note="x"), yuliana, 3)
    assert (chat_state(chat), load_chat(chat).topic_id, load_chat(chat).is_front) == ((WAITING, None), pagos.id, True)
    omar = available_agent("Omar", capacity=1, topics=[pagos])
    desk.run_as(change_availability, SetAvailability(availability=AVAILABLE), omar, 4)
    assert (chat_state(chat), chat_state(first)) == ((ACTIVE, omar.agent_id), (WAITING, None))


def test_returned_chat_goes_to_a_colleague_with_capacity_first(desk):
    yuliana, omar, ana = available_agent("Yuliana"), available_agent("Omar", capacity=1), member()
    first = desk.join(ana)
    desk.close(first, ana, 1)
    # Both agents would otherwise get the member whom they served last.
    holder = {agent_id: who for who in (yuliana, omar) for agent_id in [who.agent_id]}
    chat = desk.join(ana, second=2)
    by, other = (
        holder[load_chat(chat).agent_id],
        next(who for who in (yuliana, omar) if who.agent_id != load_chat(chat).agent_id),
    )
    desk.run_as(queue.return_chat, ReturnChat(chat_id=chat.id), by, 3)
    assert chat_state(chat) == (ACTIVE, other.agent_id)
    desk.run_as(queue.return_chat, ReturnChat(chat_id=chat.id), other, 4)
    assert chat_state(chat) == (ACTIVE, by.agent_id)


def test_who_had_it_since_or_lost_it_to_a_supervisor_has_not_given_it_away(desk):
    yuliana, ana, marta = available_agent("Yuliana"), member(), supervisor()
    chat = desk.join(ana)
    assert waiting_chat_of(yuliana, chat) is None
    desk.run_as(queue.return_chat, ReturnChat(chat_id=chat.id), yuliana, 1)
    assert chat_state(chat) == (ACTIVE, yuliana.agent_id)
    desk.run_as(queue.assign_chat, AssignChat(chat_id=chat.id, agent_id=marta.agent_id, note="x"), marta, 2)
    Chat.update(status=WAITING, agent=None).where(Chat.id == chat.id).execute()
    assert waiting_chat_of(yuliana, chat).released_by is None
    Chat.update(status=ACTIVE, agent=yuliana.agent_id).where(Chat.id == chat.id).execute()
    Agent.update(availability=AWAY).where(Agent.id == yuliana.agent_id).execute()
    desk.run_as(queue.return_chat, ReturnChat(chat_id=chat.id), yuliana, 3)
    assert waiting_chat_of(yuliana, chat).released_by == yuliana.agent_id


def waiting_chat_of(who, chat):
    """Return the waiting chat as the matching rule sees it beside one candidate; None if it does not wait."""
    found = load_waiting_chats([Candidate(who.agent_id, 0, 5, frozenset(), OPEN_HOURS_NOW, 1)], 10)
    return next((one for one in found if one.chat_id == chat.id), None)


def test_transfer_says_whom_or_what_and_not_both(desk):
    yuliana, omar = agent(), agent()
    create_topic("pagos")
    chat = desk.join()
    desk.take(chat, yuliana)
    for whom in ({}, {"agent_id": omar.agent_id, "topic": "pagos"}, {"agent_id": yuliana.agent_id}):
        with pytest.raises(Conflict):
            desk.run_as(queue.transfer_chat, TransferChat(chat_id=chat.id, **whom), yuliana)
    assert chat_state(chat) == (ACTIVE, yuliana.agent_id)


def test_nothing_goes_to_nobody(desk):
    yuliana, gone = agent(), agent()
    Agent.update(status="INACTIVE").where(Agent.id == gone.agent_id).execute()
    create_topic("viejo", is_active=False)
    chat = desk.join()
    desk.take(chat, yuliana)
    for whom in ({"agent_id": gone.agent_id}, {"agent_id": 2_000_000_000}, {"topic": "viejo"}, {"topic": "nada"}):
        with pytest.raises(NotFound):
            desk.run_as(queue.transfer_chat, TransferChat(chat_id=chat.id, **whom), yuliana)
    assert chat_state(chat) == (ACTIVE, yuliana.agent_id)


@pytest.mark.parametrize("action", [queue.transfer_chat, queue.return_chat])
def test_only_ones_own_is_passed_on_or_put_back(desk, action):
    create_topic("pagos")
    yuliana, omar, ana = agent(), agent(), member()
    make = (
        (lambda id_: TransferChat(chat_id=id_, topic="pagos"))
        if action is queue.transfer_chat
        else (lambda id_: ReturnChat(chat_id=id_))
    )
    waiting, his = desk.join(), desk.join(ana)
    desk.take(his, omar)
    for chat in (waiting, his, direct_chat(yuliana, member())):
        with pytest.raises(NotFound):
            desk.run_as(action, make(chat.id), yuliana)
    desk.close(his, ana)
    with pytest.raises(ChatIsClosed):
        desk.run_as(action, make(his.id), omar)


def test_returned_chat_is_first_and_keeps_its_topic(desk):
    ana, yuliana, citas = member(), agent(), create_topic("citas")
    desk.join()
    chat = desk.join(ana, topic_code="citas", second=1)
    desk.take(chat, yuliana, 2)
    _, outgoing = desk.run_as(queue.return_chat, ReturnChat(chat_id=chat.id, note=SECRET_NOTE), yuliana, 3)
    now = load_chat(chat)
    assert (now.status, now.agent_id, now.is_front, now.awaiting_since, now.topic_id) == (
        WAITING,
        None,
        True,
        seconds_after_now(1),
        citas.id,
    )
    assert (now.assigned_at, now.reply_due_at, now.needs_first_reply) == (None, None, False)
    left = ChatUnassigned(chat_id=chat.id, reason="returned")
    assert events_with_channels(outgoing, ChatUnassigned) == [(left, (channels.agent_channel(yuliana.agent_id),))]
    assert event_names_for(outgoing, channels.user_channel(ana.id)) == ["MessageSent", "NewChat"]
    # The agent has no access to the chat any more and receives none of its messages.
    assert event_names_for(outgoing, channels.agent_channel(yuliana.agent_id)) == ["NoteAdded", "ChatUnassigned"]
    assert events_with_channels(outgoing, QueueLengthChanged) == [
        (QueueLengthChanged(waiting=2), (channels.AGENTS_CHANNEL,))
    ]
    assert chat_events(chat)[-1] == ("returned", yuliana.agent_id, SECRET_NOTE)
    assert SECRET_NOTE not in text_to(outgoing, channels.user_channel(ana.id))


# ---- Assigned by a supervisor ----------------------------------------------------------------------


def test_chat_that_somebody_got_meanwhile_is_not_taken_from_them_unasked(desk):
    marta, yuliana, omar = supervisor(), available_agent("Yuliana"), available_agent("Omar")
    chat = desk.join(member())
    Chat.update(status=ACTIVE, agent=yuliana.agent_id).where(Chat.id == chat.id).execute()
    command = AssignChat(chat_id=chat.id, agent_id=omar.agent_id, holder_id=None)
    for holder_id in (None, marta.agent_id):
        with pytest.raises(ChatIsTaken, match="Ahora lo tiene Yuliana"):
            desk.run_as(queue.assign_chat, msgspec.structs.replace(command, holder_id=holder_id), marta)
    assert chat_state(chat) == (ACTIVE, yuliana.agent_id)
    assert AuditEntry.select().where(AuditEntry.what == "chats.give").count() == 0
    # Sent again after a lost answer it is done, and to who has it by now there is nothing to do.
    for _ in range(2):
        desk.run_as(queue.assign_chat, msgspec.structs.replace(command, holder_id=yuliana.agent_id), marta)
    desk.run_as(queue.assign_chat, command, marta)
    assert chat_state(chat) == (ACTIVE, omar.agent_id)


def test_chat_that_waits_again_is_assigned_whoever_had_it(desk):
    marta, yuliana, omar = supervisor(), available_agent("Yuliana"), agent("Omar", online_status=True)
    chat = desk.join(member())
    Chat.update(status=WAITING, agent=None).where(Chat.id == chat.id).execute()
    command = AssignChat(chat_id=chat.id, agent_id=omar.agent_id, holder_id=yuliana.agent_id)
    desk.run_as(queue.assign_chat, command, marta)
    assert chat_state(chat) == (ACTIVE, omar.agent_id)


def test_supervisor_assigns_a_waiting_chat_and_it_is_audited(desk):
    marta, yuliana, ana = supervisor(), agent("Yuliana", online_status=True), member()
    chat = desk.join(ana)
    command = AssignChat(chat_id=chat.id, agent_id=yuliana.agent_id, note="Ya la conoce")
    _, outgoing = desk.run_as(queue.assign_chat, command, marta)
    assert chat_state(chat) == (ACTIVE, yuliana.agent_id)
    assert events_with_channels(outgoing, ChatUnassigned) == []
    (entry,) = AuditEntry.select().where(AuditEntry.what == "chats.give")
    assert (entry.what, entry.subject, entry.actor_id, entry.actor_role, reason_of(entry)) == (
        "chats.give",
        f"chat:{chat.id}",
        marta.id,
        "supervisor",
        "Ya la conoce",
    )
    assert (json.loads(entry.before), json.loads(entry.after)) == ({"agent": None}, {"agent": yuliana.agent_id})
    assert chat_events(chat)[-1] == ("given", yuliana.agent_id, "Ya la conoce")


def test_supervisor_takes_a_chat_from_one_and_gives_it_to_another(desk):
    marta, yuliana, omar, ana = supervisor(), agent(), agent("Omar", online_status=True), member()
    chat = desk.join(ana)
    desk.take(chat, yuliana)
    _, outgoing = desk.run_as(
        queue.assign_chat, AssignChat(chat_id=chat.id, agent_id=omar.agent_id, note=SECRET_NOTE), marta
    )
    assert chat_state(chat) == (ACTIVE, omar.agent_id)
    assert [to for _, to in events_with_channels(outgoing, ChatUnassigned)] == [
        (channels.agent_channel(yuliana.agent_id),)
    ]
    assert [to for _, to in events_with_channels(outgoing, ChatInitiated)] == [(channels.agent_channel(omar.agent_id),)]
    assert SECRET_NOTE not in text_to(outgoing, channels.user_channel(ana.id), channels.AGENTS_CHANNEL)
    (entry,) = AuditEntry.select().where(AuditEntry.what == "chats.give")
    assert json.loads(entry.before) == {"agent": yuliana.agent_id}


def test_supervisor_takes_a_chat_over_and_answers_it(desk):
    marta, yuliana, ana = supervisor("Marta"), agent(), member()
    chat = desk.join(ana)
    desk.take(chat, yuliana)
    _, outgoing = desk.run_as(
        queue.assign_chat, AssignChat(chat_id=chat.id, agent_id=marta.agent_id, note=SECRET_NOTE), marta
    )
    assert chat_state(chat) == (ACTIVE, marta.agent_id)
    assert [to for _, to in events_with_channels(outgoing, ChatUnassigned)] == [
        (channels.agent_channel(yuliana.agent_id),)
    ]
    assert [to for _, to in events_with_channels(outgoing, ChatInitiated)] == [
        (channels.agent_channel(marta.agent_id),)
    ]
    assert "Le responde Marta." in text_to(outgoing, channels.user_channel(ana.id))
    assert SECRET_NOTE not in text_to(outgoing, channels.user_channel(ana.id))
    (entry,) = AuditEntry.select().where(AuditEntry.what == "chats.give")
    assert json.loads(entry.after) == {"agent": marta.agent_id}
    line, _ = desk.run_as(messages.send_messages, SendMessage(chat_id=chat.id, message="Soy Marta"), marta)
    assert (line.sender_type, line.sender_id) == ("AGENT", marta.agent_id)
    with pytest.raises(NotFound):
        desk.run_as(messages.send_messages, SendMessage(chat_id=chat.id, message="Soy yo"), yuliana)


def test_giving_somebody_what_they_have_is_nothing(desk):
    marta, yuliana = supervisor(), agent()
    chat = desk.join()
    desk.take(chat, yuliana)
    _, outgoing = desk.run_as(queue.assign_chat, AssignChat(chat_id=chat.id, agent_id=yuliana.agent_id), marta)
    assert (outgoing, AuditEntry.select().where(AuditEntry.what == "chats.give").count()) == ([], 0)
    # The note of the command is not lost.
    command = AssignChat(chat_id=chat.id, agent_id=yuliana.agent_id, note="Ya la conoce")
    _, outgoing = desk.run_as(queue.assign_chat, command, marta)
    assert [type(one.event) for one in outgoing] == [NoteAdded]


def test_supervisor_gives_open_support_chats_to_active_agents_only(desk):
    marta, yuliana, gone, ana = supervisor(), agent(), agent(), member()
    Agent.update(status="INACTIVE").where(Agent.id == gone.agent_id).execute()
    chat = desk.join(ana)
    wrong = [(chat.id, gone.agent_id), (chat.id, 2_000_000_000), (2_000_000_000, yuliana.agent_id)]
    wrong.append((direct_chat(marta, yuliana).id, yuliana.agent_id))
    for chat_id, agent_id in wrong:
        with pytest.raises(NotFound):
            desk.run_as(queue.assign_chat, AssignChat(chat_id=chat_id, agent_id=agent_id), marta)
    desk.close(chat, ana)
    with pytest.raises(ChatIsClosed):
        desk.run_as(queue.assign_chat, AssignChat(chat_id=chat.id, agent_id=yuliana.agent_id), marta)
    assert not AuditEntry.select().where(AuditEntry.what == "chats.give").exists()


# ---- Reopening -------------------------------------------------------------------------------------


def ended(desk, ana, yuliana):
    """Return a chat that was closed ten seconds after NOW."""
    chat = desk.join(ana)
    desk.take(chat, yuliana)
    desk.close(chat, yuliana, 10)
    return chat


def test_chat_reopened_by_its_member_queues_behind_all_who_wait(desk):
    ana, yuliana = member(), agent()
    chat = ended(desk, ana, yuliana)
    other, reopened_at = desk.join(second=11), 10 + 24 * HOUR
    payload, outgoing = desk.run_as(queue.reopen_chat, ReopenChat(chat_id=chat.id), ana, reopened_at)
    now = load_chat(chat)
    assert (payload.status, now.status, now.agent_id, now.is_front) == (WAITING, WAITING, None, False)
    assert now.awaiting_since == seconds_after_now(reopened_at)
    assert [one.chat_id for one in list_queue_positions(UnitOfWork(SYSTEM, now.awaiting_since))] == [other.id, chat.id]
    assert (now.closed_at, now.closed_by_id, now.assigned_at) == (None, None, None)
    assert events_with_channels(outgoing, NewChat) == [(NewChat(chat=payload), (channels.user_channel(ana.id),))]
    assert messages_of(chat)[-1] == "El chat se abrió de nuevo."
    assert events_with_channels(outgoing, QueueLengthChanged) == [
        (QueueLengthChanged(waiting=2), (channels.AGENTS_CHANNEL,))
    ]
    assert chat_events(chat)[-1] == ("reopened", yuliana.agent_id, "")


def test_reopened_chat_goes_to_an_agent_with_capacity(desk):
    ana, yuliana = member(), agent()
    chat = ended(desk, ana, yuliana)
    omar = available_agent("Omar")
    payload, _ = desk.run_as(queue.reopen_chat, ReopenChat(chat_id=chat.id), ana, 20)
    assert (payload.status, payload.agent_id) == (ACTIVE, omar.agent_id)


def test_agent_goes_on_with_a_chat_of_theirs(desk):
    ana, yuliana = member(), agent("Yuliana")
    chat = ended(desk, ana, yuliana)
    payload, outgoing = desk.run_as(queue.reopen_chat, ReopenChat(chat_id=chat.id), yuliana, 20)
    assert (payload.status, payload.agent_id) == (ACTIVE, yuliana.agent_id)
    assert [event.chat.status for event, _ in events_with_channels(outgoing, NewChat)] == [ACTIVE]
    assert messages_of(chat)[-1] == "Le responde Yuliana."


def test_day_later_a_chat_is_over(desk):
    ana, yuliana = member(), agent()
    chat = ended(desk, ana, yuliana)
    for who in (ana, yuliana):
        with pytest.raises(ChatIsClosed):
            desk.run_as(queue.reopen_chat, ReopenChat(chat_id=chat.id), who, 11 + 24 * HOUR)
    assert load_chat(chat).status == CLOSED


def test_what_is_open_is_simply_shown_again(desk):
    ana, yuliana = member(), agent()
    chat = desk.join(ana)
    assert desk.run_as(queue.reopen_chat, ReopenChat(chat_id=chat.id), ana)[0].status == WAITING
    desk.take(chat, yuliana)
    payload, outgoing = desk.run_as(queue.reopen_chat, ReopenChat(chat_id=chat.id), yuliana)
    assert (payload.id, payload.status, outgoing) == (chat.id, ACTIVE, [])


def test_beside_another_open_chat_none_is_opened_again(desk):
    ana, yuliana = member(), agent()
    chat = ended(desk, ana, yuliana)
    desk.join(ana, second=20)
    for who in (ana, yuliana):
        with pytest.raises(Conflict):
            desk.run_as(queue.reopen_chat, ReopenChat(chat_id=chat.id), who, 30)


def test_what_is_not_ones_own_or_not_of_the_queue_is_not_opened_again(desk):
    ana, yuliana = member(), agent()
    chat, direct = ended(desk, ana, yuliana), direct_chat(ana, member())
    Chat.update(status=CLOSED, closed_at=OPEN_HOURS_NOW).where(Chat.id == direct.id).execute()
    for chat_id, who in ((chat.id, member()), (chat.id, agent()), (direct.id, ana), (2_000_000_000, ana)):
        with pytest.raises(NotFound):
            desk.run_as(queue.reopen_chat, ReopenChat(chat_id=chat_id), who, 20)


# ---- Rating ------------------------------------------------------------------------------------


def test_member_says_how_it_was_once(desk):
    ana, yuliana = member(), agent()
    chat = ended(desk, ana, yuliana)
    _, outgoing = desk.run_as(queue.rate_chat, RateChat(chat_id=chat.id, score=4, comment="Muy amable"), ana, 20)
    rated = ChatRated(chat_id=chat.id, span=1, agent_id=yuliana.agent_id, score=4, comment="Muy amable")
    of_staff = ChatRated(chat_id=chat.id, span=1, agent_id=yuliana.agent_id, score=4, comment="")
    assert events_with_channels(outgoing) == [
        (rated, (channels.user_channel(ana.id),)),
        (of_staff, (channels.agent_channel(yuliana.agent_id), channels.SUPERVISORS_CHANNEL)),
    ]
    with pytest.raises(Conflict):
        desk.run_as(queue.rate_chat, RateChat(chat_id=chat.id, score=1), ana, 30)
    (kept,) = Rating.select()
    assert (kept.chat_id, kept.agent_id, kept.score, kept.comment, kept.created_at) == (
        chat.id,
        yuliana.agent_id,
        4,
        "Muy amable",
        seconds_after_now(20),
    )


def test_chat_that_was_reopened_and_closed_again_is_rated_again_once(desk):
    ana, yuliana = member(), agent()
    chat = ended(desk, ana, yuliana)
    desk.run_as(queue.rate_chat, RateChat(chat_id=chat.id, score=2), ana, 20)
    desk.run_as(queue.reopen_chat, ReopenChat(chat_id=chat.id), ana, 30)
    with pytest.raises(NotFound):
        desk.run_as(queue.rate_chat, RateChat(chat_id=chat.id, score=3), ana, 35)
    desk.close(chat, ana, 40)
    desk.run_as(queue.rate_chat, RateChat(chat_id=chat.id, score=5), ana, 50)
    with pytest.raises(Conflict):
        desk.run_as(queue.rate_chat, RateChat(chat_id=chat.id, score=1), ana, 60)
    assert list(Rating.select(Rating.span, Rating.score).order_by(Rating.span).tuples()) == [(1, 2), (2, 5)]


def test_old_form_does_not_rate_a_newer_closing(desk):
    ana, yuliana = member(), agent(online_status=True)
    chat = ended(desk, ana, yuliana)
    desk.run_as(queue.reopen_chat, ReopenChat(chat_id=chat.id), ana, 20)
    desk.close(chat, ana, 30)
    for span in (1, 3):
        with pytest.raises(NotFound):
            desk.run_as(queue.rate_chat, RateChat(chat_id=chat.id, span=span, score=1), ana, 40)
    assert not Rating.select().exists()
    desk.run_as(queue.rate_chat, RateChat(chat_id=chat.id, span=2, score=5), ana, 50)
    assert list(Rating.select(Rating.span, Rating.score).tuples()) == [(2, 5)]


def test_chat_that_nobody_took_is_rated_for_the_supervisors_alone(desk):
    ana = member()
    chat = desk.join(ana)
    desk.close(chat, ana)
    _, outgoing = desk.run_as(queue.rate_chat, RateChat(chat_id=chat.id, score=1), ana)
    told = [(channels.user_channel(ana.id),), (channels.SUPERVISORS_CHANNEL,)]
    assert [to for _, to in events_with_channels(outgoing)] == told


def test_only_ones_own_chat_is_rated_and_only_when_it_has_ended(desk):
    ana, yuliana = member(), agent()
    chat, open_, direct = ended(desk, ana, yuliana), support_chat(member(), yuliana), direct_chat(ana, member())
    Chat.update(status=CLOSED, closed_at=OPEN_HOURS_NOW).where(Chat.id == direct.id).execute()
    mine = desk.join(ana, second=20)
    for chat_id, who in (
        (chat.id, member()),
        (chat.id, yuliana),
        (open_.id, ana),
        (mine.id, ana),
        (direct.id, ana),
        (2_000_000_000, ana),
    ):
        with pytest.raises(NotFound):
            desk.run_as(queue.rate_chat, RateChat(chat_id=chat_id, score=5), who, 30)
    assert not Rating.select().exists()


def test_system_messages_of_a_transfer_reach_its_participants(desk):
    ana, yuliana, omar = member(), agent("Yuliana"), agent("Omar", online_status=True)
    chat = desk.join(ana)
    desk.take(chat, yuliana)
    _, outgoing = desk.run_as(queue.transfer_chat, TransferChat(chat_id=chat.id, agent_id=omar.agent_id), yuliana)
    assert [to for _, to in events_with_channels(outgoing, MessageSent)] == [
        (channels.user_channel(ana.id), channels.watched_chat_channel(chat.id)),
        (channels.user_channel(ana.id), channels.agent_channel(omar.agent_id), channels.watched_chat_channel(chat.id)),
    ]
    assert messages_of(chat)[-1] == "Le responde Omar."
    assert assignment.count_chats_by_agent([yuliana.agent_id, omar.agent_id]) == {omar.agent_id: 1}
    assert load_chat(chat).needs_first_reply
