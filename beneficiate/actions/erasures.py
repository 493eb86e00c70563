"""What members ask for before their data are erased: the erasure itself, and that it be left."""

from dataclasses import dataclass

from beneficiate.actions import account_emails, quotas
from beneficiate.actions.passwords import lock_verified_account
from beneficiate.domain.erasures import REGRET, new_code
from beneficiate.errors import Conflict, InvalidForm
from beneficiate.models.account_emails import ERASURE_ASKED, ERASURE_CANCELLED, AccountEmail
from beneficiate.models.accounts import User
from beneficiate.models.base import lock_rows
from beneficiate.models.erasures import CANCELLED, REQUESTED, Erasure
from beneficiate.queries.erasures import find_open_erasure, has_staff_row
from beneficiate.unit_of_work import UnitOfWork

STAFF_SENTENCE = (
    "Las cuentas del equipo no se borran desde aquí: la auditoría debe poder decir quién hizo cada cosa. "
    "Hable con un supervisor."
)
CONFIRM_FIELD = "confirmo"
NOT_CONFIRMED = "Marque que leyó qué se borra y qué se guarda."


@dataclass(frozen=True, slots=True)
class RequestErasure:
    """The hash of the password that the actor has proved to know, and whether they confirmed what happens."""

    present_hash: str
    is_confirmed: bool


def request_erasure(uow: UnitOfWork, command: RequestErasure) -> None:
    """Ask that everything about the actor be erased in seven days; a second time changes nothing.

    Raises InvalidForm without the confirmation, Conflict for the staff and when the password changed, RateLimited.
    """
    if not command.is_confirmed:
        raise InvalidForm({CONFIRM_FIELD: NOT_CONFIRMED})
    user = lock_verified_account(uow, command.present_hash)
    check_may_ask(uow)
    if find_open_erasure(uow) is not None:
        return
    quotas.consume_quota(uow, uow.rules.quotas.consents)
    due_at = uow.now + REGRET
    Erasure.create(user=user.id, state=REQUESTED, code=new_code(uow.now), requested_at=uow.now, due_at=due_at)
    _announce(uow, user.id, user.email)


def cancel_erasure(uow: UnitOfWork) -> None:
    """Leave what the actor asked for; without such a request nothing changes. Raises Conflict when it has begun."""
    user_id = uow.actor.user_id
    User.lock_rows([user_id])
    row = find_open_erasure(uow)
    if row is None:
        return
    if row.state != REQUESTED:
        raise Conflict("El borrado ya empezó y no se puede detener.")
    Erasure.update(state=CANCELLED, waits_for="").where(Erasure.id == row.id).execute()
    _drop_announcement(user_id)
    account_emails.queue_notice(uow, ERASURE_CANCELLED, user_id)


def begin_regret_anew(uow: UnitOfWork) -> int:
    """Give everybody who waits to be erased seven days from now, and say it; return how many.

    After a restore: who cancelled since the backup would be erased at once otherwise.
    """
    waiting = Erasure.select().where(Erasure.state == REQUESTED)
    rows = list(lock_rows(waiting.order_by(Erasure.id)))
    for row in rows:
        Erasure.update(due_at=uow.now + REGRET).where(Erasure.id == row.id).execute()
        _announce(uow, row.user_id, row.user.email)
    return len(rows)


def check_may_ask(uow: UnitOfWork) -> None:
    """Raise Conflict for whoever is or was of the staff: the audit log has to name them."""
    if has_staff_row(uow.actor.user_id):
        raise Conflict(STAFF_SENTENCE)


def _announce(uow: UnitOfWork, user_id: int, email: str) -> None:
    """Queue the e-mail that says when; it expires when that has come."""
    _drop_announcement(user_id)
    account_emails.queue_notice(uow, ERASURE_ASKED, user_id, email, REGRET)


def _drop_announcement(user_id: int) -> None:
    """Let what was announced and not sent yet not be sent: it holds no more."""
    is_it = (AccountEmail.user == user_id) & (AccountEmail.kind == ERASURE_ASKED) & AccountEmail.sent_at.is_null()
    AccountEmail.delete().where(is_it).execute()
