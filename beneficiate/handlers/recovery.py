"""A forgotten password: asking for a link by e-mail, and the page behind it."""

from typing import ClassVar

from beneficiate.actions import passwords
from beneficiate.domain.email_addresses import ADDRESS_FORMAT, encode_email_address, normalize_email_address
from beneficiate.errors import InvalidForm, NotFound, Problem, RateLimited
from beneficiate.handlers.chosen_passwords import PASSWORD_FIELD, hash_chosen_password
from beneficiate.handlers.forms import FormPage
from beneficiate.handlers.signed_in import SignedInPage
from beneficiate.limits import network_of
from beneficiate.queries.password_owners import load_link_owner
from beneficiate.views.login import Contact
from beneficiate.views.recovery import LinkOwner, NewPasswordForm, RecoveryForm, RecoverySent


class RecoveryPage(FormPage, SignedInPage):
    """`/recuperar`: the answer is the same whether there is an account or not."""

    shown_problems: ClassVar[tuple[type[Problem], ...]] = (InvalidForm, RateLimited)

    async def get(self) -> None:
        await self.render_form(None)

    async def submit(self, *path: str) -> str:
        email = normalize_email_address(self._email)
        if encode_email_address(email) is None:
            raise InvalidForm({"email": ADDRESS_FORMAT})
        command = passwords.RequestRecovery(email, self.remote_address)
        await self.run_action(passwords.request_recovery, command)
        return "/recuperar/enviado"

    async def render_form(self, problem: Problem | None, *path: str) -> None:
        settings = self.context.settings
        wrong = problem.fields["email"] if isinstance(problem, InvalidForm) else ""
        contact = Contact(settings.contact_phone, settings.contact_email)
        await self.render_page(RecoveryForm(self._email, problem, wrong, contact))

    @property
    def _email(self) -> str:
        return self.get_body_argument("email", "")


class RecoverySentPage(SignedInPage):
    """`/recuperar/enviado`."""

    async def get(self) -> None:
        await self.render_page(RecoverySent())


class LinkPage(FormPage, SignedInPage):
    """Base of the pages behind the links of e-mails: to read one uses nothing up, so that scanners may follow it."""

    shown_problems: ClassVar[tuple[type[Problem], ...]] = (InvalidForm, NotFound)

    async def prepare(self) -> None:
        await self.context.limiters.links.acquire(network_of(self.remote_address))
        await super().prepare()

    async def get(self, token: str) -> None:
        await self.render_form(None, token)


class ChosenPasswordPage(LinkPage):
    """Base of the pages on which somebody sets a password; without an owner `form` says that the link is not good."""

    form: ClassVar[type[NewPasswordForm]]

    async def load_owner(self, token: str) -> LinkOwner:
        """Return whose link it is. Raises NotFound."""
        raise NotImplementedError

    async def store_password(self, token: str, hashed: str) -> str:
        """Store the password and use the link up; return the path to go on to. Raises NotFound."""
        raise NotImplementedError

    async def submit(self, *path: str) -> str:
        person = await self.load_owner(path[0])
        return await self.store_password(path[0], await hash_chosen_password(self, person.owner))

    async def render_form(self, problem: Problem | None, *path: str) -> None:
        try:
            person = await self.load_owner(path[0])
        except NotFound:
            self.set_status(404)
            await self.render_page(self.form(None, "", ""))
            return
        wrong = problem.fields[PASSWORD_FIELD] if isinstance(problem, InvalidForm) else ""
        await self.render_page(self.form(person, path[0], wrong))


class NewPasswordPage(ChosenPasswordPage):
    """`/recuperar/:token`."""

    form = NewPasswordForm

    async def load_owner(self, token: str) -> LinkOwner:
        return await self.run_query(load_link_owner, token)

    async def store_password(self, token: str, hashed: str) -> str:
        await self.run_action(passwords.reset_password, passwords.ResetPassword(token, hashed))
        return "/login?listo=clave"
