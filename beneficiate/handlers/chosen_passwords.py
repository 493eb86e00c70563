"""A password that somebody chooses: whether it can be chosen, and its hash."""

import asyncio

from beneficiate.domain.passwords import PasswordOwner, describe_password_problem
from beneficiate.errors import InvalidForm
from beneficiate.handlers.base import BaseHandler
from beneficiate.passwords import hash_password

PASSWORD_FIELD = "password"  # noqa: S105  the name of a field


async def hash_chosen_password(handler: BaseHandler, owner: PasswordOwner) -> str:
    """Return the hash of the password of a form. Raises InvalidForm, with why it cannot be chosen."""
    password = handler.get_body_argument(PASSWORD_FIELD, "", strip=False)
    run, pool = asyncio.get_running_loop().run_in_executor, handler.context.hash_pool
    if problem := await run(pool, describe_password_problem, password, owner):
        raise InvalidForm({PASSWORD_FIELD: problem})
    return await run(pool, hash_password, password)
