"""Lists by deadline: what is due first comes first, page by page, and what has no deadline last."""

from datetime import timedelta

import pytest

from beneficiate.errors import Invalid
from beneficiate.models.chats import Chat
from beneficiate.queries import chat_lists
from beneficiate.queries.chat_lists import ChatListQuery, list_desk_chats
from beneficiate.queries.chat_order import BY_DEADLINE
from beneficiate.unit_of_work import UnitOfWork
from tests.actions.queue_steps import OPEN_HOURS_NOW, QueueActions, promise, seconds_after_now
from tests.factories import agent, direct_chat, member, support_chat

pytestmark = pytest.mark.usefixtures("db")
MINUTE = timedelta(minutes=1)


def pages(uow, tab="all", **filters):
    """Return the ids of each page."""
    found, before = [], ""
    while before is not None:
        page = list_desk_chats(uow, ChatListQuery(tab=tab, order=BY_DEADLINE, before=before, **filters))
        found.append([chat.id for chat in page.conversations])
        before = page.before
    return found


def test_the_nearest_deadline_comes_first_page_by_page(monkeypatch):
    monkeypatch.setattr(chat_lists, "CHATS_PER_PAGE", 2)
    due = [(5, None), (None, 3), (9, 4), (None, None), (5, 9), (None, None)]
    chats = [
        support_chat(
            member(),
            None,
            awaiting_since=OPEN_HOURS_NOW,
            response_due_at=response and OPEN_HOURS_NOW + response * MINUTE,
            resolution_due_at=resolution and OPEN_HOURS_NOW + resolution * MINUTE,
        ).id
        for response, resolution in due
    ]
    uow = UnitOfWork(agent().actor, OPEN_HOURS_NOW)
    assert pages(uow) == [[chats[1], chats[2]], [chats[0], chats[4]], [chats[3], chats[5]]]
    assert pages(uow, tab="waiting") == pages(uow)


def test_chats_with_colleagues_come_last():
    yuliana = agent()
    talk = direct_chat(yuliana, agent("Omar"))
    chat = support_chat(member(), yuliana, response_due_at=OPEN_HOURS_NOW, awaiting_since=OPEN_HOURS_NOW)
    assert pages(UnitOfWork(yuliana.actor, OPEN_HOURS_NOW), tab="mine") == [[chat.id, talk.id]]


def test_unknown_orders_and_cursors_are_refused():
    uow = UnitOfWork(agent().actor, OPEN_HOURS_NOW)
    for filters in ({"order": "nombre"}, {"order": BY_DEADLINE, "before": "x"}, {"before": "1.2"}):
        with pytest.raises(Invalid):
            list_desk_chats(uow, ChatListQuery(**filters))


def test_a_listed_chat_says_what_is_due_and_how_it_was_counted(act):
    desk = QueueActions(act)
    promise()
    chat = desk.join()
    yuliana = agent(online_status=True)

    def deadline(second):
        uow = UnitOfWork(yuliana.actor, seconds_after_now(second))
        (found,) = list_desk_chats(uow, ChatListQuery(tab="all")).conversations
        return found.deadline

    assert [deadline(second).state for second in (10, 31, 61)] == ["on_time", "soon", "late"]
    assert (deadline(0).promise, deadline(0).due_at) == ("first", seconds_after_now(60))
    assert deadline(0).explanation.replace("\u00a0", " ") == (
        "Primera respuesta: 1 min hábil el miércoles 25 (10:00–10:01 a. m.)."
    )
    desk.take(chat, yuliana)
    desk.send(chat, yuliana, 30)
    assert deadline(40) is None
    assert Chat.get_by_id(chat.id).alarm_at is None
