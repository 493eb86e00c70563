"""What members are told about their plans as time passes: one ends in 30, 7 and 1 days, has ended; and the letters."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from peewee import fn

from beneficiate.models.base import locked
from beneficiate.models.payments import Plan, PlanLetter, Subscription
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
CLAIM_LASTS = timedelta(minutes=5)
MOST_TRIES = 6


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

    What counts is the end of the last stretch: a member who has renewed hears nothing of the end of the running one.
    """
    last = fn.MAX(Subscription.ends_at)
    ends = (
        Subscription.select(Subscription.user, last)
        .where(Subscription.ends_at > work.now - STILL_NEWS)
        .group_by(Subscription.user)
        .having(last <= work.now + timedelta(days=max(DAYS_BEFORE)))
    )
    kinds = {user_id: (_kind(work.now, _instant(ends_at)), _instant(ends_at)) for user_id, ends_at in ends.tuples()}
    said = PlanLetter.select(PlanLetter.user, PlanLetter.kind, PlanLetter.ends_at).where(
        PlanLetter.user.in_(list(kinds)), PlanLetter.ends_at > work.now - STILL_NEWS
    )
    known: dict[int, set[tuple[str, datetime]]] = defaultdict(set)
    for user_id, kind, ends_at in said.tuples():
        known[user_id].add((kind, ends_at))
    news = [(user_id, *end) for user_id, end in kinds.items() if end not in known[user_id]]
    return sum(_announce(work, user_id, kind, ends_at) for user_id, kind, ends_at in sorted(news)[:AT_ONCE])


def claim_letters(work: Work, _: None = None) -> list[DueLetter]:
    """Letters to be sent, claimed for five minutes: whoever claims them sends them."""
    is_free = PlanLetter.claimed_at.is_null() | (PlanLetter.claimed_at < work.now - CLAIM_LASTS)
    query = PlanLetter.select().where(PlanLetter.sent_at.is_null(), is_free, PlanLetter.tries < MOST_TRIES)
    letters = list(locked(query.order_by(PlanLetter.id).limit(AT_ONCE)))
    claimed = [letter.id for letter in letters]
    PlanLetter.update(claimed_at=work.now, tries=PlanLetter.tries + 1).where(PlanLetter.id.in_(claimed)).execute()
    return [_letter(letter) for letter in letters]


def note_sent(work: Work, letter_id: int) -> None:
    """The mail server has taken this letter."""
    PlanLetter.update(sent_at=work.now).where(PlanLetter.id == letter_id).execute()


def _announce(work: Work, user_id: int, kind: str, ends_at: datetime) -> bool:
    row = {"user": user_id, "kind": kind, "ends_at": ends_at, "created_at": work.now}
    if not PlanLetter.insert(row).on_conflict_ignore().as_rowcount().execute():
        return False
    plan = _plan_until(user_id, ends_at)
    if kind == ENDED:
        ended = PlanEnded(user_id=user_id, plan=plan, ends_at=ends_at)
        work.emit(ended, to=[topics.user(user_id), topics.SUPERVISORS])
    else:
        ending = PlanEnding(plan=plan, ends_at=ends_at, days_left=int(kind.rpartition("-")[2]))
        work.emit(ending, to=[topics.user(user_id)])
    return True


def _kind(now: datetime, ends_at: datetime) -> str:
    if ends_at <= now:
        return ENDED
    return next(f"ending-{days}" for days in DAYS_BEFORE if ends_at <= now + timedelta(days=days))


def _plan_until(user_id: int, ends_at: datetime) -> PlanName:
    plan = Plan.select().join(Subscription).where(Subscription.user == user_id, Subscription.ends_at == ends_at).get()
    return PlanName(id=plan.id, code=plan.code, name=plan.name)


def _letter(letter: PlanLetter) -> DueLetter:
    user, payment = User.get_by_id(letter.user_id), letter.payment
    plan = payment.plan.name if payment else _plan_until(letter.user_id, letter.ends_at).name
    return DueLetter(
        letter_id=letter.id,
        kind=letter.kind,
        email=user.email,
        name=user.first_name,
        plan=plan,
        ends_at=letter.ends_at,
        payment_id=payment.id if payment else None,
        reference=reference_of(payment.id) if payment else "",
        amount=payment.amount if payment else None,
    )


def _instant(value: Any) -> datetime:
    """SQLite forgets the kind of a column in a function."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value
