"""Who of the staff may view a chat, and how the other viewers see them."""

from beneficiate.errors import NotFound, Problem
from beneficiate.models.accounts import User
from beneficiate.models.chats import DIRECT
from beneficiate.protocol.desk_tools import ChatViewer, StopViewingChat, ViewChat
from beneficiate.queries.access import STAFF_ROLES, load_chats_for_access
from beneficiate.unit_of_work import BatchItem, UnitOfWork, batched, handle_each


@batched(writes=False)
def can_view(uow: UnitOfWork, items: list[BatchItem[ViewChat | StopViewingChat]]) -> list[ChatViewer | Problem]:
    """Return each actor as the other viewers of that support chat see them.

    Problems: NotFound, for the reasons of `access_support_chat`.
    """
    access_by_chat = load_chats_for_access({item.command.chat_id for item in items}, lock=False)
    people = User.select(User.id, User.first_name, User.last_name)
    rows = people.where(User.id.in_({item.actor.user_id for item in items})).tuples()
    known = {id_: ChatViewer(user_id=id_, first_name=first, last_name=last) for id_, first, last in rows}

    def load_viewer(item: BatchItem[ViewChat | StopViewingChat]) -> ChatViewer:
        access = access_by_chat.get(item.command.chat_id)
        if access is None or access.kind == DIRECT or item.actor.role not in STAFF_ROLES:
            raise NotFound
        return known[item.actor.user_id]

    return handle_each(items, load_viewer)
