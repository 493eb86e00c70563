"""Requests about personal data: a member's own pages, and those on which agents file one for a member."""

from typing import ClassVar

from beneficiate.actions import data_requests as actions
from beneficiate.domain.data_requests.explanation import explain_new_term
from beneficiate.domain.data_requests.fields import TEXT
from beneficiate.errors import Conflict, InvalidForm, LimitReached, Problem, RateLimited
from beneficiate.handlers.administration import EditPage
from beneficiate.handlers.api import parse_id
from beneficiate.handlers.forms import FormPage, PostOnlyPage
from beneficiate.handlers.page_layouts import SitePage, SupervisorPage
from beneficiate.queries import data_requests as queries
from beneficiate.views import data_request_list as staff_views
from beneficiate.views import data_requests as views
from beneficiate.views.edit_forms import EditForm, SavedRow

OWN_PATH, FILED_PATH = "/mi/solicitudes", "/agente/solicitudes"
NOTHING_TYPED = SavedRow(dict.fromkeys(views.NEW_LABELS.names, ""), 0)


class _FilingPage(EditPage):
    """A page with the form of a new request, which is filed once however often it is sent."""

    shown_problems: ClassVar[tuple[type[Problem], ...]] = (InvalidForm, LimitReached, RateLimited)

    async def get(self, *path: str) -> None:
        await self.render_form(None, *path)

    def read_request(self) -> dict[str, str]:
        """Return what was typed."""
        return self.read_typed(views.NEW_LABELS)

    def new_form(self, problem: Problem | None) -> EditForm:
        """Return the form, empty or as it was sent."""
        return self.build_form(NOTHING_TYPED, views.NEW_LABELS, problem)

    async def load_terms(self) -> dict[str, str]:
        """Return until when each kind is answered that is sent now."""
        days = await self.run_query(queries.find_new_due_days)
        return {kind: explain_new_term(kind, day) for kind, day in days.items()}


class OwnRequestsPage(SitePage):
    """`/mi/solicitudes?antes=`."""

    async def get(self) -> None:
        before = self.get_query_argument("antes", "")
        found = await self.run_query(queries.list_own_requests, parse_id(before) if before else None)
        await self.render_page(views.OwnRequestsView(await self.load_frame(), found))


class NewRequestPage(_FilingPage, SitePage):
    """`/mi/solicitudes/nueva`."""

    async def submit(self, *path: str) -> str:
        typed = self.read_request()
        return f"{OWN_PATH}/{await self.create_once(actions.file_request, typed, typed)}?listo=enviada"

    async def render_form(self, problem: Problem | None, *path: str) -> None:
        form, terms = self.new_form(problem), await self.load_terms()
        await self.render_page(views.NewRequestView(await self.load_frame(), form, terms, problem))


class OwnRequestPage(SitePage):
    """`/mi/solicitudes/:id?listo=`."""

    async def get(self, request_id: str) -> None:
        await self.render_form(None, request_id)

    async def render_form(self, problem: Problem | None, *path: str) -> None:
        """Answer with the request, and with what was typed and what is wrong with it where a form was sent."""
        detail = await self.run_query(queries.load_own_request, parse_id(path[0]))
        wrong = problem.fields.get(TEXT, "") if isinstance(problem, InvalidForm) else ""
        typed, done = self.get_body_argument(TEXT, ""), self.get_query_argument("listo", "")
        await self.render_page(views.OwnRequestView(await self.load_frame(), detail, typed, wrong, problem, done))


class OwnRequestForm(PostOnlyPage, OwnRequestPage, FormPage):
    """A form of that page."""

    shown_problems: ClassVar[tuple[type[Problem], ...]] = (InvalidForm, Conflict)


class CompleteRequestForm(OwnRequestForm):
    """`POST /mi/solicitudes/:id/completar`."""

    async def submit(self, *path: str) -> str:
        text = self.get_body_argument(TEXT, "").replace("\r\n", "\n")
        await self.run_action(actions.complete_request, actions.CompleteRequest(parse_id(path[0]), {TEXT: text}))
        return f"{OWN_PATH}/{path[0]}?listo=completada"


class WithdrawRequestForm(OwnRequestForm):
    """`POST /mi/solicitudes/:id/desistir`."""

    async def submit(self, *path: str) -> str:
        await self.run_action(actions.withdraw_request, parse_id(path[0]))
        return f"{OWN_PATH}/{path[0]}?listo=desistida"


class FileForMemberPage(_FilingPage):
    """`/agente/chats/:id/solicitud`."""

    shown_problems: ClassVar[tuple[type[Problem], ...]] = (*_FilingPage.shown_problems, Conflict)

    async def submit(self, *path: str) -> str:
        typed = self.read_request()
        command = actions.FileForMember(parse_id(path[0]), typed)
        new_id = await self.create_once(actions.file_request_for_member, command, typed)
        return f"{FILED_PATH}?nueva={new_id}"

    async def render_form(self, problem: Problem | None, *path: str) -> None:
        chat_id = parse_id(path[0])
        name = await self.run_query(queries.find_member_name, chat_id)
        form, terms = self.new_form(problem), await self.load_terms()
        await self.render_page(staff_views.FileRequestView(self.me, chat_id, name, form, terms, problem))


class FiledRequestsPage(SupervisorPage):
    """`/agente/solicitudes?antes=&nueva=`: what the agent has filed; `nueva` is what was filed just before."""

    async def get(self) -> None:
        before, new = self.get_query_argument("antes", ""), self.get_query_argument("nueva", "")
        query = (parse_id(before) if before else None, parse_id(new) if new else None)
        filed = await self.run_query(queries.list_filed_requests, query)
        await self.render_page(staff_views.FiledRequestsView(self.me, filed))
