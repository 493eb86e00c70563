"""The people of the staff, for the supervisors who administer them."""

from typing import NamedTuple

from peewee import Expression

from beneficiate.models.accounts import (
    ACTIVE_STAFF,
    INVITED_STAFF,
    Agent,
    Supervisor,
    User,
)
from beneficiate.queries.access import require_supervisor
from beneficiate.queries.administration import MAX_ROWS, page_rows
from beneficiate.queries.board_agents import load_skills
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views import staff as views
from beneficiate.views.administration import AdministrationList, ListFilters


def load_staff_list(uow: UnitOfWork, filters: ListFilters) -> AdministrationList[views.StaffRow]:
    """Return a page of the staff, by name."""
    require_supervisor(uow.actor)
    return page_rows([one.row for one in _load_staff()], filters, views.STAFF_STATES)


class _StaffRows(NamedTuple):
    """One of the staff: the row of the agent, joined with the user, that of the supervisor, and topics by id."""

    agent: Agent
    supervisor_status: str | None
    topics: dict[int, str]

    @property
    def role(self) -> str:
        has_role = self.supervisor_status in (ACTIVE_STAFF, INVITED_STAFF)
        return views.SUPERVISOR_ROLE if has_role else views.AGENT_ROLE

    @property
    def state(self) -> str:
        if self.agent.user.is_active and self.agent.status == INVITED_STAFF:
            return views.INVITED
        is_staff = ACTIVE_STAFF in (self.agent.status, self.supervisor_status)
        return views.ACTIVE if self.agent.user.is_active and is_staff else views.INACTIVE

    @property
    def row(self) -> views.StaffRow:
        user = self.agent.user
        return views.StaffRow(
            row_id=user.id,
            name=user.name,
            state=self.state,
            search_text=f"{user.name} {self.agent.agent_code} {user.email}",
            code=self.agent.agent_code,
            role=self.role,
            topics=", ".join(self.topics.values()),
            last_seen=user.last_seen,
        )


def _load_staff(*where: Expression) -> list[_StaffRows]:
    query = Agent.select(Agent, User).join(User).order_by(Agent.id).limit(MAX_ROWS)
    agents = list(query.where(*where) if where else query)
    statuses = dict(Supervisor.select(Supervisor.user, Supervisor.status).tuples())
    skills = load_skills()
    return [_StaffRows(agent, statuses.get(agent.user_id), skills.get(agent.id, {})) for agent in agents]
