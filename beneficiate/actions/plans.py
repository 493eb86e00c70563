"""What members are told about their plans as time passes: one ends in 30, 7 and 1 days, has ended; and the letters."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from peewee import fn

from beneficiate.actions.books import RECEIPT
from beneficiate.models.base import as_text, locked
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
    last, horizon = fn.MAX(Subscription.ends_at), work.now + timedelta(days=max(DAYS_BEFORE))
    ends = (
        Subscription.select(Subscription.user, last)
        .left_outer_join(Payment)
        .where(Subscription.ends_at > work.now - STILL_NEWS, Payment.revoked_at.is_null())
        .group_by(Subscription.user)
        .having(last <= Subscription.ends_at.db_value(horizon))
    )
    due = {user_id: _notice(work.now, _instant(ends_at)) for user_id, ends_at in ends.tuples()}
    keys = {_key(user_id, *notice): (user_id, *notice) for user_id, notice in due.items()}
    known = {key for (key,) in PlanLetter.select(PlanLetter.key).where(PlanLetter.key.in_(list(keys))).tuples()}
    news = sorted(set(keys) - known)[:AT_ONCE]
    return sum(_announce(work, key, *keys[key]) for key in news)


def claim_letters(work: Work, _: None = None) -> list[DueLetter]:
    """Letters to be sent, claimed for five minutes: whoever claims them sends them."""
    is_free = PlanLetter.claimed_at.is_null() | (PlanLetter.claimed_at < work.now - CLAIM_LASTS)
    query = PlanLetter.select().where(PlanLetter.sent_at.is_null(), is_free, PlanLetter.tries < MOST_TRIES)
    letters = list(locked(query.order_by(PlanLetter.id).limit(AT_ONCE)))
    claimed = [letter.id for letter in letters]
    PlanLetter.update(claimed_at=work.now, tries=PlanLetter.tries + 1).where(PlanLetter.id.in_(claimed)).execute()
    void = [letter.id for letter in letters if not _is_true(letter)]
    PlanLetter.update(sent_at=work.now).where(PlanLetter.id.in_(void)).execute()
    return [_letter(letter) for letter in letters if letter.id not in void]


def note_sent(work: Work, letter_id: int) -> None:
    """The mail server has taken this letter."""
    PlanLetter.update(sent_at=work.now).where(PlanLetter.id == letter_id).execute()


def _announce(work: Work, key: str, user_id: int, kind: str, ends_at: datetime) -> bool:
    stretch = _last_stretch(user_id, ends_at)
    days_left = int(kind.rpartition("-")[2]) if kind != ENDED else 0
    if stretch.ends_at - stretch.starts_at <= timedelta(days=days_left):
        return False  # it has only just been bought
    row = {"user": user_id, "kind": kind, "key": key, "plan": stretch.plan_id, "ends_at": ends_at}
    if not PlanLetter.insert(created_at=work.now, **row).on_conflict_ignore().as_rowcount().execute():
        return False
    plan = PlanName(id=stretch.plan.id, code=stretch.plan.code, name=stretch.plan.name)
    if kind == ENDED:
        ended = PlanEnded(user_id=user_id, plan=plan, ends_at=ends_at)
        work.emit(ended, to=[topics.user(user_id), topics.SUPERVISORS])
    else:
        work.emit(PlanEnding(plan=plan, ends_at=ends_at, days_left=days_left), to=[topics.user(user_id)])
    return True


def _notice(now: datetime, ends_at: datetime) -> tuple[str, datetime]:
    """Which notice is due about a plan that ends then."""
    if ends_at <= now:
        return ENDED, ends_at
    return next(f"ending-{days}" for days in DAYS_BEFORE if ends_at <= now + timedelta(days=days)), ends_at


def _key(user_id: int, kind: str, ends_at: datetime) -> str:
    return f"{kind} {user_id} {as_text(ends_at)}"


def _last_stretch(user_id: int, ends_at: datetime) -> Subscription:
    """The stretch that ends then, and not one without length that was taken back."""
    is_it = (Subscription.user == user_id) & (Subscription.ends_at == ends_at)
    query = (
        Subscription.select(Subscription, Plan).join(Plan).where(is_it, Subscription.starts_at < Subscription.ends_at)
    )
    stretch: Subscription = query.get()
    return stretch


def _is_true(letter: PlanLetter) -> bool:
    """Whether what the letter says still holds: a plan may have been bought or taken back meanwhile."""
    if letter.kind == RECEIPT:
        return True
    last = Subscription.select(fn.MAX(Subscription.ends_at)).where(Subscription.user == letter.user_id)
    return bool(_instant(last.scalar()) == letter.ends_at)


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


def _instant(value: Any) -> datetime:
    """SQLite forgets the kind of a column in a function."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value
