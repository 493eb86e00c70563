"""Pages for people who have signed in: known by a cookie, sent to `/login` without one."""

from asyncio import Future
from typing import Any

import msgspec
from tornado.escape import url_escape

from beneficiate.actions import accounts
from beneficiate.errors import Forbidden, Problem, Unauthorized
from beneficiate.pages.base import DATA_POLICY, NOBODY, Page
from beneficiate.store import Actor

COOKIE = "beneficiate"


class SignedInPage(Page):
    """A page behind the cookie."""

    async def identify(self) -> Actor:
        token = self.get_cookie(COOKIE)
        actor = await self.house.store.read(accounts.whose_page, token) if token else None
        return actor or NOBODY

    async def prepare(self) -> None:
        self.actor = await self.identify()
        if self.actor is NOBODY and not self.audience.admits("") and self.request.method == "GET":
            self.redirect(f"/login?next={url_escape(self.request.uri or '/')}")
        elif not self.audience.admits(self.actor.role):
            raise Forbidden

    def cookie_options(self, role: str) -> dict[str, Any]:
        """Strict for the staff. Members come back from Wompi's page, which a strict cookie would not survive."""
        same_site = "Lax" if role == "member" else "Strict"
        return {"httponly": True, "samesite": same_site, "secure": self.house.settings.is_secure, "path": "/"}


class SessionToken(SignedInPage):
    """`POST /sesion/token`: an access token for the page's socket and API calls; problems are JSON, for the script."""

    policy = DATA_POLICY

    async def prepare(self) -> None:
        self.actor = await self.identify()
        if self.actor is NOBODY:
            raise Unauthorized
        if not self.audience.admits(self.actor.role):
            raise Forbidden

    async def post(self) -> None:
        tokens = self.house.tokens
        data = {"token": tokens.issue(self.actor.user_id), "expiresIn": tokens.lasts_s}
        await self._answer({"message": "OK", "data": data, "statusCode": 200})

    def say_problem(self, problem: Problem) -> None:
        self._answer({"error": problem.sentence, "code": problem.code, "statusCode": problem.status})

    def _answer(self, body: dict[str, Any]) -> Future[None]:
        self.set_header("Content-Type", "application/json; charset=utf-8")
        return self.finish(msgspec.json.encode(body))


def safe_next(path: str, default: str) -> str:
    """A path of ours to go on to after signing in; anything that could lead elsewhere becomes the default."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if is_ours and not any(ord(letter) < 32 for letter in path) else default
