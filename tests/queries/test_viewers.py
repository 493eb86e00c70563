"""Who may view a chat."""

from datetime import UTC, datetime

from beneficiate.errors import NotFound
from beneficiate.protocol.desk_tools import ViewChat
from beneficiate.queries.viewers import can_view
from beneficiate.unit_of_work import SYSTEM, BatchItem, UnitOfWork
from tests.factories import agent, direct_chat, member, supervisor, support_chat


def test_staff_view_support_chats_and_nothing_else(db):
    ana, yuliana, marta = member(), agent("Yuliana"), supervisor()
    chat, direct = support_chat(ana, yuliana), direct_chat(yuliana, marta)
    wanted = [(yuliana, chat.id), (marta, chat.id), (ana, chat.id), (yuliana, direct.id), (marta, 999_999)]
    items = [BatchItem(person.actor, ViewChat(chat_id=chat_id)) for person, chat_id in wanted]
    found = can_view.function(UnitOfWork(SYSTEM, datetime.now(UTC)), items)
    assert [one.user_id for one in found[:2]] == [yuliana.id, marta.id]
    assert found[0].first_name == "Yuliana"
    assert [type(one) for one in found[2:]] == [NotFound] * 3
