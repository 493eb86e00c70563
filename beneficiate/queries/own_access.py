"""What people see of how they sign in and how they are reached."""

from beneficiate.models.account_emails import NEW_ADDRESS
from beneficiate.models.accounts import User
from beneficiate.queries.account_links import find_open_link
from beneficiate.queries.password_owners import load_password_owner
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.own_access import OwnAccess


def load_own_access(uow: UnitOfWork) -> OwnAccess:
    """Return the address and the telephone number of the actor."""
    user = User.get_by_id(uow.actor.user_id)
    return OwnAccess(user.email, user.phone, load_password_owner(uow, user.id).min_chars)


def load_new_address(uow: UnitOfWork, token: str) -> str:
    """Return the address that a link confirms. Raises NotFound."""
    return str(find_open_link(uow, NEW_ADDRESS, token).email)
