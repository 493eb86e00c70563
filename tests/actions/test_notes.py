"""Internal notes reach the staff only."""

import pytest

from beneficiate.actions import chats, messages, notes
from beneficiate.errors import Conflict, Invalid, NotFound
from beneficiate.models.accounts import Agent, Supervisor, User
from beneficiate.models.chats import CLOSED, Chat, Mention, Message, Note
from beneficiate.protocol import channels
from beneficiate.protocol.commands import SendMessage
from beneficiate.protocol.desk_tools import AddNote, MarkMentionSeen, NoteAdded
from tests.factories import agent, direct_chat, member, supervisor, support_chat


def add(act, who, chat, text="Ya envió la fórmula", mentions=(), client_id=None):
    return act(notes.add_note, AddNote(chat_id=chat.id, text=text, mentions=mentions, client_id=client_id), who.actor)


def test_note_stands_after_the_last_message_and_adds_none(act, db):
    ana, yuliana = member(), agent("Yuliana")
    chat = support_chat(ana, yuliana)
    act(messages.send_messages, SendMessage(chat_id=chat.id, message="Hola"), ana.actor)
    note, outgoing = add(act, yuliana, chat)
    assert [type(one.event) for one in outgoing] == [NoteAdded]
    assert outgoing[0].event == NoteAdded(chat_id=chat.id, note=note)
    assert (note.chat_id, note.after_seq, note.author.id, note.author.first_name) == (chat.id, 1, yuliana.id, "Yuliana")
    row = Chat.get_by_id(chat.id)
    assert (row.last_seq, row.last_line, row.user_unread, Message.select().count()) == (1, "Hola", 0, 1)


def test_note_is_emitted_to_staff_who_follow_the_chat(act, db):
    ana, yuliana, omar, luz, marta = member(), agent(), agent(), agent(), supervisor()
    chat = support_chat(ana, yuliana)
    staff = (channels.SUPERVISORS_CHANNEL, channels.chat_viewers_channel(chat.id))

    def recipients(*outgoing):
        return [set(one.channels) for one in add(act, *outgoing)[1]]

    own = channels.agent_channel(yuliana.agent_id)
    assert recipients(yuliana, chat) == [{own, *staff}]
    assert recipients(omar, chat) == [{own, channels.agent_channel(omar.agent_id), *staff}]
    assert recipients(marta, chat, "a", (omar.id, luz.id, marta.id)) == [
        {own, *(channels.agent_channel(who.agent_id) for who in (omar, luz, marta)), *staff}
    ]
    theirs = {
        channels.agent_channel(marta.agent_id),
        channels.SUPERVISORS_CHANNEL,
        channels.chat_viewers_channel(chat.id + 1),
    }
    assert recipients(marta, support_chat(member(), None)) == [theirs]


def test_notes_use_no_channel_of_a_member(act, db):
    """Whoever writes, has the chat or is mentioned: also staff who are members of other chats."""
    ana, yuliana, omar, ines, marta = member(), agent(), agent(), agent(), supervisor()
    chats_ = [
        support_chat(ana, yuliana),
        support_chat(member(), None),
        support_chat(member(), ines),
        support_chat(ines, omar),
        support_chat(omar, yuliana),
        support_chat(marta, yuliana, status=CLOSED),
    ]
    Agent.update(status="INACTIVE").where(Agent.id == ines.agent_id).execute()
    for chat in chats_:
        for author in (yuliana, omar, marta):
            for mentions in ((), (yuliana.id,), (yuliana.id, omar.id, marta.id)):
                _, outgoing = add(act, author, chat, "Nota", mentions)
                for one in outgoing:
                    kinds = {channel.partition(":")[0] for channel in one.channels}
                    assert kinds <= {"agent", "supervisors", "viewers"}, one.channels
                    assert f"agent:{ines.agent_id}" not in one.channels or chat.agent_id == ines.agent_id


def test_note_is_for_support_chats_and_by_staff(act, db):
    ana, yuliana, marta = member(), agent(), supervisor()
    own, desk = support_chat(ana, yuliana), direct_chat(yuliana, marta)
    for who, chat in ((ana, own), (yuliana, desk), (marta, desk), (member(), own)):
        with pytest.raises(NotFound):
            add(act, who, chat)
    own.id = 2_000_000_000
    with pytest.raises(NotFound):
        add(act, yuliana, own)
    assert not Note.select().exists()


def test_staff_writes_notes_in_any_support_chat_open_or_not(act, db):
    for chat in (support_chat(member(), None), support_chat(member(), agent(), status=CLOSED)):
        for who in (agent(), supervisor()):
            add(act, who, chat)
    assert Note.select().count() == 4


@pytest.mark.parametrize("text", [" ", "\u200b\n\t", "\u00a0"])
def test_note_says_something(act, db, text):
    with pytest.raises(Invalid):
        add(act, agent(), support_chat(member(), None), text)


def test_only_active_staff_is_mentioned_and_each_once(act, db):
    yuliana, omar, marta, gone, ana = agent(), agent("Omar"), supervisor("Marta"), agent(), member()
    former, out = supervisor(), agent()
    Agent.update(status="INACTIVE").where(Agent.id.in_([gone.agent_id, former.agent_id])).execute()
    Supervisor.update(status="INACTIVE").where(Supervisor.user == former.id).execute()
    User.update(is_active=False).where(User.id == out.id).execute()
    chat = support_chat(ana, yuliana)
    for user_id in (ana.id, gone.id, former.id, out.id, 2_000_000_000):
        with pytest.raises(NotFound):
            add(act, yuliana, chat, "a", (omar.id, user_id))
    assert not Note.select().exists()
    note, _ = add(act, yuliana, chat, "a", (marta.id, omar.id, omar.id))
    assert [person.first_name for person in note.mentions] == ["Marta", "Omar"]
    assert Mention.select().count() == 2


def test_note_sent_twice_is_stored_and_emitted_once(act, db):
    yuliana, omar = agent(), agent()
    chat = support_chat(member(), yuliana)
    note, _ = add(act, yuliana, chat, "Hola", client_id="n-1")
    again, outgoing = add(act, yuliana, chat, "Hola", client_id="n-1")
    assert (again, outgoing) == (note, [])
    with pytest.raises(Conflict):
        add(act, yuliana, chat, "Otra cosa", client_id="n-1")
    assert add(act, omar, chat, "Otra cosa", client_id="n-1")[0].id != note.id
    assert add(act, yuliana, support_chat(member(), None), "Otra cosa", client_id="n-1")[0].id != note.id
    assert Note.select().count() == 3


def test_mention_is_seen_by_the_one_who_is_meant(act, db):
    yuliana, omar = agent(), agent()
    note, _ = add(act, yuliana, support_chat(member(), yuliana), "a", (omar.id,))
    for who in (yuliana, member()):
        with pytest.raises(NotFound):
            act(notes.mark_mention_seen, MarkMentionSeen(note_id=note.id), who.actor)
    _, outgoing = act(notes.mark_mention_seen, MarkMentionSeen(note_id=note.id), omar.actor)
    seen_at = Mention.get().seen_at
    assert (outgoing, seen_at is not None) == ([], True)
    act(notes.mark_mention_seen, MarkMentionSeen(note_id=note.id), omar.actor)
    assert Mention.get().seen_at == seen_at


def test_notes_go_with_their_chat(act, db):
    yuliana = agent()
    chat = support_chat(member(), yuliana)
    add(act, yuliana, chat, "a", (yuliana.id,))
    chat.delete_instance()
    assert (Note.select().count(), Mention.select().count()) == (0, 0)


def test_notes_do_not_keep_a_chat_from_closing(act, db):
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    add(act, yuliana, chat)
    act(chats.close_chat, chats.CloseChat(chat_id=chat.id), ana.actor)
    assert "fórmula" not in Chat.get_by_id(chat.id).last_line
