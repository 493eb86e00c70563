"""The kinds of alerts that count rows of a table: which rows these are, and what is said of one and of several."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from peewee import JOIN, Case, Expression, Field, ModelSelect, Node, fn

from beneficiate.domain.booking.lifecycle import PENDING, TO_BE_CONFIRMED
from beneficiate.domain.booking.presentation import APPOINTMENT_STATUS_NAMES
from beneficiate.domain.data_requests.presentation import KIND_NAMES, STATE_NAMES
from beneficiate.formatting import bogota_date, format_long_date
from beneficiate.models.accounts import Agent, User
from beneficiate.models.appointments import Appointment
from beneficiate.models.base import Row
from beneficiate.models.call_centre import Topic
from beneficiate.models.chats import CLOSED, SUPPORT, WAITING, Chat
from beneficiate.models.data_requests import DataRequest
from beneficiate.models.payments import Payment, PaymentReview
from beneficiate.models.professionals import Specialty
from beneficiate.queries.board_topics import BoardTopic
from beneficiate.queries.board_waiting import IS_WAITING
from beneficiate.queries.data_requests import is_due_soon, is_overdue
from beneficiate.queries.metrics import start_of_day
from beneficiate.views.board_alerts import AlertRow
from beneficiate.views.payment_reviews import review_name

LONG_WAIT = timedelta(minutes=3)
"""From here on a wait without a promise is too long."""
_IS_OPEN = (Chat.kind == SUPPORT) & (Chat.status != CLOSED)
_Staff = User.alias()
_PERSON = (User.first_name, User.last_name)


@dataclass(frozen=True, slots=True)
class AlertTable:
    """What alerts count rows of: `select` reads them with the moment that matters, `build` describes one."""

    key: Field
    select: Callable[[Node], ModelSelect]
    build: Callable[[Row], AlertRow]


@dataclass(frozen=True, slots=True)
class AlertKind:
    """An alert: how serious it is, what it says of one row and of several, what it leads to, and which rows it counts.

    `find` returns the conditions of the rows as of an instant, of a topic where they have one. `moment` is since or
    until when: the least comes first. Without a `text` it names the first person.
    """

    code: str
    level: Literal["danger", "warn"]
    icon: str
    of_one: str
    of_several: str
    action: str
    table: AlertTable
    moment: Node
    find: Callable[[datetime, BoardTopic], list[Expression]]
    text: str = ""


# ---- The tables ---------------------------------------------------------------------------------


def _select_chats(moment: Node) -> ModelSelect:
    columns = (Chat.id, *_PERSON, moment, Topic.name, Chat.status, _Staff.first_name, _Staff.last_name)
    query = Chat.select(*columns).join(User, on=Chat.user).switch(Chat).join(Topic, JOIN.LEFT_OUTER, on=Chat.topic)
    query = query.switch(Chat).join(Agent, JOIN.LEFT_OUTER, on=Chat.agent)
    return query.join(_Staff, JOIN.LEFT_OUTER, on=(Agent.user == _Staff.id))


def _build_chat(row: Row) -> AlertRow:
    chat_id, first, last, at, topic, status, agent_first, agent_last = row
    held = f"Con {agent_first} {agent_last}" if agent_first else "Abierto"
    state = {CLOSED: "Cerrado", WAITING: "En la fila"}.get(status, held)
    return AlertRow(chat_id, f"{first} {last}", at, topic or "Sin tema", state, f"/agente?chat={chat_id}")


def _select_reviews(moment: Node) -> ModelSelect:
    columns = (PaymentReview.id, *_PERSON, moment, PaymentReview.kind, PaymentReview.resolved_at, Payment.id)
    return PaymentReview.select(*columns).join(Payment).join(User, on=Payment.user)


def _build_review(row: Row) -> AlertRow:
    review_id, first, last, at, kind, resolved_at, payment_id = row
    state = "Resuelta" if resolved_at else "Sin resolver"
    return AlertRow(review_id, f"{first} {last}", at, review_name(kind), state, f"/supervisor/pagos/{payment_id}")


def _select_appointments(moment: Node) -> ModelSelect:
    query = Appointment.select(Appointment.id, *_PERSON, moment, Specialty.name, Appointment.status)
    return query.join(User, on=Appointment.user).switch(Appointment).join(Specialty)


def _build_appointment(row: Row) -> AlertRow:
    appointment_id, first, last, at, specialty, status = row
    address = f"/agente/citas?cita={appointment_id}"
    return AlertRow(appointment_id, f"{first} {last}", at, specialty, APPOINTMENT_STATUS_NAMES[status], address)


def _select_requests(moment: Node) -> ModelSelect:
    query = DataRequest.select(DataRequest.id, *_PERSON, moment, DataRequest.kind, DataRequest.state)
    return query.join(User, on=DataRequest.user)


def _build_request(row: Row) -> AlertRow:
    request_id, first, last, due_on, kind, state = row
    about = f"{KIND_NAMES[kind]}: vence el {format_long_date(due_on)}"
    address = f"/supervisor/solicitudes/{request_id}"
    return AlertRow(request_id, f"{first} {last}", None, about, STATE_NAMES[state], address)


_CHATS = AlertTable(Chat.id, _select_chats, _build_chat)
_REVIEWS = AlertTable(PaymentReview.id, _select_reviews, _build_review)
_APPOINTMENTS = AlertTable(Appointment.id, _select_appointments, _build_appointment)
_REQUESTS = AlertTable(DataRequest.id, _select_requests, _build_request)


# ---- Which rows ---------------------------------------------------------------------------------


def _find_urgent(_: datetime, __: BoardTopic) -> list[Expression]:
    """Words of an emergency are shown with every topic."""
    return [_IS_OPEN, Chat.urgent_span == Chat.span, Chat.awaiting_since.is_null(False)]


def _is_late(now: datetime) -> Expression:
    return (Chat.response_due_at < now) | (Chat.resolution_due_at < now)


def _find_late(now: datetime, topic: BoardTopic) -> list[Expression]:
    return [_IS_OPEN, _is_late(now), *topic.chat_conditions()]


def _find_soon(now: datetime, topic: BoardTopic) -> list[Expression]:
    is_warned = (Chat.response_warn_at <= now) | (Chat.resolution_warn_at <= now)
    return [_IS_OPEN, is_warned & ~fn.COALESCE(_is_late(now), False), *topic.chat_conditions()]


def _find_long(now: datetime, topic: BoardTopic) -> list[Expression]:
    is_long = Chat.response_due_at.is_null() & (Chat.awaiting_since <= now - LONG_WAIT)
    return [IS_WAITING, is_long, *topic.chat_conditions()]


def _find_overdue_requests(now: datetime, _: BoardTopic) -> list[Expression]:
    return [DataRequest.closed_at.is_null(), is_overdue(bogota_date(now))]


def _find_requests_due_soon(now: datetime, _: BoardTopic) -> list[Expression]:
    return [DataRequest.closed_at.is_null(), is_due_soon(bogota_date(now))]


def _find_reviews(_: datetime, __: BoardTopic) -> list[Expression]:
    return [PaymentReview.resolved_at.is_null()]


def _find_due_appointments(now: datetime, _: BoardTopic) -> list[Expression]:
    is_due = Appointment.expires_at < start_of_day(now) + timedelta(days=1)
    return [is_due, Appointment.status.in_([PENDING, TO_BE_CONFIRMED])]


_RESOLUTION_IS_FIRST = Chat.response_due_at.is_null() | (Chat.resolution_due_at < Chat.response_due_at)
_FIRST_DUE = fn.COALESCE(
    Case(None, [(_RESOLUTION_IS_FIRST, Chat.resolution_due_at)], Chat.response_due_at), Chat.response_due_at
).python_value(Chat.response_due_at.python_value)
URGENT = AlertKind(
    "urgent",
    "danger",
    "triangle-alert",
    "Un afiliado que espera escribió palabras de urgencia.",
    "afiliados que esperan escribieron palabras de urgencia.",
    "Ver el chat",
    _CHATS,
    Chat.awaiting_since,
    _find_urgent,
)
LATE = AlertKind(
    "late",
    "danger",
    "triangle-alert",
    "Un chat está vencido.",
    "chats están vencidos.",
    "Ver el chat",
    _CHATS,
    _FIRST_DUE,
    _find_late,
)
SOON = AlertKind(
    "soon",
    "warn",
    "hourglass",
    "Un chat está por vencer.",
    "chats están por vencer.",
    "Ver el chat",
    _CHATS,
    _FIRST_DUE,
    _find_soon,
)
LONG = AlertKind(
    "long",
    "warn",
    "hourglass",
    "Una persona lleva más de 3 minutos en espera.",
    "personas llevan más de 3 minutos en espera.",
    "Ver el chat",
    _CHATS,
    Chat.awaiting_since,
    _find_long,
)
LATE_REQUESTS = AlertKind(
    "late_requests",
    "danger",
    "triangle-alert",
    "Una solicitud de datos está vencida.",
    "solicitudes de datos están vencidas.",
    "Ver la solicitud",
    _REQUESTS,
    DataRequest.due_on,
    _find_overdue_requests,
)
SOON_REQUESTS = AlertKind(
    "soon_requests",
    "warn",
    "hourglass",
    "Una solicitud de datos está por vencer.",
    "solicitudes de datos están por vencer.",
    "Ver la solicitud",
    _REQUESTS,
    DataRequest.due_on,
    _find_requests_due_soon,
)
REVIEWS = AlertKind(
    "reviews",
    "warn",
    "credit-card",
    "Un pago espera revisión.",
    "revisiones de pagos esperan.",
    "Revisar",
    _REVIEWS,
    PaymentReview.opened_at,
    _find_reviews,
    "Cobros dobles, valores distintos o anulaciones.",
)
DUE_APPOINTMENTS = AlertKind(
    "due_appointments",
    "warn",
    "calendar-clock",
    "Una solicitud de cita vence hoy.",
    "solicitudes de cita vencen hoy.",
    "Ver la solicitud",
    _APPOINTMENTS,
    Appointment.expires_at,
    _find_due_appointments,
    "Sin atender todavía.",
)
ALERT_KINDS = {
    kind.code: kind for kind in (URGENT, LATE, SOON, LONG, LATE_REQUESTS, SOON_REQUESTS, REVIEWS, DUE_APPOINTMENTS)
}
