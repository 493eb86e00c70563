"""Who chooses a password: the words that it must not be made of, and how long it has to be."""

from beneficiate.domain.passwords import MIN_MEMBER_CHARS, MIN_STAFF_CHARS, PasswordOwner
from beneficiate.models.account_emails import RECOVERY
from beneficiate.models.accounts import User
from beneficiate.queries.access import STAFF_ROLES
from beneficiate.queries.account_links import find_open_link
from beneficiate.queries.accounts import find_actors
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.recovery import LinkOwner


def load_password_owner(uow: UnitOfWork, user_id: int) -> PasswordOwner:
    """Return an active person as the one who chooses a password."""
    is_staff = find_actors([user_id])[user_id].role in STAFF_ROLES
    return describe_password_owner(User.get_by_id(user_id), is_staff=is_staff)


def load_link_owner(uow: UnitOfWork, token: str) -> LinkOwner:
    """Return whose link of a recovery this is. Raises NotFound."""
    user = find_open_link(uow, RECOVERY, token).user
    return LinkOwner(user.first_name, user.email, load_password_owner(uow, user.id))


def describe_password_owner(user: User, *, is_staff: bool) -> PasswordOwner:
    """Return somebody as the one who chooses a password; that of the staff is longer."""
    born = f"{user.birth_date:%Y%m%d}" if user.birth_date else ""
    words = (user.first_name, user.last_name, user.document_number, user.email, user.phone, born)
    return PasswordOwner(tuple(filter(None, words)), MIN_STAFF_CHARS if is_staff else MIN_MEMBER_CHARS)
