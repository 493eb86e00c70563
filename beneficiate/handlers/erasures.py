"""A member asks that their data be erased, or keeps the account; the certificate; the supervisors' list."""

from typing import ClassVar

from beneficiate.actions import erasures
from beneficiate.errors import Conflict, InvalidForm, Problem, RateLimited
from beneficiate.handlers.administration import AdministrationPage
from beneficiate.handlers.emails import ERASE_PATH
from beneficiate.handlers.forms import FormPage, PostOnlyPage
from beneficiate.handlers.page_layouts import SitePage
from beneficiate.handlers.page_sessions import SessionPage
from beneficiate.queries.erasures import list_erasures, load_certificate, load_erasure_effect, load_erasure_state
from beneficiate.views import erasures as views


class ErasureFormPage(SitePage, SessionPage):
    """What an erasure does, with the form that asks for it, or with the button that keeps the account."""

    shown_problems: ClassVar[tuple[type[Problem], ...]] = (InvalidForm, Conflict, RateLimited)

    async def render_form(self, problem: Problem | None, *path: str) -> None:
        """Answer with the page and what is wrong with what was sent."""
        effect, state = await self.run_query(load_erasure_effect), await self.run_query(load_erasure_state)
        wrong = problem.fields if isinstance(problem, InvalidForm) else {}
        done = self.get_query_argument("listo", "")
        frame = await self.load_frame()
        await self.render_page(views.ErasurePage(frame, effect, state, wrong, problem, self.is_confirmed, done))

    @property
    def is_confirmed(self) -> bool:
        """Whether the box is ticked."""
        return self.get_body_argument(erasures.CONFIRM_FIELD, "") == "si"


class ErasePage(ErasureFormPage, FormPage):
    """`/mi/datos/borrar?listo=`. Sent are `present`, the password, and `confirmo`."""

    async def get(self) -> None:
        await self.render_form(None)

    async def submit(self, *path: str) -> str:
        if not self.is_confirmed:
            # Before the password is tried, so that forgetting the box costs no attempt.
            raise InvalidForm({erasures.CONFIRM_FIELD: erasures.NOT_CONFIRMED})
        await self.run_query(erasures.check_may_ask)
        present_hash = await self.verify_present_password()
        await self.run_action(erasures.request_erasure, erasures.RequestErasure(present_hash, self.is_confirmed))
        return f"{ERASE_PATH}?listo=pedido"


class KeepAccountForm(PostOnlyPage, ErasureFormPage, FormPage):
    """`POST /mi/datos/borrar/cancelar`."""

    async def submit(self, *path: str) -> str:
        await self.run_action(erasures.cancel_erasure)
        return f"{ERASE_PATH}?listo=conservada"


class CertificatePage(SitePage):
    """`/constancia/:code`, for whoever has its number: it names nobody."""

    async def get(self, code: str) -> None:
        certificate = await self.run_query(load_certificate, code.upper())
        await self.render_page(views.CertificateView(await self.load_frame(), certificate))


class ErasureListPage(AdministrationPage):
    """`/supervisor/ajustes/borrados?q=&despues=`."""

    async def get(self) -> None:
        await self.render_page(views.ErasureList(self.me, await self.run_query(list_erasures, self.filters)))
