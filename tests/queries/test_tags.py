"""Tags of chats, and how often each is used."""

from datetime import UTC, datetime

from beneficiate.models.chats import ChatTag, Tag
from beneficiate.queries.tags import list_tags, load_tags_by_chat
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.factories import agent, member, support_chat

NOW = datetime(2026, 8, 25, 15, 0, tzinfo=UTC)


def test_tags_are_listed_by_use_and_by_chat(db):
    yuliana = agent()
    chats = [support_chat(member(), yuliana) for _ in range(3)]
    tags = {name: Tag.create(name=name, folded=name.lower(), created_at=NOW) for name in ("Pagos", "Citas", "Otros")}
    for chat, names in zip(chats, (("Pagos", "Citas"), ("Pagos",), ()), strict=True):
        for name in names:
            ChatTag.create(chat=chat, tag=tags[name], created_at=NOW)
    found = [(one.name, one.chats) for one in list_tags(UnitOfWork(SYSTEM, NOW))]
    assert found == [("Pagos", 2), ("Citas", 1), ("Otros", 0)]
    by_chat = load_tags_by_chat([chat.id for chat in chats])
    assert [by_chat[chat.id] for chat in chats] == [["Citas", "Pagos"], ["Pagos"], []]


def test_no_chats_have_no_tags(db):
    assert load_tags_by_chat([])[1] == []
