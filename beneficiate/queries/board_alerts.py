"""What needs a supervisor: long waits, agents who were set away, payments and appointments without a decision."""

from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from peewee import Expression, Node, fn

from beneficiate.domain.booking.lifecycle import PENDING, TO_BE_CONFIRMED
from beneficiate.formatting import format_long_date, format_number
from beneficiate.models.accounts import User
from beneficiate.models.appointments import Appointment
from beneficiate.models.chats import CLOSED, SUPPORT, Chat
from beneficiate.models.payments import PaymentReview
from beneficiate.queries.board_topics import BoardTopic
from beneficiate.queries.board_waiting import IS_WAITING
from beneficiate.queries.data_request_alerts import load_request_alerts
from beneficiate.queries.metrics import start_of_day
from beneficiate.queries.rollups import load_rollup_state
from beneficiate.views.board import AgentRow, BoardAlert

LONG_WAIT = timedelta(minutes=3)
"""From here on a wait without a promise is too long."""


def load_alerts(now: datetime, agents: list[AgentRow], topic: BoardTopic, *, is_in_hours: bool) -> list[BoardAlert]:
    """Return the alerts of a topic and of these agents as of now, the most serious first.

    A wait is judged by what was promised. Where nothing was, a long one is said while we are open, and only there.

    Payments, appointments and requests about personal data have no topic: theirs are shown with every one, and so are
    words of an emergency.
    """
    alerts = _load_chat_alerts(now, topic.chat_conditions(), is_in_hours)
    alerts += [
        BoardAlert("danger", "wifi-off", f"{agent.name} quedó ausente.", f"{agent.reason}.", "", "", agent.since)
        for agent in agents
        if agent.is_set_away_since(start_of_day(now))
    ]
    return alerts + load_request_alerts(now) + _load_other_alerts(now) + _load_report_alerts()


def _load_report_alerts() -> list[BoardAlert]:
    """Return the alert about roll-ups that a check found to differ from their facts."""
    day = load_rollup_state().differing_day
    if day is None:
        return []
    text = f"Lo que se sumó del {format_long_date(day)} no corresponde con lo que se anotó. Avise a quien opera."
    return [BoardAlert("danger", "triangle-alert", "Los reportes no cuadran.", text, "", "")]


def _load_chat_alerts(now: datetime, conditions: list[Expression], is_in_hours: bool) -> list[BoardAlert]:
    """Return the alerts about words of an emergency, deadlines that have passed or come soon, and long waits."""
    is_open = (Chat.kind == SUPPORT) & (Chat.status != CLOSED)
    is_long = IS_WAITING & Chat.response_due_at.is_null() & (Chat.awaiting_since <= now - LONG_WAIT)
    is_late = (Chat.response_due_at < now) | (Chat.resolution_due_at < now)
    is_urgent = is_open & (Chat.urgent_span == Chat.span) & Chat.awaiting_since.is_null(False)
    is_soon = ((Chat.response_warn_at <= now) | (Chat.resolution_warn_at <= now)) & ~fn.COALESCE(is_late, False)
    due_at = fn.COALESCE(Chat.response_due_at, Chat.resolution_due_at)
    kinds = (
        ([is_urgent], Chat.awaiting_since, _URGENT),
        ([is_open & is_late, *conditions], due_at, _LATE),
        ([is_open & is_soon, *conditions], due_at, _SOON),
        *([([is_long, *conditions], Chat.awaiting_since, _LONG)] if is_in_hours else []),
    )
    return [
        alert for wanted, order, texts in kinds if (alert := _describe_chats(_find_first_chat(wanted, order), texts))
    ]


class _ChatAlert(NamedTuple):
    """How an alert is shown, and what it says of one chat and of several."""

    level: Literal["danger", "warn"]
    icon: str
    of_one: str
    of_several: str


_URGENT = _ChatAlert(
    "danger",
    "triangle-alert",
    "Un afiliado que espera escribió palabras de urgencia.",
    "afiliados que esperan escribieron palabras de urgencia.",
)
_LONG = _ChatAlert(
    "warn",
    "hourglass",
    "Una persona lleva más de 3 minutos en espera.",
    "personas llevan más de 3 minutos en espera.",
)
_LATE = _ChatAlert("danger", "triangle-alert", "Un chat está vencido.", "chats están vencidos.")
_SOON = _ChatAlert("warn", "hourglass", "Un chat está por vencer.", "chats están por vencer.")
FirstChat = tuple[int, int, str, str, datetime]
"""How many chats there are; of the first one the id, the first and the last name of its member, and the time."""


def _find_first_chat(conditions: list[Expression], order: Node) -> FirstChat | None:
    columns = (fn.COUNT(Chat.id).over(), Chat.id, User.first_name, User.last_name, order)
    query = Chat.select(*columns).join(User, on=Chat.user).where(*conditions).order_by(order, Chat.id)
    found: FirstChat | None = query.limit(1).tuples().first()
    return found


def _describe_chats(found: FirstChat | None, texts: _ChatAlert) -> BoardAlert | None:
    if found is None:
        return None
    count, chat_id, first_name, last_name, at = found
    name = f"{first_name} {last_name}"
    title = texts.of_one if count == 1 else f"{format_number(count)} {texts.of_several}"
    text = f"{name}." if count == 1 else f"Primero, {name}."
    return BoardAlert(texts.level, texts.icon, title, text, "Ver el chat", f"/agente?chat={chat_id}", at)


def _load_other_alerts(now: datetime) -> list[BoardAlert]:
    """Return the alerts about payments and appointments that wait for a decision."""
    alerts = []
    is_open = PaymentReview.resolved_at.is_null()
    reviews, since = (
        PaymentReview.select(fn.COUNT(PaymentReview.id), fn.MIN(PaymentReview.opened_at)).where(is_open).tuples().get()
    )
    if reviews:
        title = "Un pago espera" if reviews == 1 else f"{format_number(reviews)} pagos esperan"
        text = "Cobros dobles, valores distintos o anulaciones."
        alerts.append(
            BoardAlert("warn", "credit-card", f"{title} revisión.", text, "Revisar", "/supervisor/pagos", since)
        )
    is_due = Appointment.expires_at < start_of_day(now) + timedelta(days=1)
    due = Appointment.select().where(is_due, Appointment.status.in_([PENDING, TO_BE_CONFIRMED])).count()
    if due:
        title = "Una solicitud de cita vence" if due == 1 else f"{format_number(due)} solicitudes de cita vencen"
        text = "Nadie las ha atendido." if due > 1 else "Nadie la ha atendido."
        alerts.append(
            BoardAlert("warn", "calendar-clock", f"{title} hoy.", text, "Ver las solicitudes", "/agente/citas")
        )
    return alerts
