"""What people ask of the queue, and what they are told: every way in, through and out of it."""

import json
from datetime import timedelta

import msgspec
import pytest

from beneficiate.actions import lines, queue, routing
from beneficiate.errors import ChatIsClosed, ChatIsTaken, Conflict, NotFound
from beneficiate.models.audit import AuditEntry
from beneficiate.models.chats import ACTIVE, CLOSED, WAITING, Chat, ChatEvent, Rating
from beneficiate.models.people import AVAILABLE, AWAY, OFFLINE, Agent, User
from beneficiate.protocol import topics
from beneficiate.protocol.commands import SendLine
from beneficiate.protocol.events import ChatInitiated, LineSent, NewChat, QueueChanged, UserConnected
from beneficiate.protocol.routing import (
    AssignChat,
    AvailabilityChanged,
    ChatLeft,
    ChatRated,
    QueueMoved,
    RateChat,
    ReopenChat,
    RequestAgent,
    ReturnChat,
    SetAvailability,
    TransferChat,
)
from beneficiate.protocol.tools import NoteAdded
from beneficiate.queries.routing import wishes
from beneficiate.routing.choice import Candidate
from beneficiate.store import SYSTEM, Order, Work
from tests.actions.desks import (
    NOW,
    Desk,
    availability_of,
    desk_of,
    events_of,
    later,
    on_duty,
    row,
    sentences_in,
    state,
    told,
    topic,
    words_to,
)
from tests.people import agent, direct_chat, member, supervisor, support_chat

SECRET_NOTE = "No paga desde marzo"
HOUR = 3600


@pytest.fixture
def desk(act):
    return Desk(act)


def text_to(said, *who):
    """Everything that reaches these topics, as it goes over the wire."""
    return "".join(msgspec.json.encode(one.event).decode() for one in said if set(one.to) & set(who))


# ---- Asking for a person -------------------------------------------------------------------------


def test_who_asks_waits_and_the_agents_hear_how_many_do(desk):
    ana = member("Ana")
    picture, said = desk.do(queue.join, RequestAgent(), ana)
    chat = Chat.get_by_id(picture.id)
    assert (picture.status, picture.agent_id, picture.user_id) == (WAITING, None, ana.id)
    assert (chat.queued_at, chat.is_front, chat.topic_id, chat.bot_muted) == (NOW, False, None, False)
    assert told(said) == [
        (NewChat(chat=picture), (topics.user(ana.id),)),
        (QueueChanged(waiting=1), (topics.AGENTS,)),
        (QueueMoved(), (topics.QUEUE,)),
    ]
    assert events_of(chat) == [("queued", None, "")]


def test_who_asks_again_stays_where_they_are_and_nobody_hears_of_it(desk):
    ana = member()
    first = desk.join(ana)
    picture, said = desk.do(queue.join, RequestAgent(), ana, 60)
    assert (picture.id, said) == (first.id, [])
    assert row(first).queued_at == NOW


def test_who_has_an_agent_gets_the_chat_with_them(desk):
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    picture, said = desk.do(queue.join, RequestAgent(), ana)
    assert (picture.id, picture.agent.id, said) == (chat.id, yuliana.id, [])


def test_a_topic_is_kept_and_one_that_is_not_offered_is_refused(desk):
    citas = topic("citas")
    topic("viejo", is_active=False)
    assert desk.join(about="citas").topic_id == citas.id
    for code in ("viejo", "nada"):
        with pytest.raises(NotFound):
            desk.join(about=code)
    assert Chat.select().count() == 1


def test_many_ask_at_once_and_each_gets_their_own_answer(db):
    ana, luis, dora = member(), member(), member()
    orders = [
        Order(who.actor, RequestAgent(topic=about))
        for who, about in ((ana, None), (luis, "nada"), (ana, None), (dora, None))
    ]
    work = Work(SYSTEM, NOW)
    first, refused, again, last = queue.join(work, orders)
    assert (first, first.user_id, last.user_id) == (again, ana.id, dora.id)
    assert isinstance(refused, NotFound)
    assert [one.event for one in work.emissions if isinstance(one.event, QueueChanged)] == [QueueChanged(waiting=2)]
    assert ChatEvent.select().count() == 2


def test_where_an_agent_has_room_nobody_waits(desk):
    ana, yuliana = member("Ana"), on_duty("Yuliana")
    picture, said = desk.do(queue.join, RequestAgent(), ana)
    chat = Chat.get_by_id(picture.id)
    assert (picture.status, picture.agent.id) == (ACTIVE, yuliana.id)
    assert (chat.assigned_at, chat.reply_due_at, chat.agent_was_here) == (NOW, later(60), True)
    assert desk_of(yuliana).idle_since == NOW
    to_member, to_agent = topics.user(ana.id), topics.agent(yuliana.agent_id)
    assert words_to(said, to_member) == ["NewChat", "LineSent", "NewChat", "UserConnected"]
    assert words_to(said, to_agent) == ["LineSent", "ChatInitiated"]
    assert told(said, QueueChanged) == [(QueueChanged(waiting=0), (topics.AGENTS,))]
    assert sentences_in(chat) == ["Lo atiende Yuliana."]
    assert events_of(chat) == [("queued", None, ""), ("assigned", yuliana.agent_id, "")]
    ((opened, _),) = told(said, ChatInitiated)
    assert (opened.chat.user.email, opened.chat.last_message) == (ana.user.email, "Lo atiende Yuliana.")


def test_the_assistant_calls_a_person_and_is_silent_in_that_chat(desk, act):
    ana = member()
    picture, _ = act(lambda work, _: queue.ask(work), None, ana.actor, NOW)
    assert row(picture).bot_muted
    again, _ = act(lambda work, _: queue.ask(work), None, ana.actor, NOW)
    assert again.id == picture.id


# ---- Saying that one is there --------------------------------------------------------------------


def test_who_becomes_available_gets_what_waits_up_to_what_they_can_have(desk):
    yuliana = on_duty(capacity=2)
    Agent.update(availability=AWAY).execute()
    chats = [desk.join(second=n) for n in range(3)]
    _, said = desk.do(queue.set_availability, SetAvailability(availability=AVAILABLE), yuliana, 10)
    assert [state(chat) for chat in chats] == [(ACTIVE, yuliana.agent_id)] * 2 + [(WAITING, None)]
    changed = AvailabilityChanged(agent_id=yuliana.agent_id, availability="available", reason="")
    assert told(said)[0] == (changed, (topics.agent(yuliana.agent_id), topics.SUPERVISORS))
    assert told(said, QueueChanged) == [(QueueChanged(waiting=1), (topics.AGENTS,))]
    assert desk_of(yuliana).availability_at == later(10)


@pytest.mark.parametrize("availability", [AWAY, OFFLINE])
def test_who_is_not_available_gets_nothing_and_keeps_what_they_have(desk, availability):
    yuliana = on_duty()
    kept = desk.join()
    _, said = desk.do(queue.set_availability, SetAvailability(availability=availability, reason="Almuerzo"), yuliana)
    assert availability_of(yuliana) == (availability, "Almuerzo")
    assert state(desk.join()) == (WAITING, None)
    assert state(kept) == (ACTIVE, yuliana.agent_id)
    # How long it takes is something else now.
    assert told(said, QueueMoved) == [(QueueMoved(), (topics.QUEUE,))]


# ---- Picking -------------------------------------------------------------------------------------


def test_an_agent_picks_whom_they_like_whatever_they_know_and_however_much_they_have(desk):
    yuliana, ana = agent("Yuliana", online_status=True), member()
    Agent.update(capacity=0).execute()
    desk.join()
    chat = desk.join(ana, about=topic("pagos").code)
    picture, said = desk.take(chat, yuliana, 5)
    assert (picture.id, picture.status, state(chat)) == (chat.id, ACTIVE, (ACTIVE, yuliana.agent_id))
    assert words_to(said, topics.user(ana.id)) == ["LineSent", "NewChat", "UserConnected"]
    assert words_to(said, topics.agent(yuliana.agent_id)) == ["LineSent", "ChatInitiated"]
    assert told(said, QueueChanged) == [(QueueChanged(waiting=1), (topics.AGENTS,))]
    assert events_of(chat)[-1] == ("picked", yuliana.agent_id, "")


def test_what_somebody_has_is_taken_and_ones_own_is_given_again(desk):
    yuliana, omar, ana = agent(), agent(), member()
    chat = desk.join(ana)
    desk.take(chat, yuliana)
    again, said = desk.take(chat, yuliana)
    assert (again.id, said) == (chat.id, [])
    with pytest.raises(ChatIsTaken):
        desk.take(chat, omar)
    desk.close(chat, ana)
    with pytest.raises(ChatIsClosed):
        desk.take(chat, yuliana)


def test_what_does_not_wait_in_the_queue_is_not_there_to_be_picked(desk):
    for chat in (direct_chat(member(), member()), Chat(id=2_000_000_000)):
        with pytest.raises(NotFound):
            desk.take(chat, agent())


# ---- Passing on ----------------------------------------------------------------------------------


def test_a_chat_goes_to_a_colleague_with_a_note_that_the_member_never_sees(desk):
    ana, yuliana, omar = member(), agent("Yuliana"), agent("Omar", online_status=True)
    chat = desk.join(ana)
    desk.take(chat, yuliana)
    command = TransferChat(chat_id=chat.id, agent_id=omar.agent_id, note=SECRET_NOTE)
    _, said = desk.do(queue.transfer, command, yuliana, 5)
    assert state(chat) == (ACTIVE, omar.agent_id)
    assert (row(chat).wanted_agent_id, row(chat).is_front, row(chat).reply_due_at) == (None, False, later(65))
    left = ChatLeft(chat_id=chat.id, reason="transferred")
    assert told(said, ChatLeft) == [(left, (topics.agent(yuliana.agent_id),))]
    assert [to for _, to in told(said, ChatInitiated)] == [(topics.agent(omar.agent_id),)]
    assert [event.chat.agent and event.chat.agent.id for event, _ in told(said, NewChat)] == [None, omar.id]
    assert events_of(chat)[-2:] == [
        ("transferred", yuliana.agent_id, SECRET_NOTE),
        ("given", omar.agent_id, SECRET_NOTE),
    ]
    assert "transferred" in [one.kind for one in ChatEvent.select().where(ChatEvent.other_agent == omar.agent_id)]
    assert SECRET_NOTE not in text_to(said, topics.user(ana.id))
    assert SECRET_NOTE not in "".join(sentences_in(chat))


def test_a_colleague_who_is_not_there_is_not_said_to_be(desk):
    ana, yuliana, omar = member(), agent(), agent()
    chat = desk.join(ana)
    desk.take(chat, yuliana)
    _, said = desk.do(queue.transfer, TransferChat(chat_id=chat.id, agent_id=omar.agent_id), yuliana)
    assert told(said, UserConnected) == []
    assert not row(chat).agent_was_here


def test_a_chat_about_something_else_goes_to_who_knows_that_or_waits_first_in_line(desk):
    pagos, yuliana = topic("pagos"), agent("Yuliana", online_status=True)
    first = desk.join()
    chat = desk.join(second=1)
    desk.take(chat, yuliana, 2)
    desk.do(queue.transfer, TransferChat(chat_id=chat.id, topic="pagos", note="x"), yuliana, 3)
    assert (state(chat), row(chat).topic_id, row(chat).is_front) == ((WAITING, None), pagos.id, True)
    omar = on_duty("Omar", capacity=1, knows=[pagos])
    desk.do(queue.set_availability, SetAvailability(availability=AVAILABLE), omar, 4)
    assert (state(chat), state(first)) == ((ACTIVE, omar.agent_id), (WAITING, None))


def test_who_returns_a_chat_does_not_get_it_straight_back_while_a_colleague_has_room(desk):
    yuliana, omar, ana = on_duty("Yuliana"), on_duty("Omar", capacity=1), member()
    first = desk.join(ana)
    desk.close(first, ana, 1)
    # Both would rather have the member again whom they know.
    holder = {agent_id: who for who in (yuliana, omar) for agent_id in [who.agent_id]}
    chat = desk.join(ana, second=2)
    by, other = holder[row(chat).agent_id], next(who for who in (yuliana, omar) if who.agent_id != row(chat).agent_id)
    desk.do(queue.return_, ReturnChat(chat_id=chat.id), by, 3)
    assert state(chat) == (ACTIVE, other.agent_id)
    desk.do(queue.return_, ReturnChat(chat_id=chat.id), other, 4)
    assert state(chat) == (ACTIVE, by.agent_id)


def test_who_had_it_since_or_lost_it_to_a_supervisor_has_not_given_it_away(desk):
    yuliana, ana, marta = on_duty("Yuliana"), member(), supervisor()
    chat = desk.join(ana)
    assert wish_of(yuliana, chat) is None
    desk.do(queue.return_, ReturnChat(chat_id=chat.id), yuliana, 1)
    assert state(chat) == (ACTIVE, yuliana.agent_id)
    desk.do(queue.give, AssignChat(chat_id=chat.id, agent_id=marta.agent_id, note="x"), marta, 2)
    Chat.update(status=WAITING, agent=None).where(Chat.id == chat.id).execute()
    assert wish_of(yuliana, chat).given_by is None
    Chat.update(status=ACTIVE, agent=yuliana.agent_id).where(Chat.id == chat.id).execute()
    Agent.update(availability=AWAY).where(Agent.id == yuliana.agent_id).execute()
    desk.do(queue.return_, ReturnChat(chat_id=chat.id), yuliana, 3)
    assert wish_of(yuliana, chat).given_by == yuliana.agent_id


def wish_of(who, chat):
    """The chat as the rule sees it beside one candidate; None when it does not wait."""
    found = wishes([Candidate(who.agent_id, 0, 5, frozenset(), NOW)], 10)
    return next((one for one in found if one.chat_id == chat.id), None)


def test_a_transfer_says_whom_or_what_and_not_both(desk):
    yuliana, omar = agent(), agent()
    topic("pagos")
    chat = desk.join()
    desk.take(chat, yuliana)
    for whom in ({}, {"agent_id": omar.agent_id, "topic": "pagos"}, {"agent_id": yuliana.agent_id}):
        with pytest.raises(Conflict):
            desk.do(queue.transfer, TransferChat(chat_id=chat.id, **whom), yuliana)
    assert state(chat) == (ACTIVE, yuliana.agent_id)


def test_nothing_goes_to_nobody(desk):
    yuliana, gone = agent(), agent()
    Agent.update(status="INACTIVE").where(Agent.id == gone.agent_id).execute()
    topic("viejo", is_active=False)
    chat = desk.join()
    desk.take(chat, yuliana)
    for whom in ({"agent_id": gone.agent_id}, {"agent_id": 2_000_000_000}, {"topic": "viejo"}, {"topic": "nada"}):
        with pytest.raises(NotFound):
            desk.do(queue.transfer, TransferChat(chat_id=chat.id, **whom), yuliana)
    assert state(chat) == (ACTIVE, yuliana.agent_id)


@pytest.mark.parametrize("action", [queue.transfer, queue.return_])
def test_only_ones_own_is_passed_on_or_put_back(desk, action):
    topic("pagos")
    yuliana, omar, ana = agent(), agent(), member()
    make = (
        (lambda id_: TransferChat(chat_id=id_, topic="pagos"))
        if action is queue.transfer
        else (lambda id_: ReturnChat(chat_id=id_))
    )
    waiting, his = desk.join(), desk.join(ana)
    desk.take(his, omar)
    for chat in (waiting, his, direct_chat(yuliana, member())):
        with pytest.raises(NotFound):
            desk.do(action, make(chat.id), yuliana)
    desk.close(his, ana)
    with pytest.raises(ChatIsClosed):
        desk.do(action, make(his.id), omar)


def test_what_is_put_back_is_first_in_line_about_the_same_and_the_member_is_told(desk):
    ana, yuliana, citas = member(), agent(), topic("citas")
    desk.join()
    chat = desk.join(ana, about="citas", second=1)
    desk.take(chat, yuliana, 2)
    _, said = desk.do(queue.return_, ReturnChat(chat_id=chat.id, note=SECRET_NOTE), yuliana, 3)
    now = row(chat)
    assert (now.status, now.agent_id, now.is_front, now.queued_at, now.topic_id) == (
        WAITING,
        None,
        True,
        later(3),
        citas.id,
    )
    assert (now.assigned_at, now.reply_due_at, now.agent_was_here) == (None, None, False)
    left = ChatLeft(chat_id=chat.id, reason="returned")
    assert told(said, ChatLeft) == [(left, (topics.agent(yuliana.agent_id),))]
    assert words_to(said, topics.user(ana.id)) == ["LineSent", "NewChat"]
    # The agent sits in the chat no more, and does not hear what is said in it.
    assert words_to(said, topics.agent(yuliana.agent_id)) == ["NoteAdded", "ChatLeft"]
    assert told(said, QueueChanged) == [(QueueChanged(waiting=2), (topics.AGENTS,))]
    assert events_of(chat)[-1] == ("returned", yuliana.agent_id, SECRET_NOTE)
    assert SECRET_NOTE not in text_to(said, topics.user(ana.id))


# ---- Given by a supervisor -----------------------------------------------------------------------


def test_a_supervisor_gives_a_waiting_chat_to_whom_they_like_and_it_is_written_down(desk):
    marta, yuliana, ana = supervisor(), agent("Yuliana"), member()
    chat = desk.join(ana)
    command = AssignChat(chat_id=chat.id, agent_id=yuliana.agent_id, note="Ya la conoce")
    _, said = desk.do(queue.give, command, marta)
    assert state(chat) == (ACTIVE, yuliana.agent_id)
    assert told(said, ChatLeft) == []
    (entry,) = AuditEntry.select()
    assert (entry.what, entry.subject, entry.actor_id, entry.actor_role, entry.reason) == (
        "chats.give",
        f"chat:{chat.id}",
        marta.id,
        "supervisor",
        "Ya la conoce",
    )
    assert (json.loads(entry.before), json.loads(entry.after)) == ({"agent": None}, {"agent": yuliana.agent_id})
    assert events_of(chat)[-1] == ("given", yuliana.agent_id, "Ya la conoce")


def test_a_supervisor_takes_a_chat_from_one_and_gives_it_to_another(desk):
    marta, yuliana, omar, ana = supervisor(), agent(), agent("Omar", online_status=True), member()
    chat = desk.join(ana)
    desk.take(chat, yuliana)
    _, said = desk.do(queue.give, AssignChat(chat_id=chat.id, agent_id=omar.agent_id, note=SECRET_NOTE), marta)
    assert state(chat) == (ACTIVE, omar.agent_id)
    assert [to for _, to in told(said, ChatLeft)] == [(topics.agent(yuliana.agent_id),)]
    assert [to for _, to in told(said, ChatInitiated)] == [(topics.agent(omar.agent_id),)]
    assert SECRET_NOTE not in text_to(said, topics.user(ana.id), topics.AGENTS)
    (entry,) = AuditEntry.select()
    assert json.loads(entry.before) == {"agent": yuliana.agent_id}


def test_a_supervisor_takes_a_chat_over_and_answers_it(desk):
    marta, yuliana, ana = supervisor("Marta"), agent(), member()
    chat = desk.join(ana)
    desk.take(chat, yuliana)
    _, said = desk.do(queue.give, AssignChat(chat_id=chat.id, agent_id=marta.agent_id, note=SECRET_NOTE), marta)
    assert state(chat) == (ACTIVE, marta.agent_id)
    assert [to for _, to in told(said, ChatLeft)] == [(topics.agent(yuliana.agent_id),)]
    assert [to for _, to in told(said, ChatInitiated)] == [(topics.agent(marta.agent_id),)]
    assert "Lo atiende Marta." in text_to(said, topics.user(ana.id))
    assert SECRET_NOTE not in text_to(said, topics.user(ana.id))
    (entry,) = AuditEntry.select()
    assert json.loads(entry.after) == {"agent": marta.agent_id}
    line, _ = desk.do(lines.send, SendLine(chat_id=chat.id, message="Soy Marta"), marta)
    assert (line.sender_type, line.sender_id) == ("AGENT", marta.agent_id)
    with pytest.raises(NotFound):
        desk.do(lines.send, SendLine(chat_id=chat.id, message="Soy yo"), yuliana)


def test_a_supervisor_is_given_nothing_until_they_are_available(desk):
    marta = supervisor()
    User.update(online_status=True).where(User.id == marta.id).execute()
    chat = desk.join()
    assert state(chat) == (WAITING, None)
    desk.do(queue.set_availability, SetAvailability(availability="available"), marta)
    assert state(chat) == (ACTIVE, marta.agent_id)


def test_giving_somebody_what_they_have_is_nothing(desk):
    marta, yuliana = supervisor(), agent()
    chat = desk.join()
    desk.take(chat, yuliana)
    _, said = desk.do(queue.give, AssignChat(chat_id=chat.id, agent_id=yuliana.agent_id), marta)
    assert (said, AuditEntry.select().count()) == ([], 0)
    # What one wanted to say with it is not lost.
    command = AssignChat(chat_id=chat.id, agent_id=yuliana.agent_id, note="Ya la conoce")
    _, said = desk.do(queue.give, command, marta)
    assert [type(one.event) for one in said] == [NoteAdded]


def test_a_supervisor_gives_open_support_chats_to_active_agents_only(desk):
    marta, yuliana, gone, ana = supervisor(), agent(), agent(), member()
    Agent.update(status="INACTIVE").where(Agent.id == gone.agent_id).execute()
    chat = desk.join(ana)
    wrong = [(chat.id, gone.agent_id), (chat.id, 2_000_000_000), (2_000_000_000, yuliana.agent_id)]
    wrong.append((direct_chat(marta, yuliana).id, yuliana.agent_id))
    for chat_id, agent_id in wrong:
        with pytest.raises(NotFound):
            desk.do(queue.give, AssignChat(chat_id=chat_id, agent_id=agent_id), marta)
    desk.close(chat, ana)
    with pytest.raises(ChatIsClosed):
        desk.do(queue.give, AssignChat(chat_id=chat.id, agent_id=yuliana.agent_id), marta)
    assert not AuditEntry.select().exists()


# ---- Going on with what has ended ----------------------------------------------------------------


def ended(desk, ana, yuliana):
    """A chat that ended ten seconds after NOW."""
    chat = desk.join(ana)
    desk.take(chat, yuliana)
    desk.close(chat, yuliana, 10)
    return chat


def test_a_member_goes_on_with_a_chat_first_in_line(desk):
    ana, yuliana = member(), agent()
    chat = ended(desk, ana, yuliana)
    desk.join(second=11)
    picture, said = desk.do(queue.reopen, ReopenChat(chat_id=chat.id), ana, 10 + 24 * HOUR)
    now = row(chat)
    assert (picture.status, now.status, now.agent_id, now.is_front) == (WAITING, WAITING, None, True)
    assert (now.closed_at, now.closed_by_id, now.assigned_at) == (None, None, None)
    assert told(said, NewChat) == [(NewChat(chat=picture), (topics.user(ana.id),))]
    assert sentences_in(chat)[-1] == "El afiliado abrió de nuevo el chat."
    assert told(said, QueueChanged) == [(QueueChanged(waiting=2), (topics.AGENTS,))]
    assert events_of(chat)[-1] == ("reopened", yuliana.agent_id, "")


def test_a_reopened_chat_goes_to_who_has_room(desk):
    ana, yuliana = member(), agent()
    chat = ended(desk, ana, yuliana)
    omar = on_duty("Omar")
    picture, _ = desk.do(queue.reopen, ReopenChat(chat_id=chat.id), ana, 20)
    assert (picture.status, picture.agent_id) == (ACTIVE, omar.agent_id)


def test_an_agent_goes_on_with_a_chat_of_theirs(desk):
    ana, yuliana = member(), agent("Yuliana")
    chat = ended(desk, ana, yuliana)
    picture, said = desk.do(queue.reopen, ReopenChat(chat_id=chat.id), yuliana, 20)
    assert (picture.status, picture.agent_id) == (ACTIVE, yuliana.agent_id)
    assert [event.chat.status for event, _ in told(said, NewChat)] == [ACTIVE]
    assert sentences_in(chat)[-1] == "Lo atiende Yuliana."


def test_a_day_later_a_chat_is_over(desk):
    ana, yuliana = member(), agent()
    chat = ended(desk, ana, yuliana)
    for who in (ana, yuliana):
        with pytest.raises(ChatIsClosed):
            desk.do(queue.reopen, ReopenChat(chat_id=chat.id), who, 11 + 24 * HOUR)
    assert row(chat).status == CLOSED


def test_what_is_open_is_simply_shown_again(desk):
    ana, yuliana = member(), agent()
    chat = desk.join(ana)
    assert desk.do(queue.reopen, ReopenChat(chat_id=chat.id), ana)[0].status == WAITING
    desk.take(chat, yuliana)
    picture, said = desk.do(queue.reopen, ReopenChat(chat_id=chat.id), yuliana)
    assert (picture.id, picture.status, said) == (chat.id, ACTIVE, [])


def test_beside_another_open_chat_none_is_opened_again(desk):
    ana, yuliana = member(), agent()
    chat = ended(desk, ana, yuliana)
    desk.join(ana, second=20)
    for who in (ana, yuliana):
        with pytest.raises(Conflict):
            desk.do(queue.reopen, ReopenChat(chat_id=chat.id), who, 30)


def test_what_is_not_ones_own_or_not_of_the_queue_is_not_opened_again(desk):
    ana, yuliana = member(), agent()
    chat, direct = ended(desk, ana, yuliana), direct_chat(ana, member())
    Chat.update(status=CLOSED, closed_at=NOW).where(Chat.id == direct.id).execute()
    for chat_id, who in ((chat.id, member()), (chat.id, agent()), (direct.id, ana), (2_000_000_000, ana)):
        with pytest.raises(NotFound):
            desk.do(queue.reopen, ReopenChat(chat_id=chat_id), who, 20)


# ---- Saying how it was ---------------------------------------------------------------------------


def test_a_member_says_how_it_was_once(desk):
    ana, yuliana = member(), agent()
    chat = ended(desk, ana, yuliana)
    _, said = desk.do(queue.rate, RateChat(chat_id=chat.id, score=4, comment="Muy amable"), ana, 20)
    rated = ChatRated(chat_id=chat.id, agent_id=yuliana.agent_id, score=4, comment="Muy amable")
    assert told(said) == [(rated, (topics.agent(yuliana.agent_id), topics.SUPERVISORS))]
    with pytest.raises(Conflict):
        desk.do(queue.rate, RateChat(chat_id=chat.id, score=1), ana, 30)
    (kept,) = Rating.select()
    assert (kept.chat_id, kept.agent_id, kept.score, kept.comment, kept.created_at) == (
        chat.id,
        yuliana.agent_id,
        4,
        "Muy amable",
        later(20),
    )


def test_a_chat_that_nobody_took_is_rated_for_the_supervisors_alone(desk):
    ana = member()
    chat = desk.join(ana)
    desk.close(chat, ana)
    _, said = desk.do(queue.rate, RateChat(chat_id=chat.id, score=1), ana)
    assert [to for _, to in told(said)] == [(topics.SUPERVISORS,)]


def test_only_ones_own_chat_is_rated_and_only_when_it_has_ended(desk):
    ana, yuliana = member(), agent()
    chat, open_, direct = ended(desk, ana, yuliana), support_chat(member(), yuliana), direct_chat(ana, member())
    Chat.update(status=CLOSED, closed_at=NOW).where(Chat.id == direct.id).execute()
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
            desk.do(queue.rate, RateChat(chat_id=chat_id, score=5), who, 30)
    assert not Rating.select().exists()


def test_the_system_lines_of_a_chat_that_changes_hands_are_heard_by_who_sits_in_it(desk):
    ana, yuliana, omar = member(), agent("Yuliana"), agent("Omar")
    chat = desk.join(ana)
    desk.take(chat, yuliana)
    _, said = desk.do(queue.transfer, TransferChat(chat_id=chat.id, agent_id=omar.agent_id), yuliana)
    assert [to for _, to in told(said, LineSent)] == [
        (topics.user(ana.id), topics.watched(chat.id)),
        (topics.user(ana.id), topics.agent(omar.agent_id), topics.watched(chat.id)),
    ]
    assert sentences_in(chat)[-1] == "Lo atiende Omar."
    assert routing.loads([yuliana.agent_id, omar.agent_id]) == {omar.agent_id: 1}
    assert NOW + timedelta(seconds=60) == row(chat).reply_due_at
