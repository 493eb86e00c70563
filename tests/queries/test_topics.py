"""Topics as supervisors see them: who knows them, and how many chats wait."""

import pytest

from beneficiate.errors import NotFound
from beneficiate.models.accounts import Agent
from beneficiate.models.call_centre import Skill, Topic
from beneficiate.queries.topics import load_topic, load_topic_list
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.administration import ListFilters
from tests.factories import agent, member, supervisor, support_chat
from tests.queries.appointment_rows import NOW


def test_topics_have_the_agents_and_the_waiting_chats(db):
    uow = UnitOfWork(supervisor().actor, NOW)
    topic, other = Topic.create(code="x1", name="Zeta uno"), Topic.create(code="x2", name="Zeta dos", is_active=False)
    gone = agent()
    Agent.update(status="INACTIVE").where(Agent.id == gone.agent_id).execute()
    for who in (agent(), agent(), gone):
        Skill.create(agent=who.agent_id, topic=topic)
    support_chat(member(), None, topic=topic)
    support_chat(member(), agent(), topic=topic)
    rows = load_topic_list(uow, ListFilters(text="zeta")).rows
    assert [(row.row_id, row.state, row.agents, row.waiting) for row in rows] == [
        (other.id, "inactivos", 0, 0),
        (topic.id, "activos", 2, 1),
    ]
    row, saved = load_topic(uow, topic.id)
    assert (row, saved.values, saved.version) == (rows[1], {"nombre": "Zeta uno", "estado": "activo"}, 1)


def test_new_topic_has_an_empty_form_and_an_unknown_one_none(db):
    uow = UnitOfWork(supervisor().actor, NOW)
    assert load_topic(uow, 0)[1].values == {"nombre": "", "estado": "activo"}
    with pytest.raises(NotFound):
        load_topic(uow, 99999)
    for query, argument in ((load_topic, 0), (load_topic_list, ListFilters())):
        with pytest.raises(NotFound):
            query(UnitOfWork(agent().actor, NOW), argument)
