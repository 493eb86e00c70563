"""Notices to members that their plan ends in 30, 7 or 1 days or has ended, and the e-mails about plans."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from peewee import Expression

from beneficiate.actions import emails
from beneficiate.actions.away_notices import notice_plan
from beneficiate.actions.isolation import run_each
from beneficiate.actions.member_changes import emit_member_changed
from beneficiate.actions.settlement_batch import RECEIPT_EMAIL
from beneficiate.models.accounts import User
from beneficiate.models.base import instant_to_text
from beneficiate.models.payments import Payment, Plan, PlanEmail, Subscription
from beneficiate.protocol import channels
from beneficiate.protocol.payments import PlanEnded, PlanEnding, PlanName
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.payments import payment_reference

NOTICE_DAYS = (1, 7, 30)
"""The nearest first: after an outage one notice is enough."""
PLAN_ENDED = "ended"
MAX_NOTICE_DELAY = timedelta(days=3)
"""A plan that ended longer ago is not announced: it ended before the installation or during a long outage."""
MAX_NOTICES_PER_RUN = 50


@dataclass(frozen=True, slots=True)
class PendingPlanEmail:
    """An e-mail about a plan that is due. `kind` is receipt, ending-30, ending-7, ending-1 or ended.

    `key` is that of the message, the same at every try.
    """

    email_id: int
    key: str
    kind: str
    email: str
    name: str
    plan: str
    ends_at: datetime
    payment_id: str | None
    reference: str
    amount: int | None


def announce_plan_ends(uow: UnitOfWork) -> int:
    """Notify each member once that their plan ends soon or has ended, and return how many. Harmless when run twice.

    What counts is the end of consecutive periods of the same plan: a member who renewed gets no notice of the present
    period's end; one whose more expensive plan ends gets it although a cheaper one follows.
    """
    ends = {end.key: end for end in _due_plan_ends(uow)}
    known = PlanEmail.select(PlanEmail.key).where(PlanEmail.key.in_(list(ends)))
    new_keys = sorted(set(ends) - {key for (key,) in known.tuples()})[:MAX_NOTICES_PER_RUN]
    return sum(run_each(uow, new_keys, lambda key: _announce_plan_end(uow, ends[key]), kind="PlanEmail"))


def claim_plan_emails(uow: UnitOfWork) -> list[PendingPlanEmail]:
    """Claim the plan e-mails that are due; the caller sends them."""
    rows = emails.claim_emails(uow, PlanEmail)
    claimed = run_each(uow, rows, lambda row: (row.id, _pending_email(row) if _still_holds(row) else None))
    emails.mark_emails_sent(uow, PlanEmail, [email_id for email_id, pending in claimed if pending is None])
    return [pending for _, pending in claimed if pending is not None]


def mark_plan_emails_sent(uow: UnitOfWork, email_ids: list[int]) -> None:
    """Mark e-mails as accepted by the mail server."""
    emails.mark_emails_sent(uow, PlanEmail, email_ids)


def record_plan_email_failure(uow: UnitOfWork, failed: emails.FailedEmail) -> None:
    """Record that an e-mail was refused, or may have arrived."""
    emails.record_email_failure(PlanEmail, failed)


class _PlanEnd(NamedTuple):
    """The end of a plan, and which notice is due about it."""

    user_id: int
    plan_id: int
    kind: str
    ends_at: datetime

    @property
    def key(self) -> str:
        return f"{self.kind} {self.user_id} {instant_to_text(self.ends_at)}"


def _due_plan_ends(uow: UnitOfWork) -> Iterator[_PlanEnd]:
    """Yield the ends of plans within the next 30 and the last 3 days for which a notice is due."""
    horizon = uow.now + timedelta(days=max(NOTICE_DAYS))
    user_ids_near_end = Subscription.select(Subscription.user).where(
        Subscription.ends_at > uow.now - MAX_NOTICE_DELAY, Subscription.ends_at <= horizon
    )
    for user_id, runs in _plan_runs(Subscription.user.in_(user_ids_near_end)).items():
        for run in runs:
            if not uow.now - MAX_NOTICE_DELAY < run.ends_at <= horizon:
                continue
            kind, days = _notice_kind(uow.now, run.ends_at)
            goes_on = any(other.plan_id == run.plan_id and other.ends_at > max(uow.now, run.ends_at) for other in runs)
            if kind == PLAN_ENDED and goes_on:
                continue
            if run.bought_at <= run.ends_at - timedelta(days=days):
                yield _PlanEnd(user_id, run.plan_id, kind, run.ends_at)


class _PlanRun(NamedTuple):
    """Periods of one plan that follow each other without a gap; `bought_at` is when the last of them was bought."""

    plan_id: int
    ends_at: datetime
    bought_at: datetime


def _plan_runs(where: Expression) -> dict[int, list[_PlanRun]]:
    """Return the consecutive periods by user id, without revoked ones."""
    columns = (
        Subscription.user,
        Subscription.plan,
        Subscription.starts_at,
        Subscription.ends_at,
        Subscription.created_at,
    )
    query = Subscription.select(*columns).left_outer_join(Payment)
    is_valid = Payment.revoked_at.is_null() & (Subscription.starts_at < Subscription.ends_at)
    runs_by_user: dict[int, list[_PlanRun]] = {}
    for user_id, plan_id, starts_at, ends_at, bought_at in (
        query.where(where, is_valid).order_by(Subscription.user, Subscription.starts_at).tuples()
    ):
        runs = runs_by_user.setdefault(user_id, [])
        if runs and runs[-1].plan_id == plan_id and starts_at <= runs[-1].ends_at:
            runs.pop()
        runs.append(_PlanRun(plan_id, ends_at, bought_at))
    return runs_by_user


def _announce_plan_end(uow: UnitOfWork, end: _PlanEnd) -> bool:
    row = {"user": end.user_id, "kind": end.kind, "key": end.key, "plan": end.plan_id, "ends_at": end.ends_at}
    if not PlanEmail.insert(created_at=uow.now, **row).on_conflict_ignore().as_rowcount().execute():
        return False
    notice_plan(uow, [(end.user_id, end.key)])
    plan = Plan.get_by_id(end.plan_id)
    name = PlanName(id=plan.id, code=plan.code, name=plan.name)
    if end.kind == PLAN_ENDED:
        ended = PlanEnded(user_id=end.user_id, plan=name, ends_at=end.ends_at)
        uow.emit(ended, channels=[channels.user_channel(end.user_id), channels.SUPERVISORS_CHANNEL])
        emit_member_changed(uow, end.user_id)
    else:
        days_left = -((uow.now - end.ends_at) // timedelta(days=1))
        uow.emit(
            PlanEnding(plan=name, ends_at=end.ends_at, days_left=days_left),
            channels=[channels.user_channel(end.user_id)],
        )
    return True


def _notice_kind(now: datetime, ends_at: datetime) -> tuple[str, int]:
    """Return the kind of notice due for a plan that ends at this time, and how many days before the end that is."""
    if ends_at <= now:
        return PLAN_ENDED, 0
    days = next(days for days in NOTICE_DAYS if ends_at <= now + timedelta(days=days))
    return f"ending-{days}", days


def _still_holds(email: PlanEmail) -> bool:
    """Return whether an e-mail is still true: a plan may have been bought or revoked meanwhile."""
    if email.kind == RECEIPT_EMAIL:
        return True
    runs = _plan_runs(Subscription.user == email.user_id).get(email.user_id, [])
    return any(run.ends_at == email.ends_at for run in runs)


def _pending_email(email: PlanEmail) -> PendingPlanEmail:
    user, payment = User.get_by_id(email.user_id), email.payment
    return PendingPlanEmail(
        email_id=email.id,
        key=emails.email_key(email),
        kind=email.kind,
        email=user.email,
        name=user.first_name,
        plan=email.plan.name,
        ends_at=email.ends_at,
        payment_id=payment.id if payment else None,
        reference=payment_reference(payment.id) if payment else "",
        amount=payment.amount if payment else None,
    )
