"""Signing in and out for programs, and how a password is checked anywhere."""

import asyncio
from datetime import timedelta
from typing import Annotated

import msgspec

from beneficiate.actions import accounts
from beneficiate.errors import Unauthorized, WrongCredentials
from beneficiate.pages.api import ApiDoor
from beneficiate.pages.base import Door
from beneficiate.passwords import is_password
from beneficiate.queries.accounts import RunningPlan, credentials, profile

Secret = Annotated[str, msgspec.Meta(min_length=1, max_length=512)]


class Profile(msgspec.Struct):
    id: int
    email: str
    first_name: str
    last_name: str
    role: str
    plan: RunningPlan | None


class Pair(msgspec.Struct):
    token: str
    refreshToken: str  # noqa: N815  names of the wire
    expiresIn: int  # noqa: N815


class SignedInPair(Pair):
    user: Profile


class LoginBody(msgspec.Struct):
    email: Annotated[str, msgspec.Meta(min_length=3, max_length=254)]
    password: Secret


class TokenBody(msgspec.Struct):
    refreshToken: Secret  # noqa: N815  a name of the wire


async def sign_in(door: Door, email: str, password: str, kind: str, lasts: timedelta) -> accounts.SignedIn:
    """Check a password and begin a sign-in. Raises WrongCredentials or RateLimited, each the same for every reason."""
    settings, store = door.house.settings, door.house.store
    attempt = accounts.Attempt(email.strip().lower(), door.address, settings.sign_in_attempts, settings.sign_in_wait_s)
    await store.run(accounts.claim_attempt, attempt)
    known = await store.read(credentials, attempt.email)
    is_right = await asyncio.get_running_loop().run_in_executor(
        door.house.hashers, is_password, password, known.password_hash if known else None
    )
    if known is None or not is_right or not known.is_active:
        raise WrongCredentials
    begun: accounts.SignedIn = await store.run(accounts.begin, accounts.Begin(known.user_id, attempt, kind, lasts))
    return begun


class Login(ApiDoor):
    """`POST auth/login`."""

    reads, gives = LoginBody, SignedInPair

    async def post(self) -> None:
        body = self.body(LoginBody)
        lasts = timedelta(days=self.house.settings.sign_in_days)
        signed_in = await sign_in(self, body.email, body.password, accounts.API, lasts)
        user = await self.look(profile, signed_in.actor.user_id)
        self.succeed({**_pair(self, signed_in), "user": user}, "Bienvenido a Beneficiate.")


class Refresh(ApiDoor):
    """`POST auth/refresh-token`: a new pair; the old token dies."""

    reads, gives = TokenBody, Pair

    async def post(self) -> None:
        renew = accounts.Renew(self.body(TokenBody).refreshToken, timedelta(days=self.house.settings.sign_in_days))
        signed_in = await self.do(accounts.renew, renew)
        if not signed_in.token:
            raise Unauthorized
        self.succeed(_pair(self, signed_in))


class Logout(ApiDoor):
    """`POST auth/logout`: the refresh token ends here."""

    reads = TokenBody

    async def post(self) -> None:
        await self.do(accounts.end, self.body(TokenBody).refreshToken)
        self.succeed(None, "Sesión cerrada.")


class Me(ApiDoor):
    """`GET auth/me`: who the token belongs to, as `auth/login` says it."""

    gives = Profile

    async def get(self) -> None:
        self.succeed(await self.look(profile, self.actor.user_id))


def _pair(door: ApiDoor, signed_in: accounts.SignedIn) -> dict[str, object]:
    tokens = door.house.tokens
    return {
        "token": tokens.issue(signed_in.actor.user_id),
        "refreshToken": signed_in.token,
        "expiresIn": tokens.lasts_s,
    }
