"""Whether agents take chats: what they set themselves, and what is set for them."""

from beneficiate.actions import assignment, audit
from beneficiate.actions.board import emit_board_outdated
from beneficiate.actions.isolation import run_each
from beneficiate.errors import NotFound, Problem
from beneficiate.formatting import bogota_date, format_at_time, format_short_date
from beneficiate.models.accounts import AVAILABLE, AWAY, Agent, User
from beneficiate.protocol import channels
from beneficiate.protocol.queue import AvailabilityChanged, SetAgentAway, SetAvailability
from beneficiate.queries.access import require_supervisor
from beneficiate.text_limits import MAX_AVAILABILITY_REASON_CHARS
from beneficiate.unit_of_work import UnitOfWork


class AgentIsAway(Problem):
    """The agent who is to be set away takes no chats already."""

    code = "agent_away"
    status = 409
    sentence = "Ese agente ya no recibe chats."


def change_availability(uow: UnitOfWork, command: SetAvailability) -> None:
    """Set whether the acting agent takes chats, and assign what waits."""
    assignment.lock_queue()
    agent_id = uow.actor.agent_id or 0
    before = Agent.select(Agent.availability).where(Agent.id == agent_id).scalar()
    _set_availability(uow, agent_id, command.availability, command.reason, is_automatic=False)
    assignment.assign_waiting_chats(uow)
    if before != command.availability:
        changes = {"availability": (before, command.availability)}
        audit.record_audit(uow, "agents.availability", f"agent:{agent_id}", command.reason, changes)


def set_agent_away(uow: UnitOfWork, command: SetAgentAway) -> None:
    """Set an available agent away, as the acting supervisor decides. Others stay as they are.

    Raises NotFound; AgentIsAway for an agent who is not available, unless by this same decision, which is sent twice
    when its answer is lost.
    """
    require_supervisor(uow.actor)
    assignment.lock_queue()
    agent: Agent | None = Agent.get_or_none(Agent.id == command.agent_id, Agent.status == "ACTIVE")
    if agent is None:
        raise NotFound("No encontramos a ese agente.")
    supervisor = User.get_by_id(uow.actor.user_id).name
    reason = ": ".join(filter(None, [f"Por decisión de {supervisor}", command.reason.strip()]))
    reason = reason[:MAX_AVAILABILITY_REASON_CHARS]
    if agent.availability != AVAILABLE:
        if (agent.availability, agent.reason, agent.is_automatic) == (AWAY, reason, True):
            return
        raise AgentIsAway(_say_why_away(uow, agent))
    _set_availability(uow, agent.id, AWAY, reason, is_automatic=True)
    changes = {"availability": (AVAILABLE, AWAY)}
    audit.record_audit(uow, "agents.away", f"agent:{agent.id}", command.reason, changes)


def _say_why_away(uow: UnitOfWork, agent: Agent) -> str:
    """Return that an agent takes no chats, why, and since when."""
    said, since = f"{agent.user.first_name} ya no recibe chats.", agent.availability_at
    if since is None:
        return said
    is_today = bogota_date(since) == bogota_date(uow.now)
    when = format_at_time(since) if is_today else f"el {format_short_date(since)} {format_at_time(since)}"
    return f"{said} {agent.reason or 'Dejó de recibirlos'} ({when})."


def set_agents_away(uow: UnitOfWork, agent_ids: set[int], reason: str) -> None:
    """Set these agents away: they are assigned nothing until they set themselves available."""
    agents = Agent.select().where(Agent.id.in_(agent_ids), Agent.availability == AVAILABLE)

    def set_away(agent: Agent) -> None:
        _set_availability(uow, agent.id, AWAY, reason, is_automatic=True)
        changes = {"availability": (agent.availability, AWAY)}
        audit.record_act(uow, "agents.away", f"agent:{agent.id}", reason, changes)

    run_each(uow, list(agents), set_away)


def set_signed_out_agent_away(uow: UnitOfWork, user_id: int) -> None:
    """Set an agent away who signed out on their last device: they are assigned nothing until they come back."""
    agent = Agent.get_or_none(Agent.user == user_id, Agent.status == "ACTIVE")
    if agent is not None:
        assignment.lock_queue()
        set_agents_away(uow, {agent.id}, "Cerró la sesión")


def emit_availability(uow: UnitOfWork, agent: Agent) -> None:
    """Emit to an agent and the supervisors whether the agent takes chats; their pages read the capacity again."""
    event = AvailabilityChanged(
        agent_id=agent.id,
        availability=agent.availability,
        reason=agent.reason,
        is_automatic=agent.is_automatic,
    )
    uow.emit(event, channels=[channels.agent_channel(agent.id), channels.SUPERVISORS_CHANNEL])


def _set_availability(uow: UnitOfWork, agent_id: int, availability: str, reason: str, *, is_automatic: bool) -> None:
    """Store whether an agent takes chats and emit it to the agent and the supervisors."""
    changes = {
        "availability": availability,
        "reason": reason,
        "is_automatic": is_automatic,
        "availability_at": uow.now,
    }
    if availability == AVAILABLE:
        changes["idle_since"] = uow.now
    Agent.update(changes).where(Agent.id == agent_id).execute()
    emit_availability(uow, Agent.get_by_id(agent_id))
    emit_board_outdated(uow)
