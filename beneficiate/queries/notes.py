"""Notes of the staff about chats; no query of a member reads these tables."""

from collections import defaultdict
from collections.abc import Iterable

import msgspec
from peewee import ModelSelect

from beneficiate.models.accounts import Agent, Supervisor, User
from beneficiate.models.chats import Chat, Mention, Note
from beneficiate.protocol.desk_tools import NotePayload, PersonName
from beneficiate.protocol.envelope import Id
from beneficiate.queries.access import access_support_chat
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.people import build_person_name

MAX_NOTES = 200


class UnseenMention(msgspec.Struct, frozen=True, kw_only=True):
    """A note that mentions the actor and that they have not seen, with the member of its chat."""

    note: NotePayload
    user_id: Id
    first_name: str
    last_name: str


def list_notes(uow: UnitOfWork, chat_id: int) -> list[NotePayload]:
    """Return the newest 200 notes of a support chat, oldest first. Raises NotFound."""
    return list_chat_notes(access_support_chat(uow.actor, chat_id).id)


def list_chat_notes(chat_id: int) -> list[NotePayload]:
    """Return the newest 200 notes of a support chat that the actor may read, oldest first."""
    newest_first = _select_notes().where(Note.chat == chat_id).order_by(Note.id.desc()).limit(MAX_NOTES)
    return serialize_notes(newest_first)[::-1]


def list_unseen_mentions(uow: UnitOfWork) -> list[UnseenMention]:
    """Return the newest 200 notes that mention the actor and that they have not seen, newest first."""
    mine = Mention.select(Mention.note).where(Mention.user == uow.actor.user_id, Mention.seen_at.is_null())
    notes = serialize_notes(_select_notes().where(Note.id.in_(mine)).order_by(Note.id.desc()).limit(MAX_NOTES))
    query = Chat.select(Chat.id, User.id, User.first_name, User.last_name).join(User, on=Chat.user == User.id)
    members = {row[0]: row[1:] for row in query.where(Chat.id.in_({note.chat_id for note in notes})).tuples()}
    return [
        UnseenMention(note=note, user_id=user_id, first_name=first_name, last_name=last_name)
        for note in notes
        for user_id, first_name, last_name in [members[note.chat_id]]
    ]


def serialize_note(note_id: int) -> NotePayload:
    """Return one note."""
    return serialize_notes(_select_notes().where(Note.id == note_id))[0]


def find_active_staff(user_ids: Iterable[int]) -> dict[int, int | None]:
    """Return those of these people who are active staff, with their agent id.

    It is None for supervisors, who receive every note anyway.
    """
    wanted = list(user_ids)
    found: dict[int, int | None] = {}
    for table, agent_id in ((Agent, Agent.id), (Supervisor, None)):
        query = table.select(table.user, agent_id) if agent_id is not None else table.select(table.user)
        rows = query.join(User).where(table.user.in_(wanted), table.status == "ACTIVE", User.is_active).tuples()
        found |= {row[0]: row[1] if len(row) > 1 else None for row in rows}
    return found


def serialize_notes(query: ModelSelect) -> list[NotePayload]:
    """Return the notes of a `_select_notes` query with the people whom they mention, in two statements."""
    rows = list(query.tuples())
    if not rows:
        return []
    mentioned: dict[int, list[PersonName]] = defaultdict(list)
    people = (
        Mention.select(Mention.note, User.id, User.first_name, User.last_name)
        .join(User)
        .where(Mention.note.in_([row[0] for row in rows]))
        .order_by(User.first_name, User.id)
    )
    for note_id, *person in people.tuples():
        mentioned[note_id].append(build_person_name(*person))
    return [
        NotePayload(
            id=id_,
            chat_id=chat_id,
            author=build_person_name(*author),
            text=text,
            after_seq=after_seq,
            created_at=created_at,
            mentions=mentioned[id_],
            client_id=client_id,
        )
        for id_, chat_id, text, after_seq, created_at, client_id, *author in rows
    ]


def _select_notes() -> ModelSelect:
    columns = (Note.id, Note.chat, Note.text, Note.after_seq, Note.created_at, Note.client_id)
    return Note.select(*columns, User.id, User.first_name, User.last_name).join(User, on=Note.author == User.id)
