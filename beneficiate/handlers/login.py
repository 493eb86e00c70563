"""The pages for signing in and out."""

from contextlib import suppress
from datetime import datetime

from beneficiate.actions import sign_ins
from beneficiate.errors import Forbidden, Problem, RateLimited, Unauthorized, WrongCredentials
from beneficiate.formatting import BOGOTA
from beneficiate.handlers.auth import CLEARED_SITE_DATA, PasswordSignIn, normalize_email, sign_in_with_password
from beneficiate.handlers.forms import FormPage
from beneficiate.handlers.signed_in import SignedInPage, name_cookie, safe_redirect_path
from beneficiate.models.accounts import PAGE_SIGN_IN
from beneficiate.queries.accounts import load_profile
from beneficiate.queries.business_hours import load_business_hours_today
from beneficiate.queries.demo import list_demo_accounts
from beneficiate.settings import DEMO_PASSWORD
from beneficiate.views.avatars import describe_actor
from beneficiate.views.login import Contact, LoginForm, LogoutForm, greeting_for_hour

DEVICE_COOKIE = "beneficiate_device"
"""Names the accounts that signed in here before, so that the wrong passwords of strangers do not keep them out."""
DEVICE_COOKIE_S = 400 * 24 * 3600
SIGNED_OUT_COOKIE = "beneficiate_signed_out"
"""The id of the person who signed out. The script of `/login` reads it, deletes what they left in the browser's
storage, and deletes the cookie. So it holds also when no script ran on the page of the sign-out."""
SIGNED_OUT_COOKIE_S = 30 * 24 * 3600
UNPROVEN_FORM = "No pudimos comprobar que este formulario venía de esta página. Escriba la contraseña otra vez."
HOME_PATHS = {"agent": "/agente", "supervisor": "/supervisor/pagos", "member": "/mi"}


class _OwnSignIn(SignedInPage):
    """A page that ends the sign-in of its cookie."""

    async def end_own_sign_in(self) -> None:
        """End the sign-in, and name its person to the script of `/login`. Without one nothing happens."""
        token = self.get_cookie(self.session_cookie)
        if token:
            with suppress(Unauthorized):
                await self.run_action(sign_ins.end_sign_in, token)
        if self.actor.role:
            name = name_cookie(SIGNED_OUT_COOKIE, is_secure=self.context.settings.is_secure)
            options = self.cookie_options(self.actor.role) | {"httponly": False}
            self.set_cookie(name, str(self.actor.user_id), max_age=SIGNED_OUT_COOKIE_S, **options)


class LoginPage(FormPage, _OwnSignIn):
    """`/login`."""

    shown_problems = (WrongCredentials, RateLimited, Forbidden)
    has_other_token = False
    """Whether the form was made before another tab signed in or out, or opened the form at the same time."""

    def on_wrong_form_token(self) -> None:
        """Let `submit` decide: two tabs with this form are usual, and each has to work."""
        self.has_other_token = True

    async def get(self) -> None:
        await self._render_login(None, "")

    async def submit(self, *path: str) -> str:
        next_path = self.get_body_argument("next", "")
        if self.has_other_token and await self._is_signed_in_already():
            return safe_redirect_path(next_path, HOME_PATHS[self.actor.role])
        if self.has_other_token and not self._is_own_form:
            self.record_wrong_form_token()
            raise Forbidden(UNPROVEN_FORM)
        hours = self.context.settings.staff_session_hours
        password = self.get_body_argument("password", "", strip=False)
        is_secure = self.context.settings.is_secure
        device_cookie = name_cookie(DEVICE_COOKIE, is_secure=is_secure)
        devices = self.get_cookie(device_cookie, "") or ""
        is_remembered = bool(self.get_body_argument("remember", ""))
        wanted = PasswordSignIn(self._email, password, devices, PAGE_SIGN_IN, is_remembered)
        signed_in = await sign_in_with_password(self, wanted)
        if self.actor.user_id != signed_in.actor.user_id:
            # Its cookie is about to be replaced: nobody could end it any more. That of the same person in another tab
            # goes on, whose connections would be closed.
            await self.end_own_sign_in()
        max_age = hours * 3600 if is_remembered else None
        role = signed_in.actor.role
        self.set_cookie(self.session_cookie, signed_in.token, max_age=max_age, **self.cookie_options(role))
        # The forms of the next pages have the token of this sign-in.
        self.clear_cookie(self.settings["xsrf_cookie_name"], **self.cookie_options("member"))
        devices = self.context.device_tokens.add(devices, normalize_email(self._email))
        self.set_cookie(device_cookie, devices, max_age=DEVICE_COOKIE_S, **self.cookie_options("member"))
        return safe_redirect_path(next_path, HOME_PATHS[role])

    async def _is_signed_in_already(self) -> bool:
        """Return whether another tab signed in whoever fills this form in.

        A second sign-in would make the forms of that tab useless.
        """
        if not self.actor.role:
            return False
        profile = await self.run_query(load_profile, self.actor.user_id)
        return profile.email == normalize_email(self._email)

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
        wait_s, settings = None, self.context.settings
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
                me=describe_actor(self.actor) if self.actor.role else None,
                role=self.actor.role,
                home_path=HOME_PATHS.get(self.actor.role, ""),
                contact=Contact(settings.contact_phone, settings.contact_email),
                business_hours=await self.run_query(load_business_hours_today),
                demo_accounts=[] if settings.is_production else await self.run_query(list_demo_accounts),
                demo_password="" if settings.is_production else DEMO_PASSWORD,
            )
        )


class LogoutPage(_OwnSignIn):
    """`/logout`: asks for confirmation."""

    @property
    def has_forgeable_effect(self) -> bool:
        """Whether there is a sign-in to end."""
        return bool(self.get_cookie(self.session_cookie))

    async def get(self) -> None:
        await self.render_page(LogoutForm(me=self.actor if self.actor.role else None))

    async def post(self) -> None:
        await self.end_own_sign_in()
        self.clear_cookie(self.session_cookie, **self.cookie_options(self.actor.role))
        self.set_header("Clear-Site-Data", CLEARED_SITE_DATA)
        self.redirect("/login", status=303)
