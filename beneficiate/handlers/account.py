"""A member's own page, and what they change on it."""

from beneficiate.actions import beneficiaries, sign_ins
from beneficiate.actions.beneficiaries import BeneficiaryDetails
from beneficiate.errors import Conflict, InvalidForm, Problem
from beneficiate.handlers.api import parse_id
from beneficiate.handlers.forms import FormPage, PostOnlyPage
from beneficiate.handlers.page_layouts import SitePage
from beneficiate.queries import account_page
from beneficiate.queries.beneficiaries import load_beneficiary_form
from beneficiate.queries.data_views import list_data_views
from beneficiate.views import account as views
from beneficiate.views.data_views import DataViewsPage


class AccountOverviewPage(SitePage):
    """`/mi?listo=`: `listo` names what was done just before."""

    async def get(self) -> None:
        account = await self.run_query(account_page.load_account_page, self.cookie_token)
        done = self.get_query_argument("listo", "")
        await self.render_page(views.AccountOverview(await self.load_frame(), account, done))


class ChatTranscriptPage(SitePage):
    """`/mi/chats/:id?antes=`."""

    async def get(self, chat_id: str) -> None:
        before = self.get_query_argument("antes", "")
        query = account_page.TranscriptQuery(parse_id(chat_id), parse_id(before) if before else None)
        transcript = await self.run_query(account_page.load_transcript, query)
        await self.render_page(views.ChatTranscript(await self.load_frame(), transcript))


class DataViewsOverviewPage(SitePage):
    """`/mi/vistas?antes=`: who of the staff opened the data of the member."""

    async def get(self) -> None:
        before = self.get_query_argument("antes", "")
        found = await self.run_query(list_data_views, parse_id(before) if before else None)
        await self.render_page(DataViewsPage(await self.load_frame(), found))


class BeneficiaryFormPage(FormPage, SitePage):
    """The form of a beneficiary with the stored values, or with what was typed and what is wrong with it."""

    async def render_form(self, problem: Problem | None, *path: str) -> None:
        form = await self.run_query(load_beneficiary_form, parse_id(path[0]) if path else None)
        typed = self._typed_values if self._is_submitted else form.stored
        wrong = problem.fields if isinstance(problem, InvalidForm) else {}
        await self.render_page(
            views.BeneficiaryForm(await self.load_frame(), form, typed, problem, wrong, views.DOCUMENT_TYPE_NAMES)
        )

    @property
    def submitted_details(self) -> BeneficiaryDetails:
        """What was typed, as the actions take it."""
        return BeneficiaryDetails(*(self.get_body_argument(name, "") for name in views.BENEFICIARY_FIELDS))

    @property
    def _typed_values(self) -> views.BeneficiaryValues:
        return views.BeneficiaryValues(*(self.get_body_argument(name, "") for name in views.BENEFICIARY_FIELDS))

    @property
    def _is_submitted(self) -> bool:
        return views.BENEFICIARY_FIELDS[0] in self.request.body_arguments


class NewBeneficiaryPage(BeneficiaryFormPage):
    """`/mi/beneficiarios/nuevo`."""

    async def get(self) -> None:
        await self.render_form(None)

    async def submit(self, *path: str) -> str:
        await self.run_action(beneficiaries.add_beneficiary, self.submitted_details)
        return done_path("beneficiarios", "agregado")


class EditBeneficiaryPage(BeneficiaryFormPage):
    """`/mi/beneficiarios/:id`."""

    shown_problems = (InvalidForm,)

    async def get(self, beneficiary_id: str) -> None:
        await self.render_form(None, beneficiary_id)

    async def submit(self, *path: str) -> str:
        command = beneficiaries.UpdateBeneficiary(parse_id(path[0]), self.submitted_details)
        await self.run_action(beneficiaries.update_beneficiary, command)
        return done_path("beneficiarios", "guardado")


class RemoveBeneficiaryForm(PostOnlyPage, BeneficiaryFormPage):
    """`POST /mi/beneficiarios/:id/quitar`."""

    shown_problems = (Conflict,)

    async def submit(self, *path: str) -> str:
        await self.run_action(beneficiaries.remove_beneficiary, parse_id(path[0]))
        return done_path("beneficiarios", "quitado")


class SignOutDeviceForm(PostOnlyPage, SitePage):
    """`POST /mi/dispositivos/:id/cerrar`."""

    async def post(self, sign_in_id: str) -> None:
        command = sign_ins.SignOutDevice(parse_id(sign_in_id), self.cookie_token)
        is_this = await self.run_action(sign_ins.sign_out_device, command)
        if is_this:
            self.clear_cookie(self.session_cookie, **self.cookie_options(self.actor.role))
        self.redirect("/login" if is_this else done_path("dispositivos", "cerrado"), status=303)


class SignOutOtherDevicesForm(PostOnlyPage, SitePage):
    """`POST /mi/dispositivos/otros/cerrar`."""

    async def post(self) -> None:
        await self.run_action(sign_ins.sign_out_other_devices, self.cookie_token)
        self.redirect(done_path("dispositivos", "cerrados"), status=303)


def done_path(section: str, done: str) -> str:
    """Return the path of a section of the page, which says what was done."""
    return f"/mi?listo={done}#{section}"
