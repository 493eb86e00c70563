"""Pages for people who have signed in: known by a cookie, sent to `/login` without one."""

from asyncio import Future
from typing import Any

import msgspec
from tornado.escape import url_escape

from beneficiate.errors import Forbidden, Problem, Unauthorized
from beneficiate.handlers.base import ANONYMOUS, API_CSP, PageHandler
from beneficiate.queries.accounts import find_page_actor
from beneficiate.unit_of_work import Actor

SESSION_COOKIE = "beneficiate"


class SignedInPage(PageHandler):
    """A page behind the cookie."""

    async def authenticate(self) -> Actor:
        token = self.get_cookie(SESSION_COOKIE)
        actor = await self.context.store.read(find_page_actor, token) if token else None
        return actor or ANONYMOUS

    async def prepare(self) -> None:
        self.actor = await self.authenticate()
        if self.actor is ANONYMOUS and not self.audience.admits("") and self.request.method == "GET":
            self.redirect(f"/login?next={url_escape(self.request.uri or '/')}")
        elif not self.audience.admits(self.actor.role):
            raise Forbidden

    def cookie_options(self, role: str) -> dict[str, Any]:
        """Strict for the staff. Members come back from Wompi's page, which a strict cookie would not survive."""
        same_site = "Lax" if role == "member" else "Strict"
        return {"httponly": True, "samesite": same_site, "secure": self.context.settings.is_secure, "path": "/"}


class SessionTokenHandler(SignedInPage):
    """`POST /sesion/token`: an access token for the page's socket and API calls; problems are JSON, for the script."""

    content_security_policy = API_CSP

    async def prepare(self) -> None:
        self.actor = await self.authenticate()
        if self.actor is ANONYMOUS:
            raise Unauthorized
        if not self.audience.admits(self.actor.role):
            raise Forbidden

    async def post(self) -> None:
        tokens = self.context.tokens
        data = {"token": tokens.issue(self.actor.user_id), "expiresIn": tokens.lifetime_s}
        await self._write_json({"message": "OK", "data": data, "statusCode": 200})

    def write_problem(self, problem: Problem) -> None:
        self._write_json({"error": problem.sentence, "code": problem.code, "statusCode": problem.status})

    def _write_json(self, body: dict[str, Any]) -> Future[None]:
        self.set_header("Content-Type", "application/json; charset=utf-8")
        return self.finish(msgspec.json.encode(body))


def safe_redirect_path(path: str, default: str) -> str:
    """A path of ours to go on to after signing in; anything that could lead elsewhere becomes the default."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if is_ours and not any(ord(email) < 32 for email in path) else default
