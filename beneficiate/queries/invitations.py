"""Invitations of the staff: whom a link is for, and what supervisors see of one."""

from peewee import fn

from beneficiate.domain.staff import AGENT_ROLE, USUAL_CAPACITY
from beneficiate.errors import NotFound
from beneficiate.models.accounts import INVITED_STAFF, Agent, StaffInvitation, User
from beneficiate.queries.access import require_supervisor
from beneficiate.queries.accounts import digest_secret
from beneficiate.queries.password_owners import describe_password_owner
from beneficiate.queries.undelivered_emails import MAX_EMAIL_TRIES
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.recovery import LinkOwner
from beneficiate.views.staff import InvitationState

MAX_TOKEN_CHARS = 64


def find_open_invitation(uow: UnitOfWork, token: str) -> StaffInvitation:
    """Return the invitation of a token that may be accepted. Raises NotFound, whatever the reason."""
    invitation = (
        StaffInvitation.select(StaffInvitation, User)
        .join(User)
        .join(Agent, on=Agent.user == User.id)
        .where(
            StaffInvitation.token_hash == digest_secret(token[:MAX_TOKEN_CHARS]),
            StaffInvitation.expires_at > uow.now,
            StaffInvitation.email == User.email,
            Agent.status == INVITED_STAFF,
            User.is_active,
        )
        .first()
    )
    if invitation is None:
        raise NotFound("Este enlace ya no sirve. Pídale a su supervisor que lo invite de nuevo.")
    found: StaffInvitation = invitation
    return found


def load_invited_person(uow: UnitOfWork, token: str) -> LinkOwner:
    """Return whom a link is for. Raises NotFound."""
    user = find_open_invitation(uow, token).user
    return LinkOwner(user.first_name, user.email, describe_password_owner(user, is_staff=True))


def load_invitation_state(uow: UnitOfWork, user_id: int) -> InvitationState | None:
    """Return what became of the invitation of one of the staff; None without one."""
    require_supervisor(uow.actor)
    query = StaffInvitation.select(StaffInvitation, User).join(User)
    row = query.where(StaffInvitation.user == user_id).first()
    return None if row is None else InvitationState(row.sent_at, row.expires_at, _describe_problem(uow, row))


def load_invitation_defaults(uow: UnitOfWork) -> dict[str, str]:
    """Return what the form of a new invitation shows: the usual capacity, and a code that nobody has."""
    require_supervisor(uow.actor)
    number = int(Agent.select(fn.MAX(Agent.id)).scalar() or 0) + 1
    codes = {code for (code,) in Agent.select(Agent.agent_code).tuples()}
    while f"AG-{number:03}" in codes:
        number += 1
    texts = dict.fromkeys(("nombres", "apellidos", "correo", "documento", "temas"), "")
    return {
        **texts,
        "tipo": "CC",
        "codigo": f"AG-{number:03}",
        "capacidad": str(USUAL_CAPACITY),
        "papel": AGENT_ROLE,
    }


def _describe_problem(uow: UnitOfWork, row: StaffInvitation) -> str:
    if row.email != row.user.email:
        return "El correo cambió después de invitar: el enlace ya no sirve."
    if row.expires_at <= uow.now:
        return "El enlace venció."
    is_given_up = row.sent_at is None and row.tries >= MAX_EMAIL_TRIES
    return "El servidor de correo no lo aceptó. Revise la dirección." if is_given_up else ""
