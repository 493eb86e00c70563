"""The words by which chats are found again."""

from collections import defaultdict
from collections.abc import Iterable

import msgspec
from peewee import JOIN, fn

from beneficiate.models.chats import ChatTag, Tag
from beneficiate.unit_of_work import UnitOfWork


class TagCount(msgspec.Struct, frozen=True, kw_only=True):
    """A tag and how many chats have it."""

    name: str
    chats: int


def list_tags(uow: UnitOfWork) -> list[TagCount]:
    """Every tag, the most used first."""
    count = fn.COUNT(ChatTag.chat)
    query = Tag.select(Tag.name, count).join(ChatTag, JOIN.LEFT_OUTER).group_by(Tag.id, Tag.name)
    return [TagCount(name=name, chats=chats) for name, chats in query.order_by(count.desc(), Tag.name).tuples()]


def load_tags_by_chat(chat_ids: Iterable[int]) -> dict[int, list[str]]:
    """The names of the tags of these chats, in alphabetical order."""
    found: dict[int, list[str]] = defaultdict(list)
    query = ChatTag.select(ChatTag.chat, Tag.name).join(Tag).where(ChatTag.chat.in_(list(chat_ids)))
    for chat_id, name in query.order_by(Tag.folded).tuples():
        found[chat_id].append(name)
    return found
