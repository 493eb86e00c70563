"""Tags of chats."""

from beneficiate.actions import audit, quotas
from beneficiate.actions.notes import staff_channels
from beneficiate.errors import Conflict, Invalid
from beneficiate.folding import fold
from beneficiate.models.chats import ChatTag, Tag
from beneficiate.protocol.desk_tools import MAX_TAGS, ChatTagged, TagChat, UntagChat
from beneficiate.queries.access import access_chat_to_write_about, access_support_chat
from beneficiate.queries.tags import load_tags_by_chat
from beneficiate.text_limits import MAX_FOLDED_TAG_CHARS
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.access import ChatAccess


def tag_chat(uow: UnitOfWork, command: TagChat) -> None:
    """Tag a support chat. The tag is created unless one reads alike; a second time changes nothing.

    Raises Invalid (no letter and no digit), NotFound, Conflict (ten tags already, or the member was erased),
    RateLimited.
    """
    folded = _fold_tag_name(command.tag)
    access = access_chat_to_write_about(uow.actor, command.chat_id)
    quotas.consume_quota(uow, uow.rules.quotas.tags)
    # A transaction that creates the same tag at this moment is waited for, and its tag is used.
    Tag.insert(name=" ".join(command.tag.split()), folded=folded).on_conflict_ignore().execute()
    tag = Tag.get(Tag.folded == folded)
    if ChatTag.select().where(ChatTag.chat == access.id, ChatTag.tag == tag.id).exists():
        return
    if ChatTag.select().where(ChatTag.chat == access.id).count() >= MAX_TAGS:
        raise Conflict(f"Un chat puede tener hasta {MAX_TAGS} etiquetas.")
    ChatTag.insert(chat=access.id, tag=tag.id).execute()
    changes = {"tag": (None, tag.name)}
    audit.record_act(uow, "chats.tag", f"chat:{access.id}", changes=changes, person_id=access.user_id)
    _emit_tags(uow, access)


def untag_chat(uow: UnitOfWork, command: UntagChat) -> None:
    """Remove a tag from a support chat; without it nothing changes. Raises Invalid, NotFound."""
    folded = _fold_tag_name(command.tag)
    access = access_support_chat(uow.actor, command.chat_id, lock=True)
    known = Tag.select(Tag.id).where(Tag.folded == folded)
    if ChatTag.delete().where(ChatTag.chat == access.id, ChatTag.tag.in_(known)).execute():
        changes = {"tag": (command.tag, None)}
        audit.record_act(uow, "chats.untag", f"chat:{access.id}", changes=changes, person_id=access.user_id)
        _emit_tags(uow, access)


def _emit_tags(uow: UnitOfWork, access: ChatAccess) -> None:
    uow.emit(
        ChatTagged(chat_id=access.id, tags=load_tags_by_chat([access.id])[access.id]),
        channels=staff_channels(access, uow.actor),
    )


def _fold_tag_name(name: str) -> str:
    folded = fold(name)[:MAX_FOLDED_TAG_CHARS]
    if not folded:
        raise Invalid("La etiqueta debe tener al menos una letra o un número.")
    return folded
