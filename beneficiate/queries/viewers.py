"""Who of the staff may view a chat, how the other viewers see them, and whether what they see of it is up to date."""

from collections.abc import Collection
from dataclasses import dataclass

from peewee import fn

from beneficiate.errors import NotFound, Problem
from beneficiate.models.accounts import User
from beneficiate.models.chats import DIRECT, Chat, Message, Note
from beneficiate.protocol.desk_tools import ChatViewer, StopViewingChat, ViewChat
from beneficiate.queries.access import STAFF_ROLES, load_chats_for_access
from beneficiate.queries.chats import MESSAGES_PER_PAGE
from beneficiate.queries.member_panel import build_member_panel
from beneficiate.unit_of_work import BatchItem, UnitOfWork, batched, handle_each
from beneficiate.views.access import ChatAccess
from beneficiate.views.conversation import compute_chat_version


@dataclass(frozen=True, slots=True)
class ViewedChat:
    """An actor as the other viewers of a chat see them. `is_outdated`: a version that they have is not that of now."""

    viewer: ChatViewer
    is_outdated: bool


@batched(writes=False)
def can_view(uow: UnitOfWork, items: list[BatchItem[ViewChat | StopViewingChat]]) -> list[ViewedChat | Problem]:
    """Return each actor as the other viewers of that support chat see them, and whether their page is outdated.

    Problems: NotFound, for the reasons of `access_support_chat`.
    """
    access_by_chat = load_chats_for_access({item.command.chat_id for item in items}, lock=False)
    people = User.select(User.id, User.first_name, User.last_name)
    rows = people.where(User.id.in_({item.actor.user_id for item in items})).tuples()
    known = {id_: ChatViewer(user_id=id_, first_name=first, last_name=last) for id_, first, last in rows}
    versioned_ids = {item.command.chat_id for item in items if _version_of(item) is not None}
    versions = _load_versions([access_by_chat[chat_id] for chat_id in versioned_ids & access_by_chat.keys()])

    def load_viewer(item: BatchItem[ViewChat | StopViewingChat]) -> ViewedChat:
        access = access_by_chat.get(item.command.chat_id)
        if access is None or access.kind == DIRECT or item.actor.role not in STAFF_ROLES:
            raise NotFound
        version = _version_of(item)
        is_outdated = version is not None and version != versions[access.id]
        return ViewedChat(known[item.actor.user_id], is_outdated or _has_outdated_panel(uow, item, access))

    return handle_each(items, load_viewer)


def _version_of(item: BatchItem[ViewChat | StopViewingChat]) -> str | None:
    return item.command.version if isinstance(item.command, ViewChat) else None


def _has_outdated_panel(uow: UnitOfWork, item: BatchItem[ViewChat | StopViewingChat], access: ChatAccess) -> bool:
    """Return whether the panel about the member is not as the page shows it: ten statements, once a page."""
    if not isinstance(item.command, ViewChat) or item.command.panel_version is None:
        return False
    return item.command.panel_version != build_member_panel(uow, access.id, access.user_id).version


def _load_versions(chats: Collection[ChatAccess]) -> dict[int, str]:
    """Return the versions of chats, in two statements; none for no chats."""
    if not chats:
        return {}
    ids = [access.id for access in chats]
    newest_notes = Note.select(Note.chat, fn.MAX(Note.id)).where(Note.chat.in_(ids)).group_by(Note.chat).tuples()
    recalled = (
        Message.select(Message.chat, fn.COUNT(Message.id))
        .join(Chat)
        .where(
            Message.chat.in_(ids), Message.seq > Chat.last_seq - MESSAGES_PER_PAGE, Message.recalled_at.is_null(False)
        )
        .group_by(Message.chat)
        .tuples()
    )
    note_ids, recalled_counts = dict(newest_notes), dict(recalled)
    return {
        access.id: compute_chat_version(access, note_ids.get(access.id, 0), recalled_counts.get(access.id, 0))
        for access in chats
    }
