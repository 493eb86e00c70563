"""Requests about personal data: what everybody sees of them who may see them at all, and the pages of members."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from beneficiate.domain.data_requests import fields
from beneficiate.domain.data_requests.explanation import TermExplanation
from beneficiate.domain.data_requests.presentation import (
    DECISION_NAMES,
    EVENT_NAMES,
    KIND_NAMES,
    STATE_BADGES,
    SUBJECT_NAMES,
)
from beneficiate.domain.status_badge import StatusBadge
from beneficiate.errors import Problem
from beneficiate.views.edit_forms import EditForm, FieldLabels
from beneficiate.views.site import SiteView

NEW_LABELS = FieldLabels({fields.WHAT: "Qué pide", fields.TEXT: "Lo que pide"})


@dataclass(frozen=True)
class RequestSummary:
    """A request as all may see it who may see it at all. `due_on` is the last day of what runs now.

    `distance` says how near that is; empty where nothing runs.
    """

    id: int
    number: str
    kind: str
    subject: str
    state: str
    received_at: datetime
    due_on: date
    closed_at: datetime | None
    distance: str
    is_late: bool
    is_close: bool

    @property
    def kind_name(self) -> str:
        """`Consulta` or `Reclamo`."""
        return KIND_NAMES[self.kind]

    @property
    def subject_name(self) -> str:
        """What is asked for, in a few words."""
        return SUBJECT_NAMES[self.subject]

    @property
    def badge(self) -> StatusBadge:
        """How its state is shown."""
        return STATE_BADGES[self.state]

    @property
    def is_open(self) -> bool:
        """Whether it is still to be answered."""
        return self.closed_at is None

    @property
    def clock_class(self) -> str:
        """The CSS classes of the mark that says how near the end is."""
        return "clock is-past" if self.is_late else "clock is-close" if self.is_close else "clock"


@dataclass(frozen=True)
class RequestEvent:
    """Something that happened: in words, with who did it (empty for the person and for the system) and the text."""

    kind: str
    at: datetime
    who: str
    text: str

    @property
    def name(self) -> str:
        """What happened."""
        return EVENT_NAMES[self.kind][0]

    @property
    def icon(self) -> str:
        """The icon beside it."""
        return EVENT_NAMES[self.kind][1]


@dataclass(frozen=True)
class RequestDetail:
    """A request with everything that its person may read of it, how its term was counted and its history."""

    summary: RequestSummary
    text: str
    decision: str
    answer: str
    term: TermExplanation
    events: list[RequestEvent]
    question: str

    @property
    def decision_name(self) -> str:
        """What was decided about a claim; empty for a query or without an answer."""
        return DECISION_NAMES.get(self.decision, "")


@dataclass(frozen=True)
class OwnRequestList:
    """A page of own requests, the newest first; `before` is where the next one begins, None on the last."""

    requests: list[RequestSummary]
    before: int | None
    is_first: bool


@dataclass(frozen=True)
class OwnRequestsView(SiteView):
    """`/mi/solicitudes`."""

    template: ClassVar[str] = "account/data_requests.html"

    own_requests: OwnRequestList


@dataclass(frozen=True)
class NewRequestView(SiteView):
    """`/mi/solicitudes/nueva`; `terms` has until when each kind is answered that is sent today."""

    template: ClassVar[str] = "account/new_request.html"

    form: EditForm
    terms: dict[str, str]
    problem: Problem | None


@dataclass(frozen=True)
class OwnRequestView(SiteView):
    """`/mi/solicitudes/:id`; `typed` and `wrong` are what was typed to complete it, and what is wrong with that."""

    template: ClassVar[str] = "account/data_request.html"

    detail: RequestDetail
    typed: str
    wrong: str
    problem: Problem | None
    done: str
