"""Registration of a member: the form, the e-mail, and the button behind its link."""

import asyncio
import secrets
from datetime import datetime
from typing import ClassVar

from beneficiate.actions import registrations
from beneficiate.domain.passwords import MIN_MEMBER_CHARS, PasswordOwner
from beneficiate.domain.registrations import RegistrationFields, parse_registration
from beneficiate.errors import Conflict, Forbidden, InvalidForm, NotFound, Problem, RateLimited
from beneficiate.formatting import BOGOTA
from beneficiate.handlers.auth import record_sign_in
from beneficiate.handlers.chosen_passwords import PASSWORD_FIELD, hash_chosen_password
from beneficiate.handlers.forms import FormPage, TokenJudge
from beneficiate.handlers.page_layouts import SitePage
from beneficiate.handlers.page_sessions import SessionPage
from beneficiate.handlers.recovery import LinkPage
from beneficiate.handlers.signed_in import name_cookie
from beneficiate.limits import network_of
from beneficiate.models.accounts import PAGE_SIGN_IN
from beneficiate.passwords import verify_password
from beneficiate.queries import registrations as queries
from beneficiate.queries.business_hours import load_business_hours_today
from beneficiate.queries.consents import CONSENT_TEXT_VERSION
from beneficiate.views import registrations as views

REGISTRATION_COOKIE = "beneficiate_registration"
"""Names the registration of this browser, so that its page can show the address and send another e-mail."""
REGISTRATION_COOKIE_S = 24 * 3600
SENT_PATH = "/registro/enviado"
UNKNOWN_CITY = "Elija la ciudad de la lista, con su departamento."


class RegistrationCookie(SitePage):
    """A page that knows the registration of its browser."""

    @property
    def registration_cookie(self) -> str:
        """The name of the cookie."""
        return name_cookie(REGISTRATION_COOKIE, is_secure=self.context.settings.is_secure)

    @property
    def registration_secret(self) -> str:
        """The secret of the registration that this browser has made; empty without one."""
        return self.get_cookie(self.registration_cookie, "") or ""


class RegistrationPage(FormPage, RegistrationCookie):
    """`/registro`: the answer is the same whether the address or the document has an account or not."""

    shown_problems: ClassVar[tuple[type[Problem], ...]] = (InvalidForm, Conflict, RateLimited)

    async def get(self) -> None:
        await self.render_form(None)

    async def submit(self, *path: str) -> str:
        await self.context.limiters.links.acquire(network_of(self.remote_address))
        fields, problems = parse_registration(self._typed, datetime.now(BOGOTA).date())
        township_id = await self.run_query(queries.find_city, self._typed["ciudad"])
        if township_id is None:
            problems["ciudad"] = UNKNOWN_CITY
        password_hash = await self._hash_password(fields, problems)
        if problems or fields is None or township_id is None:
            raise InvalidForm(problems)
        secret = secrets.token_urlsafe(32)
        command = registrations.Register(
            fields=fields,
            township_id=township_id,
            password_hash=password_hash,
            consent_version=self._typed["datos"],
            has_health_consent=bool(self._typed["salud"]),
            secret=secret,
            address=self.remote_address,
        )
        await self.run_action(registrations.store_registration, command)
        options = self.cookie_options("member")
        self.set_cookie(self.registration_cookie, secret, max_age=REGISTRATION_COOKIE_S, **options)
        return SENT_PATH

    async def render_form(self, problem: Problem | None, *path: str) -> None:
        wrong = problem.fields if isinstance(problem, InvalidForm) else {}
        hours = await self.run_query(load_business_hours_today)
        await self.render_page(
            views.RegistrationForm(
                frame=await self.load_frame(),
                typed=self._typed,
                problem=problem,
                wrong={name: wrong[name] for name in views.FIELD_LABELS if name in wrong},
                cities=await self.run_query(queries.list_city_names),
                text_version=CONSENT_TEXT_VERSION,
                hours_text=hours.hours_text,
            )
        )

    async def _hash_password(self, fields: RegistrationFields | None, problems: dict[str, str]) -> str:
        """Return the hash of the password; what is wrong with it joins the problems of the other fields."""
        typed = self._typed
        words = (typed["nombres"], typed["apellidos"], typed["numero"], typed["celular"], typed["correo"])
        born = (f"{fields.birth_date:%Y%m%d}",) if fields else ()
        try:
            return await hash_chosen_password(self, PasswordOwner((*filter(None, words), *born), MIN_MEMBER_CHARS))
        except InvalidForm as problem:
            problems |= problem.fields
            return ""

    @property
    def _typed(self) -> dict[str, str]:
        return {name: self.get_body_argument(name, "") for name in views.TYPED_FIELDS}


class ConfirmationSentPage(FormPage, RegistrationCookie):
    """`/registro/enviado`: where the link was sent to, and sending another."""

    shown_problems: ClassVar[tuple[type[Problem], ...]] = (RateLimited,)

    async def get(self) -> None:
        await self.render_form(None)

    async def submit(self, *path: str) -> str:
        command = registrations.ResendConfirmation(self.registration_secret, self.remote_address)
        await self.run_action(registrations.resend_confirmation, command)
        return f"{SENT_PATH}?listo=otro"

    async def render_form(self, problem: Problem | None, *path: str) -> None:
        sent = await self.run_query(queries.load_sent_confirmation, self.registration_secret)
        if sent is None:
            self.redirect("/registro")
            return
        done = self.get_query_argument("listo", "")
        await self.render_page(views.ConfirmationSent(await self.load_frame(), sent, problem, done))


class ConfirmationPage(TokenJudge, LinkPage, SessionPage, SitePage):
    """`/registro/confirmar/:token`: whoever registered proves it with the password, and is signed in."""

    shown_problems: ClassVar[tuple[type[Problem], ...]] = (InvalidForm, NotFound, Conflict, RateLimited)

    async def submit(self, *path: str) -> str:
        if self.has_other_token:
            link = await self.run_query(queries.load_registration_link, path[0])
            if not link.is_used:
                self.record_wrong_form_token()
                raise Forbidden
            return self.request.path
        if self.get_body_argument("otro", ""):
            command = registrations.RenewConfirmation(path[0], self.remote_address)
            await self.run_action(registrations.renew_confirmation, command)
            return f"{self.request.path}?listo=otro"
        link = await self.run_query(queries.load_registration_link, path[0])
        password = self.get_body_argument(PASSWORD_FIELD, "", strip=False)
        verify = asyncio.get_running_loop().run_in_executor
        if not await verify(self.context.hash_pool, verify_password, password, link.password_hash):
            raise InvalidForm({PASSWORD_FIELD: "No es la contraseña que eligió al registrarse."})
        signed_in = await self.run_action(registrations.confirm_registration, path[0])
        record_sign_in(self, signed_in, PAGE_SIGN_IN)
        await self.open_session(signed_in, link.email, is_remembered=False)
        return "/registro/listo"

    async def render_form(self, problem: Problem | None, *path: str) -> None:
        try:
            link = await self.run_query(queries.load_registration_link, path[0])
        except NotFound:
            link = None
            self.set_status(404)
        wrong = problem.fields[PASSWORD_FIELD] if isinstance(problem, InvalidForm) else ""
        done = self.get_query_argument("listo", "")
        frame = await self.load_frame()
        await self.render_page(views.ConfirmationForm(frame, link, path[0], problem, wrong, done))


class RegistrationDonePage(SitePage):
    """`/registro/listo`."""

    async def get(self) -> None:
        await self.render_page(views.RegistrationDone(await self.load_frame()))
