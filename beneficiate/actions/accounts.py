"""The state of accounts: who exists, and who may sign in."""

from beneficiate.actions import audit, sign_ins
from beneficiate.domain.email_addresses import encode_email_address, normalize_email_address
from beneficiate.domain.identity_documents import describe_format, normalize_document
from beneficiate.errors import Conflict, Invalid, NotFound
from beneficiate.models.accounts import Supervisor, User
from beneficiate.queries.access import is_erased
from beneficiate.unit_of_work import UnitOfWork


def set_account_active(uow: UnitOfWork, command: tuple[str, bool]) -> int:
    """Activate an account, or deactivate it at once: its sign-ins end and its sockets close.

    Raises NotFound, and Conflict when an account is to be active again that was erased.
    `command` is (e-mail, whether it is to be active). No token from before works again when it is activated. Returns
    the user id.
    """
    email, is_active = command
    user = User.get_or_none(User.email == normalize_email_address(email))
    if user is None:
        raise NotFound
    User.lock_rows([user.id])
    if is_active and is_erased(user.id):
        raise Conflict("Esa cuenta se borró: la persona puede crear otra.")
    User.update(is_active=is_active, tokens_valid_after=uow.now).where(User.id == user.id).execute()
    if not is_active:
        sign_ins.revoke_sign_ins(uow, user.id, "account deactivated")
    changes = {"is_active": (user.is_active, is_active)}
    audit.record_act(uow, "accounts.set_active", f"user:{user.id}", changes=changes, person_id=user.id)
    return int(user.id)


def create_supervisor_account(uow: UnitOfWork, account: dict[str, str]) -> int:
    """Create the account of a supervisor and return its user id. Raises Conflict if the e-mail or document is taken.

    Raises Invalid for an e-mail address that no mail server can take, and for a number that is none of its type.
    """
    if encode_email_address(account["email"]) is None:
        raise Invalid("Ese correo no es una dirección válida.")
    number = normalize_document(account["document_type"], account["document_number"])
    if number is None:
        raise Invalid(describe_format(account["document_type"]))
    account = {**account, "document_number": number}
    document = (User.document_type == account["document_type"]) & (User.document_number == account["document_number"])
    if User.select().where((User.email == account["email"]) | document).exists():
        raise Conflict("Ya hay una cuenta con ese correo o documento.")
    user = User.create(**account, created_at=uow.now)
    Supervisor.appoint(user, uow.now)
    audit.record_act(uow, "accounts.create", f"user:{user.id}", changes={"role": (None, "supervisor")})
    return int(user.id)
