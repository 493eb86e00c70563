"""The agents on the board."""

from datetime import timedelta

import pytest

from beneficiate.actions import messages, queue
from beneficiate.actions.availability import change_availability
from beneficiate.models.accounts import AVAILABLE, AWAY, Agent, User
from beneficiate.protocol.commands import SendMessage
from beneficiate.protocol.queue import RateChat, SetAvailability
from beneficiate.queries.board_agents import load_agent_rows
from beneficiate.queries.board_steps import load_steps
from beneficiate.unit_of_work import UnitOfWork
from tests.actions.queue_steps import QueueActions, available_agent, create_topic, seconds_after_now
from tests.factories import agent, member, supervisor


@pytest.fixture
def desk(act):
    return QueueActions(act)


def rows_at(second=0):
    at = seconds_after_now(second)
    return load_agent_rows(UnitOfWork(supervisor().actor, at), load_steps(at))


def test_agents_who_take_chats_come_first_and_supervisors_only_while_they_do(db):
    inactive, off, away = agent("Ida"), agent("Olga"), agent("Beto", online_status=True)
    on, marta = available_agent("Zoe"), supervisor("Marta", online_status=True)
    Agent.update(status="INACTIVE").where(Agent.id == inactive.agent_id).execute()
    assert [row.agent_id for row in rows_at()] == [on.agent_id, away.agent_id, off.agent_id]
    Agent.update(availability=AVAILABLE).where(Agent.id == marta.agent_id).execute()
    assert {row.agent_id for row in rows_at()[:2]} == {on.agent_id, marta.agent_id}


def test_agent_is_shown_with_chats_figures_and_what_keeps_them(desk):
    topics = [create_topic("pagos"), create_topic("citas")]
    yuliana, ana = available_agent("Yuliana", capacity=3, topics=topics), member("Ana")
    chat = desk.join(ana, "pagos")
    desk.run_as(messages.send_messages, SendMessage(chat_id=chat.id, message="Hola"), yuliana, 12)
    desk.close(chat, yuliana, 30)
    desk.run_as(queue.rate_chat, RateChat(chat_id=chat.id, score=4), ana, 40)
    left = desk.join(iris := member("Iris"), second=41)
    desk.close(left, iris, 45)
    other = desk.join(ana, second=50)
    desk.run_as(change_availability, SetAvailability(availability=AWAY, reason="Almuerzo"), yuliana, 60)
    (row,) = rows_at(70)
    assert {code: shown.text for code, shown in row.figures.items()} == {
        "first_response": "0:12",
        "service_level": "—",
        "satisfaction": "4,00",
        "closed": "2",
    }
    assert "agente=" in row.figures["closed"].address
    assert ([one.chat_id for one in row.chats], row.load, row.capacity) == ([other.id], 1, 3)
    assert (row.topics, row.shown.label, row.reason) == (["Citas", "Pagos"], "Ausente", "Almuerzo")
    assert (row.since, row.last_activity) == (seconds_after_now(60), seconds_after_now(30))
    assert not row.is_set_away_since(seconds_after_now(0))


def test_who_is_not_connected_is_so_since_they_left(db):
    yuliana = available_agent("Yuliana", is_online=False)
    gone = seconds_after_now(-90)
    User.update(last_seen=gone).where(User.id == yuliana.id).execute()
    (row,) = rows_at()
    assert (row.shown.label, row.since, row.last_activity) == ("Sin conexión", gone, None)


def test_agent_whom_the_system_set_away_today_is_known(db):
    yuliana = agent("Yuliana", online_status=True)
    Agent.update(is_automatic=True, availability_at=seconds_after_now(-5)).where(Agent.id == yuliana.agent_id).execute()
    (row,) = rows_at()
    assert row.is_set_away_since(seconds_after_now(-5))
    assert not row.is_set_away_since(seconds_after_now(-5) + timedelta(seconds=1))
