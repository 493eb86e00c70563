"""Tags of support chats."""

from collections import defaultdict
from collections.abc import Iterable

from peewee import JOIN, fn

from beneficiate.models.chats import ChatTag, Tag
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.chat_lists import TagCount


def list_tags(uow: UnitOfWork) -> list[TagCount]:
    """Return every tag with the number of its chats, the most used first."""
    count = fn.COUNT(ChatTag.chat)
    query = Tag.select(Tag.name, count).join(ChatTag, JOIN.LEFT_OUTER).group_by(Tag.id, Tag.name)
    return [TagCount(name=name, chats=chats) for name, chats in query.order_by(count.desc(), Tag.name).tuples()]


def load_tags_by_chat(chat_ids: Iterable[int]) -> dict[int, list[str]]:
    """Return the names of the tags of these chats, in alphabetical order; an empty list for a chat without tags."""
    found: dict[int, list[str]] = defaultdict(list)
    ids = list(chat_ids)
    if not ids:
        return found
    query = ChatTag.select(ChatTag.chat, Tag.name).join(Tag).where(ChatTag.chat.in_(ids))
    for chat_id, name in query.order_by(Tag.folded).tuples():
        found[chat_id].append(name)
    return found
