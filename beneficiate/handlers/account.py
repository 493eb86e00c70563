"""A member's own page, and what they change on it."""

from beneficiate.actions import beneficiaries, consents, devices
from beneficiate.actions.beneficiaries import BeneficiaryDetails
from beneficiate.errors import Conflict, InvalidForm, Problem
from beneficiate.handlers.api import parse_id
from beneficiate.handlers.payment_pages import SitePage
from beneficiate.handlers.signed_in import SESSION_COOKIE
from beneficiate.queries import account_page
from beneficiate.queries.beneficiaries import load_beneficiary_form

BENEFICIARY_FIELDS = ("first_name", "last_name", "document_type", "document_number", "birth_date", "relationship")


class AccountPage(SitePage):
    """What the doors of the page have in common."""

    async def render_account(self, problem: Problem | None = None) -> None:
        """The whole page, with what went wrong."""
        overview = await self.run_query(account_page.load_account_page, self.cookie_token)
        done = self.get_query_argument("listo", "")
        await self.render_site_page("mine/mine.html", problem=problem, done=done, **overview)

    @property
    def cookie_token(self) -> str:
        """What the cookie holds."""
        return self.get_cookie(SESSION_COOKIE, "") or ""

    def redirect_to_section(self, section: str, done: str) -> None:
        """Back to a section of the page, which says what was done."""
        self.redirect(f"/mi?listo={done}#{section}", status=303)


class AccountOverviewPage(AccountPage):
    """`/mi?listo=`: `listo` names what was done just before."""

    async def get(self) -> None:
        await self.render_account()


class ChatTranscriptPage(AccountPage):
    """`/mi/chats/:id?antes=`."""

    async def get(self, chat_id: str) -> None:
        before = self.get_query_argument("antes", "")
        wanted = account_page.TranscriptQuery(parse_id(chat_id), parse_id(before) if before else None)
        await self.render_site_page("mine/chat.html", **await self.run_query(account_page.load_transcript, wanted))


class BeneficiaryFormPage(AccountPage):
    """A form for a beneficiary, drawn with what is known, or with what was typed and what is wrong with it."""

    async def render_form(self, beneficiary_id: int | None, problem: Problem | None = None) -> None:
        form_context = await self.run_query(load_beneficiary_form, beneficiary_id)
        typed = (
            form_context["stored"]
            if not self._is_submitted
            else {name: self.get_body_argument(name, "") for name in BENEFICIARY_FIELDS}
        )
        wrong = problem.fields if isinstance(problem, InvalidForm) else {}
        await self.render_site_page("mine/beneficiary.html", typed=typed, problem=problem, wrong=wrong, **form_context)

    @property
    def submitted_details(self) -> BeneficiaryDetails:
        """What was typed."""
        return BeneficiaryDetails(*(self.get_body_argument(name, "") for name in BENEFICIARY_FIELDS))

    @property
    def _is_submitted(self) -> bool:
        return BENEFICIARY_FIELDS[0] in self.request.body_arguments


class NewBeneficiaryPage(BeneficiaryFormPage):
    """`/mi/beneficiarios/nuevo`."""

    async def get(self) -> None:
        await self.render_form(None)

    async def post(self) -> None:
        try:
            await self.run_action(beneficiaries.add_beneficiary, self.submitted_details)
        except Problem as problem:
            # Answered with 200: it is a page that was drawn well, and a browser logs any other status as an error.
            await self.render_form(None, problem)
            return
        self.redirect_to_section("beneficiarios", "agregado")


class EditBeneficiaryPage(BeneficiaryFormPage):
    """`/mi/beneficiarios/:id`."""

    async def get(self, beneficiary_id: str) -> None:
        await self.render_form(parse_id(beneficiary_id))

    async def post(self, beneficiary_id: str) -> None:
        parsed_id = parse_id(beneficiary_id)
        try:
            await self.run_action(
                beneficiaries.update_beneficiary, beneficiaries.UpdateBeneficiary(parsed_id, self.submitted_details)
            )
        except InvalidForm as problem:
            await self.render_form(parsed_id, problem)
            return
        self.redirect_to_section("beneficiarios", "guardado")


class RemoveBeneficiaryForm(BeneficiaryFormPage):
    """`/mi/beneficiarios/:id/quitar`."""

    async def post(self, beneficiary_id: str) -> None:
        parsed_id = parse_id(beneficiary_id)
        try:
            await self.run_action(beneficiaries.remove_beneficiary, parsed_id)
        except Conflict as problem:
            await self.render_form(parsed_id, problem)
            return
        self.redirect_to_section("beneficiarios", "quitado")


class SignOutDeviceForm(AccountPage):
    """`/mi/dispositivos/:id/cerrar`."""

    async def post(self, sign_in_id: str) -> None:
        is_this = await self.run_action(
            devices.sign_out_device, devices.SignOutDevice(parse_id(sign_in_id), self.cookie_token)
        )
        if not is_this:
            self.redirect_to_section("dispositivos", "cerrado")
            return
        self.clear_cookie(SESSION_COOKIE, **self.cookie_options(self.actor.role))
        self.redirect("/login", status=303)


class SignOutOtherDevicesForm(AccountPage):
    """`/mi/dispositivos/otros/cerrar`."""

    async def post(self) -> None:
        await self.run_action(devices.sign_out_other_devices, self.cookie_token)
        self.redirect_to_section("dispositivos", "cerrados")


class GrantConsentForm(AccountPage):
    """`/mi/datos/autorizar`."""

    async def post(self) -> None:
        try:
            await self.run_action(
                consents.grant_consent,
                consents.GrantConsent(self.get_body_argument("version", ""), self.remote_address),
            )
        except Conflict as problem:
            await self.render_account(problem)
            return
        self.redirect_to_section("datos", "autorizado")


class WithdrawConsentForm(AccountPage):
    """`/mi/datos/retirar`."""

    async def post(self) -> None:
        await self.run_action(consents.withdraw_consent)
        self.redirect_to_section("datos", "retirado")
