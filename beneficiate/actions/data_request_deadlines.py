"""The terms of requests about personal data: warnings before they end, and what becomes of those that have ended."""

from peewee import Expression

from beneficiate.actions import audit
from beneficiate.actions.account_emails import KEPT, queue_notice
from beneficiate.actions.board import emit_board_outdated
from beneficiate.actions.data_requests import change_request, record_event, subject_of
from beneficiate.domain.data_requests.lifecycle import (
    BREACHED,
    LAPSED,
    NEEDS_INFORMATION,
    WITHDRAWN,
)
from beneficiate.formatting import bogota_date
from beneficiate.models.account_emails import REQUEST_BREACHED, REQUEST_DUE, REQUEST_LAPSED
from beneficiate.models.base import lock_rows
from beneficiate.models.data_requests import DataRequest
from beneficiate.queries.data_requests import is_due_soon, is_overdue, list_supervisors
from beneficiate.unit_of_work import UnitOfWork

MAX_REQUESTS_PER_RUN = 50


def notice_due_requests(uow: UnitOfWork) -> int:
    """Warn supervisors of terms that end soon, record those that have ended, and end claims that nobody completed.

    Each once: the rows are claimed. At most 50 of each kind; returns how many there were in all.
    """
    today = bogota_date(uow.now)
    breached = _claim(is_overdue(today) & DataRequest.breached_at.is_null())
    for row in breached:
        row.breached_at = uow.now
        row.save(only=["breached_at"])
        record_event(uow, row, BREACHED)
        audit.record_act(uow, "requests.breach", subject_of(row), person_id=row.user_id)
    warned = _claim(is_due_soon(today) & DataRequest.warned_at.is_null())
    for row in warned:
        row.warned_at = uow.now
        row.save(only=["warned_at"])
    lapsed = _claim((DataRequest.state == NEEDS_INFORMATION) & (DataRequest.due_on < today))
    for row in lapsed:
        changes = change_request(row, state=WITHDRAWN, closed_at=uow.now)
        record_event(uow, row, LAPSED)
        queue_notice(uow, REQUEST_LAPSED, row.user_id, lifetime=KEPT)
        audit.record_act(uow, "requests.lapse", subject_of(row), changes=changes, person_id=row.user_id)
    _tell_supervisors(uow, breached, warned)
    found = len(breached) + len(warned) + len(lapsed)
    if found:
        emit_board_outdated(uow)
    return found


def _claim(condition: Expression) -> list[DataRequest]:
    """Lock the requests of a condition, which is examined again once another process has let go of them."""
    query = DataRequest.select().where(condition, DataRequest.closed_at.is_null()).order_by(DataRequest.id)
    return list(lock_rows(query.limit(MAX_REQUESTS_PER_RUN)))


def _tell_supervisors(uow: UnitOfWork, breached: list[DataRequest], warned: list[DataRequest]) -> None:
    """Let one e-mail of each kind be sent to each supervisor: of what has ended to all, else to who is in charge."""
    everybody = set(list_supervisors()) if breached or warned else set()
    concerned = [{row.assignee_id} & everybody or everybody for row in warned]
    for kind, user_ids in (
        (REQUEST_BREACHED, everybody if breached else set()),
        (REQUEST_DUE, set().union(*concerned)),
    ):
        for user_id in sorted(user_ids):
            queue_notice(uow, kind, user_id, lifetime=KEPT)
