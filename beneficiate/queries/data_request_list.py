"""The supervisors' list of requests about personal data, and one of them with what may be done with it."""

from dataclasses import dataclass, replace
from datetime import date

from peewee import JOIN, Expression, fn

from beneficiate.domain.data_requests.fields import ANSWER, ASSIGNEE, DECISION, QUESTION, REASON, TEXT, UNTIL
from beneficiate.domain.data_requests.lifecycle import RequestState
from beneficiate.domain.data_requests.terms import (
    KINDS,
    count_working_days,
    day_before_term,
    find_latest_day,
)
from beneficiate.domain.dates import FIRST_DAY
from beneficiate.errors import InvalidForm
from beneficiate.formatting import bogota_date
from beneficiate.models.accounts import User
from beneficiate.models.data_requests import DataRequest
from beneficiate.protocol.envelope import MAX_ID
from beneficiate.queries import people
from beneficiate.queries.access import require_supervisor
from beneficiate.queries.administration import find_last_change
from beneficiate.queries.data_requests import (
    access_supervised_request,
    describe_request,
    is_due_soon,
    is_overdue,
    list_supervisors,
    read_state,
    summarize_request,
)
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.data_request_list import (
    ALL_TAB,
    CLOSED_TAB,
    DUE_FILTERS,
    DUE_SOON,
    OVERDUE,
    STATE_TABS,
    HandledRequest,
    Requester,
    RequestFilters,
    RequestList,
    RequestRow,
)
from beneficiate.views.edit_forms import SavedRow
from beneficiate.views.masking import lookup_kind
from beneficiate.views.member_panel import MemberContact

ROWS_PER_PAGE = 50
_CHANGES = ("requests.assign", "requests.ask", "requests.complete", "requests.extend", "requests.answer")
Assignee = User.alias()


@dataclass(frozen=True, slots=True)
class RequestPosition:
    """The place of a request in the list: the day on which its term ends, then its id."""

    due_on: date
    request_id: int

    def __str__(self) -> str:
        return f"{self.due_on:%Y%m%d}-{self.request_id}"


def check_filters(filters: RequestFilters) -> RequestPosition | None:
    """Return where the page begins, None for the first. Raises InvalidForm, by parameter."""
    wrong: dict[str, str] = {}
    if filters.tab not in STATE_TABS:
        wrong["estado"] = "Elija un estado de la lista."
    if filters.kind not in ("", *KINDS):
        wrong["tipo"] = "Elija un tipo de la lista."
    if filters.due not in DUE_FILTERS:
        wrong["plazo"] = "Elija un plazo de la lista."
    if filters.person.strip() and not lookup_kind(filters.person):
        wrong["persona"] = "Escriba al menos dos letras del nombre, o el documento."
    position = _parse_position(filters.after)
    if filters.after and position is None:
        wrong["despues"] = "Esa página no existe. Vuelva al comienzo de la lista."
    if wrong:
        raise InvalidForm(wrong)
    return position


def load_request_list(uow: UnitOfWork, filters: RequestFilters) -> RequestList:
    """Return 50 requests by the end of their term, that of the next first. Raises NotFound, InvalidForm."""
    require_supervisor(uow.actor)
    position, today = check_filters(filters), bogota_date(uow.now)
    query = DataRequest.select(DataRequest, User, Assignee).join(User, on=DataRequest.user)
    query = query.join_from(DataRequest, Assignee, JOIN.LEFT_OUTER, on=DataRequest.assignee, attr="assignee")
    for condition in _conditions(filters, position, today):
        query = query.where(condition)
    rows = list(query.order_by(DataRequest.due_on, DataRequest.id).limit(ROWS_PER_PAGE + 1))
    shown, open_count, late_count = rows[:ROWS_PER_PAGE], *count_open_requests(today)
    last = RequestPosition(shown[-1].due_on, shown[-1].id) if len(rows) > len(shown) else None
    found = [_describe_row(uow, row) for row in shown]
    return RequestList(filters, found, str(last) if last else "", open_count, late_count)


def count_open_requests(today: date) -> tuple[int, int]:
    """Return how many requests are open, and how many of those are late."""
    columns = fn.COUNT(DataRequest.id), fn.COUNT(DataRequest.id).filter(is_overdue(today))
    total, late = DataRequest.select(*columns).where(DataRequest.closed_at.is_null()).tuples().get()
    return total, late


def load_handled_request(uow: UnitOfWork, request_id: int) -> HandledRequest:
    """Return a request for a supervisor, with who made it, masked. Raises NotFound."""
    row = access_supervised_request(uow.actor, request_id)
    state, today = read_state(row), bogota_date(uow.now)
    return HandledRequest(
        detail=describe_request(uow, row),
        requester=Requester(
            user_id=row.user_id,
            name=row.user.name,
            contact=MemberContact.from_user(row.user).mask(),
            can_sign_in=row.user.is_active and bool(row.user.password_hash),
            filed_by=row.filed_by.name if row.filed_by else "",
        ),
        assignee=row.assignee.name if row.assignee else "",
        supervisors=list_supervisors(),
        latest_day=find_latest_day(row.kind, row.first_due_on or row.due_on),
        saved=_build_saved_row(row, state),
        no_question=state.explain_no_question(today),
        no_extension=state.explain_no_extension(today),
    )


def show_contact(handled: HandledRequest, contact: MemberContact) -> HandledRequest:
    """Return a request with the contact in full of who made it, which the caller has recorded."""
    return replace(handled, requester=replace(handled.requester, contact=contact))


def _build_saved_row(row: DataRequest, state: RequestState) -> SavedRow:
    values = {
        ASSIGNEE: str(row.assignee_id or ""),
        QUESTION: "",
        TEXT: "",
        REASON: "",
        UNTIL: f"{row.due_on if row.first_due_on else state.latest_day:%Y-%m-%d}",
        DECISION: row.decision,
        ANSWER: row.answer,
    }
    return SavedRow(values, row.version, find_last_change(f"request:{row.id}", *_CHANGES))


def _conditions(filters: RequestFilters, position: RequestPosition | None, today: date) -> list[Expression]:
    found = []
    if filters.tab != ALL_TAB:
        found.append(DataRequest.closed_at.is_null(filters.tab != CLOSED_TAB))
    if filters.kind:
        found.append(DataRequest.kind == filters.kind)
    if filters.due == OVERDUE:
        found.append(is_overdue(today))
    elif filters.due == DUE_SOON:
        found.append(is_due_soon(today))
    if filters.person.strip():
        found.append(DataRequest.user.in_(people.find_few_users(filters.person.strip(), "persona")))
    if position is not None:
        is_same_day = (DataRequest.due_on == position.due_on) & (DataRequest.id > position.request_id)
        found.append((DataRequest.due_on > position.due_on) | is_same_day)
    return found


def _describe_row(uow: UnitOfWork, row: DataRequest) -> RequestRow:
    before, until = day_before_term(row.kind, row.counted_from), bogota_date(row.closed_at or uow.now)
    return RequestRow(
        summary=summarize_request(uow, row),
        name=row.user.name,
        document=MemberContact.from_user(row.user).mask().document,
        assignee=row.assignee.name if row.assignee_id else "",
        used=count_working_days(before, until),
        total=count_working_days(before, row.due_on),
    )


def _parse_position(text: str) -> RequestPosition | None:
    day, _, number = text.partition("-")
    is_number = day.isascii() and day.isdecimal() and len(day) == 8 and number.isascii() and number.isdecimal()
    if not (is_number and len(number) < 11 and int(number) <= MAX_ID):
        return None
    try:
        due_on = date(int(day[:4]), int(day[4:6]), int(day[6:]))
    except ValueError:
        return None
    return RequestPosition(due_on, int(number)) if due_on >= FIRST_DAY else None
