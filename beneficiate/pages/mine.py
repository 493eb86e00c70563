"""A member's own page, and what they change on it."""

from beneficiate.actions import beneficiaries, consents, devices
from beneficiate.actions.beneficiaries import Details
from beneficiate.errors import Conflict, InvalidForm, Problem
from beneficiate.pages.api import path_id
from beneficiate.pages.plans import SitePage
from beneficiate.pages.signed_in import COOKIE
from beneficiate.queries import mine
from beneficiate.queries.beneficiaries import form

FIELDS = ("first_name", "last_name", "document_type", "document_number", "birth_date", "relationship")


class MineDoor(SitePage):
    """What the doors of the page have in common."""

    async def draw_mine(self, problem: Problem | None = None) -> None:
        """The whole page, with what went wrong."""
        seen = await self.look(mine.overview, self.token)
        done = self.get_query_argument("listo", "")
        await self.draw_site("mine/mine.html", problem=problem, done=done, **seen)

    @property
    def token(self) -> str:
        """What the cookie holds."""
        return self.get_cookie(COOKIE, "") or ""

    def back_to(self, section: str, done: str) -> None:
        """Back to a section of the page, which says what was done."""
        self.redirect(f"/mi?listo={done}#{section}", status=303)


class MinePage(MineDoor):
    """`/mi?listo=`: `listo` names what was done just before."""

    async def get(self) -> None:
        await self.draw_mine()


class TranscriptPage(MineDoor):
    """`/mi/chats/:id?antes=`."""

    async def get(self, chat_id: str) -> None:
        before = self.get_query_argument("antes", "")
        wanted = mine.Pages(path_id(chat_id), path_id(before) if before else None)
        await self.draw_site("mine/chat.html", **await self.look(mine.transcript, wanted))


class BeneficiaryForm(MineDoor):
    """A form for a beneficiary, drawn with what is known, or with what was typed and what is wrong with it."""

    async def draw_form(self, beneficiary_id: int | None, problem: Problem | None = None) -> None:
        shown = await self.look(form, beneficiary_id)
        typed = shown["stored"] if not self._was_typed else {name: self.get_body_argument(name, "") for name in FIELDS}
        wrong = problem.fields if isinstance(problem, InvalidForm) else {}
        await self.draw_site("mine/beneficiary.html", typed=typed, problem=problem, wrong=wrong, **shown)

    @property
    def details(self) -> Details:
        """What was typed."""
        return Details(*(self.get_body_argument(name, "") for name in FIELDS))

    @property
    def _was_typed(self) -> bool:
        return FIELDS[0] in self.request.body_arguments


class NewBeneficiary(BeneficiaryForm):
    """`/mi/beneficiarios/nuevo`."""

    async def get(self) -> None:
        await self.draw_form(None)

    async def post(self) -> None:
        try:
            await self.do(beneficiaries.add, self.details)
        except Problem as problem:
            # Answered with 200: it is a page that was drawn well, and a browser logs any other status as an error.
            await self.draw_form(None, problem)
            return
        self.back_to("beneficiarios", "agregado")


class OneBeneficiary(BeneficiaryForm):
    """`/mi/beneficiarios/:id`."""

    async def get(self, beneficiary_id: str) -> None:
        await self.draw_form(path_id(beneficiary_id))

    async def post(self, beneficiary_id: str) -> None:
        found = path_id(beneficiary_id)
        try:
            await self.do(beneficiaries.correct, beneficiaries.Correct(found, self.details))
        except InvalidForm as problem:
            await self.draw_form(found, problem)
            return
        self.back_to("beneficiarios", "guardado")


class RemoveBeneficiary(BeneficiaryForm):
    """`/mi/beneficiarios/:id/quitar`."""

    async def post(self, beneficiary_id: str) -> None:
        found = path_id(beneficiary_id)
        try:
            await self.do(beneficiaries.remove, found)
        except Conflict as problem:
            await self.draw_form(found, problem)
            return
        self.back_to("beneficiarios", "quitado")


class EndDevice(MineDoor):
    """`/mi/dispositivos/:id/cerrar`."""

    async def post(self, sign_in_id: str) -> None:
        is_this = await self.do(devices.end, devices.EndDevice(path_id(sign_in_id), self.token))
        if not is_this:
            self.back_to("dispositivos", "cerrado")
            return
        self.clear_cookie(COOKIE, **self.cookie_options(self.actor.role))
        self.redirect("/login", status=303)


class EndOtherDevices(MineDoor):
    """`/mi/dispositivos/otros/cerrar`."""

    async def post(self) -> None:
        await self.do(devices.end_others, self.token)
        self.back_to("dispositivos", "cerrados")


class GiveConsent(MineDoor):
    """`/mi/datos/autorizar`."""

    async def post(self) -> None:
        try:
            await self.do(consents.give, consents.Give(self.get_body_argument("version", ""), self.address))
        except Conflict as problem:
            await self.draw_mine(problem)
            return
        self.back_to("datos", "autorizado")


class WithdrawConsent(MineDoor):
    """`/mi/datos/retirar`."""

    async def post(self) -> None:
        await self.do(consents.withdraw)
        self.back_to("datos", "retirado")
