"""The supervisors' pages of requests about personal data: the list, and one with its forms."""

from collections.abc import Callable
from typing import ClassVar

from beneficiate.actions import data_request_handling as actions
from beneficiate.actions.data_requests import CompleteRequest, complete_request_for_person
from beneficiate.domain.audit_kinds import VIEWED_REQUEST
from beneficiate.errors import Conflict, InvalidForm, Problem, RateLimited
from beneficiate.handlers.administration import MAX_FILTER_CHARS, AdministrationPage, EditPage
from beneficiate.handlers.api import parse_id
from beneficiate.handlers.data_views import note_opened
from beneficiate.handlers.forms import PostOnlyPage
from beneficiate.handlers.lookups import count_lookup
from beneficiate.handlers.page_layouts import SupervisorPage
from beneficiate.queries import data_request_list as queries
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views import data_request_list as views
from beneficiate.views.edit_forms import EditForm, FieldLabels, SavedRow
from beneficiate.views.member_panel import MemberContact

PATH = "/supervisor/solicitudes"
ASSIGN, ASK, COMPLETE, EXTEND, ANSWER = "asignar", "pedir", "completar", "prorrogar", "responder"
"""The forms of a request, by the last part of their paths."""
LABELS = {
    ASSIGN: views.assignee_labels({}),
    ASK: views.QUESTION_LABELS,
    COMPLETE: views.COMPLETION_LABELS,
    EXTEND: views.EXTENSION_LABELS,
    ANSWER: views.ANSWER_LABELS,
}


class DataRequestsPage(SupervisorPage):
    """`/supervisor/solicitudes?estado=&tipo=&plazo=&persona=&despues=`."""

    async def get(self) -> None:
        filters, wrong, found = self.request_filters, {}, None
        try:
            queries.check_filters(filters)
            await count_lookup(self, filters.person)
            found = await self.run_search(queries.load_request_list, filters)
        except InvalidForm as problem:
            wrong = problem.fields
        choices = (views.STATE_TABS, views.KIND_FILTERS, views.DUE_FILTERS)
        await self.render_page(views.DataRequestsView(self.me, found, filters, wrong, *choices))

    @property
    def request_filters(self) -> views.RequestFilters:
        """The filters of the URL as they were typed."""
        names = ("estado", "tipo", "plazo", "persona", "despues")
        return views.RequestFilters(*(self.get_query_argument(name, "")[:MAX_FILTER_CHARS] for name in names))


class DataRequestPage(AdministrationPage):
    """`/supervisor/solicitudes/:id`: one request, with the forms of what may be done."""

    contact: MemberContact | None = None
    """The contact in full of who made the request, where it was asked for."""

    async def get(self, request_id: str) -> None:
        await self.render_form(None, request_id)

    async def render_form(self, problem: Problem | None, *path: str) -> None:
        """Answer with the request, what was typed in the form that was sent, and what is wrong with it."""
        handled = await self.run_query(queries.load_handled_request, parse_id(path[0]))
        saved = handled.saved
        note_opened(self, VIEWED_REQUEST, f"request:{handled.detail.summary.id}")
        labels = {**LABELS, ASSIGN: views.assignee_labels(handled.supervisors)}
        forms = {name: self.open_form(saved.take(one.names), name, one, problem) for name, one in labels.items()}
        if self.contact is not None:
            handled = queries.show_contact(handled, self.contact)
        clashing = next((name for name, form in forms.items() if form.is_outdated), "")
        page = views.DataRequestView(self.me, handled, forms, clashing, problem, self.done)
        await self.render_page(page)

    def open_form(self, saved: SavedRow, _: str, labels: FieldLabels, __: Problem | None) -> EditForm:
        """Return a form as it is opened."""
        return EditForm.open(saved, labels)


class HandleRequestForm(PostOnlyPage, DataRequestPage, EditPage):
    """The form of this `name`; a subclass says by what action it is carried out, and what is said then."""

    shown_problems: ClassVar[tuple[type[Problem], ...]] = (InvalidForm, Conflict, RateLimited)
    name: ClassVar[str]
    action: ClassVar[Callable[[UnitOfWork, actions.HandleRequest], None]]
    said: ClassVar[str]

    async def submit(self, *path: str) -> str:
        command = actions.HandleRequest(parse_id(path[0]), self.version, self.read_typed(LABELS[self.name]))
        await self.run_action(type(self).action, command)
        return f"{PATH}/{path[0]}?listo={self.said}"

    def open_form(self, saved: SavedRow, name: str, labels: FieldLabels, problem: Problem | None) -> EditForm:
        if name != self.name:
            return EditForm.open(saved, labels)
        return self.build_form(saved, labels, problem)


class AssignRequestForm(HandleRequestForm):
    """`POST /supervisor/solicitudes/:id/asignar`."""

    name, said = ASSIGN, "asignada"
    action = actions.assign_request


class AskForInformationForm(HandleRequestForm):
    """`POST /supervisor/solicitudes/:id/pedir`."""

    name, said = ASK, "pedida"
    action = actions.ask_for_information


class ExtendRequestForm(HandleRequestForm):
    """`POST /supervisor/solicitudes/:id/prorrogar`."""

    name, said = EXTEND, "prorrogada"
    action = actions.extend_request


class AnswerRequestForm(HandleRequestForm):
    """`POST /supervisor/solicitudes/:id/responder`."""

    name, said = ANSWER, "respondida"
    action = actions.answer_request


class CompleteForPersonForm(HandleRequestForm):
    """`POST /supervisor/solicitudes/:id/completar`: what the person has sent or said otherwise."""

    name = COMPLETE

    async def submit(self, *path: str) -> str:
        command = CompleteRequest(parse_id(path[0]), self.read_typed(LABELS[COMPLETE]))
        await self.run_action(complete_request_for_person, command)
        return f"{PATH}/{path[0]}?listo=completada"


class RevealRequesterForm(PostOnlyPage, DataRequestPage):
    """`POST /supervisor/solicitudes/:id/datos`: the contact in full; that it was read is recorded."""

    async def post(self, request_id: str) -> None:
        self.contact = await self.run_action(actions.reveal_requester, parse_id(request_id))
        await self.render_form(None, request_id)
