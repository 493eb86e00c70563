"""What may change in the tags of a chat."""

from beneficiate.actions.notes import staff_of
from beneficiate.errors import Conflict, Invalid
from beneficiate.models.chats import ChatTag, Tag
from beneficiate.protocol.tools import MOST_TAGS, ChatTagged, TagChat, UntagChat
from beneficiate.queries.access import Seat, access_case
from beneficiate.queries.tags import of_chats
from beneficiate.search import fold
from beneficiate.store import Work

FOLDED_CHARS = 64


def put(work: Work, command: TagChat) -> None:
    """Put a tag on a support chat; it is made when none reads alike. One that is there already changes nothing.

    Raises Invalid (no letter and no digit), NotFound, Conflict (ten tags already).
    """
    folded = _folded(command.tag)
    seat = access_case(work.actor, command.chat_id, lock=True)
    # Whoever makes the same tag at this moment is waited for, and theirs is taken.
    Tag.insert(name=" ".join(command.tag.split()), folded=folded).on_conflict_ignore().execute()
    tag = Tag.get(Tag.folded == folded)
    if ChatTag.select().where(ChatTag.chat == seat.id, ChatTag.tag == tag.id).exists():
        return
    if ChatTag.select().where(ChatTag.chat == seat.id).count() >= MOST_TAGS:
        raise Conflict(f"Un chat puede tener hasta {MOST_TAGS} etiquetas.")
    ChatTag.insert(chat=seat.id, tag=tag.id).execute()
    _say(work, seat)


def take_off(work: Work, command: UntagChat) -> None:
    """Take a tag off a support chat; one that is not there changes nothing. Raises Invalid, NotFound."""
    folded = _folded(command.tag)
    seat = access_case(work.actor, command.chat_id, lock=True)
    known = Tag.select(Tag.id).where(Tag.folded == folded)
    if ChatTag.delete().where(ChatTag.chat == seat.id, ChatTag.tag.in_(known)).execute():
        _say(work, seat)


def _say(work: Work, seat: Seat) -> None:
    work.emit(ChatTagged(chat_id=seat.id, tags=of_chats([seat.id])[seat.id]), to=staff_of(seat, work.actor))


def _folded(name: str) -> str:
    folded = fold(name)[:FOLDED_CHARS]
    if not folded:
        raise Invalid("La etiqueta debe tener al menos una letra o un número.")
    return folded
