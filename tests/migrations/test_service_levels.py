"""Migration 0019 adds deadlines without setting any, and knows whom the staff has answered."""

from importlib import import_module

from beneficiate.models.call_centre import BusinessHoursBlock, QueueLock
from beneficiate.models.chats import CLOSED, Chat
from beneficiate.models.facts import Fact
from tests.actions.queue_steps import OPEN_HOURS_NOW
from tests.factories import agent, member, support_chat

migration = import_module("beneficiate.migrations.0019_service_levels")


def test_whom_the_staff_has_answered_is_told_by_the_facts(db):
    answered, again, silent = (support_chat(member(), agent(), span=span) for span in (1, 2, 1))
    closed = support_chat(member(), agent(), status=CLOSED)
    for chat in (answered, again, closed):
        Fact.create(at=OPEN_HOURS_NOW, kind="first_reply", chat_id=chat.id, span=1, actor_role="agent")
    for _ in range(2):
        migration.up(None, db)
        assert [Chat.get_by_id(chat.id).replied_span for chat in (answered, again, silent, closed)] == [1, 0, 0, 0]
        assert not Chat.select().where(Chat.alarm_at.is_null(False)).exists()


def test_changes_of_the_hours_are_counted_once_however_often_it_runs(db):
    for _ in range(2):
        migration.up(None, db)
    before = QueueLock.get_by_id(1).hours_revision
    BusinessHoursBlock.create(weekday=0, starts=480, ends=600)
    assert QueueLock.get_by_id(1).hours_revision == before + 1
