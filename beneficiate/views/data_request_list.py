"""Requests about personal data: the pages of agents, who file some, and of supervisors, who answer them."""

from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar
from urllib.parse import urlencode

from beneficiate.domain.data_requests import fields
from beneficiate.domain.data_requests.presentation import DECISION_NAMES
from beneficiate.domain.data_requests.terms import CLAIM, QUERY
from beneficiate.errors import Problem
from beneficiate.views.data_requests import RequestDetail, RequestSummary
from beneficiate.views.edit_forms import EditForm, FieldLabels, SavedRow
from beneficiate.views.member_panel import MemberContact
from beneficiate.views.pages import StaffPage

OPEN_TAB, CLOSED_TAB, ALL_TAB = "", "cerradas", "todas"
STATE_TABS = {OPEN_TAB: "Abiertas", CLOSED_TAB: "Cerradas", ALL_TAB: "Todas"}
KIND_FILTERS = {"": "Consultas y reclamos", QUERY: "Consultas", CLAIM: "Reclamos"}
DUE_SOON, OVERDUE = "por-vencer", "vencidas"
DUE_FILTERS = {"": "Cualquier plazo", DUE_SOON: "Por vencer", OVERDUE: "Vencidas"}

QUESTION_LABELS = FieldLabels({fields.QUESTION: "Qué falta"})
COMPLETION_LABELS = FieldLabels({fields.TEXT: "Lo que llegó"})
EXTENSION_LABELS = FieldLabels({fields.REASON: "Por qué se prorroga", fields.UNTIL: "Hasta qué día"})
ANSWER_LABELS = FieldLabels(
    {fields.DECISION: "Decisión", fields.ANSWER: "Respuesta"}, {fields.DECISION: dict(DECISION_NAMES)}
)


def assignee_labels(names: dict[int, str]) -> FieldLabels:
    """Return the labels of the form that assigns a request to one of these supervisors."""
    return FieldLabels(
        {fields.ASSIGNEE: "Quién la tiene"}, {fields.ASSIGNEE: {str(id_): name for id_, name in names.items()}}
    )


@dataclass(frozen=True)
class FiledRequest:
    """A request that an agent has filed for a member: the agent sees that it goes on, and no answer."""

    summary: RequestSummary
    name: str
    text: str


@dataclass(frozen=True)
class FiledRequestList:
    """A page of what an agent has filed, the newest first; `before` as above. `new` was filed just before."""

    requests: list[FiledRequest]
    before: int | None
    is_first: bool
    new: FiledRequest | None


@dataclass(frozen=True)
class FiledRequestsView(StaffPage):
    """`/agente/solicitudes`."""

    template: ClassVar[str] = "data_requests/filed.html"

    filed: FiledRequestList


@dataclass(frozen=True)
class FileRequestView(StaffPage):
    """`/agente/chats/:id/solicitud`: the form of a request for the member of a chat."""

    template: ClassVar[str] = "data_requests/file.html"

    chat_id: int
    name: str
    form: EditForm
    terms: dict[str, str]
    problem: Problem | None


@dataclass(frozen=True)
class RequestFilters:
    """The filters of the supervisors' list as they were typed, and the row after which a page begins."""

    tab: str = ""
    kind: str = ""
    due: str = ""
    person: str = ""
    after: str = ""

    @property
    def query(self) -> str:
        """The filters as a query string with its `?`; empty without any."""
        typed = {
            "estado": self.tab,
            "tipo": self.kind,
            "plazo": self.due,
            "persona": self.person,
            "despues": self.after,
        }
        text = urlencode({name: value for name, value in typed.items() if value})
        return f"?{text}" if text else ""

    @property
    def is_empty(self) -> bool:
        """Whether the list is that of all open requests."""
        return not (self.tab or self.kind or self.due or self.person)

    def query_with(self, *, tab: str | None = None, after: str = "") -> str:
        """Return the query string of another tab, or of the rows after another one."""
        return replace(self, tab=self.tab if tab is None else tab, after=after).query


@dataclass(frozen=True)
class RequestRow:
    """A request in the supervisors' list: of whom (the document masked), who has it, how many days were used."""

    summary: RequestSummary
    name: str
    document: str
    assignee: str
    used: int
    total: int


@dataclass(frozen=True)
class RequestList:
    """A page of the supervisors' list; `next_position` is empty on the last one. The counts are of all requests."""

    filters: RequestFilters
    rows: list[RequestRow]
    next_position: str
    open_count: int
    late_count: int


@dataclass(frozen=True)
class Requester:
    """Who made a request: the contact as it may be shown, and whether they can sign in to read the answer."""

    user_id: int
    name: str
    contact: MemberContact
    can_sign_in: bool
    filed_by: str


@dataclass(frozen=True)
class HandledRequest:
    """A request with its person, who has it, and what its forms show.

    `latest_day` is the last to which its term may be extended. `no_question` and `no_extension` say why one may not ask
    or extend, empty where one may.
    """

    detail: RequestDetail
    requester: Requester
    assignee: str
    supervisors: dict[int, str]
    latest_day: date
    saved: SavedRow
    no_question: str
    no_extension: str


@dataclass(frozen=True)
class DataRequestsView(StaffPage):
    """`/supervisor/solicitudes`; `wrong` has a sentence for each filter that is not valid."""

    template: ClassVar[str] = "data_requests/list.html"

    requests: RequestList | None
    filters: RequestFilters
    wrong: dict[str, str]
    state_tabs: dict[str, str]
    kind_filters: dict[str, str]
    due_filters: dict[str, str]


@dataclass(frozen=True)
class DataRequestView(StaffPage):
    """`/supervisor/solicitudes/:id`; the forms by the last part of their path.

    `clashing` names the form that somebody else was faster than.
    """

    template: ClassVar[str] = "data_requests/request.html"

    handled: HandledRequest
    forms: dict[str, EditForm]
    clashing: str
    problem: Problem | None
    done: str
