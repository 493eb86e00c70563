"""Requests about personal data: whose they are, and how they are shown to their person and to the staff."""

from datetime import date

from peewee import Expression, ModelSelect

from beneficiate.domain.data_requests.explanation import describe_distance, explain_term
from beneficiate.domain.data_requests.lifecycle import ASKED, COUNTING_STATES, FILED, NEEDS_INFORMATION, RequestState
from beneficiate.domain.data_requests.presentation import format_request_number
from beneficiate.domain.data_requests.terms import KINDS, find_due_day, find_warning_day
from beneficiate.errors import NotFound
from beneficiate.formatting import bogota_date
from beneficiate.models.accounts import ACTIVE_STAFF, Supervisor, User
from beneficiate.models.base import lock_rows
from beneficiate.models.data_requests import DataRequest, DataRequestEvent
from beneficiate.queries.access import access_support_chat, require_supervisor
from beneficiate.unit_of_work import Actor, UnitOfWork
from beneficiate.views.data_request_list import FiledRequest, FiledRequestList
from beneficiate.views.data_requests import OwnRequestList, RequestDetail, RequestEvent, RequestSummary

REQUESTS_PER_PAGE = 20
MAX_EVENTS = 200
NO_REQUEST = "No encontramos esa solicitud."


def access_own_request(actor: Actor, request_id: int, *, lock: bool = False) -> DataRequest:
    """Return a request of the actor. Raises NotFound for anybody else's, for the staff too."""
    return _find(request_id, DataRequest.user == actor.user_id, lock=lock)


def access_supervised_request(actor: Actor, request_id: int, *, lock: bool = False) -> DataRequest:
    """Return any request, for supervisors. Raises NotFound."""
    require_supervisor(actor)
    return _find(request_id, lock=lock)


def list_supervisors() -> dict[int, str]:
    """Return the names of the active supervisors by user id, in their order."""
    query = User.select(User.id, User.first_name, User.last_name).join(Supervisor)
    active = query.where(Supervisor.status == ACTIVE_STAFF, User.is_active)
    return {id_: f"{first} {last}" for id_, first, last in active.order_by(User.first_name, User.id).tuples()}


def read_state(row: DataRequest) -> RequestState:
    """Return what the rules need to know of a request."""
    was_asked, was_extended = row.asked_at is not None, row.first_due_on is not None
    return RequestState(row.kind, row.state, row.counted_from, row.due_on, was_asked, was_extended)


def find_new_due_days(uow: UnitOfWork) -> dict[str, date]:
    """Return until when a request of each kind is answered that is filed now."""
    today = bogota_date(uow.now)
    return {kind: find_due_day(kind, today) for kind in KINDS}


def list_own_requests(uow: UnitOfWork, before: int | None = None) -> OwnRequestList:
    """Return the requests of the actor, the newest first, 20 at a time; `before` is the last of a page."""
    query = DataRequest.select().where(DataRequest.user == uow.actor.user_id)
    rows = list(_page(query, before))
    shown = [summarize_request(uow, row) for row in rows[:REQUESTS_PER_PAGE]]
    return OwnRequestList(shown, shown[-1].id if len(rows) > len(shown) else None, is_first=before is None)


def load_own_request(uow: UnitOfWork, request_id: int) -> RequestDetail:
    """Return a request of the actor with its history. Raises NotFound for anybody else's, for the staff too."""
    return describe_request(uow, access_own_request(uow.actor, request_id))


def list_filed_requests(uow: UnitOfWork, query: tuple[int | None, int | None]) -> FiledRequestList:
    """Return what the actor has filed for members, the newest first: (last of the page before, filed just now).

    Their text is what the actor typed; of the answer nothing is shown, which may tell of somebody's health.
    """
    before, new_id = query
    mine = DataRequest.select(DataRequest, User).join(User, on=DataRequest.user)
    mine = mine.where(DataRequest.filed_by == uow.actor.user_id)
    rows = list(_page(mine, before))
    shown = [_describe_filed(uow, row) for row in rows[:REQUESTS_PER_PAGE]]
    new = mine.where(DataRequest.id == new_id).first() if new_id is not None else None
    return FiledRequestList(
        requests=shown,
        before=shown[-1].summary.id if len(rows) > len(shown) else None,
        is_first=before is None,
        new=_describe_filed(uow, new) if new else None,
    )


def find_member_name(uow: UnitOfWork, chat_id: int) -> str:
    """Return the name of the member of a support chat, for the staff. Raises NotFound."""
    return str(User.get_by_id(access_support_chat(uow.actor, chat_id).user_id).name)


def summarize_request(uow: UnitOfWork, row: DataRequest) -> RequestSummary:
    """Return the summary of a request as of now."""
    state, today = read_state(row), bogota_date(uow.now)
    return RequestSummary(
        id=row.id,
        number=format_request_number(row.id, bogota_date(row.received_at).year),
        kind=row.kind,
        subject=row.subject,
        state=row.state,
        received_at=row.received_at,
        due_on=row.due_on,
        closed_at=row.closed_at,
        distance=describe_distance(state, today) if state.is_counting else "",
        is_late=state.is_counting and row.due_on < today,
        is_close=state.is_counting and today <= row.due_on <= find_warning_day(today),
    )


def is_overdue(today: date) -> Expression:
    """Return the condition for requests whose term runs and has ended before a day."""
    return DataRequest.state.in_(COUNTING_STATES) & (DataRequest.due_on < today)


def is_due_soon(today: date) -> Expression:
    """Return the condition for requests whose term runs and ends within the days of the warning, from a day on."""
    return DataRequest.state.in_(COUNTING_STATES) & DataRequest.due_on.between(today, find_warning_day(today))


def describe_request(uow: UnitOfWork, row: DataRequest) -> RequestDetail:
    """Return a request with its history and how its term was counted, which stops when it is closed."""
    events = list(DataRequestEvent.select().where(DataRequestEvent.request == row.id).order_by(DataRequestEvent.id))
    asked = [event.text for event in events if event.kind == ASKED]
    until, received_on = bogota_date(row.closed_at or uow.now), bogota_date(row.received_at)
    return RequestDetail(
        summary=summarize_request(uow, row),
        text=row.text,
        decision=row.decision,
        answer=row.answer,
        term=explain_term(read_state(row), row.first_due_on or row.due_on, received_on, until),
        events=[_describe_event(event) for event in events[:MAX_EVENTS]],
        question=asked[-1] if asked and row.state == NEEDS_INFORMATION else "",
    )


def _describe_event(event: DataRequestEvent) -> RequestEvent:
    by_staff = event.actor_role in ("agent", "supervisor")
    who = event.actor_name if by_staff else "por «Mi cuenta»" if event.kind == FILED else ""
    return RequestEvent(event.kind, event.at, who, event.text)


def _describe_filed(uow: UnitOfWork, row: DataRequest) -> FiledRequest:
    return FiledRequest(summarize_request(uow, row), row.user.name, row.text)


def _page(query: ModelSelect, before: int | None) -> ModelSelect:
    page = query.order_by(DataRequest.id.desc()).limit(REQUESTS_PER_PAGE + 1)
    return page if before is None else page.where(DataRequest.id < before)


def _find(request_id: int, *conditions: object, lock: bool) -> DataRequest:
    query = DataRequest.select().where(DataRequest.id == request_id, *conditions)
    row: DataRequest | None = (lock_rows(query) if lock else query).first()
    if row is None:
        raise NotFound(NO_REQUEST)
    return row
