"""Who may view a chat, and whether what their page has printed of it is up to date."""

from datetime import UTC, datetime

import pytest
from playhouse.test_utils import count_queries

from beneficiate.actions import messages, notes, recall, tags
from beneficiate.errors import NotFound
from beneficiate.protocol.commands import MarkRead, SendSupportMessage
from beneficiate.protocol.desk_tools import AddNote, RecallMessage, TagChat, ViewChat
from beneficiate.queries import desk
from beneficiate.queries.member_panel import load_member_panel
from beneficiate.queries.viewers import can_view
from beneficiate.unit_of_work import SYSTEM, BatchItem, UnitOfWork
from tests.factories import agent, direct_chat, member, supervisor, support_chat


def view(*asked):
    """Return the answers to persons who view chats, each with a version or None."""
    items = [BatchItem(person.actor, ViewChat(chat_id=id_, version=version)) for person, id_, version in asked]
    return can_view.function(UnitOfWork(SYSTEM, datetime.now(UTC)), items)


def printed_version(person, chat_id):
    return desk.load_conversation(UnitOfWork(person.actor, datetime.now(UTC)), chat_id).version


def test_staff_view_support_chats_and_nothing_else(db):
    ana, yuliana, marta = member(), agent("Yuliana"), supervisor()
    chat, direct = support_chat(ana, yuliana), direct_chat(yuliana, marta)
    wanted = [(yuliana, chat.id), (marta, chat.id), (ana, chat.id), (yuliana, direct.id), (marta, 999_999)]
    found = view(*((person, chat_id, None) for person, chat_id in wanted))
    assert [one.viewer.user_id for one in found[:2]] == [yuliana.id, marta.id]
    assert found[0].viewer.first_name == "Yuliana"
    assert [type(one) for one in found[2:]] == [NotFound] * 3


@pytest.fixture
def chat(act, db):
    """A member, their agent, and the chat with a message of each and a note."""
    ana, yuliana = member("Ana"), agent("Yuliana")
    chat_id = support_chat(ana, yuliana).id
    for person in (ana, yuliana):
        act(messages.send_messages, SendSupportMessage(chat_id=chat_id, message="Hola"), person.actor)
    act(notes.add_note, AddNote(chat_id=chat_id, text="Llamar"), yuliana.actor)
    return ana, yuliana, chat_id


def test_page_that_shows_the_chat_as_it_is_has_its_version(chat):
    _, yuliana, chat_id = chat
    marta = supervisor("Marta")
    assert printed_version(marta, chat_id) == printed_version(yuliana, chat_id) != ""
    found = view(
        (yuliana, chat_id, printed_version(yuliana, chat_id)), (marta, chat_id, None), (marta, chat_id, "older")
    )
    assert [one.is_outdated for one in found] == [False, False, True]


def test_empty_version_is_an_older_one(chat):
    _, yuliana, chat_id = chat
    assert view((yuliana, chat_id, ""))[0].is_outdated


CHANGES = {
    "message": lambda act, ana, yuliana, chat_id: act(
        messages.send_messages, SendSupportMessage(chat_id=chat_id, message="Otro"), ana.actor
    ),
    "note": lambda act, ana, yuliana, chat_id: act(notes.add_note, AddNote(chat_id=chat_id, text="Más"), yuliana.actor),
    "mark": lambda act, ana, yuliana, chat_id: act(
        messages.mark_read, MarkRead(chat_id=chat_id, message_id=_newest_message(yuliana, chat_id)), ana.actor
    ),
    "recall": lambda act, ana, yuliana, chat_id: act(
        recall.recall_message,
        RecallMessage(chat_id=chat_id, message_id=_newest_message(yuliana, chat_id)),
        yuliana.actor,
    ),
}


def _newest_message(person, chat_id):
    return desk.load_conversation(UnitOfWork(person.actor, datetime.now(UTC)), chat_id).messages[-1].id


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_page_is_outdated_by_whatever_it_shows(act, chat, change):
    ana, yuliana, chat_id = chat
    version = printed_version(yuliana, chat_id)
    change(act, ana, yuliana, chat_id)
    assert view((yuliana, chat_id, version))[0].is_outdated
    assert not view((yuliana, chat_id, printed_version(yuliana, chat_id)))[0].is_outdated


def test_what_the_agent_has_read_is_not_shown_and_outdates_nothing(act, chat):
    ana, yuliana, chat_id = chat
    act(messages.send_messages, SendSupportMessage(chat_id=chat_id, message="¿Sigue ahí?"), ana.actor)
    version = printed_version(yuliana, chat_id)
    act(messages.mark_read, MarkRead(chat_id=chat_id, message_id=_newest_message(yuliana, chat_id)), yuliana.actor)
    assert not view((yuliana, chat_id, version))[0].is_outdated


def test_versions_of_many_chats_take_two_statements(chat):
    _, yuliana, chat_id = chat
    other = support_chat(member(), yuliana).id
    view((yuliana, chat_id, None))  # PostgreSQL prepares the first one
    counts = []
    for version in (None, "older"):
        with count_queries() as counter:
            view((yuliana, chat_id, version), (yuliana, other, version))
        counts.append(counter.count)
    assert counts[1] - counts[0] == 2


def test_panel_that_the_page_has_printed_is_compared_too(chat, act):
    _, yuliana, chat_id = chat
    uow = UnitOfWork(yuliana.actor, datetime.now(UTC))
    printed = load_member_panel(uow, chat_id).version
    item = BatchItem(yuliana.actor, ViewChat(chat_id=chat_id, panel_version=printed))
    assert not can_view.function(uow, [item])[0].is_outdated
    act(tags.tag_chat, TagChat(chat_id=chat_id, tag="Urgente"), yuliana.actor)
    assert can_view.function(uow, [item])[0].is_outdated
