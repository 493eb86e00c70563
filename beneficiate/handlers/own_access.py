"""How one signs in and is reached: password, address and telephone number, changed by their person."""

from typing import ClassVar

from beneficiate.actions import own_contacts, passwords
from beneficiate.domain.email_addresses import ADDRESS_FORMAT, encode_email_address, normalize_email_address
from beneficiate.domain.phones import PHONE_FORMAT, normalize_phone
from beneficiate.errors import Conflict, InvalidForm, NotFound, Problem, RateLimited
from beneficiate.handlers.chosen_passwords import hash_chosen_password
from beneficiate.handlers.forms import FormPage, PostOnlyPage
from beneficiate.handlers.page_layouts import SitePage
from beneficiate.handlers.page_sessions import SessionPage
from beneficiate.handlers.recovery import LinkPage
from beneficiate.queries.own_access import load_new_address, load_own_access
from beneficiate.queries.password_owners import load_password_owner
from beneficiate.views import own_access as views

ACCESS_PATH = "/mi/acceso"


class AccessPage(SitePage, SessionPage):
    """The page with its three forms, of which `form` was sent."""

    shown_problems: ClassVar[tuple[type[Problem], ...]] = (InvalidForm, RateLimited, Conflict)
    form: ClassVar[str] = ""

    async def render_form(self, problem: Problem | None, *path: str) -> None:
        """Answer with the page, what was typed and what is wrong with it."""
        wrong = problem.fields if isinstance(problem, InvalidForm) else {}
        typed = {name: self.get_body_argument(name, "") for name in ("email", "phone")}
        access = await self.run_query(load_own_access)
        done = self.get_query_argument("listo", "")
        view = views.AccessForms(await self.load_frame(), access, self.form, typed, wrong, problem, done)
        await self.render_page(view)


class OwnAccessPage(AccessPage):
    """`/mi/acceso?listo=`."""

    async def get(self) -> None:
        await self.render_form(None)


class ChangePasswordForm(PostOnlyPage, AccessPage, FormPage):
    """`POST /mi/acceso/clave`: every other device is signed out."""

    form = views.PASSWORD_FORM

    async def submit(self, *path: str) -> str:
        present = await self.verify_present_password()
        hashed = await hash_chosen_password(self, await self.run_query(load_password_owner, self.actor.user_id))
        command = passwords.ChangePassword(present, hashed, self.cookie_token)
        await self.run_action(passwords.change_password, command)
        return f"{ACCESS_PATH}?listo=clave"


class ChangeAddressForm(PostOnlyPage, AccessPage, FormPage):
    """`POST /mi/acceso/correo`: the address counts once the link that is sent to it is confirmed."""

    form = views.ADDRESS_FORM

    async def submit(self, *path: str) -> str:
        email = normalize_email_address(self.get_body_argument("email", ""))
        if encode_email_address(email) is None:
            raise InvalidForm({"email": ADDRESS_FORMAT})
        if email == (await self.run_query(load_own_access)).email:
            raise InvalidForm({"email": "Ese ya es su correo."})
        command = own_contacts.RequestAddress(email, self.remote_address, await self.verify_present_password())
        await self.run_action(own_contacts.request_address, command)
        return f"{ACCESS_PATH}?listo=enlace#correo"


class ChangePhoneForm(PostOnlyPage, AccessPage, FormPage):
    """`POST /mi/acceso/celular`."""

    form = views.PHONE_FORM

    async def submit(self, *path: str) -> str:
        phone = normalize_phone(self.get_body_argument("phone", ""))
        if phone is None:
            raise InvalidForm({"phone": PHONE_FORMAT})
        await self.run_action(own_contacts.change_phone, phone)
        return f"{ACCESS_PATH}?listo=celular#celular"


class ConfirmAddressPage(LinkPage, SitePage):
    """`/correo/:token`."""

    shown_problems: ClassVar[tuple[type[Problem], ...]] = (NotFound, Conflict)

    async def submit(self, *path: str) -> str:
        await self.run_action(own_contacts.confirm_address, path[0])
        return f"{ACCESS_PATH}?listo=correo#correo" if self.actor.role else "/login?listo=correo"

    async def render_form(self, problem: Problem | None, *path: str) -> None:
        try:
            email = await self.run_query(load_new_address, path[0])
        except NotFound:
            email = ""
            self.set_status(404)
        await self.render_page(views.AddressConfirmation(await self.load_frame(), email, path[0], problem))
