"""The pages for signing in and out."""

from datetime import datetime

from beneficiate.actions.sign_in_challenges import StartedChallenge
from beneficiate.domain.email_addresses import normalize_email_address
from beneficiate.errors import AddressNotConfirmed, Forbidden, Problem, RateLimited, WrongCredentials
from beneficiate.formatting import BOGOTA
from beneficiate.handlers.auth import CLEARED_SITE_DATA, PasswordSignIn, sign_in_with_password
from beneficiate.handlers.forms import FormPage, TokenJudge
from beneficiate.handlers.page_sessions import HOME_PATHS, SessionPage
from beneficiate.handlers.signed_in import safe_redirect_path
from beneficiate.models.accounts import PAGE_SIGN_IN
from beneficiate.queries.accounts import load_profile
from beneficiate.queries.business_hours import load_business_hours_today
from beneficiate.queries.demo import list_demo_accounts
from beneficiate.settings import DEMO_PASSWORD
from beneficiate.sign_in_errors import ChallengeExpired
from beneficiate.views.avatars import describe_actor
from beneficiate.views.login import Contact, LoginForm, LogoutForm, greeting_for_hour

UNPROVEN_FORM = "No pudimos comprobar que este formulario venía de esta página. Escriba la contraseña otra vez."


class LoginPage(TokenJudge, FormPage, SessionPage):
    """`/login`."""

    shown_problems = (WrongCredentials, AddressNotConfirmed, RateLimited, Forbidden)

    async def get(self) -> None:
        is_expired = bool(self.get_query_argument("expirado", ""))
        await self._render_login(ChallengeExpired() if is_expired else None, "")

    async def submit(self, *path: str) -> str:
        next_path = self.get_body_argument("next", "")
        if self.has_other_token and await self._is_signed_in_already():
            return safe_redirect_path(next_path, HOME_PATHS[self.actor.role])
        if self.has_other_token and not self._is_own_form:
            self.record_wrong_form_token()
            raise Forbidden(UNPROVEN_FORM)
        password = self.get_body_argument("password", "", strip=False)
        is_remembered = bool(self.get_body_argument("remember", ""))
        wanted = PasswordSignIn(self._email, password, self.device_tokens, PAGE_SIGN_IN, is_remembered)
        started = await sign_in_with_password(self, wanted)
        if isinstance(started, StartedChallenge):
            return self.open_second_step(started, next_path)
        await self.open_session(started, normalize_email_address(self._email), is_remembered=is_remembered)
        return safe_redirect_path(next_path, HOME_PATHS[started.actor.role])

    async def _is_signed_in_already(self) -> bool:
        """Return whether another tab signed in whoever fills this form in.

        A second sign-in would make the forms of that tab useless.
        """
        if not self.actor.role:
            return False
        profile = await self.run_query(load_profile, self.actor.user_id)
        return profile.email == normalize_email_address(self._email)

    @property
    def _is_own_form(self) -> bool:
        """Whether the browser says that a page of ours has sent this, which no other page can make it say.

        Tornado has refused every other origin before (`cross_origin_protection`). Browsers say it since 2023 at the
        latest, and to an address with http only by `Origin`.
        """
        site, has_origin = self.request.headers.get("Sec-Fetch-Site"), "Origin" in self.request.headers
        return site == "same-origin" or (site is None and has_origin)

    async def render_form(self, problem: Problem | None, *path: str) -> None:
        await self._render_login(problem, self._email)

    @property
    def _email(self) -> str:
        return self.get_body_argument("email", "")

    async def _render_login(self, problem: Problem | None, email: str) -> None:
        settings = self.context.settings
        await self.render_page(
            LoginForm(
                next=safe_redirect_path(self.get_argument("next", ""), ""),
                email=email,
                problem=problem,
                wait_s=self.note_wait(problem),
                greeting=greeting_for_hour(datetime.now(BOGOTA).hour),
                me=describe_actor(self.actor) if self.actor.role else None,
                role=self.actor.role,
                done=self.get_query_argument("listo", ""),
                home_path=HOME_PATHS.get(self.actor.role, ""),
                contact=Contact(settings.contact_phone, settings.contact_email),
                business_hours=await self.run_query(load_business_hours_today),
                demo_accounts=[] if settings.is_production else await self.run_query(list_demo_accounts),
                demo_password="" if settings.is_production else DEMO_PASSWORD,
            )
        )


class LogoutPage(SessionPage):
    """`/logout`: asks for confirmation."""

    @property
    def has_forgeable_effect(self) -> bool:
        """Whether there is a sign-in to end."""
        return bool(self.cookie_token)

    async def get(self) -> None:
        await self.render_page(LogoutForm(me=self.actor if self.actor.role else None))

    async def post(self) -> None:
        await self.end_own_sign_in()
        self.clear_cookie(self.session_cookie, **self.cookie_options(self.actor.role))
        self.set_header("Clear-Site-Data", CLEARED_SITE_DATA)
        self.redirect("/login", status=303)
