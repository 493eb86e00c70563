"""Requests of people about their personal data: filing one, completing it, withdrawing it (Ley 1581 de 2012)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from beneficiate.actions import audit, quotas
from beneficiate.actions.account_emails import KEPT, queue_notice
from beneficiate.actions.administration import Changes, change_columns, count_version
from beneficiate.actions.board import emit_board_outdated
from beneficiate.domain.data_requests.fields import TEXT, NewRequest, parse_request, parse_text
from beneficiate.domain.data_requests.lifecycle import (
    COMPLETED,
    FILED,
    GIVEN_UP,
    IN_PROGRESS,
    MARKED,
    NEEDS_INFORMATION,
    OPEN_STATES,
    RECEIVED,
    WITHDRAWN,
)
from beneficiate.domain.data_requests.terms import CLAIM, find_due_day
from beneficiate.errors import Conflict, LimitReached
from beneficiate.formatting import bogota_date
from beneficiate.models.account_emails import REQUEST_FILED
from beneficiate.models.accounts import User
from beneficiate.models.data_requests import DataRequest, DataRequestEvent
from beneficiate.queries.access import access_chat_to_write_about
from beneficiate.queries.data_requests import access_own_request, access_supervised_request
from beneficiate.unit_of_work import UnitOfWork

MAX_OPEN_REQUESTS = 10
"""Of one person at a time."""


@dataclass(frozen=True, slots=True)
class FileForMember:
    """What the member of a support chat asks for, as one of the staff has typed it."""

    chat_id: int
    typed: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CompleteRequest:
    """What was missing, as typed."""

    request_id: int
    typed: Mapping[str, str]


def file_request(uow: UnitOfWork, typed: Mapping[str, str]) -> int:
    """File a request of the actor, and return its id. Raises InvalidForm, LimitReached, RateLimited."""
    return _file(uow, uow.actor.user_id, parse_request(typed), None)


def file_request_for_member(uow: UnitOfWork, command: FileForMember) -> int:
    """File a request for the member of a support chat, and return its id.

    Raises NotFound, Conflict when they were erased, InvalidForm, LimitReached, RateLimited.
    """
    access = access_chat_to_write_about(uow.actor, command.chat_id)
    return _file(uow, access.user_id, parse_request(command.typed), uow.actor.user_id)


def complete_request(uow: UnitOfWork, command: CompleteRequest) -> None:
    """Add what was missing to an own claim, whose term is counted anew; the same again changes nothing.

    Raises NotFound, InvalidForm, Conflict.
    """
    text = parse_text(command.typed, TEXT)
    row = access_own_request(uow.actor, command.request_id, lock=True)
    if was_sent_before(row, COMPLETED, text):
        return
    audit.record_own_act(uow, "requests.complete", subject_of(row), _complete(uow, row, text))


def complete_request_for_person(uow: UnitOfWork, command: CompleteRequest) -> None:
    """Add what a person has said or sent otherwise, as a supervisor; the same again changes nothing.

    Raises NotFound, InvalidForm, Conflict.
    """
    text = parse_text(command.typed, TEXT)
    row = access_supervised_request(uow.actor, command.request_id, lock=True)
    if was_sent_before(row, COMPLETED, text):
        return
    changes = _complete(uow, row, text)
    audit.record_act(uow, "requests.complete", subject_of(row), changes=changes, person_id=row.user_id)


def withdraw_request(uow: UnitOfWork, request_id: int) -> None:
    """Withdraw an own request that is still open; a second time changes nothing. Raises NotFound, Conflict."""
    row = access_own_request(uow.actor, request_id, lock=True)
    if row.state == WITHDRAWN:
        return
    if row.state not in OPEN_STATES:
        raise Conflict("Esta solicitud ya se respondió.")
    changes = change_request(row, state=WITHDRAWN, closed_at=uow.now)
    record_event(uow, row, GIVEN_UP)
    audit.record_own_act(uow, "requests.withdraw", subject_of(row), changes)
    emit_board_outdated(uow)


def record_event(uow: UnitOfWork, row: DataRequest, kind: str, text: str = "") -> None:
    """Add to the history of a request that the actor did something, with what they wrote."""
    role = uow.actor.role
    DataRequestEvent.create(request=row, kind=kind, at=uow.now, actor_name=uow.actor.name, actor_role=role, text=text)


def change_request(row: DataRequest, **columns: object) -> Changes:
    """Change columns of a locked request and its version; return what the audit log is told: no text of a person."""
    changes = change_columns(row, columns)
    count_version(row)
    named = {"state": "status", "due_on": "due_on", "assignee_id": "assignee"}
    return {named[name]: values for name, values in changes.items() if name in named}


def subject_of(row: DataRequest) -> str:
    """Return the subject of the entries of a request in the audit log."""
    return f"request:{row.id}"


def was_sent_before(row: DataRequest, kind: str, text: str) -> bool:
    """Return whether the last event of a kind has this text: then the same form was sent twice."""
    events = DataRequestEvent.select(DataRequestEvent.text).where(
        DataRequestEvent.request == row.id, DataRequestEvent.kind == kind
    )
    return bool(events.order_by(DataRequestEvent.id.desc()).scalar() == text)


def _file(uow: UnitOfWork, user_id: int, new: NewRequest, filed_by: int | None) -> int:
    quotas.consume_quota(uow, uow.rules.quotas.data_requests)
    User.lock_rows([user_id])
    is_open = (DataRequest.user == user_id) & DataRequest.closed_at.is_null()
    if DataRequest.select().where(is_open).count() >= MAX_OPEN_REQUESTS:
        raise LimitReached(f"Ya hay {MAX_OPEN_REQUESTS} solicitudes abiertas. Espere a que se responda alguna.")
    today = bogota_date(uow.now)
    row = DataRequest.create(
        user=user_id,
        filed_by=filed_by,
        kind=new.kind,
        subject=new.subject,
        text=new.text,
        state=RECEIVED,
        received_at=uow.now,
        counted_from=today,
        due_on=find_due_day(new.kind, today),
    )
    record_event(uow, row, FILED)
    if new.kind == CLAIM:
        # The law gives two working days for the legend (article 15, 2); what the staff sees has it from now on.
        record_event(uow, row, MARKED)
    queue_notice(uow, REQUEST_FILED, user_id, lifetime=KEPT)
    changes: Changes = {"kind": (None, row.kind), "due_on": (None, row.due_on)}
    if filed_by is None:
        audit.record_own_act(uow, "requests.file", subject_of(row), changes)
    else:
        audit.record_act(uow, "requests.file", subject_of(row), changes=changes, person_id=user_id)
    emit_board_outdated(uow)
    return int(row.id)


def _complete(uow: UnitOfWork, row: DataRequest, text: str) -> Changes:
    """Add what was missing to a claim, and return what the audit log is told."""
    if row.state != NEEDS_INFORMATION:
        raise Conflict("Esta solicitud ya no espera información.")
    today: date = bogota_date(uow.now)
    changes = change_request(
        row,
        state=IN_PROGRESS if row.assignee_id else RECEIVED,
        counted_from=today,
        due_on=find_due_day(row.kind, today),
        warned_at=None,
    )
    record_event(uow, row, COMPLETED, text)
    emit_board_outdated(uow)
    return changes
