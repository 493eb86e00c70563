"""Topics, skills, business hours and canned replies: what exists once, and what goes with what."""

from datetime import date

import pytest

from beneficiate.models.call_centre import BusinessHoursException, CannedReply, QueueLock, Skill, Topic
from tests.factories import agent, member, support_chat
from tests.models.constraints import delete_row, insert_copy, is_there, refuse_insert, reload
from tests.queries.appointment_rows import NOW

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def db(rolled_back_db):
    return rolled_back_db


def topic(code="prueba"):
    return Topic.create(code=code, name="De prueba")


def test_queue_has_one_lock_that_the_migrations_made():
    assert QueueLock.select().count() == 1


def test_topic_is_known_by_one_code():
    refuse_insert(topic())
    assert topic("otro").is_active


def test_agent_has_a_skill_once_and_it_goes_with_the_agent_or_the_topic():
    yuliana, omar = agent(), agent()
    first, second = topic(), topic("otro")
    skill = Skill.create(agent=yuliana.agent_id, topic=first)
    refuse_insert(skill)
    others = [insert_copy(skill, agent=omar.agent_id), insert_copy(skill, topic=second.id)]
    delete_row(yuliana.user)
    assert [is_there(row) for row in (skill, *others)] == [False, True, False]
    delete_row(first)
    assert not is_there(others[0])


def test_chat_stays_without_a_topic_that_is_deleted():
    about = topic()
    chat = support_chat(member(), None, topic=about)
    delete_row(about)
    assert reload(chat).topic_id is None


def test_shortcut_is_of_one_reply():
    reply = CannedReply.create(shortcut="saludo", title="Saludo", text="Hola", updated_at=NOW)
    refuse_insert(reply)
    assert (reply.uses, reply.is_active) == (0, True)


def test_exception_without_hours_is_a_closed_day():
    day = reload(BusinessHoursException.create(day=date(2026, 12, 24)))
    assert (day.day, day.starts, day.ends, day.is_open) == (date(2026, 12, 24), None, None, False)
