"""The lists behind figures, part by part: each row is a fact that the figure counts, as of the same instant."""

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from peewee import Expression

from beneficiate.domain import facts
from beneficiate.domain.dates import parse_typed_instant
from beneficiate.domain.metrics.metric import Metric, Scope
from beneficiate.errors import NotFound
from beneficiate.models.accounts import User
from beneficiate.models.appointments import Appointment
from beneficiate.models.chats import Chat, Rating
from beneficiate.models.facts import Fact
from beneficiate.models.payments import Payment
from beneficiate.queries.metrics import FactSelection, load_rows, metric_condition
from beneficiate.views.facts import FactRow

ROWS_PER_PAGE = 100
MAX_ID_DIGITS, MAX_FACT_ID = 19, 2**63 - 1


class FactPosition(NamedTuple):
    """The place of a fact in a list, after which the next part begins."""

    at: datetime
    fact_id: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()}/{self.fact_id}"

    @property
    def is_before(self) -> Expression:
        """The condition that a fact comes after it in a list of the newest first."""
        return (Fact.at < self.at) | ((Fact.at == self.at) & (Fact.id < self.fact_id))


class FactPart(NamedTuple):
    """A part of a list; `next_position` begins the next one, empty for the last."""

    rows: list[FactRow]
    next_position: str


def load_fact_part(metric: Metric, selection: FactSelection, after: str, *conditions: Expression) -> FactPart:
    """Return the hundred facts of a list after a position, the first ones without any. Raises NotFound."""
    position = parse_fact_position(after) if after else None
    rows = list_facts(metric, selection, ROWS_PER_PAGE + 1, *conditions, after=position)
    shown = rows[:ROWS_PER_PAGE]
    return FactPart(shown, str(FactPosition(shown[-1].at, shown[-1].fact_id)) if len(rows) > len(shown) else "")


def list_facts(
    metric: Metric,
    selection: FactSelection,
    limit: int | None = None,
    *conditions: Expression,
    after: FactPosition | None = None,
) -> list[FactRow]:
    """Return the facts that a metric counts and for which these conditions are true, each with the member's name.

    The newest come first; of those that are as of an instant, the longest wait. With a position, those that follow it:
    raises NotFound if it is of no such list.
    """
    if metric.scope is Scope.INSTANT:
        rows = _list_steps(metric, selection, conditions, after)[:limit]
    else:
        rows = _list_newest(metric, selection, limit, [*conditions, *([after.is_before] if after else [])])
    names, comments = _load_names(rows), _load_comments(rows)
    return [
        replace(
            row,
            person=names.get(_subject(row), ""),
            comment=comments.get((row.chat_id, row.span), "") if row.kind == facts.RATED else "",
        )
        for row in rows
    ]


def parse_fact_position(text: str) -> FactPosition:
    """Return the position that an address has. Raises NotFound."""
    at, _, number = text.partition("/")
    instant = parse_typed_instant(at)
    if instant is None or not (number.isascii() and number.isdecimal() and len(number) <= MAX_ID_DIGITS):
        raise NotFound
    if int(number) > MAX_FACT_ID:
        raise NotFound
    return FactPosition(instant, int(number))


def _list_newest(
    metric: Metric, selection: FactSelection, limit: int | None, conditions: list[Expression]
) -> list[FactRow]:
    # Kind by kind in the order of the index, so that a part of a long list needs no sorting of the whole.
    apart = metric.kinds if metric.scope is Scope.PERIOD else (metric.kinds,)
    found = [
        row
        for kinds in apart
        for row in load_rows(metric.scope, selection, [metric_condition(metric, kinds), *conditions], limit)
    ]
    return sorted(found, key=_newest_first, reverse=True)[:limit]


def _list_steps(
    metric: Metric, selection: FactSelection, conditions: tuple[Expression, ...], after: FactPosition | None
) -> list[FactRow]:
    """Return where the open chats of an instant are: as many as there are chats, which its figures load too."""
    rows = load_rows(metric.scope, selection, [metric_condition(metric, metric.kinds), *conditions], None)
    rows.sort(key=lambda row: row.measure_s or 0, reverse=True)
    if after is None:
        return rows
    place = next((place for place, row in enumerate(rows) if row.fact_id == after.fact_id), None)
    if place is None:
        raise NotFound
    return rows[place + 1 :]


def _newest_first(row: FactRow) -> tuple[datetime, int]:
    return row.at, row.fact_id


def _subject(row: FactRow) -> tuple[str, int | str | None]:
    if row.chat_id is not None:
        return ("chat", row.chat_id)
    return ("appointment", row.appointment_id) if row.appointment_id is not None else ("payment", row.payment_id)


def _load_names(rows: list[FactRow]) -> dict[tuple[str, int | str | None], str]:
    """Return the members' names by what the facts are about."""
    names: dict[tuple[str, int | str | None], str] = {}
    for name, table in (("chat", Chat), ("appointment", Appointment), ("payment", Payment)):
        ids = [id_ for kind, id_ in map(_subject, rows) if kind == name]
        if ids:
            query = table.select(table.id, User.first_name, User.last_name).join(User, on=table.user)
            found = query.where(table.id.in_(ids)).tuples()
            names |= {(name, id_): f"{first} {last}" for id_, first, last in found}
    return names


def _load_comments(rows: list[FactRow]) -> dict[tuple[int | None, int | None], str]:
    """Return what members wrote with their ratings, by chat and its span."""
    rated = [row.chat_id for row in rows if row.kind == facts.RATED]
    if not rated:
        return {}
    query = Rating.select(Rating.chat, Rating.span, Rating.comment).where(Rating.chat.in_(rated))
    return {(chat_id, span): comment for chat_id, span, comment in query.tuples()}
