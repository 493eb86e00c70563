"""What supervisors do with a request about personal data: assign it, ask, extend, answer (Ley 1581 de 2012)."""

from collections.abc import Mapping
from dataclasses import dataclass

from beneficiate.actions import audit
from beneficiate.actions.account_emails import KEPT, queue_notice
from beneficiate.actions.administration import require_version
from beneficiate.actions.board import emit_board_outdated
from beneficiate.actions.contacts import reveal_member
from beneficiate.actions.data_requests import change_request, record_event, subject_of, was_sent_before
from beneficiate.domain.data_requests.fields import (
    ASSIGNEE,
    QUESTION,
    parse_answer,
    parse_extension,
    parse_text,
)
from beneficiate.domain.data_requests.lifecycle import (
    ANSWERED,
    ASKED,
    ASSIGNED,
    EXTENDED,
    IN_PROGRESS,
    NEEDS_INFORMATION,
    OPEN_STATES,
    PROLONGED,
    RECEIVED,
    REPLIED,
)
from beneficiate.domain.data_requests.terms import find_latest_day, find_withdrawal_day
from beneficiate.errors import Conflict, InvalidForm
from beneficiate.formatting import bogota_date
from beneficiate.models.account_emails import REQUEST_ANSWERED, REQUEST_ASKED, REQUEST_EXTENDED
from beneficiate.queries.data_requests import access_supervised_request, list_supervisors, read_state
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.member_panel import MemberContact

IS_CLOSED = "Esta solicitud ya se cerró."


@dataclass(frozen=True, slots=True)
class HandleRequest:
    """A form about a request: the version that it has shown, and what was typed."""

    request_id: int
    version: int
    typed: Mapping[str, str]


def assign_request(uow: UnitOfWork, command: HandleRequest) -> None:
    """Let a supervisor be in charge of an open request. Raises NotFound, InvalidForm, OutdatedForm, Conflict."""
    row = access_supervised_request(uow.actor, command.request_id, lock=True)
    names, typed = list_supervisors(), command.typed.get(ASSIGNEE, "")
    assignee_id = next((user_id for user_id in names if str(user_id) == typed), None)
    if assignee_id is None:
        raise InvalidForm({ASSIGNEE: "Elija a alguien de la lista."})
    if row.assignee_id == assignee_id:
        return
    require_version(row, command.version)
    if row.state not in OPEN_STATES:
        raise Conflict(IS_CLOSED)
    state = IN_PROGRESS if row.state == RECEIVED else row.state
    changes = change_request(row, assignee_id=assignee_id, state=state)
    record_event(uow, row, ASSIGNED, names[assignee_id])
    audit.record_audit(uow, "requests.assign", subject_of(row), changes=changes, person_id=row.user_id)


def ask_for_information(uow: UnitOfWork, command: HandleRequest) -> None:
    """Ask the person to complete a claim: our term stands still until they do, for two months at most.

    Raises NotFound, InvalidForm, OutdatedForm, Conflict.
    """
    question = parse_text(command.typed, QUESTION)
    row = access_supervised_request(uow.actor, command.request_id, lock=True)
    if was_sent_before(row, ASKED, question):
        return
    require_version(row, command.version)
    today = bogota_date(uow.now)
    if problem := read_state(row).explain_no_question(today):
        raise Conflict(problem)
    due_on = find_withdrawal_day(today)
    changes = change_request(row, state=NEEDS_INFORMATION, due_on=due_on, asked_at=uow.now, warned_at=None)
    record_event(uow, row, ASKED, question)
    queue_notice(uow, REQUEST_ASKED, row.user_id, lifetime=KEPT)
    audit.record_audit(uow, "requests.ask", subject_of(row), changes=changes, person_id=row.user_id)
    emit_board_outdated(uow)


def extend_request(uow: UnitOfWork, command: HandleRequest) -> None:
    """Extend the term of a request, once and before it ends, for a reason that the person reads.

    Raises NotFound, InvalidForm, OutdatedForm, Conflict.
    """
    row = access_supervised_request(uow.actor, command.request_id, lock=True)
    first_due_on = row.first_due_on or row.due_on
    latest = find_latest_day(row.kind, first_due_on)
    reason, until = parse_extension(command.typed, first_due_on, latest)
    if row.due_on == until and was_sent_before(row, PROLONGED, reason):
        return
    require_version(row, command.version)
    if problem := read_state(row).explain_no_extension(bogota_date(uow.now)):
        raise Conflict(problem)
    changes = change_request(row, state=EXTENDED, due_on=until, first_due_on=row.due_on, warned_at=None)
    record_event(uow, row, PROLONGED, reason)
    queue_notice(uow, REQUEST_EXTENDED, row.user_id, lifetime=KEPT)
    audit.record_audit(uow, "requests.extend", subject_of(row), changes=changes, person_id=row.user_id)
    emit_board_outdated(uow)


def answer_request(uow: UnitOfWork, command: HandleRequest) -> None:
    """Answer a request, which the person reads once they have signed in; the e-mail says only that there is an answer.

    Raises NotFound, InvalidForm, OutdatedForm, Conflict.
    """
    row = access_supervised_request(uow.actor, command.request_id, lock=True)
    decision, answer = parse_answer(command.typed, row.kind)
    if row.state == ANSWERED and (row.decision, row.answer) == (decision, answer):
        return
    require_version(row, command.version)
    if row.state not in OPEN_STATES:
        raise Conflict(IS_CLOSED)
    changes = change_request(row, state=ANSWERED, decision=decision, answer=answer, closed_at=uow.now)
    record_event(uow, row, REPLIED)
    queue_notice(uow, REQUEST_ANSWERED, row.user_id, lifetime=KEPT)
    audit.record_audit(uow, "requests.answer", subject_of(row), changes=changes, person_id=row.user_id)
    emit_board_outdated(uow)


def reveal_requester(uow: UnitOfWork, request_id: int) -> MemberContact:
    """Return the unmasked contact of who made a request (Ley 1581 de 2012, article 4 h). Raises NotFound."""
    row = access_supervised_request(uow.actor, request_id)
    return reveal_member(uow, row.user_id, {"request": (None, row.id)})
