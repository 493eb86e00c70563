"""Service levels: what is in force, the clocks of chats, and the working calendar that they run in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import JOIN, Expression, fn

from beneficiate.domain.service_levels.calendar import WorkingCalendar
from beneficiate.domain.service_levels.clocks import Clocks
from beneficiate.domain.service_levels.promises import PromisedTimes
from beneficiate.models.call_centre import QueueLock
from beneficiate.models.chats import Chat
from beneficiate.models.service_levels import ServiceLevel
from beneficiate.queries.business_hours import load_business_hours
from beneficiate.unit_of_work import UnitOfWork

CLOCK_COLUMNS = (
    "resolution_used_s",
    "response_due_at",
    "response_warn_at",
    "resolution_due_at",
    "resolution_warn_at",
    "alarm_at",
)
"""The columns of a chat that its clocks change."""
_PROMISE_COLUMNS = ("first_response_s", "next_response_s", "resolution_s", "warn_s")
CLOCK_NAMES = ("is_answered", *CLOCK_COLUMNS, *_PROMISE_COLUMNS)
"""What `read_clocks` reads, from chats and what they were promised: its names, as SQL, and as parts of a query."""
CLOCK_SQL = (
    "chats.replied_span = chats.span",
    *(f"chats.{column}" for column in CLOCK_COLUMNS),
    *(f"service_levels.{column}" for column in _PROMISE_COLUMNS),
)
CLOCK_FIELDS = (
    (Chat.replied_span == Chat.span).alias("is_answered"),
    *(getattr(Chat, column) for column in CLOCK_COLUMNS),
    *(getattr(ServiceLevel, column) for column in _PROMISE_COLUMNS),
)


@dataclass(frozen=True, slots=True)
class ChatPromises:
    """What a chat was promised, and its clocks."""

    promised: PromisedTimes
    clocks: Clocks


# Any: values as the database returns them.
def read_clocks(awaiting_since: datetime | str | None, row: Sequence[Any]) -> ChatPromises:
    """Return what the values of `CLOCK_NAMES` say of a chat. Instants are as the database returns them."""
    is_answered, used_s, *times = row[:7]
    instants = [_to_instant(at) for at in (awaiting_since, *times)]
    promised = PromisedTimes(row[7], row[8], row[9], row[10] or 0)
    return ChatPromises(promised, Clocks(instants[0], bool(is_answered), used_s, *instants[1:]))


def load_calendar(uow: UnitOfWork, revision: int | None = None) -> WorkingCalendar:
    """Return the working calendar of the business hours as they are now; `revision` is theirs, where it is known.

    It is read only when they have changed. The revision is read first: what is kept under it may be newer, never older.
    """
    if revision is None:
        revision = QueueLock.select(QueueLock.hours_revision).where(QueueLock.id == 1).scalar()
    known = uow.calendars.known
    if known is None or known[0] != revision:
        known = uow.calendars.known = (revision, WorkingCalendar(load_business_hours()))
    return known[1]


def load_levels_in_force() -> dict[int | None, ServiceLevel]:
    """Return what is in force for each topic by its id, and for all others by None; who inherits is left out."""
    newest = ServiceLevel.alias()
    last = newest.select(fn.MAX(newest.version)).where(
        fn.COALESCE(newest.topic, 0) == fn.COALESCE(ServiceLevel.topic, 0)
    )
    rows = ServiceLevel.select().where(ServiceLevel.version == last)
    return {row.topic_id: row for row in rows if not row.is_inherited}


def promised_times(level: ServiceLevel | None) -> PromisedTimes:
    """Return what a service level promises; without one, nothing."""
    if level is None:
        return PromisedTimes()
    return PromisedTimes(level.first_response_s, level.next_response_s, level.resolution_s, level.warn_s)


def load_clocks(condition: Expression) -> dict[int, ChatPromises]:
    """Return the clocks of the chats that meet a condition, by id and in its order, and what they were promised.

    Rows are read as tuples: as models of Peewee, those of 10,000 chats take seconds.
    """
    query = Chat.select(Chat.id, Chat.awaiting_since, *CLOCK_FIELDS).join(ServiceLevel, JOIN.LEFT_OUTER)
    rows = query.where(condition).order_by(Chat.id).tuples()
    return {row[0]: read_clocks(row[1], row[2:]) for row in rows}


def _to_instant(at: datetime | str | None) -> datetime | None:
    return datetime.fromisoformat(at) if isinstance(at, str) else at
