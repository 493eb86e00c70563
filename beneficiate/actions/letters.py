"""Letters as rows: whoever claims one sends it, and what the mail server did not take is claimed again later."""

from datetime import timedelta
from typing import Any

from beneficiate.models.appointments import Letter
from beneficiate.models.base import locked
from beneficiate.models.payments import PlanLetter
from beneficiate.store import Work

AT_ONCE = 50
CLAIM_LASTS = timedelta(minutes=5)

Table = type[Letter] | type[PlanLetter]


def claim(work: Work, table: Table, most_tries: int) -> list[Any]:
    """The letters that are to be sent now, claimed for five minutes."""
    is_free = table.claimed_at.is_null() | (table.claimed_at < work.now - CLAIM_LASTS)
    query = table.select().where(table.sent_at.is_null(), is_free, table.tries < most_tries)
    rows = list(locked(query.order_by(table.id).limit(AT_ONCE)))
    claimed = [row.id for row in rows]
    table.update(claimed_at=work.now, tries=table.tries + 1).where(table.id.in_(claimed)).execute()
    return rows


def note_sent(work: Work, table: Table, letter_ids: list[int]) -> None:
    """These letters have been taken, or need not be sent any more."""
    table.update(sent_at=work.now).where(table.id.in_(letter_ids)).execute()
