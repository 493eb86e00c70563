"""Files of chats, for those who may read their chat."""

from datetime import UTC, datetime

import pytest

from beneficiate.errors import ChatIsClosed, NotFound
from beneficiate.models.chats import CLOSED, Attachment, Message
from beneficiate.queries.attachments import find_unknown_attachments, load_attachment, require_open_chat
from beneficiate.unit_of_work import UnitOfWork
from tests.factories import agent, member, support_chat

NOW = datetime(2026, 8, 25, 15, 0, tzinfo=UTC)


def of(person):
    return UnitOfWork(person.actor, NOW)


@pytest.fixture
def scene(db):
    """A member, their agent and a chat with the file `f-1`."""
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    message = Message.create(chat=chat, seq=1, sender_type="USER", sender_id=ana.id, message="orden.pdf", sent_at=NOW)
    columns = {"name": "orden.pdf", "kind": "application/pdf", "size": 9, "uploader": ana.id, "created_at": NOW}
    Attachment.create(id="f-1", chat=chat, line=message, **columns)
    return ana, yuliana, chat


def test_file_is_for_those_who_may_read_the_chat(scene):
    ana, yuliana, _ = scene
    for person in (ana, yuliana, agent()):
        assert load_attachment(of(person), "f-1").name == "orden.pdf"
    for person, attachment_id in ((member(), "f-1"), (ana, "f-2")):
        with pytest.raises(NotFound):
            load_attachment(of(person), attachment_id)


def test_closed_chat_takes_no_file(scene):
    ana, _, chat = scene
    require_open_chat(of(ana), chat.id)
    chat.status = CLOSED
    chat.save()
    with pytest.raises(ChatIsClosed):
        require_open_chat(of(ana), chat.id)
    with pytest.raises(NotFound):
        require_open_chat(of(member()), chat.id)


def test_unknown_files_are_those_without_a_row(scene):
    assert find_unknown_attachments(of(scene[0]), {"f-1", "f-2"}) == {"f-2"}
