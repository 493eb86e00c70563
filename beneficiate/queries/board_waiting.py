"""Who waits, on the supervisors' board: the longest wait, the first of the queue, and when the next is too long."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import JOIN, Expression, fn

from beneficiate.domain.assignment.wait_estimate import estimate_wait
from beneficiate.domain.assignment.waiting_reason import AgentRoom, explain_wait
from beneficiate.domain.service_levels.calendar import WorkingCalendar
from beneficiate.models.accounts import User
from beneficiate.models.base import Row
from beneficiate.models.call_centre import Topic
from beneficiate.models.chats import SUPPORT, WAITING, Chat
from beneficiate.models.professionals import Township
from beneficiate.queries.assignment import (
    QUEUE_ORDER,
    count_unanswered_by_agent,
    load_recent_durations,
    select_binding_topic,
)
from beneficiate.queries.board_deadlines import load_answer_deadlines
from beneficiate.queries.board_steps import BoardSteps
from beneficiate.queries.board_topics import BoardTopic
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.board import AgentRow, Wait, WaitingRow, build_wait
from beneficiate.views.deadlines import ChatDeadline

MAX_WAITING_SHOWN = 50
IS_WAITING = (Chat.kind == SUPPORT) & (Chat.status == WAITING)


@dataclass(frozen=True, slots=True)
class WaitContext:
    """What says why a chat waits: the agents who take chats now, when we open, if we are closed, and our calendar."""

    takers: list[AgentRow]
    closed: str
    calendar: WorkingCalendar


def find_next_late(now: datetime, limit: timedelta, topic: BoardTopic) -> datetime | None:
    """Return when the next of those who wait without a promise will have waited so long; None for nobody."""
    is_not_yet = Chat.response_due_at.is_null() & (Chat.awaiting_since > now - limit)
    first = Chat.select(fn.MIN(Chat.awaiting_since)).where(IS_WAITING, is_not_yet, *topic.chat_conditions()).scalar()
    return None if first is None else first + limit


def load_waits(
    uow: UnitOfWork, context: WaitContext, steps: BoardSteps, topic: BoardTopic
) -> tuple[Wait | None, list[WaitingRow]]:
    """Return the longest wait, None for nobody, and the first of those who wait, each with its place among all."""
    rows, longest = _load_first(topic.chat_conditions()), steps.find_longest(topic)
    chat_ids = {row[1] for row in rows} | ({longest.chat_id} if longest and longest.chat_id else set())
    due = load_answer_deadlines(chat_ids, context.calendar, uow.now) if chat_ids else {}
    waiting = _build_rows(uow, context, rows, due) if rows else []
    if longest is None or longest.chat_id is None:
        return None, waiting
    return build_wait(uow.now - timedelta(seconds=longest.measure_s or 0), due.get(longest.chat_id)), waiting


def _build_rows(
    uow: UnitOfWork, context: WaitContext, rows: list[Row], due: Mapping[int, ChatDeadline]
) -> list[WaitingRow]:
    rooms, durations = _load_rooms(uow, context.takers), load_recent_durations()
    capacity = sum(agent.capacity for agent in context.takers)
    waiting = []
    for place, chat_id, topic_id, since, first, last, township, topic_name in rows:
        left = estimate_wait(place, durations, capacity)
        waiting.append(
            WaitingRow(
                place=place,
                chat_id=chat_id,
                name=f"{first} {last}",
                township=township or "",
                topic=topic_name or "",
                wait=build_wait(since, due.get(chat_id)),
                minutes_left=None if left is None else max(1, round(left / timedelta(minutes=1))),
                reason=explain_wait(topic_id, topic_name or "", rooms, context.closed),
            )
        )
    return waiting


def _load_first(conditions: Iterable[Expression]) -> list[Row]:
    place = fn.ROW_NUMBER().over(order_by=QUEUE_ORDER).alias("place")
    placed = Chat.select(Chat.id, place).where(IS_WAITING).alias("placed")
    columns = (
        placed.c.place,
        Chat.id,
        select_binding_topic(),
        Chat.awaiting_since,
        User.first_name,
        User.last_name,
        Township.name,
        Topic.name,
    )
    query = (
        Chat.select(*columns)
        .join(placed, on=(placed.c.id == Chat.id))
        .switch(Chat)
        .join(User, on=Chat.user)
        .join(Township, JOIN.LEFT_OUTER, on=User.township)
        .switch(Chat)
        .join(Topic, JOIN.LEFT_OUTER, on=Chat.topic)
        .where(IS_WAITING, *conditions)
        .order_by(placed.c.place)
        .limit(MAX_WAITING_SHOWN)
    )
    return list(query.tuples())


def _load_rooms(uow: UnitOfWork, takers: list[AgentRow]) -> list[AgentRoom]:
    agent_ids = [agent.agent_id for agent in takers]
    unanswered = count_unanswered_by_agent(agent_ids)
    return [
        AgentRoom(
            topics=agent.topic_ids,
            is_full=agent.load >= agent.capacity,
            must_reply_first=unanswered.get(agent.agent_id, 0) >= uow.rules.unanswered_chats,
        )
        for agent in takers
    ]
