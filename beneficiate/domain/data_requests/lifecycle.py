"""The states of a request about personal data, and what may be done in each."""

from dataclasses import dataclass
from datetime import date

from beneficiate.domain.data_requests.terms import CLAIM, find_completion_day, find_latest_day

RECEIVED, IN_PROGRESS, NEEDS_INFORMATION, EXTENDED, ANSWERED, WITHDRAWN = (
    "received",
    "in_progress",
    "needs_information",
    "extended",
    "answered",
    "withdrawn",
)
COUNTING_STATES = (RECEIVED, IN_PROGRESS, EXTENDED)
"""The states in which our term runs."""
OPEN_STATES = (*COUNTING_STATES, NEEDS_INFORMATION)
STATES = (*OPEN_STATES, ANSWERED, WITHDRAWN)
CORRECT, UPDATE, DELETE, REVOKE = "correct", "update", "delete", "revoke"
SUBJECTS = (CORRECT, UPDATE, DELETE, REVOKE)
"""What a claim asks for (Ley 1581 de 2012, articles 8 and 15)."""
ACCEPTED, PARTLY, REFUSED = "accepted", "partly", "refused"
DECISIONS = (ACCEPTED, PARTLY, REFUSED)
"""What is decided about a claim; a query is answered without one."""
FILED, MARKED, ASSIGNED, ASKED, COMPLETED, PROLONGED, REPLIED, GIVEN_UP, LAPSED, BREACHED = (
    "filed",
    "marked",
    "assigned",
    "asked",
    "completed",
    "prolonged",
    "replied",
    "given_up",
    "lapsed",
    "breached",
)
EVENTS = (FILED, MARKED, ASSIGNED, ASKED, COMPLETED, PROLONGED, REPLIED, GIVEN_UP, LAPSED, BREACHED)
"""What has happened to a request. MARKED: the legend "reclamo en trámite" was set (article 15, 2)."""


@dataclass(frozen=True, slots=True)
class RequestState:
    """What the rules need to know of a request. Days are those of Bogotá.

    `counted_from` is the day on which it was received complete, `due_on` the last day of the present term: ours, or
    that of the person who is to complete a claim. `was_asked` and `was_extended` are for good.
    """

    kind: str
    state: str
    counted_from: date
    due_on: date
    was_asked: bool
    was_extended: bool

    @property
    def is_open(self) -> bool:
        """Whether an answer is still to come."""
        return self.state in OPEN_STATES

    @property
    def is_counting(self) -> bool:
        """Whether our term runs."""
        return self.state in COUNTING_STATES

    @property
    def latest_day(self) -> date:
        """The last day to which the term may be extended."""
        return find_latest_day(self.kind, self.due_on)

    def explain_no_question(self, today: date) -> str:
        """Return why the person may not be asked to complete the request; empty if they may be."""
        last_day = find_completion_day(self.counted_from)
        if self.kind != CLAIM:
            return "Solo un reclamo se puede declarar incompleto: una consulta se responde con lo que hay."
        if self.was_asked:
            return "Ya se pidió información una vez: pedirla de nuevo detendría el plazo otra vez."
        if self.state not in COUNTING_STATES or self.was_extended:
            return "En este estado ya no se puede pedir información."
        if today > last_day:
            return "Pasaron los 5 días que da la ley para pedirla: responda con lo que hay."
        return ""

    def explain_no_extension(self, today: date) -> str:
        """Return why the term may not be extended; empty if it may be."""
        if self.was_extended:
            return "Ya se prorrogó una vez: la ley no da más días."
        if not self.is_counting:
            return "En este estado no corre el plazo."
        if today > self.due_on:
            return "El plazo ya venció: no admite prórroga. Hay que responder y explicar la demora."
        return ""
