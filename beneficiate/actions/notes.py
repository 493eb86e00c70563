"""What the staff writes about a chat for each other. It is said to topics of the staff only, never to a `user`."""

from beneficiate.actions.lines import is_visible
from beneficiate.errors import Conflict, Invalid, NotFound
from beneficiate.models.chats import Mention, Note
from beneficiate.protocol import topics
from beneficiate.protocol.tools import AddNote, NoteAdded, NotePicture, SeeMentions
from beneficiate.queries.access import Seat, access_case
from beneficiate.queries.notes import find_colleagues, picture_of
from beneficiate.store import Actor, Work


def add(work: Work, command: AddNote) -> NotePicture:
    """Store a note after the chat's last line. A `client_id` that was stored before gives the stored note again.

    Raises Invalid (nothing visible), NotFound (no support chat, or somebody mentioned is no active staff), Conflict
    (the `client_id` came before, with another text).
    """
    if not is_visible(command.text):
        raise Invalid("Escriba la nota antes de guardarla.")
    # Held, so that a note that comes twice at once is stored once, and stands after a line that is there.
    seat = access_case(work.actor, command.chat_id, lock=True)
    stored = _stored_before(work.actor, command)
    if stored is not None:
        return stored
    wanted = set(command.mentions)
    mentioned = find_colleagues(wanted)
    if wanted - mentioned.keys():
        raise NotFound("Solo puede mencionar a personas del equipo.")
    note = Note.create(
        chat=seat.id,
        author=work.actor.user_id,
        text=command.text,
        after_seq=seat.last_seq,
        created_at=work.now,
        client_id=command.client_id,
    )
    if mentioned:
        Mention.insert_many([{"note": note.id, "user": user_id} for user_id in sorted(mentioned)]).execute()
    picture = picture_of(note.id)
    agents = [agent_id for agent_id in mentioned.values() if agent_id is not None]
    work.emit(NoteAdded(chat_id=seat.id, note=picture), to=[*staff_of(seat, work.actor), *map(topics.agent, agents)])
    return picture


def see(work: Work, command: SeeMentions) -> None:
    """The actor has seen a note in which they are mentioned; again changes nothing. Raises NotFound."""
    mine = (Mention.note == command.note_id) & (Mention.user == work.actor.user_id)
    if not Mention.update(seen_at=work.now).where(mine, Mention.seen_at.is_null()).execute() and not (
        Mention.select().where(mine).exists()
    ):
        raise NotFound


def staff_of(seat: Seat, actor: Actor) -> list[str]:
    """Those of the staff who follow a support chat: its agent, the supervisors, who looks at it, and the actor."""
    agents = {agent_id for agent_id in (seat.agent_id, actor.agent_id) if agent_id is not None}
    return [*map(topics.agent, sorted(agents)), topics.SUPERVISORS, *seat.onlookers]


def _stored_before(actor: Actor, command: AddNote) -> NotePicture | None:
    if command.client_id is None:
        return None
    note = Note.get_or_none(
        Note.chat == command.chat_id, Note.author == actor.user_id, Note.client_id == command.client_id
    )
    if note is not None and note.text != command.text:
        raise Conflict("Esa nota ya se había guardado con otro texto.")
    return None if note is None else picture_of(note.id)
