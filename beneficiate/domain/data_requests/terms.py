"""Legal terms in working days, and the last day of each.

A working day is Monday to Friday without the Colombian holidays: a term in days that a law sets leaves out holidays and
days of "vacantes" (Ley 4 de 1913, article 62), and requests are not attended to on Saturdays. A term ends at midnight
of its last day, in Bogotá.
"""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

from beneficiate.domain.booking.holidays import is_holiday

QUERY, CLAIM = "query", "claim"
KINDS = (QUERY, CLAIM)
SATURDAY = 5
COMPLETION_DAYS = 5
"""Within so many working days a claim may be found incomplete (article 15, 1)."""
WITHDRAWAL_MONTHS = 2
"""After so many months without what was asked for, a claim counts as withdrawn (article 15, 1)."""
WARNING_DAYS = 2
"""So many working days before the end of a term supervisors are warned: the last day is too late to look for data."""
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Term:
    """How long an answer may take: `days`, and `extra` ones after them, which have to be announced with the reason.

    `counts_receipt`: the day of receipt is the first one.
    """

    days: int
    extra: int
    counts_receipt: bool


TERMS = {
    # Article 14: "contados a partir de la fecha de recibo". Read strictly, so that we are in time however it is read.
    QUERY: Term(10, 5, counts_receipt=True),
    # Article 15, 3: "contados a partir del día siguiente a la fecha de su recibo".
    CLAIM: Term(15, 8, counts_receipt=False),
}


def is_working_day(day: date) -> bool:
    """Return whether a day counts."""
    return day.weekday() < SATURDAY and not is_holiday(day)


def add_working_days(day: date, count: int) -> date:
    """Return the working day that is so many after a day, which need not be one; the day itself for none."""
    while count > 0:
        day += _ONE_DAY
        count -= is_working_day(day)
    return day


def count_working_days(after: date, until: date) -> int:
    """Return how many working days come after a day, until another and with it; 0 if they are reversed."""
    return sum(is_working_day(after + index * _ONE_DAY) for index in range(1, (until - after).days + 1))


def day_before_term(kind: str, received_on: date) -> date:
    """Return the day after which the working days of a term are counted."""
    return received_on - _ONE_DAY if TERMS[kind].counts_receipt else received_on


def find_due_day(kind: str, received_on: date) -> date:
    """Return the last day of the term of a request that was received, complete, on a day."""
    return add_working_days(day_before_term(kind, received_on), TERMS[kind].days)


def find_latest_day(kind: str, first_due_on: date) -> date:
    """Return the last day to which a term that ends on a day may be extended."""
    return add_working_days(first_due_on, TERMS[kind].extra)


def find_completion_day(received_on: date) -> date:
    """Return the last day on which the person may be asked to complete a claim.

    The law says five days: they are working days, since it does not say otherwise (Ley 4 de 1913, article 62).
    """
    return add_working_days(received_on, COMPLETION_DAYS)


def find_withdrawal_day(asked_on: date) -> date:
    """Return the last day for what was asked for: two months by the calendar, and then the next working day.

    The month may have no such day: then its last one. Ley 4 de 1913, articles 59 and 62.
    """
    months = asked_on.month - 1 + WITHDRAWAL_MONTHS
    year, month = asked_on.year + months // 12, months % 12 + 1
    day = date(year, month, min(asked_on.day, calendar.monthrange(year, month)[1]))
    return day if is_working_day(day) else add_working_days(day, 1)


def find_warning_day(today: date) -> date:
    """Return the day until which a term is ending soon, as of today."""
    return add_working_days(today, WARNING_DAYS)
