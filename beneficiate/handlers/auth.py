"""Signing in and out over the API, and the check of a password for the API and the pages."""

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Annotated

import msgspec

from beneficiate.actions import registrations, sign_ins
from beneficiate.actions.registrations import RemindToConfirm
from beneficiate.actions.sign_in_challenges import (
    AnswerChallenge,
    SecondStepDone,
    StartedChallenge,
    answer_challenge,
    begin_sign_in,
)
from beneficiate.domain.email_addresses import normalize_email_address
from beneficiate.errors import (
    AddressNotConfirmed,
    InvalidForm,
    NotFound,
    Problem,
    RateLimited,
    Unauthorized,
    WrongCredentials,
)
from beneficiate.handlers.api import ApiHandler
from beneficiate.handlers.attempts import AttemptOrigin, check_code, check_own_password, check_password, is_new_device
from beneficiate.handlers.base import ANONYMOUS, BaseHandler
from beneficiate.limits import network_of
from beneficiate.models.accounts import API_SIGN_IN
from beneficiate.queries.accounts import Profile, load_profile
from beneficiate.queries.second_factors import CODE_STEP, WaitingSignIn, load_waiting_sign_in
from beneficiate.security_log import SIGNED_IN, TOKEN_REUSED
from beneficiate.sign_in_errors import EnrolmentRequired, SecondFactorRequired
from beneficiate.unit_of_work import Actor

CLEARED_SITE_DATA = '"cache"'
"""What a browser is to forget of this origin when a sign-in ends.

Never `"storage"` or `"cookies"`. The header counts for the origin that answers, not for the page that asks: a widget on
another site would end a sign-in to our own pages and delete what was typed there, and still keep its own storage, which
is that page's. The widget removes its own keys itself (`static/src/core/session.js`).
"""
PRESENT_FIELD = "present"
"""Of a form that asks for the present password."""
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


class SecondFactorBody(msgspec.Struct):
    """The challenge of a sign-in whose password was right, and a code."""

    challenge: SecretText
    code: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    deviceToken: Annotated[str, msgspec.Meta(max_length=1024)] = ""  # noqa: N815  a name of the wire


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


async def sign_in_with_password(handler: BaseHandler, wanted: PasswordSignIn) -> sign_ins.SignedIn | StartedChallenge:
    """Check a password and start a sign-in, or the challenge of its second step.

    Raises WrongCredentials or RateLimited, each the same for every reason, and AddressNotConfirmed.
    """
    context, email = handler.context, normalize_email_address(wanted.email)
    origin = AttemptOrigin(email, wanted.device_tokens)
    account = await check_password(handler, origin, wanted.password)
    if not account.user_id:
        with suppress(RateLimited, NotFound):
            await context.store.run(registrations.remind_to_confirm, RemindToConfirm(email, handler.remote_address))
        raise AddressNotConfirmed
    is_new = is_new_device(handler, origin)
    command = sign_ins.StartSignIn(
        account.user_id, wanted.kind, wanted.is_remembered, is_new=is_new, password_hash=account.password_hash
    )
    started = await context.store.run(begin_sign_in, command, nobody_at(handler))
    if isinstance(started, sign_ins.SignedIn):
        record_sign_in(handler, started, wanted.kind)
    return started


async def answer_with_code(
    handler: BaseHandler, waiting: WaitingSignIn, wanted: AnswerChallenge, device_tokens: str
) -> SecondStepDone:
    """Check the code of a second step and finish the sign-in. Raises ChallengeExpired, WrongCode, RateLimited."""
    origin = AttemptOrigin(waiting.email, device_tokens)
    wanted = replace(wanted, is_new=is_new_device(handler, origin))
    async with check_code(handler, origin, waiting.user_id):
        done = await handler.context.store.run(answer_challenge, wanted, nobody_at(handler))
    record_sign_in(handler, done.signed_in, wanted.kind)
    return done


async def verify_own_password(handler: BaseHandler, password: str, device_tokens: str) -> str:
    """Return the hash of the password that the signed-in person has just typed. Raises InvalidForm, RateLimited.

    Wrong ones count as those of the sign-in do: who finds a page open does not guess the password.
    """
    profile = await handler.context.store.read(load_profile, handler.actor.user_id)
    try:
        account = await check_own_password(handler, AttemptOrigin(profile.email, device_tokens), password)
    except WrongCredentials as problem:
        raise InvalidForm({PRESENT_FIELD: "No es su contraseña de ahora."}) from problem
    return account.password_hash


def nobody_at(handler: BaseHandler) -> Actor:
    """Return who acts before a sign-in: nobody, at the address of the request."""
    return replace(ANONYMOUS, address=handler.remote_address, request_id=handler.request_id)


def record_sign_in(handler: BaseHandler, signed_in: sign_ins.SignedIn, kind: str) -> None:
    """Write a sign-in to the log of security events."""
    user_id = signed_in.actor.user_id
    handler.context.security_log.write(SIGNED_IN, address=handler.remote_address, user_id=user_id, kind=kind)


class _SignInHandler(ApiHandler):
    """Answers with the tokens of a sign-in, or with the challenge of its second step."""

    response_type = SignInResult

    async def write_sign_in(self, signed_in: sign_ins.SignedIn, device_tokens: str) -> None:
        """Answer with the tokens of a sign-in, and with whose they are."""
        user = await self.run_query(load_profile, signed_in.actor.user_id)
        device_token = self.context.device_tokens.add(device_tokens, user.email)
        data = {**_token_pair(self, signed_in), "user": user, "deviceToken": device_token}
        self.write_success(data, "Bienvenido a Beneficiate.")

    def describe_problem(self, problem: Problem) -> dict[str, object]:
        if isinstance(problem, SecondFactorRequired):
            return {"challenge": problem.challenge, "expiresIn": problem.expires_in_s}
        return {}


class LoginHandler(_SignInHandler):
    """`POST auth/login`; for the staff, `second_factor_required` with the challenge for `auth/second-factor`."""

    request_type = LoginBody

    async def post(self) -> None:
        body = self.read_body(LoginBody)
        wanted = PasswordSignIn(body.email, body.password, body.deviceToken, API_SIGN_IN)
        started = await sign_in_with_password(self, wanted)
        if isinstance(started, StartedChallenge):
            is_enrolled = started.step == CODE_STEP
            raise SecondFactorRequired(started.token, started.lifetime_s) if is_enrolled else EnrolmentRequired
        await self.write_sign_in(started, body.deviceToken)


class SecondFactorHandler(_SignInHandler):
    """`POST auth/second-factor`: ends a sign-in with a code of the application, or one for recovery."""

    request_type = SecondFactorBody

    async def post(self) -> None:
        body = self.read_body(SecondFactorBody)
        wanted = AnswerChallenge(body.challenge, API_SIGN_IN, body.code)
        waiting = await self.run_query(load_waiting_sign_in, (wanted.token, wanted.kind))
        done = await answer_with_code(self, waiting, wanted, body.deviceToken)
        await self.write_sign_in(done.signed_in, body.deviceToken)


class RefreshHandler(ApiHandler):
    """`POST auth/refresh-token`: a new pair; the old refresh token is not valid any more.

    A second request of the same device within 5 s is answered with 409 `already_refreshed`, and the sign-in goes on.
    """

    request_type, response_type = RefreshBody, TokenPair

    async def post(self) -> None:
        body = self.read_body(RefreshBody)
        device = f"{network_of(self.remote_address)} {self.request.headers.get('User-Agent', '')}"
        command = sign_ins.RefreshSignIn(body.refreshToken, body.nextSecret, device)
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
