"""The spans of chats that began in the period of a report, part by part, the oldest first."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from peewee import Expression

from beneficiate.domain import facts
from beneficiate.domain.metrics.metric import Scope
from beneficiate.models.base import Row
from beneficiate.models.call_centre import Topic
from beneficiate.models.facts import Fact
from beneficiate.queries.metrics import FactSelection, fact_conditions
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.report_spans import SpanRow

SPANS_PER_SLICE = 500
"""Spans read at a time: between two slices others have their turn."""
_BEGINNINGS = (facts.OPENED, facts.REOPENED)
_STEPS = (facts.ASSIGNED, facts.FIRST_REPLY, facts.CLOSED, facts.RATED)
SpanKey = tuple[int, int]


@dataclass(frozen=True, slots=True)
class SpanSlice:
    """Which spans: those of a selection after a position, the time and id of the fact with which one began."""

    selection: FactSelection
    after: tuple[datetime, int] | None = None


@dataclass(frozen=True, slots=True)
class SpanRows:
    """Rows, and the position from which the next go on; None when there are no more."""

    rows: list[SpanRow]
    last: tuple[datetime, int] | None


def load_span_rows(uow: UnitOfWork, part: SpanSlice) -> SpanRows:
    """Return the next spans. Of one agent, those that were theirs last."""
    begun = _load_beginnings(part)
    steps = _load_steps({row[2] for row in begun}, part.selection.until)
    names = dict(Topic.select(Topic.code, Topic.name).tuples())
    agent_id = part.selection.agent_id
    rows = [_build_row(row, steps.get((row[2], row[3] or 1), []), names) for row in begun]
    last = (begun[-1][0], begun[-1][1]) if len(begun) == SPANS_PER_SLICE else None
    return SpanRows([row for row in rows if agent_id in (None, row.agent_id)], last)


def _load_beginnings(part: SpanSlice) -> list[Row]:
    of_all = FactSelection(part.selection.starts_at, part.selection.until, None, part.selection.topic)
    conditions = [*fact_conditions(Scope.PERIOD, of_all), *_after(part.after)]
    found: list[Row] = []
    for kind in _BEGINNINGS:
        query = Fact.select(Fact.at, Fact.id, Fact.chat_id, Fact.span, Fact.topic).where(Fact.kind == kind, *conditions)
        found += list(query.order_by(Fact.at, Fact.id).limit(SPANS_PER_SLICE).tuples())
    return sorted(found, key=lambda row: (row[0], row[1]))[:SPANS_PER_SLICE]


def _after(position: tuple[datetime, int] | None) -> list[Expression]:
    if position is None:
        return []
    at, fact_id = position
    return [(Fact.at >= at) & ((Fact.at > at) | (Fact.id > fact_id))]


def _load_steps(chat_ids: set[int], until: datetime) -> dict[SpanKey, list[Row]]:
    columns = (Fact.chat_id, Fact.span, Fact.kind, Fact.detail, Fact.duration_s, Fact.value)
    query = Fact.select(*columns, Fact.agent_id, Fact.agent_name, Fact.agent_code)
    is_theirs = Fact.chat_id.in_(sorted(chat_ids)) & Fact.kind.in_(_STEPS) & (Fact.at <= until)
    steps: dict[SpanKey, list[Row]] = defaultdict(list)
    for row in query.where(is_theirs).order_by(Fact.id).tuples():
        steps[row[0], row[1] or 1].append(row[2:])
    return steps


def _build_row(begun: Row, steps: list[Row], names: dict[str, str]) -> SpanRow:
    at, _, chat_id, span, topic = begun
    last: dict[str, Row] = {row[0]: row for row in steps}
    reply, closed, rated = (last.get(kind) for kind in (facts.FIRST_REPLY, facts.CLOSED, facts.RATED))
    agent_id, agent_name, agent_code = next((row[4:] for row in reversed(steps) if row[4] is not None), (None, "", ""))
    return SpanRow(
        chat_id=chat_id,
        span=span or 1,
        at=at,
        topic=str(names.get(topic, topic)),
        agent_id=agent_id,
        agent_name=agent_name,
        agent_code=agent_code,
        first_reply_s=None if reply is None else reply[2],
        length_s=None if closed is None else closed[2],
        end=None if closed is None else closed[1],
        score=None if rated is None else rated[3],
    )
