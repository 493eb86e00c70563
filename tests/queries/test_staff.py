"""The list of the staff: who is among them, in which state and role."""

from datetime import UTC, datetime

import pytest

from beneficiate.errors import NotFound
from beneficiate.models.accounts import Agent, Supervisor, User
from beneficiate.models.call_centre import Skill, Topic
from beneficiate.queries.staff import load_staff_list
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.administration import ListFilters
from tests.factories import agent, member, supervisor

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


def test_one_is_found_by_code_and_email(db):
    marta, omar = supervisor("Marta"), agent("Omar")
    code = Agent.get_by_id(omar.agent_id).agent_code
    for text in (code, omar.user.email, "omar"):
        found = load_staff_list(UnitOfWork(marta.actor, NOW), ListFilters(text=text))
        assert omar.id in [row.row_id for row in found.rows]
        assert marta.id not in [row.row_id for row in found.rows]


def test_only_supervisors_read_it(db):
    with pytest.raises(NotFound):
        load_staff_list(UnitOfWork(agent().actor, NOW), ListFilters())
