"""The people of the staff: supervisors change what they may do, deactivate and reactivate them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from beneficiate.actions import account_emails, accounts, assignment, audit, sign_ins, unanswered
from beneficiate.actions.administration import Changes, change_columns, count_version, require_version
from beneficiate.actions.availability import emit_availability
from beneficiate.actions.board import emit_board_outdated
from beneficiate.domain.staff import SUPERVISOR_ROLE, StaffFields, parse_staff_fields
from beneficiate.errors import Conflict, InvalidForm, NotFound
from beneficiate.models.accounts import ACTIVE_STAFF, INACTIVE_STAFF, INVITED_STAFF, OFFLINE, Agent, Supervisor, User
from beneficiate.models.call_centre import Skill, Topic
from beneficiate.queries.access import require_supervisor
from beneficiate.unit_of_work import UnitOfWork

_IS_ACTIVE_SUPERVISOR = Supervisor.status == ACTIVE_STAFF
DEACTIVATED_REASON = "Se desactivó la cuenta de su agente"


@dataclass(frozen=True, slots=True)
class SaveStaffMember:
    """The fields of one of the staff as they were typed, by their names, and the version that the form has shown."""

    user_id: int
    version: int
    typed: Mapping[str, str]


def save_staff_member(uow: UnitOfWork, command: SaveStaffMember) -> None:
    """Change one of the staff, and assign the chats that they may have now.

    Raises NotFound, InvalidForm with a sentence for each field, OutdatedForm when somebody else saved meanwhile.
    """
    user_id = command.user_id
    agent = lock_staff_member(uow, user_id)
    fields = parse_staff_fields(command.typed)
    refuse_taken(fields, user_id)
    refuse_unknown_topics(fields)
    if fields.role != SUPERVISOR_ROLE and is_supervisor(user_id) and (lockout := _explain_lockout(uow, user_id)):
        raise InvalidForm({"papel": lockout})
    user_columns = {"first_name": fields.first_name, "last_name": fields.last_name, "email": fields.email}
    changes = {
        **change_columns(agent.user, user_columns),
        **change_columns(agent, {"agent_code": fields.code, "capacity": fields.capacity}),
        **set_topics(agent, fields.topic_ids),
        **_set_role(uow, agent, fields.role),
    }
    if not changes:
        return
    require_version(agent, command.version)
    count_version(agent)
    emit_availability(uow, agent)
    emit_board_outdated(uow)
    assignment.assign_waiting_chats(uow, is_changed=False)
    if "email" in changes and agent.status != INVITED_STAFF:
        account_emails.announce_address(uow, user_id, str(changes["email"][0]), fields.email)
    audit.record_audit(uow, "staff.save", f"agent:{agent.id}", changes=changes)


def deactivate_staff_member(uow: UnitOfWork, user_id: int) -> None:
    """Shut one of the staff out: all their open chats go back to the queue, to the front if the member waits.

    Their sign-ins end and their connections close everywhere. Their name stays in everything that they did. Raises
    NotFound, Conflict for the actor and the last supervisor.
    """
    agent = lock_staff_member(uow, user_id)
    if lockout := _explain_lockout(uow, user_id):
        raise Conflict(lockout)
    if agent.status == INACTIVE_STAFF and not agent.user.is_active:
        return
    # Before the chats go: otherwise they would be assigned to the same agent again.
    change_columns(agent, {"status": INACTIVE_STAFF, "availability": OFFLINE})
    count_version(agent)
    unanswered.return_chats_of_deactivated(uow, agent.id, DEACTIVATED_REASON)
    accounts.set_account_active(uow, (agent.user.email, False))
    emit_board_outdated(uow)
    assignment.assign_waiting_chats(uow)


def reactivate_staff_member(uow: UnitOfWork, user_id: int) -> None:
    """Let one of the staff sign in again, in the role that they had. They get chats once they are available."""
    agent = lock_staff_member(uow, user_id)
    if agent.status == ACTIVE_STAFF and agent.user.is_active:
        return
    if not agent.user.password_hash:
        raise Conflict("Esta persona nunca aceptó su invitación. Invítela de nuevo.")
    change_columns(agent, {"status": ACTIVE_STAFF, "availability": OFFLINE})
    count_version(agent)
    accounts.set_account_active(uow, (agent.user.email, True))
    emit_board_outdated(uow)


def lock_staff_member(uow: UnitOfWork, user_id: int) -> Agent:
    """Return the agent of a user with the user's row, those of all supervisors and the queue locked. Raises NotFound.

    So two supervisors who dismiss each other at once take turns, and a code or an address is taken once.
    """
    require_supervisor(uow.actor)
    supervisors = {row[0] for row in Supervisor.select(Supervisor.user).where(_IS_ACTIVE_SUPERVISOR).tuples()}
    User.lock_rows({user_id, *supervisors})
    assignment.lock_queue()
    agent: Agent | None = Agent.select(Agent, User).join(User).where(User.id == user_id).first()
    if agent is None:
        raise NotFound("No encontramos a esa persona.")
    return agent


def refuse_taken(fields: StaffFields, user_id: int) -> None:
    """Raise InvalidForm, with the name of who has it, for a code or an address that somebody else has."""
    problems = {}
    other = Agent.select(Agent, User).join(User).where(Agent.agent_code == fields.code, User.id != user_id).first()
    if other is not None:
        problems["codigo"] = f"{fields.code} ya es de {other.user.name}."
    user = User.get_or_none(User.email == fields.email, User.id != user_id)
    if user is not None:
        problems["correo"] = _taken_address_sentence(user)
    if problems:
        raise InvalidForm(problems)


def set_topics(agent: Agent, topic_ids: Iterable[int]) -> Changes:
    """Let an agent know these topics and no others, and return what changes: names before and after."""
    known = {topic_id for (topic_id,) in Skill.select(Skill.topic).where(Skill.agent == agent.id).tuples()}
    wanted = set(topic_ids)
    if known == wanted:
        return {}
    Skill.delete().where(Skill.agent == agent.id, Skill.topic.in_(known - wanted)).execute()
    if wanted - known:
        Skill.insert_many([{"agent": agent.id, "topic": topic_id} for topic_id in sorted(wanted - known)]).execute()
    names = dict(Topic.select(Topic.id, Topic.name).where(Topic.id.in_(known | wanted)).order_by(Topic.name).tuples())
    before, after = ([name for topic_id, name in names.items() if topic_id in ids] for ids in (known, wanted))
    return {"topics": (before, after)}


def is_supervisor(user_id: int) -> bool:
    """Return whether one of the staff is, or is invited as, a supervisor."""
    statuses = (ACTIVE_STAFF, INVITED_STAFF)
    return bool(Supervisor.select().where(Supervisor.user == user_id, Supervisor.status.in_(statuses)).exists())


def _set_role(uow: UnitOfWork, agent: Agent, role: str) -> Changes:
    was_supervisor, is_one = is_supervisor(agent.user_id), role == SUPERVISOR_ROLE
    if was_supervisor == is_one:
        return {}
    status = (INVITED_STAFF if agent.status == INVITED_STAFF else ACTIVE_STAFF) if is_one else INACTIVE_STAFF
    # Everywhere: what they may do is what they had when they connected, and with another role they sign in anew.
    sign_ins.revoke_sign_ins(uow, agent.user_id, "role changed")
    Supervisor.insert(user=agent.user_id, status=status, created_at=uow.now).on_conflict(
        conflict_target=[Supervisor.user], update={Supervisor.status: status}
    ).execute()
    names = {True: "supervisor", False: "agent"}
    return {"role": (names[was_supervisor], names[is_one])}


def _explain_lockout(uow: UnitOfWork, user_id: int) -> str:
    """Return why one of the staff has to stay a supervisor: the actor, or the last one; empty when they need not."""
    if user_id == uow.actor.user_id:
        return "No puede quitarse a sí mismo: pídaselo a otro supervisor."
    others = Supervisor.select().join(User).where(_IS_ACTIVE_SUPERVISOR, User.is_active, User.id != user_id)
    return "" if others.exists() else "Es el último supervisor activo: nombre antes a otro."


def refuse_unknown_topics(fields: StaffFields) -> None:
    """Raise InvalidForm unless all topics exist."""
    if Topic.select().where(Topic.id.in_(fields.topic_ids)).count() != len(fields.topic_ids):
        raise InvalidForm({"temas": "Elija los temas de la lista."})


def _taken_address_sentence(user: User) -> str:
    agent = Agent.get_or_none(Agent.user == user.id)
    if agent is None:
        return "Ese correo ya es de una cuenta de afiliado. Use otro."
    if user.is_active and agent.status != INACTIVE_STAFF:
        return f"Ese correo ya es de {user.name}."
    return f"Ese correo es de {user.name}, que está en Inactivas. Reactive esa cuenta y conserva su historia."
