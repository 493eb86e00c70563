"""Invitations of the staff: an account without a password, and an e-mail with a link by which its person sets one.

The token of the link is made when the e-mail is sent, so that the database never has it: only its digest is stored. It
is good for seven days, once, and only while the account has the address to which it was sent.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from beneficiate.actions import assignment, audit, emails
from beneficiate.actions.staff import lock_staff_member, refuse_taken, refuse_unknown_topics, set_topics
from beneficiate.domain.identity_documents import DOCUMENT_TYPES, describe_format, normalize_document
from beneficiate.domain.staff import SUPERVISOR_ROLE, parse_staff_fields
from beneficiate.errors import Conflict, InvalidForm
from beneficiate.models.accounts import (
    ACTIVE_STAFF,
    INACTIVE_STAFF,
    INVITED_STAFF,
    OFFLINE,
    Agent,
    StaffInvitation,
    Supervisor,
    User,
)
from beneficiate.queries.access import require_supervisor
from beneficiate.queries.accounts import digest_secret, find_actors
from beneficiate.queries.invitations import find_open_invitation
from beneficiate.unit_of_work import UnitOfWork

INVITATION_LIFETIME = timedelta(days=7)
NOT_INVITED = "Esa persona no tiene una invitación abierta."


@dataclass(frozen=True, slots=True)
class InviteStaffMember:
    """A new member of the staff as typed, by the names of the fields."""

    typed: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PendingInvitation:
    """An invitation that is due: the e-mail has a link with the token. `key` is that of the message."""

    email_id: int
    key: str
    email: str
    name: str
    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AcceptInvitation:
    """The token of an invitation, and the hash of the password that its person has chosen."""

    token: str
    password_hash: str


def invite_staff_member(uow: UnitOfWork, command: InviteStaffMember) -> int:
    """Create an account that waits for its person, invite them, and return the user id.

    Raises NotFound unless a supervisor acts, InvalidForm with a sentence for each field.
    """
    require_supervisor(uow.actor)
    # Locked as by every change of the staff, so that a code and an address are taken once.
    assignment.lock_queue()
    document_type, number, problems = _parse_document(command.typed)
    try:
        fields = parse_staff_fields(command.typed)
        refuse_taken(fields, 0)
        refuse_unknown_topics(fields)
    except InvalidForm as problem:
        raise InvalidForm({**problem.fields, **problems}) from problem
    if problems:
        raise InvalidForm(problems)
    user = User.create(
        email=fields.email,
        password_hash="",
        first_name=fields.first_name,
        last_name=fields.last_name,
        document_type=document_type,
        document_number=number,
        created_at=uow.now,
    )
    agent = Agent.create(
        user=user,
        agent_code=fields.code,
        status=INVITED_STAFF,
        capacity=fields.capacity,
        availability=OFFLINE,
        created_at=uow.now,
    )
    topics = set_topics(agent, fields.topic_ids)
    if fields.role == SUPERVISOR_ROLE:
        Supervisor.create(user=user, status=INVITED_STAFF, created_at=uow.now)
    _send_again(uow, user)
    role = "supervisor" if fields.role == SUPERVISOR_ROLE else "agent"
    changes = {"agent_code": (None, fields.code), "capacity": (None, fields.capacity), "role": (None, role), **topics}
    audit.record_audit(uow, "staff.invite", f"agent:{agent.id}", changes=changes)
    return int(user.id)


def resend_invitation(uow: UnitOfWork, user_id: int) -> None:
    """Send a new link to who has never set a password; the one before is good no more. Raises NotFound, Conflict."""
    agent = lock_staff_member(uow, user_id)
    if agent.user.password_hash:
        raise Conflict(NOT_INVITED)
    User.update(is_active=True).where(User.id == user_id).execute()
    Agent.update(status=INVITED_STAFF).where(Agent.id == agent.id).execute()
    _send_again(uow, agent.user)
    audit.record_audit(uow, "staff.resend_invitation", f"agent:{agent.id}")


def cancel_invitation(uow: UnitOfWork, user_id: int) -> None:
    """Let the link of an invitation be good no more; the account is inactive. A second time changes nothing.

    Raises NotFound, and Conflict for who has accepted it.
    """
    agent = lock_staff_member(uow, user_id)
    if agent.status == INACTIVE_STAFF and not agent.user.password_hash:
        return
    if agent.status != INVITED_STAFF:
        raise Conflict(NOT_INVITED)
    StaffInvitation.delete().where(StaffInvitation.user == user_id).execute()
    User.update(is_active=False).where(User.id == user_id).execute()
    Agent.update(status=INACTIVE_STAFF).where(Agent.id == agent.id).execute()
    audit.record_audit(uow, "staff.cancel_invitation", f"agent:{agent.id}")


def accept_invitation(uow: UnitOfWork, command: AcceptInvitation) -> int:
    """Set the first password of who was invited and return the user id. The link is used up. Raises NotFound."""
    invitation = find_open_invitation(uow, command.token)
    User.lock_rows([invitation.user_id])
    # Read again: of two who use the link at once, one finds it used up.
    invitation = find_open_invitation(uow, command.token)
    user_id = int(invitation.user_id)
    User.update(password_hash=command.password_hash).where(User.id == user_id).execute()
    Agent.update(status=ACTIVE_STAFF).where(Agent.user == user_id, Agent.status == INVITED_STAFF).execute()
    is_invited = (Supervisor.user == user_id) & (Supervisor.status == INVITED_STAFF)
    Supervisor.update(status=ACTIVE_STAFF).where(is_invited).execute()
    StaffInvitation.delete().where(StaffInvitation.id == invitation.id).execute()
    who = find_actors([user_id])[user_id]
    audit.record_act(uow, "staff.accept_invitation", f"agent:{who.agent_id}", actor=who)
    return user_id


def claim_invitations(uow: UnitOfWork) -> list[PendingInvitation]:
    """Claim the invitations that are due, each with a new token; the caller sends them."""
    rows = emails.claim_emails(uow, StaffInvitation)
    return [_give_token(row) for row in rows if row.expires_at > uow.now]


def mark_invitations_sent(uow: UnitOfWork, email_ids: list[int]) -> None:
    """Mark invitations as accepted by the mail server."""
    emails.mark_emails_sent(uow, StaffInvitation, email_ids)


def record_invitation_failure(uow: UnitOfWork, failed: emails.FailedEmail) -> None:
    """Record that an invitation was refused, or may have arrived."""
    emails.record_email_failure(StaffInvitation, failed)


def _send_again(uow: UnitOfWork, user: User) -> None:
    StaffInvitation.delete().where(StaffInvitation.user == user.id).execute()
    expires_at = uow.now + INVITATION_LIFETIME
    StaffInvitation.create(user=user.id, email=user.email, expires_at=expires_at, created_at=uow.now)


def _give_token(row: StaffInvitation) -> PendingInvitation:
    token = secrets.token_urlsafe(32)
    StaffInvitation.update(token_hash=digest_secret(token)).where(StaffInvitation.id == row.id).execute()
    name = row.user.first_name
    return PendingInvitation(row.id, emails.email_key(row), row.email, name, token, row.expires_at)


def _parse_document(typed: Mapping[str, str]) -> tuple[str, str, dict[str, str]]:
    """Return the type and the number of a document, and a sentence by field when there is something wrong."""
    document_type = typed.get("tipo", "")
    if document_type not in DOCUMENT_TYPES:
        return "", "", {"tipo": "Elija el tipo de documento."}
    number = normalize_document(document_type, typed.get("documento", ""))
    if number is None:
        return "", "", {"documento": describe_format(document_type)}
    if User.select().where(User.document_type == document_type, User.document_number == number).exists():
        return "", "", {"documento": "Ese documento ya es de otra cuenta."}
    return document_type, number, {}
