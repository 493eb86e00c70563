"""The page of a member's rights over their data, and the consents that they give and withdraw on it."""

from typing import ClassVar

from beneficiate.actions import consents
from beneficiate.errors import Conflict, InvalidForm, Problem, RateLimited
from beneficiate.handlers.auth import PRESENT_FIELD
from beneficiate.handlers.forms import FormPage, PostOnlyPage
from beneficiate.handlers.page_layouts import SitePage
from beneficiate.queries.consents import HEALTH_DATA, PERSONAL_DATA
from beneficiate.queries.own_data import load_own_data
from beneficiate.views.own_data import OwnDataOverview

OWN_DATA_PATH = "/mi/datos"


class OwnDataBase(SitePage):
    """Base of the handlers of the page."""

    async def render_form(self, problem: Problem | None, *path: str) -> None:
        """Answer with the whole page and what went wrong."""
        data = await self.run_query(load_own_data)
        done = self.get_query_argument("listo", "")
        wrong = problem.fields.get(PRESENT_FIELD, "") if isinstance(problem, InvalidForm) else ""
        shown = None if wrong else problem
        await self.render_page(OwnDataOverview(await self.load_frame(), data, shown, wrong, done))


class OwnDataPage(OwnDataBase):
    """`/mi/datos?listo=`: `listo` names what was done just before."""

    async def get(self) -> None:
        await self.render_form(None)


class GrantConsentForm(PostOnlyPage, OwnDataBase, FormPage):
    """`POST /mi/datos/autorizar`."""

    shown_problems: ClassVar[tuple[type[Problem], ...]] = (Conflict, RateLimited)
    kind: ClassVar[str] = PERSONAL_DATA
    done: ClassVar[str] = "autorizado"

    async def submit(self, *path: str) -> str:
        version = self.get_body_argument("version", "")
        await self.run_action(consents.grant_consent, consents.GrantConsent(version, self.remote_address, self.kind))
        return own_data_path("autorizaciones", self.done)


class GrantHealthConsentForm(GrantConsentForm):
    """`POST /mi/datos/salud/autorizar`."""

    kind, done = HEALTH_DATA, "salud-autorizada"


class WithdrawConsentForm(PostOnlyPage, OwnDataBase, FormPage):
    """`POST /mi/datos/retirar`."""

    shown_problems: ClassVar[tuple[type[Problem], ...]] = (RateLimited,)
    kind: ClassVar[str] = PERSONAL_DATA
    done: ClassVar[str] = "retirado"

    async def submit(self, *path: str) -> str:
        await self.run_action(consents.withdraw_consent, consents.WithdrawConsent(self.kind, self.remote_address))
        return own_data_path("autorizaciones", self.done)


class WithdrawHealthConsentForm(WithdrawConsentForm):
    """`POST /mi/datos/salud/retirar`: the reasons of the appointments are deleted."""

    kind, done = HEALTH_DATA, "salud-retirada"


def own_data_path(section: str, done: str) -> str:
    """Return the path of a section of the page, which says what was done."""
    return f"{OWN_DATA_PATH}?listo={done}#{section}"
