"""The sign-in and sign-out pages, for everybody."""

from datetime import datetime, timedelta
from typing import Any

from beneficiate.actions import accounts
from beneficiate.errors import Problem, RateLimited, Unauthorized, WrongCredentials
from beneficiate.pages.auth import sign_in
from beneficiate.pages.signed_in import COOKIE, SignedInPage, safe_next
from beneficiate.spanish import BOGOTA

HOMES = {"agent": "/agente", "supervisor": "/supervisor/pagos", "member": "/mi"}


class LoginPage(SignedInPage):
    """`/login`."""

    async def get(self) -> None:
        await self._draw(None, "")

    async def post(self) -> None:
        email = self.get_body_argument("email", "")
        try:
            await self._sign_in(email)
        except (WrongCredentials, RateLimited) as problem:
            # Answered with 200: it is a page that was drawn well, and a browser logs any other status as an error.
            await self._draw(problem, email)

    async def _sign_in(self, email: str) -> None:
        hours = self.house.settings.staff_session_hours
        signed_in = await sign_in(
            self, email, self.get_body_argument("password", "", strip=False), accounts.PAGE, timedelta(hours=hours)
        )
        remembered: dict[str, Any] = {"max_age": hours * 3600} if self.get_body_argument("remember", "") else {}
        role = signed_in.actor.role
        self.set_cookie(COOKIE, signed_in.token, **remembered, **self.cookie_options(role))
        self.redirect(safe_next(self.get_body_argument("next", ""), HOMES[role]), status=303)

    async def _draw(self, problem: Problem | None, email: str) -> None:
        wait_s = None
        if isinstance(problem, RateLimited):
            wait_s = problem.retry_after_s
            self.set_header("Retry-After", str(wait_s))
        await self.draw(
            "login/login.html",
            next=safe_next(self.get_argument("next", ""), ""),
            email=email,
            problem=problem,
            wait_s=wait_s,
            greeting=greeting(datetime.now(BOGOTA).hour),
        )


class LogoutPage(SignedInPage):
    """`/logout`: asks once."""

    async def get(self) -> None:
        me = None if not self.actor.role else self.actor
        await self.draw("login/logout.html", me=me)

    async def post(self) -> None:
        token = self.get_cookie(COOKIE)
        if token:
            await self._end(token)
        self.clear_cookie(COOKIE, **self.cookie_options(self.actor.role))
        self.redirect("/login", status=303)

    async def _end(self, token: str) -> None:
        try:
            await self.do(accounts.end, token)
        except Unauthorized:
            return


def greeting(hour: int) -> str:
    """How one greets in Bogotá at this hour."""
    if hour < 12:
        return "Buenos días"
    return "Buenas tardes" if hour < 19 else "Buenas noches"
