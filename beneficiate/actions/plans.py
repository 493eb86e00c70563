"""What members are told about their plans as time passes: one ends in 30, 7 and 1 days, has ended; and the letters."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from beneficiate.actions import letters
from beneficiate.actions.books import RECEIPT
from beneficiate.models.base import as_text
from beneficiate.models.payments import Payment, Plan, PlanLetter, Subscription
from beneficiate.models.people import User
from beneficiate.protocol import topics
from beneficiate.protocol.payments import PlanEnded, PlanEnding, PlanName
from beneficiate.queries.payments import reference_of
from beneficiate.store import Work

DAYS_BEFORE = (1, 7, 30)
"""The nearest first: after an outage one notice says it all."""
ENDED = "ended"
STILL_NEWS = timedelta(days=3)
"""A plan that ended longer ago is not announced: it was there before this house was, or nobody was at work."""
AT_ONCE = 50
MOST_TRIES = 288
"""A day of them: a mail server may be away for a night."""


@dataclass(frozen=True, slots=True)
class DueLetter:
    """A letter about a plan that is to be sent now. `kind` is receipt, ending-30, ending-7, ending-1 or ended."""

    letter_id: int
    kind: str
    email: str
    name: str
    plan: str
    ends_at: datetime
    payment_id: str | None
    reference: str
    amount: int | None


def announce(work: Work, _: None = None) -> int:
    """Say of each plan once that it ends soon, or that it has ended; how many. Harmless when run twice.

    What counts is the end of a run of the same plan: who has renewed hears nothing of the end of the running stretch,
    whose dearer plan ends hears of it although a cheaper one follows.
    """
    ends = {end.key: end for end in _ends(work)}
    known = PlanLetter.select(PlanLetter.key).where(PlanLetter.key.in_(list(ends)))
    news = sorted(set(ends) - {key for (key,) in known.tuples()})[:AT_ONCE]
    return sum(_announce(work, ends[key]) for key in news)


def claim_letters(work: Work, _: None = None) -> list[DueLetter]:
    """Letters to be sent, claimed for five minutes: whoever claims them sends them."""
    rows = letters.claim(work, PlanLetter, MOST_TRIES)
    void = [row.id for row in rows if not _is_true(row)]
    letters.note_sent(work, PlanLetter, void)
    return [_letter(row) for row in rows if row.id not in void]


def note_sent(work: Work, letter_ids: list[int]) -> None:
    """The mail server has taken these letters."""
    letters.note_sent(work, PlanLetter, letter_ids)


class _End(NamedTuple):
    """A run of a plan that ends, and which notice is due about it."""

    user_id: int
    plan_id: int
    kind: str
    ends_at: datetime

    @property
    def key(self) -> str:
        return f"{self.kind} {self.user_id} {as_text(self.ends_at)}"


def _ends(work: Work) -> Iterator[_End]:
    """The ends within the next 30 and the last 3 days of which something is to be said."""
    horizon = work.now + timedelta(days=max(DAYS_BEFORE))
    near = Subscription.select(Subscription.user).where(
        Subscription.ends_at > work.now - STILL_NEWS, Subscription.ends_at <= horizon
    )
    for user_id, runs in _runs(Subscription.user.in_(near)).items():
        for run in runs:
            if not work.now - STILL_NEWS < run.ends_at <= horizon:
                continue
            kind, days = _kind(work.now, run.ends_at)
            goes_on = any(other.plan_id == run.plan_id and other.ends_at > max(work.now, run.ends_at) for other in runs)
            if kind == ENDED and goes_on:
                continue
            if run.bought_at <= run.ends_at - timedelta(days=days):
                yield _End(user_id, run.plan_id, kind, run.ends_at)


class _Run(NamedTuple):
    """Stretches of one plan that follow each other without a gap; `bought_at` is when the last of them was."""

    plan_id: int
    ends_at: datetime
    bought_at: datetime


def _runs(where: Any) -> dict[int, list[_Run]]:
    """The runs of members, without what was taken back."""
    columns = (
        Subscription.user,
        Subscription.plan,
        Subscription.starts_at,
        Subscription.ends_at,
        Subscription.created_at,
    )
    query = Subscription.select(*columns).left_outer_join(Payment)
    is_true = Payment.revoked_at.is_null() & (Subscription.starts_at < Subscription.ends_at)
    found: dict[int, list[_Run]] = {}
    for user_id, plan_id, starts_at, ends_at, bought_at in (
        query.where(where, is_true).order_by(Subscription.user, Subscription.starts_at).tuples()
    ):
        runs = found.setdefault(user_id, [])
        if runs and runs[-1].plan_id == plan_id and starts_at <= runs[-1].ends_at:
            runs.pop()
        runs.append(_Run(plan_id, ends_at, bought_at))
    return found


def _announce(work: Work, end: _End) -> bool:
    row = {"user": end.user_id, "kind": end.kind, "key": end.key, "plan": end.plan_id, "ends_at": end.ends_at}
    if not PlanLetter.insert(created_at=work.now, **row).on_conflict_ignore().as_rowcount().execute():
        return False
    plan = Plan.get_by_id(end.plan_id)
    name = PlanName(id=plan.id, code=plan.code, name=plan.name)
    if end.kind == ENDED:
        ended = PlanEnded(user_id=end.user_id, plan=name, ends_at=end.ends_at)
        work.emit(ended, to=[topics.user(end.user_id), topics.SUPERVISORS])
    else:
        days_left = -((work.now - end.ends_at) // timedelta(days=1))
        work.emit(PlanEnding(plan=name, ends_at=end.ends_at, days_left=days_left), to=[topics.user(end.user_id)])
    return True


def _kind(now: datetime, ends_at: datetime) -> tuple[str, int]:
    """Which notice is due about a plan that ends then, and how many days before it that is."""
    if ends_at <= now:
        return ENDED, 0
    days = next(days for days in DAYS_BEFORE if ends_at <= now + timedelta(days=days))
    return f"ending-{days}", days


def _is_true(letter: PlanLetter) -> bool:
    """Whether what the letter says still holds: a plan may have been bought or taken back meanwhile."""
    if letter.kind == RECEIPT:
        return True
    runs = _runs(Subscription.user == letter.user_id).get(letter.user_id, [])
    return any(run.ends_at == letter.ends_at for run in runs)


def _letter(letter: PlanLetter) -> DueLetter:
    user, payment = User.get_by_id(letter.user_id), letter.payment
    return DueLetter(
        letter_id=letter.id,
        kind=letter.kind,
        email=user.email,
        name=user.first_name,
        plan=letter.plan.name,
        ends_at=letter.ends_at,
        payment_id=payment.id if payment else None,
        reference=reference_of(payment.id) if payment else "",
        amount=payment.amount if payment else None,
    )
