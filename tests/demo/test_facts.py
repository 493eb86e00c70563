"""The facts of the demo chats agree with the chats."""

from beneficiate.demo.dataset import load_demo_data
from beneficiate.domain import facts
from beneficiate.models.chats import ACTIVE, CLOSED, SUPPORT, Chat, Message, Rating
from beneficiate.models.facts import Fact
from tests.demo.test_dataset import NOW


def chats_with(kind):
    return sorted(id_ for (id_,) in Fact.select(Fact.chat_id).where(Fact.kind == kind).tuples())


def test_each_demo_chat_has_its_facts(load_once):
    load_once("dataset", lambda: load_demo_data("hash", NOW))
    support = Chat.select(Chat.id).where(Chat.kind == SUPPORT)
    ids = sorted(id_ for (id_,) in support.tuples())
    closed = sorted(id_ for (id_,) in support.where(Chat.status == CLOSED).tuples())
    assert chats_with(facts.OPENED) == chats_with(facts.ASSIGNED) == ids
    assert chats_with(facts.CLOSED) == chats_with(facts.RATED) == closed
    assert len(closed) == Rating.select().count() > 0
    answered = Message.select(Message.chat).where(Message.sender_type == "AGENT").distinct()
    assert set(chats_with(facts.FIRST_REPLY)) <= {id_ for (id_,) in answered.tuples()}
    assert Fact.select().where(Fact.duration_s < 0).count() == 0
    assert Chat.select().where(Chat.status == ACTIVE, Chat.assigned_at.is_null(), Chat.kind == SUPPORT).count() == 0
