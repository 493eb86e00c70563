"""The list of the staff: who is among them, in which state and role."""

from datetime import UTC, datetime

import pytest

from beneficiate.errors import NotFound
from beneficiate.models.accounts import Agent, Supervisor, User
from beneficiate.models.call_centre import Skill, Topic
from beneficiate.queries.staff import load_staff_list, load_staff_member, load_topic_options
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.administration import ListFilters
from tests.factories import agent, member, supervisor, support_chat

NOW = datetime(2026, 11, 25, 15, tzinfo=UTC)


def set_status(who, status, table=Agent):
    table.update(status=status).where(table.user == who.id).execute()


def test_states_roles_and_topics(db):
    member("Ana")
    marta, omar, gone, invited, closed = supervisor("Marta"), agent("Omar"), agent("Gil"), agent("Iris"), agent("Leo")
    Skill.create(agent=omar.agent_id, topic=Topic.create(code="pagos", name="Pagos"))
    set_status(gone, "INACTIVE")
    set_status(invited, "INVITED")
    User.update(is_active=False).where(User.id == closed.id).execute()
    dismissed = supervisor("Nora")
    set_status(dismissed, "INACTIVE", Supervisor)
    found = load_staff_list(UnitOfWork(marta.actor, NOW), ListFilters())
    assert [(row.row_id, row.state, row.role, row.topics) for row in found.rows] == [
        (gone.id, "inactivas", "agente", ""),
        (invited.id, "invitadas", "agente", ""),
        (closed.id, "inactivas", "agente", ""),
        (marta.id, "activas", "supervisor", ""),
        (dismissed.id, "activas", "agente", ""),
        (omar.id, "activas", "agente", "Pagos"),
    ]
    assert [count for _, _, count in found.tabs] == [6, 3, 1, 2]
    assert {row.row_id: row.capacity for row in found.rows} == dict(Agent.select(Agent.user, Agent.capacity).tuples())


def test_one_is_found_by_code_and_email(db):
    marta, omar = supervisor("Marta", email="marta@otra.co"), agent("Omar", email="omar@pruebas.co")
    code = Agent.get_by_id(omar.agent_id).agent_code
    for text in (code, omar.user.email, "omar"):
        found = load_staff_list(UnitOfWork(marta.actor, NOW), ListFilters(text=text))
        assert omar.id in [row.row_id for row in found.rows]
        assert marta.id not in [row.row_id for row in found.rows]


def test_only_supervisors_read_it(db):
    with pytest.raises(NotFound):
        load_staff_list(UnitOfWork(agent().actor, NOW), ListFilters())


def test_form_and_open_chats_of_one(db):
    marta, omar = supervisor("Marta"), agent("Omar", online_status=True)
    topic = Topic.create(code="pagos", name="Pagos")
    Skill.create(agent=omar.agent_id, topic=topic)
    for columns in ({"topic": topic}, {"topic": topic}, {}):
        support_chat(member(), omar, **columns)
    one, saved = load_staff_member(UnitOfWork(marta.actor, NOW), omar.id)
    assert (one.chat_count, one.chats_text) == (3, "2 de Pagos, 1 sin tema")
    assert (one.presence.text, one.presence.dot_class, one.is_self) == ("Ausente", "is-away", False)
    assert (saved.values["temas"], saved.values["papel"], saved.version) == (str(topic.id), "agente", 1)
    with pytest.raises(NotFound):
        load_staff_member(UnitOfWork(marta.actor, NOW), member().id)


def test_topics_to_choose_are_active_or_known_and_say_how_many_wait(db):
    omar, active = agent("Omar"), Topic.create(code="pagos", name="Pagos")
    old, known = (Topic.create(code=code, name=code, is_active=False) for code in ("a", "b"))
    Skill.create(agent=omar.agent_id, topic=known)
    support_chat(member(), None, topic=active)
    options = load_topic_options(UnitOfWork(omar.actor, NOW), omar.id)
    assert [one.choice for one in options if one.topic_id in (active.id, old.id, known.id)] == [
        (active.id, "Pagos", "1 en espera ahora"),
        (known.id, "b", "inactivo, nadie más lo atiende"),
    ]
