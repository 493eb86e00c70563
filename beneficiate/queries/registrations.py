"""Who registered and has not confirmed, and the cities of their form."""

from beneficiate.errors import NotFound
from beneficiate.folding import fold
from beneficiate.models.account_emails import REGISTRATION, AccountEmail, Registration
from beneficiate.models.accounts import User
from beneficiate.models.professionals import Department, Township
from beneficiate.queries.account_links import CLOSED_LINK, find_account_link
from beneficiate.queries.accounts import digest_secret
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.registrations import RegistrationLink, SentConfirmation

MAX_TYPED_CITY_CHARS = 120


def list_city_names(uow: UnitOfWork) -> list[str]:
    """Return every municipality with its department: `Montería, Córdoba`."""
    query = Township.select(Township.name, Department.name).join(Department).order_by(Township.name, Department.name)
    return [f"{name}, {department}" for name, department in query.tuples()]


def find_city(uow: UnitOfWork, typed: str) -> int | None:
    """Return the id of the municipality that was typed, with its department unless the name is that of one only."""
    wanted = fold(typed[:MAX_TYPED_CITY_CHARS])
    query = Township.select(Township.id, Township.name, Department.name).join(Department)
    rows = list(query.tuples())
    whole = [row_id for row_id, name, department in rows if fold(f"{name}, {department}") == wanted]
    found = whole or [row_id for row_id, name, _ in rows if fold(name) == wanted]
    return found[0] if len(found) == 1 else None


def find_own_registration(uow: UnitOfWork, secret: str) -> Registration | None:
    """Return the registration that this browser has made; None when there is none that waits."""
    is_own = Registration.secret_hash == digest_secret(secret), Registration.confirmed_at.is_null()
    found: Registration | None = Registration.get_or_none(*is_own) if secret else None
    return found


def load_sent_confirmation(uow: UnitOfWork, secret: str) -> SentConfirmation | None:
    """Return where the last link of this browser's registration was sent to."""
    registration = find_own_registration(uow, secret)
    if registration is None:
        return None
    last = AccountEmail.select().where(AccountEmail.registration == registration.id).order_by(AccountEmail.id.desc())
    return SentConfirmation(registration.email, last.get().expires_at)


def load_registration_link(uow: UnitOfWork, token: str) -> RegistrationLink:
    """Return what a link of a registration opens. Raises NotFound for a token of none."""
    link = find_account_link(REGISTRATION, token)
    if link is None:
        raise NotFound(CLOSED_LINK)
    registration = link.registration
    # Only who reads the e-mails of the address opens this page.
    has_account = User.select().where(User.email == registration.email).exists()
    state = "used" if registration.confirmed_at or has_account else "open" if link.expires_at > uow.now else "expired"
    return RegistrationLink(state, registration.email, registration.first_name, registration.password_hash)
