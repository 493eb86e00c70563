"""What needs a supervisor: long waits, agents who were set away, payments and appointments without a decision."""

from datetime import datetime, timedelta
from typing import NamedTuple

from peewee import Expression, fn

from beneficiate.domain.booking.lifecycle import PENDING, TO_BE_CONFIRMED
from beneficiate.formatting import format_long_date, format_number
from beneficiate.models.accounts import User
from beneficiate.models.appointments import Appointment
from beneficiate.models.chats import CLOSED, SUPPORT, Chat
from beneficiate.models.payments import PaymentReview
from beneficiate.queries.metrics import start_of_day
from beneficiate.queries.rollups import load_rollup_state
from beneficiate.views.board import AgentRow, BoardAlert, WaitingRow

LONG_WAIT = timedelta(minutes=3)
"""From here on a wait is too long; as static/src/desk/waiting-times.js has it."""


def load_alerts(now: datetime, waiting: list[WaitingRow], agents: list[AgentRow]) -> list[BoardAlert]:
    """Return the alerts as of now, the most serious first."""
    alerts = []
    late = [row for row in waiting if now - row.since >= LONG_WAIT]
    if late:
        title = "Una persona lleva" if len(late) == 1 else f"{format_number(len(late))} personas llevan"
        first = min(late, key=lambda row: row.since)
        alerts.append(
            BoardAlert(
                "danger",
                "triangle-alert",
                f"{title} más de 3 minutos en espera.",
                first.name if len(late) == 1 else f"{first.name} es quien más ha esperado.",
                "Ver el chat",
                f"/agente?chat={first.chat_id}",
                first.since,
            )
        )
    alerts += _load_deadline_alerts(now)
    alerts += [
        BoardAlert("danger", "wifi-off", f"{agent.name} quedó ausente.", f"{agent.reason}.", "", "", agent.since)
        for agent in agents
        if agent.is_set_away_since(start_of_day(now))
    ]
    return alerts + _load_other_alerts(now) + _load_report_alerts()


def _load_report_alerts() -> list[BoardAlert]:
    """Return the alert about roll-ups that a check found to differ from their facts."""
    day = load_rollup_state().differing_day
    if day is None:
        return []
    text = f"Lo que se sumó del {format_long_date(day)} no corresponde con lo que se anotó. Avise a quien opera."
    return [BoardAlert("danger", "triangle-alert", "Los reportes no cuadran.", text, "", "")]


def _load_deadline_alerts(now: datetime) -> list[BoardAlert]:
    """Return the alerts about chats whose deadline has passed, and about those of which we have warned."""
    is_open = (Chat.kind == SUPPORT) & (Chat.status != CLOSED)
    is_late = (Chat.response_due_at < now) | (Chat.resolution_due_at < now)
    is_soon = ((Chat.response_warn_at <= now) | (Chat.resolution_warn_at <= now)) & ~fn.COALESCE(is_late, False)
    late = _find_due(is_open & is_late, ("Un chat está vencido.", "chats están vencidos."), now)
    soon = _find_due(is_open & is_soon, ("Un chat está por vencer.", "chats están por vencer."), now)
    alerts = [BoardAlert("danger", "triangle-alert", *late)] if late else []
    return alerts + ([BoardAlert("warn", "hourglass", *soon)] if soon else [])


class _DueChats(NamedTuple):
    """What an alert says of several chats: the rest of a `BoardAlert` after its icon."""

    title: str
    text: str
    action: str
    address: str
    at: datetime


def _find_due(condition: Expression, titles: tuple[str, str], now: datetime) -> _DueChats | None:
    due_at = fn.COALESCE(Chat.response_due_at, Chat.resolution_due_at)
    columns = (fn.COUNT(Chat.id).over(), Chat.id, User.first_name, User.last_name, due_at)
    first = Chat.select(*columns).join(User, on=Chat.user).where(condition).order_by(due_at, Chat.id).limit(1)
    row = first.tuples().first()
    if row is None:
        return None
    count, chat_id, first_name, last_name, at = row
    name = f"{first_name} {last_name}"
    title, text = (
        (titles[0], f"{name}.") if count == 1 else (f"{format_number(count)} {titles[1]}", f"Primero, {name}.")
    )
    return _DueChats(title, text, "Ver el chat", f"/agente?chat={chat_id}", at)


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
