"""What needs a supervisor: long waits, agents who were set away, payments and appointments without a decision."""

from dataclasses import dataclass, replace
from datetime import datetime

from peewee import ModelSelect, fn

from beneficiate.domain.service_levels.calendar import WorkingCalendar
from beneficiate.errors import NotFound
from beneficiate.formatting import format_long_date, format_number
from beneficiate.models.base import read_snapshot
from beneficiate.queries.alert_kinds import (
    ALERT_KINDS,
    DUE_APPOINTMENTS,
    LATE,
    LATE_REQUESTS,
    LONG,
    REVIEWS,
    SOON,
    SOON_REQUESTS,
    URGENT,
    AlertKind,
)
from beneficiate.queries.board_deadlines import load_deadlines
from beneficiate.queries.board_topics import BoardTopic, find_board_topic
from beneficiate.queries.metrics import start_of_day
from beneficiate.queries.rollups import load_rollup_state
from beneficiate.queries.service_levels import load_calendar
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.avatars import describe_actor
from beneficiate.views.board import AgentRow, BoardAlert, build_board_address
from beneficiate.views.board_alerts import AlertListOverview, AlertRow, build_alert_address

MAX_ADDRESS_ROWS = 500
"""So many rows an address names, with 4 kB; those of an alert with more are counted again when it is opened."""
ROWS_PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class AlertListQuery:
    """The rows that an alert of a topic counted at an instant, in its order; without any, those that it counts now."""

    kind: str
    at: datetime
    row_ids: tuple[int, ...] = ()
    topic: str = ""
    page: int = 1


def load_alerts(
    now: datetime, agents: list[AgentRow], topic: BoardTopic, calendar: WorkingCalendar, *, is_in_hours: bool
) -> list[BoardAlert]:
    """Return the alerts of a topic and of these agents as of now, the most serious first.

    A wait is judged by what was promised. Where nothing was, a long one is said while we are open, and only there.

    Payments, appointments and requests about personal data have no topic: theirs are shown with every one, and so are
    words of an emergency.
    """
    kinds = (URGENT, LATE, SOON, *([LONG] if is_in_hours else []))
    of_chats = _load_counted(kinds, now, topic, calendar)
    of_agents = [
        BoardAlert("danger", "wifi-off", f"{agent.name} quedó ausente.", f"{agent.reason}.", "", "", agent.since)
        for agent in agents
        if agent.is_set_away_since(start_of_day(now))
    ]
    others = _load_counted((LATE_REQUESTS, SOON_REQUESTS, REVIEWS, DUE_APPOINTMENTS), now, topic, calendar)
    return of_chats + of_agents + others + _load_report_alerts()


def load_alert_list(uow: UnitOfWork, query: AlertListQuery) -> AlertListOverview:
    """Return a page of the rows that an alert counted. Raises NotFound for an alert or a topic that does not exist."""
    kind, topic = ALERT_KINDS.get(query.kind), find_board_topic(query.topic)
    if kind is None or len(query.row_ids) > MAX_ADDRESS_ROWS:
        raise NotFound
    start = (query.page - 1) * ROWS_PER_PAGE
    with read_snapshot():
        if query.row_ids:
            total, rows = len(query.row_ids), _load_named(kind, query.row_ids[start : start + ROWS_PER_PAGE])
        else:
            found = _select(kind, uow.now, topic)
            total, rows = found.count(), _build(kind, found.limit(ROWS_PER_PAGE).offset(start))
        rows = _explain(kind, rows, load_calendar(uow), uow.now)
    return AlertListOverview(
        me=describe_actor(uow.actor),
        title=_say_how_many(kind, total),
        at=min(query.at, uow.now) if query.row_ids else uow.now,
        rows=rows,
        total=total,
        is_of_now=not query.row_ids,
        page=query.page,
        has_more=start + len(rows) < total,
        address=build_alert_address(kind.code, query.at, query.row_ids, query.topic),
        board_address=build_board_address(topic.code),
        topic_name=topic.name,
    )


def _load_counted(
    kinds: tuple[AlertKind, ...], now: datetime, topic: BoardTopic, calendar: WorkingCalendar
) -> list[BoardAlert]:
    """Return the alerts of these kinds that count any rows."""
    alerts = []
    for kind in kinds:
        query = _select(kind, now, topic).select_extend(fn.COUNT(kind.table.key).over()).limit(MAX_ADDRESS_ROWS)
        found = list(query.tuples())
        if found:
            rows, total = [kind.table.build(row) for *row, _ in found], found[0][-1]
            first = _explain(kind, rows[:1], calendar, now)
            alerts.append(_describe(kind, first + rows[1:], total, now, topic))
    return alerts


def _explain(kind: AlertKind, rows: list[AlertRow], calendar: WorkingCalendar, now: datetime) -> list[AlertRow]:
    """Return the rows with how the deadlines were counted that the alert is about."""
    if kind not in (LATE, SOON) or not rows:
        return rows
    due = load_deadlines([row.row_id for row in rows], calendar, now)
    return [replace(row, explanation=due[row.row_id].explanation if row.row_id in due else "") for row in rows]


def _describe(kind: AlertKind, rows: list[AlertRow], total: int, now: datetime, topic: BoardTopic) -> BoardAlert:
    first, title = rows[0], _say_how_many(kind, total)
    if total == 1:
        text, action, address = kind.text or f"{first.person}.", kind.action, first.address
    else:
        text, action = kind.text or f"Primero, {first.person}.", "Ver la lista"
        row_ids = tuple(row.row_id for row in rows) if total <= MAX_ADDRESS_ROWS else ()
        address = build_alert_address(kind.code, now, row_ids, topic.code)
    return BoardAlert(kind.level, kind.icon, title, text, action, address, first.at, first.explanation)


def _say_how_many(kind: AlertKind, total: int) -> str:
    return kind.of_one if total == 1 else f"{format_number(total)} {kind.of_several}"


def _select(kind: AlertKind, now: datetime, topic: BoardTopic) -> ModelSelect:
    query = kind.table.select(kind.moment).where(*kind.find(now, topic))
    return query.order_by(kind.moment, kind.table.key)


def _build(kind: AlertKind, query: ModelSelect) -> list[AlertRow]:
    return [kind.table.build(row) for row in query.tuples()]


def _load_named(kind: AlertKind, row_ids: tuple[int, ...]) -> list[AlertRow]:
    """Return these rows in their order; those that are gone have nothing but their number."""
    found = _build(kind, kind.table.select(kind.moment).where(kind.table.key.in_(row_ids)))
    by_id = {row.row_id: row for row in found}
    return [by_id.get(row_id) or AlertRow(row_id) for row_id in row_ids]


def _load_report_alerts() -> list[BoardAlert]:
    """Return the alert about roll-ups that a check found to differ from their facts."""
    day = load_rollup_state().differing_day
    if day is None:
        return []
    text = f"Lo que se sumó del {format_long_date(day)} no corresponde con lo que se anotó. Avise a quien opera."
    return [BoardAlert("danger", "triangle-alert", "Los reportes no cuadran.", text, "", "")]
