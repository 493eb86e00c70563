"""The lists of the desk: who is in which, in which order, page after page."""

from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.actions import chats, messages, queue, tags
from beneficiate.actions.recall import recall_message
from beneficiate.errors import Invalid, NotFound
from beneficiate.models.accounts import User
from beneficiate.models.call_centre import Topic
from beneficiate.models.chats import CLOSED, WAITING, Chat
from beneficiate.protocol.commands import CloseChat, SendMessage
from beneficiate.protocol.desk_tools import RecallMessage, TagChat
from beneficiate.protocol.queue import AssignChat
from beneficiate.queries import chat_lists
from beneficiate.queries.chat_lists import (
    CHATS_PER_PAGE,
    ChatListQuery,
    list_chat_rows,
    list_desk_chats,
    load_open_chat,
)
from beneficiate.unit_of_work import Actor, UnitOfWork
from tests.factories import agent, direct_chat, member, supervisor, support_chat

NOW = datetime(2026, 8, 25, 15, 0, 0, 123456, tzinfo=UTC)


def listed(who, tab="mine", **asked):
    return list_desk_chats(UnitOfWork(who.actor, NOW), ChatListQuery(tab, **asked))


def ids(who, tab="mine", **asked):
    return [chat.id for chat in listed(who, tab, **asked).conversations]


def at(minutes):
    return NOW - timedelta(minutes=minutes)


def test_each_list_has_its_chats_the_newest_first(db):
    yuliana, omar, marta = agent("Yuliana"), agent(), supervisor()
    older = support_chat(member(), yuliana, updated_at=at(9)).id
    newer = support_chat(member(), yuliana, updated_at=at(1)).id
    his = support_chat(member(), omar, updated_at=at(5)).id
    waits = support_chat(member(), None, updated_at=at(3), awaiting_since=at(3)).id
    old, oldest = (
        support_chat(member(), by, status=CLOSED, updated_at=at(m)).id for by, m in ((omar, 2), (yuliana, 8))
    )
    desk = direct_chat(yuliana, marta)
    Chat.update(updated_at=at(4)).where(Chat.id == desk.id).execute()
    assert ids(yuliana) == [newer, desk.id, older]
    assert ids(omar) == [his]
    assert ids(marta) == [desk.id]
    for who in (yuliana, omar, marta):
        assert ids(who, "waiting") == [waits]
        assert ids(who, "all") == [newer, waits, his, older]
        assert ids(who, "closed") == [old, oldest]
    assert listed(yuliana).counts == {"mine": 3, "waiting": 1, "all": 4, "closed": 2}
    assert listed(marta, "closed").counts == {"mine": 1, "waiting": 1, "all": 4, "closed": 2}


def test_closed_chats_that_nobody_wrote_in_are_left_out(act, db):
    ana, yuliana = member(), agent()
    closed = []
    for minutes, (by, text) in enumerate([(None, ""), (None, "Hola"), (yuliana, ""), (yuliana, "Hola")]):
        chat = support_chat(ana, by)
        if text:
            act(messages.send_messages, SendMessage(chat_id=chat.id, message=text), ana.actor, at(5))
        act(chats.close_chat, CloseChat(chat_id=chat.id), ana.actor, at(3 - minutes))
        closed.append(chat.id)
    _, written, _, answered = closed
    assert ids(yuliana, "closed") == [answered, written]
    assert listed(yuliana, "closed").counts["closed"] == 2
    shown = list_chat_rows(UnitOfWork(yuliana.actor, NOW), ChatListQuery("closed"), None)[0]
    assert [row.chat.id for row in shown] == [answered, written]


def test_long_lists_are_counted_up_to_a_limit(db, monkeypatch):
    monkeypatch.setattr(chat_lists, "MAX_COUNTED_CHATS", 2)
    yuliana = agent()
    for _ in range(3):
        support_chat(member(), yuliana, status=CLOSED)
    support_chat(member(), yuliana)
    assert listed(yuliana).counts == {"mine": 1, "waiting": 0, "all": 1, "closed": 2}


def test_chat_has_what_a_row_needs(act, db):
    ana, yuliana, marta = member("Ana"), agent("Yuliana"), supervisor("Marta")
    User.update(online_status=True).where(User.id == ana.id).execute()
    topic = Topic.create(code="citas", name="Citas")
    chat = support_chat(ana, yuliana, topic=topic)
    for text in ("Hola", "x" * 300):
        act(messages.send_messages, SendMessage(chat_id=chat.id, message=text), ana.actor)
    for tag in ("Urgente", "Fórmula"):
        act(tags.tag_chat, TagChat(chat_id=chat.id, tag=tag), marta.actor)
    (one,) = listed(yuliana).conversations
    assert (one.id, one.kind, one.status, one.topic) == (chat.id, "SUPPORT", "ACTIVE", "citas")
    assert (one.user.id, one.user.first_name, one.is_online) == (ana.id, "Ana", True)
    assert (one.agent.id, one.agent.first_name, one.agent_id) == (yuliana.id, "Yuliana", yuliana.agent_id)
    assert (one.last_line, one.last_seq, one.unread) == ("x" * 200, 2, 2)
    assert one.tags == ["Fórmula", "Urgente"]
    assert one.awaiting_since is not None
    assert one.awaiting_since < one.updated_at
    act(messages.send_messages, SendMessage(chat_id=chat.id, message="Dígame"), yuliana.actor)
    assert listed(yuliana).conversations[0].awaiting_since is None


def test_list_shows_the_last_message_of_a_person_and_not_of_the_system(act, db):
    ana, yuliana = member("Ana"), agent("Yuliana")
    chat = support_chat(ana, yuliana)
    act(messages.send_messages, SendMessage(chat_id=chat.id, message="Con gusto"), yuliana.actor)
    act(chats.close_chat, CloseChat(chat_id=chat.id), yuliana.actor)
    (row,), _ = list_chat_rows(UnitOfWork(yuliana.actor, NOW), ChatListQuery("closed"), None)
    assert (row.chat.last_line, row.last_mine, row.chat.last_seq) == ("Con gusto", True, 2)


def test_words_of_a_chat_are_listed_for_who_has_it_alone(db):
    yuliana, marta, topic = agent("Yuliana"), supervisor("Marta"), Topic.create(code="citas", name="Citas")
    written = {"last_line": "Me duele", "last_seq": 1}
    theirs = support_chat(member("Ana"), yuliana, topic=topic, **written)
    closed = support_chat(member("Beto"), yuliana, status=CLOSED, **written)
    waiting = support_chat(member("Iris"), None, **written)
    own = {theirs.id: "Me duele", closed.id: "Me duele", waiting.id: "Sin tema"}
    others = {theirs.id: "Citas", closed.id: "Sin tema", waiting.id: "Sin tema"}
    answers_none = Actor(marta.id, "supervisor", None, "Marta")
    for actor, expected in (
        (yuliana.actor, own),
        (agent().actor, others),
        (marta.actor, others),
        (answers_none, others),
    ):
        uow = UnitOfWork(actor, NOW)
        rows = [row for tab in ("all", "closed") for row in list_chat_rows(uow, ChatListQuery(tab), None)[0]]
        assert {row.chat.id: row.text for row in rows} == expected
        assert {chat_id: load_open_chat(uow, chat_id).row.text for chat_id in expected} == expected
        of_api = [one for tab in ("all", "closed") for one in list_desk_chats(uow, ChatListQuery(tab)).conversations]
        words = {chat_id: text if text == "Me duele" else "" for chat_id, text in expected.items()}
        assert {one.id: one.last_line for one in of_api} == words


def test_row_has_the_time_of_its_last_line_and_the_place_of_its_last_change(act, db):
    ana, beto, yuliana, omar = member("Ana"), member("Beto"), agent("Yuliana"), agent("Omar")
    User.update(online_status=True).where(User.id == omar.id).execute()
    chat, other = (support_chat(who, yuliana, updated_at=at(9)) for who in (ana, beto))
    act(messages.send_messages, SendMessage(chat_id=chat.id, message="Hola"), ana.actor, at(8))
    act(messages.send_messages, SendMessage(chat_id=other.id, message="Buenas"), beto.actor, at(5))
    act(queue.assign_chat, AssignChat(chat_id=chat.id, agent_id=omar.agent_id), supervisor().actor, at(1))
    rows, _ = list_chat_rows(UnitOfWork(yuliana.actor, NOW), ChatListQuery("all"), None)
    assert [(row.chat.id, row.last_line_at) for row in rows] == [(chat.id, at(8)), (other.id, at(5))]
    assert rows[0].chat.updated_at == at(1)


def test_row_of_a_chat_without_messages_has_the_time_of_the_chat(db):
    yuliana = agent("Yuliana")
    support_chat(member(), yuliana, updated_at=at(3))
    (row,), _ = list_chat_rows(UnitOfWork(yuliana.actor, NOW), ChatListQuery("mine"), None)
    assert row.last_line_at == at(3)


def test_recalled_message_is_not_the_last_one_of_its_chat(act, db):
    ana, yuliana = member("Ana"), agent("Yuliana")
    chat = support_chat(ana, yuliana)
    act(messages.send_messages, SendMessage(chat_id=chat.id, message="Me duele"), ana.actor, NOW)
    sent, _ = act(messages.send_messages, SendMessage(chat_id=chat.id, message="Para otra persona"), yuliana.actor, NOW)
    act(recall_message, RecallMessage(chat_id=chat.id, message_id=sent.id), yuliana.actor, NOW)
    (row,), _ = list_chat_rows(UnitOfWork(yuliana.actor, NOW), ChatListQuery("mine"), None)
    assert (row.chat.last_line, row.last_mine) == ("Me duele", False)


def test_chat_with_a_colleague_shows_the_colleague_to_each(act, db):
    yuliana, marta = agent("Yuliana"), supervisor("Marta")
    chat = direct_chat(yuliana, marta)
    act(messages.send_messages, SendMessage(chat_id=chat.id, message="Hola"), yuliana.actor)
    (hers,), (theirs,) = listed(yuliana).conversations, listed(marta).conversations
    assert (hers.user.first_name, hers.unread, hers.agent) == ("Marta", 0, None)
    assert (theirs.user.first_name, theirs.unread, theirs.agent) == ("Yuliana", 1, None)


def test_direct_chats_of_colleagues_are_hidden(db):
    yuliana, marta, omar = agent(), supervisor(), agent()
    direct_chat(yuliana, marta)
    for tab in ("mine", "waiting", "all", "closed"):
        assert ids(omar, tab) == []


@pytest.mark.parametrize("tab", ["all", "closed", "waiting", "mine"])
def test_pages_have_every_chat_once(db, tab):
    yuliana, one_moment = agent(), at(10)
    status = {"closed": CLOSED, "waiting": WAITING}.get(tab, "ACTIVE")
    made = [
        support_chat(
            member(),
            None if tab == "waiting" else yuliana,
            status=status,
            # Many of the same moment, so that the id decides.
            updated_at=one_moment if number % 3 else at(number),
            awaiting_since=one_moment if number % 3 else at(number),
            is_front=number % 5 == 0,
        ).id
        for number in range(2 * CHATS_PER_PAGE + 7)
    ]
    seen, before, pages = [], "", 0
    while before is not None:
        page = listed(yuliana, tab, before=before)
        seen += [chat.id for chat in page.conversations]
        before, pages = page.before, pages + 1
    assert sorted(seen) == sorted(made)
    assert pages == 3
    key = (
        (lambda chat: (not chat.is_front, chat.awaiting_since, chat.id))
        if tab == "waiting"
        else (lambda chat: (-chat.updated_at.timestamp(), -chat.id))
    )
    assert seen == [chat.id for chat in sorted(Chat.select(), key=key)]


def test_last_page_has_no_cursor(db):
    yuliana = agent()
    for _ in range(CHATS_PER_PAGE):
        support_chat(member(), yuliana)
    assert listed(yuliana).before is None
    support_chat(member(), yuliana)
    assert listed(yuliana).before is not None


@pytest.mark.parametrize("members_first", [0, chat_lists.MAX_MEMBERS_FIRST])
def test_list_is_filtered_by_tag_and_member(act, db, monkeypatch, members_first):
    monkeypatch.setattr(chat_lists, "MAX_MEMBERS_FIRST", members_first)
    yuliana = agent()
    ana, beto = member("Ana", last_name="Muñoz"), member("Beto", document_number="79111222")
    hers, his = support_chat(ana, yuliana), support_chat(beto, yuliana)
    act(tags.tag_chat, TagChat(chat_id=hers.id, tag="Urgente"), yuliana.actor)
    assert ids(yuliana, "all", tag="URGENTE") == [hers.id]
    assert ids(yuliana, "all", tag="nadie") == []
    assert ids(yuliana, "all", text="munoz") == [hers.id]
    assert ids(yuliana, "all", text="79.111.222") == [his.id]
    assert ids(yuliana, "all", text="  ") == ids(yuliana, "all")
    assert ids(yuliana, "all", text="munoz", tag="otra") == []


def test_unknown_list_or_cursor_is_invalid(db):
    yuliana = agent()
    for asked in (
        {"tab": "todas"},
        {"before": "x"},
        {"before": "0.1"},
        {"before": "2.1.1"},
        {"before": "0.-1.1"},
        {"before": "0.1.٣"},
        {"before": "0.99999999999999999999.1"},
        {"before": "0.1.9999999999"},
    ):
        with pytest.raises(Invalid):
            listed(yuliana, **asked)


def test_lists_are_for_the_staff(db):
    with pytest.raises(NotFound):
        listed(member())
