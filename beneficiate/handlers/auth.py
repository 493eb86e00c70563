"""Signing in and out over the API, and the check of a password for the API and the pages."""

import asyncio
from datetime import timedelta
from typing import Annotated

import msgspec

from beneficiate.actions import accounts
from beneficiate.errors import Unauthorized, WrongCredentials
from beneficiate.handlers.api import ApiHandler
from beneficiate.handlers.base import BaseHandler
from beneficiate.models.accounts import API_SIGN_IN
from beneficiate.passwords import verify_password
from beneficiate.queries.accounts import Profile, find_credentials, load_profile

SecretText = Annotated[str, msgspec.Meta(min_length=1, max_length=512)]


class TokenPair(msgspec.Struct):
    """An access token, a refresh token and the life of the first in seconds."""

    token: str
    refreshToken: str  # noqa: N815  names of the wire
    expiresIn: int  # noqa: N815


class SignInResult(TokenPair):
    """Tokens, and whose they are."""

    user: Profile


class LoginBody(msgspec.Struct):
    """An e-mail and a password."""

    email: Annotated[str, msgspec.Meta(min_length=3, max_length=254)]
    password: SecretText


class RefreshTokenBody(msgspec.Struct):
    """A refresh token."""

    refreshToken: SecretText  # noqa: N815  a name of the wire


async def sign_in_with_password(
    handler: BaseHandler, email: str, password: str, kind: str, lifetime: timedelta
) -> accounts.SignedIn:
    """Check a password and start a sign-in of this kind.

    Raises WrongCredentials or RateLimited, each the same for every reason.
    """
    settings, store = handler.context.settings, handler.context.store
    attempt = accounts.SignInAttempt(
        email.strip().lower(), handler.remote_address, settings.sign_in_attempts, settings.sign_in_wait_s
    )
    await store.run(accounts.count_sign_in_attempt, attempt)
    account = await store.read(find_credentials, attempt.email)
    is_correct = await asyncio.get_running_loop().run_in_executor(
        handler.context.hash_pool, verify_password, password, account.password_hash if account else None
    )
    if account is None or not is_correct or not account.is_active:
        raise WrongCredentials
    command = accounts.StartSignIn(account.user_id, attempt, kind, lifetime)
    return await store.run(accounts.start_sign_in, command)


class LoginHandler(ApiHandler):
    """`POST auth/login`."""

    request_type, response_type = LoginBody, SignInResult

    async def post(self) -> None:
        body = self.read_body(LoginBody)
        lifetime = timedelta(days=self.context.settings.sign_in_days)
        signed_in = await sign_in_with_password(self, body.email, body.password, API_SIGN_IN, lifetime)
        user = await self.run_query(load_profile, signed_in.actor.user_id)
        self.write_success({**_token_pair(self, signed_in), "user": user}, "Bienvenido a Beneficiate.")


class RefreshHandler(ApiHandler):
    """`POST auth/refresh-token`: a new pair; the old refresh token is not valid any more."""

    request_type, response_type = RefreshTokenBody, TokenPair

    async def post(self) -> None:
        lifetime = timedelta(days=self.context.settings.sign_in_days)
        command = accounts.RefreshSignIn(self.read_body(RefreshTokenBody).refreshToken, lifetime)
        signed_in = await self.run_action(accounts.refresh_sign_in, command)
        if not signed_in.token:
            raise Unauthorized
        self.write_success(_token_pair(self, signed_in))


class LogoutHandler(ApiHandler):
    """`POST auth/logout`: ends the sign-in of the refresh token."""

    request_type = RefreshTokenBody

    async def post(self) -> None:
        await self.run_action(accounts.end_sign_in, self.read_body(RefreshTokenBody).refreshToken)
        self.write_success(None, "Sesión cerrada.")


class MeHandler(ApiHandler):
    """`GET auth/me`: the owner of the token, as in the answer of `auth/login`."""

    response_type = Profile

    async def get(self) -> None:
        self.write_success(await self.run_query(load_profile, self.actor.user_id))


def _token_pair(handler: ApiHandler, signed_in: accounts.SignedIn) -> dict[str, object]:
    tokens = handler.context.tokens
    return {
        "token": tokens.issue(signed_in.actor.user_id),
        "refreshToken": signed_in.token,
        "expiresIn": tokens.lifetime_s,
    }
