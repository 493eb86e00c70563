"""Messages of the open chat: days, groups, and the notes between them."""

from datetime import UTC, datetime, timedelta

from beneficiate.protocol.desk_tools import NotePayload, PersonName
from beneficiate.protocol.payloads import MessagePayload
from beneficiate.unit_of_work import Actor
from beneficiate.views.conversation import build_message_views, group_notes_by_seq
from beneficiate.views.messages import SAME_GROUP

YULIANA = Actor(2, "agent", 20, "Yuliana Castaño")
NAMES = {("USER", 1): "Ana Rojas", ("AGENT", 20): "Yuliana Castaño"}
NOON = datetime(2026, 8, 25, 17, 0, tzinfo=UTC)


def message(seq, sender=("USER", 1), after=timedelta(0)):
    sender_type, sender_id = sender
    return MessagePayload(
        id=100 + seq,
        chat_id=7,
        seq=seq,
        sender_id=sender_id,
        sender_type=sender_type,
        message=f"Mensaje {seq}",
        status="SENT",
        sent_at=NOON + after,
        client_id=None,
        sender_name=NAMES.get(sender, ""),
    )


def note(after_seq):
    author = PersonName(id=2, first_name="Yuliana", last_name="Castaño")
    return NotePayload(
        id=after_seq, chat_id=7, author=author, text="Nota", after_seq=after_seq, created_at=NOON, mentions=[]
    )


def views(*messages, notes=()):
    return build_message_views(messages, notes, YULIANA)


def test_kind_and_author_follow_from_the_sender():
    kinds = [(one.kind, one.author, one.by) for one in views(message(1), message(2, ("AGENT", 20)))]
    assert kinds == [("other", "Ana Rojas", "user"), ("own", "Yuliana Castaño", "agent")]
    (system,) = views(message(1, ("SYSTEM", None)))
    assert (system.kind, system.author, system.initials) == ("system", "", "")


def test_unknown_sender_has_no_name():
    (bot,) = views(message(1, ("BOT", None)))
    assert (bot.kind, bot.author, bot.by) == ("other", "", "bot")


def test_messages_of_one_author_within_five_minutes_are_joined():
    almost = SAME_GROUP - timedelta(seconds=1)
    first, second, third = views(message(1), message(2, after=almost), message(3, after=almost + SAME_GROUP))
    assert [one.is_joined for one in (first, second, third)] == [False, True, False]


def test_another_author_a_note_and_the_system_end_a_group():
    assert not views(message(1), message(2, ("AGENT", 20)))[1].is_joined
    assert not views(message(1), message(2), notes=[note(1)])[1].is_joined
    assert not views(message(1, ("SYSTEM", None)), message(2, ("SYSTEM", None)))[1].is_joined


def test_day_begins_at_midnight_in_bogota():
    before_midnight, after_midnight = timedelta(hours=11, minutes=59), timedelta(hours=12, minutes=1)
    first, second, third = views(message(1), message(2, after=before_midnight), message(3, after=after_midnight))
    assert [one.starts_day for one in (first, second, third)] == [True, False, True]
    assert not third.is_joined


def test_notes_follow_the_message_after_which_they_were_written():
    notes = [note(0), note(1), note(1), note(2)]
    assert [len(one.notes) for one in views(message(1), message(2), message(3), notes=notes)] == [2, 1, 0]
    assert group_notes_by_seq(notes)[0] == [note(0)]
