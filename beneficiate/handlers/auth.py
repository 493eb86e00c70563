"""Signing in and out over the API, and the check of a password for the API and the pages."""

import asyncio
from dataclasses import dataclass, replace
from typing import Annotated

import msgspec

from beneficiate.actions import sign_in_throttles, sign_ins
from beneficiate.actions.sign_in_throttles import SettledAttempt, SignInAttempt
from beneficiate.errors import RateLimited, Unauthorized, WrongCredentials
from beneficiate.handlers.api import ApiHandler
from beneficiate.handlers.base import ANONYMOUS, BaseHandler
from beneficiate.models.accounts import API_SIGN_IN
from beneficiate.passwords import verify_password
from beneficiate.queries.accounts import Credentials, Profile, find_credentials, load_profile
from beneficiate.security_log import LOCKED, SIGN_IN_FAILED, SIGNED_IN, TOKEN_REUSED

CLEARED_SITE_DATA = '"cache"'
"""What a browser is to forget of this origin when a sign-in ends.

Never `"storage"` or `"cookies"`. The header counts for the origin that answers, not for the page that asks: a widget on
another site would end a sign-in to our own pages and delete what was typed there, and still keep its own storage, which
is that page's. The widget removes its own keys itself (`static/src/core/session.js`).
"""
SecretText = Annotated[str, msgspec.Meta(min_length=1, max_length=512)]


class TokenPair(msgspec.Struct):
    """An access token, a refresh token and the life of the first in seconds."""

    token: str
    refreshToken: str  # noqa: N815  names of the wire
    expiresIn: int  # noqa: N815


class SignInResult(TokenPair):
    """Tokens, and whose they are. With `deviceToken` the next sign-in does not suffer from the failures of others."""

    user: Profile
    deviceToken: str  # noqa: N815


class LoginBody(msgspec.Struct):
    """An e-mail and a password."""

    email: Annotated[str, msgspec.Meta(min_length=3, max_length=254)]
    password: SecretText
    deviceToken: Annotated[str, msgspec.Meta(max_length=1024)] = ""  # noqa: N815


class RefreshTokenBody(msgspec.Struct):
    """A refresh token."""

    refreshToken: SecretText  # noqa: N815  a name of the wire


class RefreshBody(RefreshTokenBody):
    """A refresh token, and the secret of the next one when the client chooses it: it may then ask again."""

    nextSecret: Annotated[str, msgspec.Meta(pattern=r"^([A-Za-z0-9_-]{32,64})?$")] = ""  # noqa: N815  a name of the wire


@dataclass(frozen=True, slots=True)
class PasswordSignIn:
    """What a person typed, the tokens of their device, and the kind of the sign-in that they want."""

    email: str
    password: str
    device_tokens: str
    kind: str
    is_remembered: bool = False


async def sign_in_with_password(handler: BaseHandler, wanted: PasswordSignIn) -> sign_ins.SignedIn:
    """Check a password and start a sign-in.

    Raises WrongCredentials or RateLimited, each the same for every reason.
    """
    context, email = handler.context, normalize_email(wanted.email)
    settings = context.settings
    attempt = SignInAttempt(
        email,
        handler.remote_address,
        settings.sign_in_attempts,
        settings.sign_in_wait_s,
        context.device_tokens.find(wanted.device_tokens, email),
    )
    try:
        await context.store.run(sign_in_throttles.begin_sign_in_attempt, attempt)
    except RateLimited:
        context.security_log.write(LOCKED, address=handler.remote_address, email=email)
        raise
    account = await context.store.read(find_credentials, email)
    is_correct = await _is_correct_password(handler, account, wanted.password)
    await context.store.run(sign_in_throttles.settle_sign_in_attempt, SettledAttempt(attempt, is_correct))
    if account is None or not is_correct:
        user_id = account.user_id if account else 0
        context.security_log.write(SIGN_IN_FAILED, address=handler.remote_address, user_id=user_id, email=email)
        raise WrongCredentials
    command = sign_ins.StartSignIn(account.user_id, wanted.kind, wanted.is_remembered)
    nobody = replace(ANONYMOUS, address=handler.remote_address, request_id=handler.request_id)
    signed_in = await context.store.run(sign_ins.start_sign_in, command, nobody)
    context.security_log.write(SIGNED_IN, address=handler.remote_address, user_id=account.user_id, kind=wanted.kind)
    return signed_in


def normalize_email(text: str) -> str:
    """Return an e-mail as accounts have it."""
    return text.strip().lower()


async def _is_correct_password(handler: BaseHandler, account: Credentials | None, password: str) -> bool:
    """Return whether the password is that of an active account, after the same time for every reason."""
    is_correct = await asyncio.get_running_loop().run_in_executor(
        handler.context.hash_pool, verify_password, password, account.password_hash if account else None
    )
    return account is not None and is_correct and account.is_active


class LoginHandler(ApiHandler):
    """`POST auth/login`."""

    request_type, response_type = LoginBody, SignInResult

    async def post(self) -> None:
        body = self.read_body(LoginBody)
        wanted = PasswordSignIn(body.email, body.password, body.deviceToken, API_SIGN_IN)
        signed_in = await sign_in_with_password(self, wanted)
        user = await self.run_query(load_profile, signed_in.actor.user_id)
        device_token = self.context.device_tokens.add(body.deviceToken, normalize_email(body.email))
        data = {**_token_pair(self, signed_in), "user": user, "deviceToken": device_token}
        self.write_success(data, "Bienvenido a Beneficiate.")


class RefreshHandler(ApiHandler):
    """`POST auth/refresh-token`: a new pair; the old refresh token is not valid any more."""

    request_type, response_type = RefreshBody, TokenPair

    async def post(self) -> None:
        body = self.read_body(RefreshBody)
        command = sign_ins.RefreshSignIn(body.refreshToken, body.nextSecret)
        signed_in = await self.run_action(sign_ins.refresh_sign_in, command)
        if not signed_in.token:
            user_id = signed_in.actor.user_id
            self.context.security_log.write(TOKEN_REUSED, address=self.remote_address, user_id=user_id)
            raise Unauthorized
        self.write_success(_token_pair(self, signed_in))


class LogoutHandler(ApiHandler):
    """`POST auth/logout`: ends the sign-in of the refresh token."""

    request_type = RefreshTokenBody

    async def post(self) -> None:
        await self.run_action(sign_ins.end_sign_in, self.read_body(RefreshTokenBody).refreshToken)
        # A browser does not let a page of another site clear ours, and reports an error there.
        if self.request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin":
            self.set_header("Clear-Site-Data", CLEARED_SITE_DATA)
        self.write_success(None, "Sesión cerrada.")


class MeHandler(ApiHandler):
    """`GET auth/me`: the owner of the token, as in the answer of `auth/login`."""

    response_type = Profile

    async def get(self) -> None:
        self.write_success(await self.run_query(load_profile, self.actor.user_id))


def _token_pair(handler: ApiHandler, signed_in: sign_ins.SignedIn) -> dict[str, object]:
    tokens = handler.context.tokens
    return {
        "token": tokens.issue(signed_in.actor.user_id, signed_in.sign_in_id),
        "refreshToken": signed_in.token,
        "expiresIn": tokens.lifetime_s,
    }
