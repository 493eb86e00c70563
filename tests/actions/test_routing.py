"""Who gets what waits, and what becomes of it when nobody answers: coming, going, time that passes."""

from datetime import timedelta

import pytest

from beneficiate.actions import lines, routing
from beneficiate.models.chats import ACTIVE, RETURNED, WAITING, Chat
from beneficiate.models.people import AVAILABLE, AWAY, Agent
from beneficiate.protocol import topics
from beneficiate.protocol.commands import SendLine
from beneficiate.protocol.events import LineSent, NewChat, QueueChanged
from beneficiate.protocol.routing import AvailabilityChanged, ChatLeft, QueueMoved
from beneficiate.queries.routing import places
from beneficiate.scheduling.rules import Rules
from beneficiate.store import SYSTEM, Work
from tests.actions.desks import (
    NOW,
    Desk,
    availability_of,
    events_of,
    go_online,
    later,
    on_duty,
    row,
    sentences_in,
    state,
    told,
    topic,
    words_to,
)
from tests.people import agent, direct_chat, member, support_chat


@pytest.fixture
def desk(act):
    return Desk(act)


@pytest.fixture
def look(act):
    """The clock looks at so many seconds: how many chats it took back, and what was said."""
    return lambda second: act(routing.no_reply, None, SYSTEM, later(second))


@pytest.fixture
def come(act):
    return lambda second, *who: act(routing.come, {one.id for one in who}, SYSTEM, later(second))[1]


@pytest.fixture
def leave(act):
    return lambda second, *who: act(routing.leave, {one.id for one in who}, SYSTEM, later(second))[1]


def assign(act, second=0, **how):
    def do(work, _):
        routing.hold_queue()
        return routing.assign(work, **how)

    return act(do, None, SYSTEM, later(second))


# ---- Who gets it ---------------------------------------------------------------------------------


def test_only_active_agents_who_are_available_and_online_get_anything(desk):
    away, offline, gone, out = (on_duty() for _ in range(4))
    Agent.update(availability=AWAY).where(Agent.id == away.agent_id).execute()
    go_online(offline, is_online=False)
    Agent.update(status="INACTIVE").where(Agent.id == gone.agent_id).execute()
    out.user.is_active = False
    out.user.online_status = True
    out.user.save()
    chat = desk.join()
    assert state(chat) == (WAITING, None)


def test_the_least_loaded_gets_the_next_and_of_equals_the_longest_idle(desk):
    yuliana, omar = on_duty("Yuliana"), on_duty("Omar")
    Agent.update(idle_since=later(-5)).where(Agent.id == yuliana.agent_id).execute()
    Agent.update(idle_since=later(-9)).where(Agent.id == omar.agent_id).execute()
    got = [desk.join(second=n).agent_id for n in range(4)]
    assert got == [omar.agent_id, yuliana.agent_id, omar.agent_id, yuliana.agent_id]


def test_an_agent_who_never_had_one_has_been_idle_longest(desk):
    yuliana, omar = on_duty(), on_duty()
    Agent.update(idle_since=later(-9999)).where(Agent.id == yuliana.agent_id).execute()
    assert desk.join().agent_id == omar.agent_id


def test_direct_chats_and_closed_ones_are_no_load(desk):
    yuliana = on_duty(capacity=1)
    direct_chat(yuliana, member())
    support_chat(member(), yuliana, status="CLOSED")
    assert state(desk.join()) == (ACTIVE, yuliana.agent_id)
    assert state(desk.join()) == (WAITING, None)


def test_the_agent_of_last_time_comes_first_while_they_have_room(desk):
    ana = member()
    yuliana, omar = on_duty("Yuliana", capacity=2), on_duty("Omar")
    for who, ended in ((omar, -30), (yuliana, -20)):
        support_chat(ana, who, status="CLOSED", closed_at=later(ended), assigned_at=later(ended - 60))
    support_chat(member(), yuliana)
    assert desk.join(ana).agent_id == yuliana.agent_id
    luis = member()
    support_chat(luis, yuliana, status="CLOSED", closed_at=NOW)
    assert desk.join(luis).agent_id == omar.agent_id


def test_a_topic_waits_for_one_who_knows_it_and_the_next_does_not_wait_with_it(desk):
    citas, pagos = topic("citas"), topic("pagos")
    yuliana = on_duty(knows=[citas])
    about_money, about_visits, whatever = desk.join(about="pagos"), desk.join(about="citas"), desk.join()
    assert [state(one)[1] for one in (about_money, about_visits, whatever)] == [
        None,
        yuliana.agent_id,
        yuliana.agent_id,
    ]
    omar = on_duty(knows=[pagos])
    Agent.update(capacity=1).where(Agent.id == omar.agent_id).execute()
    desk.join()
    assert state(about_money) == (ACTIVE, omar.agent_id)


def test_closing_makes_room_for_the_first_who_waits(desk):
    yuliana, ana = on_duty(capacity=1), member()
    busy, first, second = desk.join(ana), desk.join(second=1), desk.join(second=2)
    _, said = desk.close(busy, ana, 3)
    assert (state(first), state(second)) == ((ACTIVE, yuliana.agent_id), (WAITING, None))
    assert told(said, QueueChanged) == [(QueueChanged(waiting=1), (topics.AGENTS,))]


def test_more_than_fit_at_once_are_all_given_in_order(desk, act, monkeypatch):
    monkeypatch.setattr(routing, "AT_ONCE", 2)
    waiting = [desk.join(second=n) for n in range(7)]
    yuliana, omar = on_duty(capacity=3), on_duty(capacity=2)
    given, said = assign(act, 10)
    assert given == 5
    assert [row(chat).status for chat in waiting] == [ACTIVE] * 5 + [WAITING] * 2
    assert routing.loads([yuliana.agent_id, omar.agent_id]) == {yuliana.agent_id: 3, omar.agent_id: 2}
    assert told(said, QueueChanged) == [(QueueChanged(waiting=2), (topics.AGENTS,))]


def test_where_nothing_changed_nobody_is_told(act, db):
    assert assign(act, is_changed=False) == (0, [])
    _, said = assign(act)
    assert told(said) == [(QueueChanged(waiting=0), (topics.AGENTS,)), (QueueMoved(), (topics.QUEUE,))]


# ---- Where one stands ----------------------------------------------------------------------------


def test_places_are_in_order_the_front_before_all_others(desk):
    yuliana = agent()
    chats = [desk.join(second=n) for n in range(4)]
    desk.take(chats[3], yuliana, 5)
    desk.act(routing_back(chats[3]), None, SYSTEM, later(6))
    assert [place.chat_id for place in places(Work(SYSTEM, later(7)))] == [
        chats[3].id,
        chats[0].id,
        chats[1].id,
        chats[2].id,
    ]


def routing_back(chat):
    def do(work, _):
        routing.hold_queue()
        routing.put_back(work, [chat.id], routing.Why(RETURNED))

    return do


def test_a_place_says_how_long_as_the_last_chats_and_those_at_work_tell(desk):
    yuliana = on_duty(capacity=1)
    for minutes in (4, 10, 300):
        support_chat(member(), yuliana, status="CLOSED", assigned_at=NOW - timedelta(minutes=minutes), closed_at=NOW)
    desk.join()
    desk.join(second=1)
    desk.join(second=2)
    assert [(one.position, one.estimated_wait_s) for one in places(Work(SYSTEM, later(3)))] == [(1, 600), (2, 1200)]
    go_online(yuliana, is_online=False)
    assert [one.estimated_wait_s for one in places(Work(SYSTEM, later(3)))] == [None, None]


# ---- Nobody answers ------------------------------------------------------------------------------


def test_no_word_in_time_and_the_chat_waits_again_before_all_others(desk, look):
    ana, citas = member(), topic("citas")
    yuliana = on_duty("Yuliana", capacity=1, knows=[citas])
    chat = desk.join(ana, about="citas")
    desk.join(second=1)
    assert look(59) == (0, [])
    count, said = look(60)
    now = row(chat)
    assert (count, now.status, now.agent_id, now.is_front, now.topic_id) == (1, WAITING, None, True, citas.id)
    assert availability_of(yuliana) == (AWAY, "No respondió un chat a tiempo")
    away = AvailabilityChanged(agent_id=yuliana.agent_id, availability="away", reason="No respondió un chat a tiempo")
    assert told(said, AvailabilityChanged) == [(away, (topics.agent(yuliana.agent_id), topics.SUPERVISORS))]
    assert told(said, ChatLeft) == [(ChatLeft(chat_id=chat.id, reason="no_reply"), (topics.agent(yuliana.agent_id),))]
    assert words_to(said, topics.user(ana.id)) == ["LineSent", "NewChat"]
    assert sentences_in(chat)[-1] == "Seguimos buscando quién lo atienda. Usted está de primero en la fila."
    assert events_of(chat)[-1] == ("no_reply", yuliana.agent_id, "")
    assert next(place.chat_id for place in places(Work(SYSTEM, later(61)))) == chat.id
    assert look(62) == (0, [])


def test_what_one_did_not_answer_goes_to_the_next(desk, look):
    yuliana = on_duty()
    chat = desk.join()
    omar = on_duty("Omar")
    look(60)
    assert state(chat) == (ACTIVE, omar.agent_id)
    assert row(chat).reply_due_at == later(120)
    look(120)
    assert (state(chat), availability_of(omar)[0]) == ((WAITING, None), AWAY)
    assert availability_of(yuliana)[0] == AWAY


def test_a_first_word_is_enough_and_one_of_the_member_is_none(desk, look):
    ana, yuliana, luis = member(), on_duty(), member()
    answered, silent = desk.join(ana), desk.join(luis)
    desk.do(lines.send, SendLine(chat_id=answered.id, message="Buenos días"), yuliana, 30)
    desk.do(lines.send, SendLine(chat_id=silent.id, message="¿Hola?"), luis, 30)
    assert look(500)[0] == 1
    assert (row(answered).status, row(silent).status) == (ACTIVE, WAITING)


def test_the_others_of_who_did_not_answer_stay_with_them(desk, look):
    yuliana = on_duty()
    early, late = desk.join(), desk.join(second=30)
    look(60)
    assert (row(early).status, state(late)) == (WAITING, (ACTIVE, yuliana.agent_id))


def test_how_long_they_may_take_is_a_setting(desk, act):
    on_duty()
    picture = desk.join()
    Chat.update(status=WAITING, agent=None).execute()

    def do(work, _):
        routing.hold_queue()
        return routing.assign(Work(work.actor, work.now, Rules(first_reply=timedelta(seconds=5))))

    act(do, None, SYSTEM, NOW)
    assert row(picture).reply_due_at == later(5)


# ---- Gone and back -------------------------------------------------------------------------------


def test_the_chats_of_one_who_is_gone_go_to_the_front_and_they_are_away(desk, leave):
    ana, yuliana = member(), on_duty()
    mine, direct = desk.join(ana), direct_chat(yuliana, member())
    go_online(yuliana, is_online=False)
    said = leave(30, yuliana)
    assert (state(mine), row(mine).is_front, row(direct).status) == ((WAITING, None), True, ACTIVE)
    assert availability_of(yuliana) == (AWAY, "Se perdió la conexión")
    assert told(said, ChatLeft) == [(ChatLeft(chat_id=mine.id, reason="lost"), (topics.agent(yuliana.agent_id),))]
    assert sentences_in(mine)[-1] == "Se perdió la conexión con el agente. Usted está de primero en la fila."
    assert events_of(mine)[-1] == ("lost", yuliana.agent_id, "")
    assert [to for _, to in told(said, LineSent)] == [(topics.user(ana.id), topics.watched(mine.id))]


def test_what_is_lost_goes_to_who_has_room(desk, leave):
    yuliana = on_duty()
    chat = desk.join()
    omar = on_duty("Omar")
    go_online(yuliana, is_online=False)
    said = leave(30, yuliana)
    assert state(chat) == (ACTIVE, omar.agent_id)
    assert [event.chat.status for event, _ in told(said, NewChat)] == [WAITING, ACTIVE]


def test_an_agent_who_was_never_here_since_does_not_lose_a_chat_by_being_gone(desk, leave, come, act):
    yuliana = on_duty(is_online=False)
    chat = support_chat(member(), yuliana)
    assert leave(0, yuliana) == []
    assert (state(chat), availability_of(yuliana)[0]) == ((ACTIVE, yuliana.agent_id), AVAILABLE)
    go_online(yuliana)
    assert come(1, yuliana) == []
    assert row(chat).agent_was_here
    go_online(yuliana, is_online=False)
    leave(30, yuliana)
    assert state(chat) == (WAITING, None)


def test_members_come_and_go_and_the_queue_stays_as_it_is(desk, leave, come):
    ana = member()
    chat = desk.join(ana)
    assert come(1, ana) == leave(2, ana) == []
    assert (state(chat), row(chat).queued_at) == ((WAITING, None), NOW)


def test_an_agent_who_comes_gets_what_waits_if_they_are_available(desk, come):
    yuliana, omar = on_duty(is_online=False), agent()
    chat = desk.join()
    go_online(omar)
    assert come(1, omar) == []
    go_online(yuliana)
    said = come(2, yuliana)
    assert state(chat) == (ACTIVE, yuliana.agent_id)
    assert told(said, QueueChanged) == [(QueueChanged(waiting=0), (topics.AGENTS,))]


def test_an_inactive_agent_is_a_member_and_loses_nothing(desk, leave):
    ines = on_duty()
    chat = desk.join()
    Agent.update(status="INACTIVE").where(Agent.id == ines.agent_id).execute()
    assert leave(30, ines) == []
    assert state(chat) == (ACTIVE, ines.agent_id)


def test_who_is_away_already_is_not_set_away_again(desk, leave):
    yuliana = on_duty()
    desk.join()
    Agent.update(availability=AWAY, reason="Almuerzo").execute()
    assert told(leave(30, yuliana), AvailabilityChanged) == []
    assert availability_of(yuliana) == (AWAY, "Almuerzo")
