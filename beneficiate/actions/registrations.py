"""Registrations: what was typed waits for its person to confirm the address, and then becomes an account.

A registration takes neither the address nor the document, so that nobody can keep another person out. Whoever has one
of them already is told by e-mail (`account_emails`), and the page says the same to everybody.
"""

from dataclasses import asdict, dataclass

from beneficiate.actions.account_emails import find_document_owner, queue_link
from beneficiate.actions.email_requests import count_email_request
from beneficiate.actions.sign_ins import SignedIn, StartSignIn, start_sign_in
from beneficiate.domain.registrations import RegistrationFields
from beneficiate.errors import Conflict, NotFound
from beneficiate.models.account_emails import REGISTRATION, Registration
from beneficiate.models.accounts import PAGE_SIGN_IN, User
from beneficiate.models.base import lock_number, lock_rows
from beneficiate.models.consents import Consent
from beneficiate.queries.account_links import find_account_link, find_open_link
from beneficiate.queries.accounts import digest_secret
from beneficiate.queries.consents import CONSENT_TEXT_VERSION, HEALTH_DATA, PERSONAL_DATA
from beneficiate.queries.registrations import find_own_registration
from beneficiate.unit_of_work import UnitOfWork

NEW_ACCOUNT_LOCK = 7_120_250_023
"""The number of the advisory lock of whoever confirms: an address and a document are taken once."""
OUTDATED_TEXT = "El texto de la autorización cambió mientras usted escribía. Léalo de nuevo, por favor."


@dataclass(frozen=True, slots=True)
class Register:
    """Somebody who registers. `consent_version` is that of the text that they read, `secret` names their browser."""

    fields: RegistrationFields
    township_id: int
    password_hash: str
    consent_version: str
    has_health_consent: bool
    secret: str
    address: str


@dataclass(frozen=True, slots=True)
class ResendConfirmation:
    """The secret of a browser that has registered, and the client's address."""

    secret: str
    address: str


@dataclass(frozen=True, slots=True)
class RenewConfirmation:
    """The token of a link that has expired, and the client's address."""

    token: str
    address: str


@dataclass(frozen=True, slots=True)
class RemindToConfirm:
    """The address of a registration whose person has just signed in, and the client's address."""

    email: str
    address: str


def store_registration(uow: UnitOfWork, command: Register) -> None:
    """Store a registration and ask for the link that confirms it. Looks at no account. Raises Conflict, RateLimited."""
    if command.consent_version != CONSENT_TEXT_VERSION:
        raise Conflict(OUTDATED_TEXT)
    count_email_request(uow, command.fields.email, command.address)
    registration = Registration.create(
        **asdict(command.fields),
        password_hash=command.password_hash,
        township=command.township_id,
        consent_version=command.consent_version,
        has_health_consent=command.has_health_consent,
        secret_hash=digest_secret(command.secret),
        address=command.address,
        created_at=uow.now,
    )
    queue_link(uow, REGISTRATION, registration.email, registration=registration.id)


def resend_confirmation(uow: UnitOfWork, command: ResendConfirmation) -> None:
    """Ask for another link of this browser's registration. Raises NotFound, RateLimited."""
    _send_again(uow, find_own_registration(uow, command.secret), command.address)


def renew_confirmation(uow: UnitOfWork, command: RenewConfirmation) -> None:
    """Ask for another link in place of one that has expired. Raises NotFound, RateLimited."""
    link = find_account_link(REGISTRATION, command.token)
    _send_again(uow, link.registration if link else None, command.address)


def remind_to_confirm(uow: UnitOfWork, command: RemindToConfirm) -> None:
    """Ask for another link for who signs in before they have confirmed. Raises NotFound, RateLimited."""
    waiting = Registration.select().where(Registration.email == command.email, Registration.confirmed_at.is_null())
    _send_again(uow, waiting.order_by(Registration.id.desc()).first(), command.address)


def confirm_registration(uow: UnitOfWork, token: str) -> SignedIn:
    """Create the account of whose link this is and sign its person in on the pages; the link is used up.

    The caller has verified their password. Raises NotFound, and Conflict when the address or document has an account.
    """
    lock_number(NEW_ACCOUNT_LOCK)
    registration_id = find_open_link(uow, REGISTRATION, token).registration_id
    registration = lock_rows(Registration.select().where(Registration.id == registration_id)).get()
    if registration.confirmed_at is not None:
        raise NotFound("Esta cuenta ya está confirmada.")
    is_taken = User.select().where(User.email == registration.email).exists()
    if is_taken or find_document_owner(registration) is not None:
        raise Conflict("Ya hay una cuenta con ese correo o ese documento. Ingrese con ella o recupere su contraseña.")
    user = User.create(
        email=registration.email,
        password_hash=registration.password_hash,
        first_name=registration.first_name,
        last_name=registration.last_name,
        document_type=registration.document_type,
        document_number=registration.document_number,
        phone=registration.phone,
        birth_date=registration.birth_date,
        township=registration.township_id,
        created_at=uow.now,
    )
    _store_consents(registration, user)
    # The row stays for its links, which then say that the account is confirmed; what it says is in the account. Those
    # of others with the address stay too: that one is gone would tell its browser that there is an account now.
    Registration.update(confirmed_at=uow.now).where(Registration.id == registration.id).execute()
    return start_sign_in(uow, StartSignIn(user.id, PAGE_SIGN_IN))


def _send_again(uow: UnitOfWork, registration: Registration | None, address: str) -> None:
    if registration is None or registration.confirmed_at is not None:
        raise NotFound("No encontramos un registro por confirmar. Llene el formulario de nuevo, por favor.")
    count_email_request(uow, registration.email, address)
    queue_link(uow, REGISTRATION, registration.email, registration=registration.id)


def _store_consents(registration: Registration, user: User) -> None:
    """Store what was consented to, with the time and the address of the registration."""
    kinds = [PERSONAL_DATA, *([HEALTH_DATA] if registration.has_health_consent else [])]
    for kind in kinds:
        Consent.create(
            user=user,
            kind=kind,
            version=registration.consent_version,
            address=registration.address,
            given_at=registration.created_at,
        )
