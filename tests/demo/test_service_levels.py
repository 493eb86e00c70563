"""The demo shows a promise that has to be kept soon and one that was broken."""

from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.actions.deadlines import notice_deadlines
from beneficiate.demo.service_levels import add_service_levels
from beneficiate.models.chats import Chat
from beneficiate.models.facts import Fact
from beneficiate.models.service_levels import ServiceLevel
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.actions.queue_steps import create_topic
from tests.factories import agent, member, support_chat


@pytest.fixture
def db(rolled_back_db):
    return rolled_back_db


NOW = datetime(2026, 11, 25, 15, tzinfo=UTC)


def test_who_waits_for_some_minutes_has_deadlines(db):
    create_topic("citas")
    create_topic("plan")
    waits = (3, 16, 25, 60)
    chats = [support_chat(member(), agent(), awaiting_since=NOW - timedelta(minutes=wait)) for wait in waits]
    for _ in range(2):
        add_service_levels(NOW)
    assert ServiceLevel.select().count() == 2
    due = [Chat.get_by_id(chat.id).response_due_at for chat in chats]
    assert [at and (at - NOW) / timedelta(minutes=1) for at in due] == [17, 4, -5, None]
    assert notice_deadlines(UnitOfWork(SYSTEM, NOW)) == 2
    assert [row.detail for row in Fact.select()] == ["next.late"]
