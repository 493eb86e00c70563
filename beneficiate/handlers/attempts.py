"""Checks of a password and of a code, each counted, so that failures make somebody wait."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from beneficiate.actions import sign_in_throttles
from beneficiate.actions.passwords import ReplaceOldHash, replace_old_hash
from beneficiate.actions.sign_in_throttles import CODE_STEP, SettledAttempt, SignInAttempt
from beneficiate.errors import RateLimited, WrongCredentials
from beneficiate.handlers.base import BaseHandler
from beneficiate.passwords import hash_password, is_old_hash, verify_password
from beneficiate.queries.accounts import Credentials, find_credentials
from beneficiate.security_log import LOCKED, SECOND_FACTOR_FAILED, SIGN_IN_FAILED
from beneficiate.sign_in_errors import WrongCode


@dataclass(frozen=True, slots=True)
class AttemptOrigin:
    """For which e-mail something is tried, and the tokens of the device."""

    email: str
    device_tokens: str


async def check_password(handler: BaseHandler, origin: AttemptOrigin, password: str) -> Credentials:
    """Return the active account of an e-mail with this password, or the registration that waits to be confirmed.

    A registration counts also where there is an account: who has registered with somebody's address and signs in does
    not find out whether it has one. Raises WrongCredentials or RateLimited, each the same for every reason.
    """
    return await _check(handler, origin, password, only_account=False)


async def check_own_password(handler: BaseHandler, origin: AttemptOrigin, password: str) -> Credentials:
    """Return the account of an e-mail with this password, never a registration. Raises as `check_password`."""
    return await _check(handler, origin, password, only_account=True)


@asynccontextmanager
async def check_code(handler: BaseHandler, origin: AttemptOrigin, user_id: int) -> AsyncIterator[None]:
    """Count what happens inside as an attempt with a code of this person: WrongCode says how many more are free.

    Raises RateLimited.
    """
    context, attempt = handler.context, _build_attempt(handler, origin, CODE_STEP)
    await _begin(handler, attempt)
    is_correct: bool | None = None
    try:
        yield
        is_correct = True
    except WrongCode as problem:
        is_correct = False
        context.security_log.write(SECOND_FACTOR_FAILED, address=handler.remote_address, user_id=user_id)
        left = await context.store.run(sign_in_throttles.settle_sign_in_attempt, SettledAttempt(attempt, is_correct))
        raise WrongCode(f"{problem.sentence} {_describe_left(left)}".strip()) from problem
    finally:
        if is_correct is not False:
            await context.store.run(sign_in_throttles.settle_sign_in_attempt, SettledAttempt(attempt, is_correct))


def is_new_device(handler: BaseHandler, origin: AttemptOrigin) -> bool:
    """Return whether nobody has signed in to this account on the device before."""
    return not handler.context.device_tokens.find(origin.device_tokens, origin.email)


async def _check(handler: BaseHandler, origin: AttemptOrigin, password: str, *, only_account: bool) -> Credentials:
    context, attempt = handler.context, _build_attempt(handler, origin)
    await _begin(handler, attempt)
    account, waiting = await context.store.read(find_credentials, origin.email)
    found = None
    # A wrong password is compared with both, also where there is neither: the time is the same for every reason.
    for known in (account, waiting):
        is_right = await _is_right(handler, password, known) and known.is_active
        if is_right and (known.user_id or not only_account):
            found = known
            break
    # The password of a registration forgets no failures: anybody may register with the address of an account.
    is_correct = False if found is None else True if found.user_id else None
    await context.store.run(sign_in_throttles.settle_sign_in_attempt, SettledAttempt(attempt, is_correct))
    if found is None:
        address = handler.remote_address
        context.security_log.write(SIGN_IN_FAILED, address=address, user_id=account.user_id, email=origin.email)
        raise WrongCredentials
    return await _renew_old_hash(handler, origin.email, password, found) if is_old_hash(found.password_hash) else found


async def _is_right(handler: BaseHandler, password: str, known: Credentials) -> bool:
    verify, pool = asyncio.get_running_loop().run_in_executor, handler.context.hash_pool
    return await verify(pool, verify_password, password, known.password_hash, known.highest_old_cost)


async def _renew_old_hash(handler: BaseHandler, email: str, password: str, found: Credentials) -> Credentials:
    """Replace the hash of the old service, which the password has matched, and return the account as it is then.

    Of two sign-ins at once one replaces it; the other is compared with what it finds. Raises WrongCredentials if the
    password was changed meanwhile.
    """
    context = handler.context
    renewed = await asyncio.get_running_loop().run_in_executor(context.hash_pool, hash_password, password)
    command = ReplaceOldHash(found.user_id, found.password_hash, renewed)
    if await context.store.run(replace_old_hash, command):
        return replace(found, password_hash=renewed)
    account, *_ = await context.store.read(find_credentials, email)
    if account.user_id != found.user_id or not await _is_right(handler, password, account):
        raise WrongCredentials
    return account


def _build_attempt(handler: BaseHandler, origin: AttemptOrigin, step: str = "") -> SignInAttempt:
    context = handler.context
    settings = context.settings
    device = context.device_tokens.find(origin.device_tokens, origin.email)
    return SignInAttempt(
        origin.email, handler.remote_address, settings.sign_in_attempts, settings.sign_in_wait_s, device, step
    )


async def _begin(handler: BaseHandler, attempt: SignInAttempt) -> None:
    try:
        await handler.context.store.run(sign_in_throttles.begin_sign_in_attempt, attempt)
    except RateLimited:
        handler.context.security_log.write(LOCKED, address=handler.remote_address, email=attempt.email)
        raise


def _describe_left(left: int) -> str:
    """Return how many more attempts are free, in a sentence; empty without one."""
    return "" if not left else "Queda 1 intento." if left == 1 else f"Quedan {left} intentos."
