"""The people of the staff, for the supervisors who administer them."""

from typing import NamedTuple

from peewee import JOIN, Expression, ModelSelect, fn

from beneficiate.domain.staff import AGENT_ROLE, SUPERVISOR_ROLE
from beneficiate.errors import NotFound
from beneficiate.models.accounts import (
    ACTIVE_STAFF,
    AVAILABLE,
    AWAY,
    INVITED_STAFF,
    Agent,
    Supervisor,
    User,
)
from beneficiate.models.call_centre import Skill, Topic
from beneficiate.models.chats import ACTIVE, SUPPORT, Chat
from beneficiate.models.second_factors import SecondFactor
from beneficiate.queries.access import require_supervisor
from beneficiate.queries.administration import MAX_ROWS, find_last_change, page_rows
from beneficiate.queries.board_agents import load_skills
from beneficiate.queries.invitations import load_invitation_state
from beneficiate.queries.topics import count_agents_by_topic, count_waiting_by_topic
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views import staff as views
from beneficiate.views.administration import AdministrationList, ListFilters
from beneficiate.views.edit_forms import SavedRow

STAFF_KINDS = ("staff.save", "staff.invite")
"""What changes the fields of one of the staff, in the audit."""


def load_staff_list(uow: UnitOfWork, filters: ListFilters) -> AdministrationList[views.StaffRow]:
    """Return a page of the staff, by name."""
    require_supervisor(uow.actor)
    return page_rows([one.row for one in _load_staff()], filters, views.STAFF_STATES)


def load_staff_member(uow: UnitOfWork, user_id: int) -> tuple[views.StaffMember, SavedRow]:
    """Return one of the staff: what stands beside the list, and what the form shows. Raises NotFound."""
    require_supervisor(uow.actor)
    found = _load_staff(User.id == user_id)
    if not found:
        raise NotFound("No encontramos a esa persona.")
    rows, agent = found[0], found[0].agent
    member = views.StaffMember(
        row=rows.row,
        is_self=user_id == uow.actor.user_id,
        first_name=agent.user.first_name,
        presence=_describe_presence(agent),
        chats=count_open_chats(agent.id),
        waiting=_select_open_chats(agent.id).where(Chat.awaiting_since.is_null(False)).count(),
        capacity=agent.capacity,
        has_password=bool(agent.user.password_hash),
        invitation=load_invitation_state(uow, user_id),
        factor_since=SecondFactor.select(SecondFactor.created_at).where(SecondFactor.user == user_id).scalar(),
    )
    found_changes = (
        find_last_change(f"user:{user_id}", "accounts.set_active"),
        find_last_change(f"agent:{agent.id}", *STAFF_KINDS),
    )
    last_change = max(filter(None, found_changes), key=lambda change: change.at, default=None)
    return member, SavedRow(rows.form_values, agent.version, last_change)


def load_topic_options(uow: UnitOfWork, user_id: int = 0) -> list[views.TopicOption]:
    """Return the topics that one of the staff may know: those that are active, and those that they know."""
    query = Skill.select(Skill.topic).join(Agent).where(Agent.user == user_id)
    known = {topic_id for (topic_id,) in query.tuples()}
    waiting, alone = count_waiting_by_topic(), known - count_agents_by_topic(user_id).keys()
    is_offered = Topic.is_active | Topic.id.in_(known)
    rows = Topic.select(Topic.id, Topic.name, Topic.is_active).where(is_offered).order_by(Topic.name)
    return [
        views.TopicOption(topic_id, name, waiting.get(topic_id, 0), topic_id in alone, is_active=is_active)
        for topic_id, name, is_active in rows.tuples()
    ]


def count_open_chats(agent_id: int) -> dict[str, int]:
    """Return how many open chats an agent has, by the name of the topic; empty for those without one."""
    query = (
        _select_open_chats(agent_id, fn.COALESCE(Topic.name, ""), fn.COUNT(Chat.id))
        .join(Topic, JOIN.LEFT_OUTER)
        .group_by(Topic.name)
        .order_by(fn.COUNT(Chat.id).desc(), Topic.name)
    )
    return dict(query.tuples())


def _select_open_chats(agent_id: int, *fields: Expression) -> ModelSelect:
    return Chat.select(*fields).where(Chat.kind == SUPPORT, Chat.status == ACTIVE, Chat.agent == agent_id)


class _StaffRows(NamedTuple):
    """One of the staff: the row of the agent, joined with the user, that of the supervisor, and topics by id."""

    agent: Agent
    supervisor_status: str | None
    topics: dict[int, str]

    @property
    def role(self) -> str:
        has_role = self.supervisor_status in (ACTIVE_STAFF, INVITED_STAFF)
        return SUPERVISOR_ROLE if has_role else AGENT_ROLE

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
            capacity=self.agent.capacity,
            last_seen=user.last_seen,
        )

    @property
    def form_values(self) -> dict[str, str]:
        return {
            "nombres": self.agent.user.first_name,
            "apellidos": self.agent.user.last_name,
            "correo": self.agent.user.email,
            "codigo": self.agent.agent_code,
            "capacidad": str(self.agent.capacity),
            "temas": ",".join(map(str, self.topics)),
            "papel": self.role,
        }


def _load_staff(*where: Expression) -> list[_StaffRows]:
    query = Agent.select(Agent, User).join(User).order_by(Agent.id).limit(MAX_ROWS)
    agents = list(query.where(*where) if where else query)
    statuses = dict(Supervisor.select(Supervisor.user, Supervisor.status).tuples())
    skills = load_skills()
    return [_StaffRows(agent, statuses.get(agent.user_id), skills.get(agent.id, {})) for agent in agents]


def _describe_presence(agent: Agent) -> views.Presence:
    if not agent.user.online_status:
        return views.Presence("Sin conexión", "")
    if agent.availability == AVAILABLE:
        return views.Presence("Disponible", "is-on")
    return views.Presence("Ausente" if agent.availability == AWAY else "No recibe chats", "is-away")
