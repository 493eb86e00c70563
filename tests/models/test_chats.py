"""Constraints of chats: one open support chat a member, no message twice, and what goes with a chat."""

import pytest

from beneficiate.models.chats import (
    ACTIVE,
    CLOSED,
    WAITING,
    Attachment,
    ChatEvent,
    ChatTag,
    Mention,
    Message,
    Note,
    Rating,
    Tag,
)
from tests.factories import agent, direct_chat, member, support_chat
from tests.models.constraints import delete_row, insert_copy, is_there, refuse_delete, refuse_insert, reload
from tests.queries.appointment_rows import NOW

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def db(rolled_back_db):
    return rolled_back_db


@pytest.fixture
def ana():
    return member()


@pytest.fixture
def yuliana():
    return agent()


@pytest.fixture
def chat(ana, yuliana):
    return support_chat(ana, yuliana)


def message(chat, seq=1, client_id=None, **changes):
    given = {"sender_type": "USER", "sender_id": chat.user_id, "message": "Hola", "sent_at": NOW}
    return Message.create(chat=chat, seq=seq, client_id=client_id, **{**given, **changes})


def note(chat, author, client_id=None):
    return Note.create(chat=chat, author=author.id, text="x", after_seq=0, created_at=NOW, client_id=client_id)


@pytest.mark.parametrize("status", [WAITING, ACTIVE])
def test_member_has_one_open_support_chat(chat, status):
    refuse_insert(chat, status=status)
    closed = [insert_copy(chat, status=CLOSED) for _ in range(2)]
    assert len({one.id for one in closed}) == 2


def test_direct_chats_are_not_limited(ana):
    other = member("Beto")
    assert direct_chat(ana, other).id != direct_chat(ana, other).id


def test_number_in_a_chat_is_of_one_message(chat):
    first = message(chat)
    refuse_insert(first)
    assert message(chat, seq=2)
    assert message(support_chat(member(), None))


def test_message_that_a_client_sends_again_is_stored_once(chat, yuliana):
    message(chat, 1, "c1")
    refuse_insert(message(chat, 2, "c2"), seq=3, client_id="c1")
    # The same id of another sender is another message; without an id nothing is compared.
    assert message(chat, 3, "c1", sender_type="AGENT", sender_id=yuliana.agent_id)
    assert [message(chat, seq).client_id for seq in (4, 5)] == [None, None]


def test_note_that_a_client_sends_again_is_stored_once(chat, yuliana):
    refuse_insert(note(chat, yuliana, "c1"))
    assert note(chat, agent(), "c1")
    assert [note(chat, yuliana).client_id for _ in range(2)] == [None, None]


def test_tag_is_known_by_its_name_and_by_its_folded_name(chat):
    tag = Tag.create(name="Cardiología", folded="cardiologia")
    for changes in ({"folded": "x"}, {"name": "cardiología"}):
        refuse_insert(tag, **changes)
    refuse_insert(ChatTag.create(chat=chat, tag=tag))


def test_each_span_of_a_chat_is_rated_once(chat):
    rating = Rating.create(chat=chat, score=5, created_at=NOW)
    refuse_insert(rating, score=1)
    insert_copy(rating, span=2, score=1)


def test_everything_of_a_chat_goes_with_it(chat, yuliana):
    line, written = message(chat), note(chat, yuliana)
    tag = Tag.create(name="a", folded="a")
    rows = [
        line,
        written,
        Mention.create(note=written, user=yuliana.id),
        ChatTag.create(chat=chat, tag=tag),
        ChatEvent.create(chat=chat, kind="opened", at=NOW),
        Rating.create(chat=chat, score=5, created_at=NOW),
        Attachment.create(
            id="a", chat=chat, line=line, uploader=chat.user_id, name="a.pdf", kind="pdf", size=1, created_at=NOW
        ),
    ]
    delete_row(chat)
    assert [row for row in rows if is_there(row)] == []
    assert is_there(tag)


def test_agent_with_a_chat_cannot_be_deleted_and_one_who_only_was_wanted_can(ana, yuliana):
    omar = agent("Omar")
    chat = support_chat(ana, yuliana, wanted_agent=omar.agent_id)
    event = ChatEvent.create(chat=chat, kind="transferred", at=NOW, actor=omar.id, other_agent=omar.agent_id)
    refuse_delete(yuliana.user)
    delete_row(omar.user)
    assert reload(chat).wanted_agent_id is None
    assert (reload(event).actor_id, reload(event).other_agent_id) == (None, None)


def test_chats_go_with_their_member_and_stay_without_who_closed_them(ana):
    marta = member("Marta")
    chat = support_chat(ana, None, status=CLOSED, closed_by=marta.id)
    delete_row(marta.user)
    assert reload(chat).closed_by_id is None
    delete_row(ana.user)
    assert not is_there(chat)
