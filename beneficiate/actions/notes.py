"""Internal notes of the staff about a chat. They are emitted to channels of the staff only, never to a member."""

from beneficiate.actions import audit, quotas
from beneficiate.domain.visible_text import has_visible_text
from beneficiate.errors import Conflict, Invalid, NotFound
from beneficiate.models.chats import Mention, Note
from beneficiate.protocol import channels
from beneficiate.protocol.desk_tools import AddNote, MarkMentionSeen, NoteAdded, NotePayload
from beneficiate.queries.access import access_chat_to_write_about
from beneficiate.queries.notes import find_active_staff, serialize_note
from beneficiate.unit_of_work import Actor, UnitOfWork
from beneficiate.views.access import ChatAccess


def add_note(uow: UnitOfWork, command: AddNote) -> NotePayload:
    """Store a note after the chat's last message. A `client_id` that was stored before returns the stored note.

    Raises Invalid (nothing visible), NotFound (no support chat, or a person mentioned is not active staff), Conflict
    (the `client_id` was used with another text, or the member was erased), RateLimited.
    """
    if not has_visible_text(command.text):
        raise Invalid("Escriba la nota antes de guardarla.")
    # Locked, so that a note that is sent twice at once is stored once, after a message that exists.
    access = access_chat_to_write_about(uow.actor, command.chat_id)
    stored = _find_stored_note(uow.actor, command)
    if stored is not None:
        return stored
    wanted = set(command.mentions)
    mentioned = find_active_staff(wanted)
    if wanted - mentioned.keys():
        raise NotFound("Solo puede mencionar a personas del equipo.")
    quotas.consume_quota(uow, uow.rules.quotas.notes)
    note = Note.create(
        chat=access.id,
        author=uow.actor.user_id,
        text=command.text,
        after_seq=access.last_seq,
        created_at=uow.now,
        client_id=command.client_id,
    )
    if mentioned:
        Mention.insert_many([{"note": note.id, "user": user_id} for user_id in sorted(mentioned)]).execute()
    payload = serialize_note(note.id)
    # Its text is kept with the note: what is in the audit can never be deleted.
    changes = {"note": (None, note.id)}
    audit.record_act(uow, "chats.note", f"chat:{access.id}", changes=changes, person_id=access.user_id)
    agents = [agent_id for agent_id in mentioned.values() if agent_id is not None]
    uow.emit(
        NoteAdded(chat_id=access.id, note=payload),
        channels=[*staff_channels(access, uow.actor), *map(channels.agent_channel, agents)],
    )
    return payload


def mark_mention_seen(uow: UnitOfWork, command: MarkMentionSeen) -> None:
    """Mark a note in which the actor is mentioned as seen; a second time changes nothing. Raises NotFound."""
    is_own = (Mention.note == command.note_id) & (Mention.user == uow.actor.user_id)
    if not Mention.update(seen_at=uow.now).where(is_own, Mention.seen_at.is_null()).execute() and not (
        Mention.select().where(is_own).exists()
    ):
        raise NotFound


def staff_channels(access: ChatAccess, actor: Actor) -> list[str]:
    """Return the channels of the staff who follow a support chat: its agent, the supervisors, viewers, the actor."""
    agents = {agent_id for agent_id in (access.agent_id, actor.agent_id) if agent_id is not None}
    return [*map(channels.agent_channel, sorted(agents)), channels.SUPERVISORS_CHANNEL, *access.viewer_channels]


def _find_stored_note(actor: Actor, command: AddNote) -> NotePayload | None:
    if command.client_id is None:
        return None
    note = Note.get_or_none(
        Note.chat == command.chat_id, Note.author == actor.user_id, Note.client_id == command.client_id
    )
    if note is not None and note.text != command.text:
        raise Conflict("Esa nota ya se había guardado con otro texto.")
    return None if note is None else serialize_note(note.id)
