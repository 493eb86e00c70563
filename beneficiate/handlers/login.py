"""The pages for signing in and out."""

from datetime import datetime, timedelta

from beneficiate.actions import sign_ins
from beneficiate.errors import Problem, RateLimited, Unauthorized, WrongCredentials
from beneficiate.formatting import BOGOTA
from beneficiate.handlers.auth import PasswordSignIn, normalize_email, sign_in_with_password
from beneficiate.handlers.forms import FormPage
from beneficiate.handlers.signed_in import SignedInPage, safe_redirect_path
from beneficiate.models.accounts import PAGE_SIGN_IN
from beneficiate.views.login import LoginForm, LogoutForm, greeting_for_hour

DEVICE_COOKIE = "beneficiate_device"
"""Names the accounts that signed in here before, so that the wrong passwords of strangers do not keep them out."""
DEVICE_COOKIE_S = 400 * 24 * 3600
HOME_PATHS = {"agent": "/agente", "supervisor": "/supervisor/pagos", "member": "/mi"}


class LoginPage(FormPage, SignedInPage):
    """`/login`."""

    shown_problems = (WrongCredentials, RateLimited)

    async def get(self) -> None:
        await self._render_login(None, "")

    async def submit(self, *path: str) -> str:
        hours = self.context.settings.staff_session_hours
        password = self.get_body_argument("password", "", strip=False)
        devices = self.get_cookie(DEVICE_COOKIE, "") or ""
        wanted = PasswordSignIn(self._email, password, devices, PAGE_SIGN_IN, timedelta(hours=hours))
        signed_in = await sign_in_with_password(self, wanted)
        max_age = hours * 3600 if self.get_body_argument("remember", "") else None
        role = signed_in.actor.role
        self.set_cookie(self.session_cookie, signed_in.token, max_age=max_age, **self.cookie_options(role))
        # The next page sets a new one: what somebody knew of the old one is of no use with this sign-in.
        self.clear_cookie(self.settings["xsrf_cookie_name"])
        devices = self.context.device_tokens.add(devices, normalize_email(self._email))
        self.set_cookie(DEVICE_COOKIE, devices, max_age=DEVICE_COOKIE_S, **self.cookie_options("member"))
        return safe_redirect_path(self.get_body_argument("next", ""), HOME_PATHS[role])

    async def render_form(self, problem: Problem | None, *path: str) -> None:
        await self._render_login(problem, self._email)

    @property
    def _email(self) -> str:
        return self.get_body_argument("email", "")

    async def _render_login(self, problem: Problem | None, email: str) -> None:
        wait_s = None
        if isinstance(problem, RateLimited):
            wait_s = problem.retry_after_s
            self.set_header("Retry-After", str(wait_s))
        await self.render_page(
            LoginForm(
                next=safe_redirect_path(self.get_argument("next", ""), ""),
                email=email,
                problem=problem,
                wait_s=wait_s,
                greeting=greeting_for_hour(datetime.now(BOGOTA).hour),
            )
        )


class LogoutPage(SignedInPage):
    """`/logout`: asks for confirmation."""

    async def get(self) -> None:
        await self.render_page(LogoutForm(me=self.actor if self.actor.role else None))

    async def post(self) -> None:
        token = self.get_cookie(self.session_cookie)
        if token:
            await self._end_sign_in(token)
        self.clear_cookie(self.session_cookie, **self.cookie_options(self.actor.role))
        self.set_header("Clear-Site-Data", '"cache"')
        self.redirect("/login", status=303)

    async def _end_sign_in(self, token: str) -> None:
        try:
            await self.run_action(sign_ins.end_sign_in, token)
        except Unauthorized:
            return
