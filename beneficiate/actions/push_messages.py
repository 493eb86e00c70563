"""Pushes on their way: a process claims those that are due and sends them; what was not taken is tried again later."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from beneficiate.actions.away_notices import LIFETIME, find_push_window
from beneficiate.actions.push_subscriptions import PushTarget
from beneficiate.models.base import lock_rows
from beneficiate.models.notices import AwayNotice, PushMessage, PushSubscription
from beneficiate.unit_of_work import UnitOfWork

PUSH_BATCH_SIZE = 20
MAX_PUSH_TRIES = 5
CLAIM_LIFETIME = timedelta(minutes=2)
"""Twenty are sent at once, each in 10 s at most."""
FIRST_RETRY = timedelta(seconds=30)


class PushOutcome(Enum):
    """What a push service answered: taken; not now; the browser is gone; never."""

    SENT = "sent"
    LATER = "later"
    GONE = "gone"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class PendingPush:
    """A push that is due: of which kind of notice, where to, and until when its service may deliver it."""

    message_id: int
    kind: str
    target: PushTarget
    deliver_until: datetime
    now: datetime


@dataclass(frozen=True, slots=True)
class PushResult:
    """What became of a push; `retry_after_s` is what the service asked to wait, if it did."""

    message_id: int
    outcome: PushOutcome
    retry_after_s: float | None = None


def claim_pushes(uow: UnitOfWork) -> list[PendingPush]:
    """Claim the pushes that are due; the caller sends them.

    Those that are needless or unwanted by now are not sent any more; those that are tried again in quiet hours wait.
    """
    is_due = PushMessage.done_at.is_null() & (PushMessage.due_at <= uow.now)
    rows = list(lock_rows(PushMessage.select().where(is_due).order_by(PushMessage.id).limit(PUSH_BATCH_SIZE)))
    ids = [row.id for row in rows]
    PushMessage.update(due_at=uow.now + CLAIM_LIFETIME, tries=PushMessage.tries + 1).where(
        PushMessage.id.in_(ids)
    ).execute()
    query = PushMessage.select(PushMessage, AwayNotice, PushSubscription).join(AwayNotice)
    found = list(query.join_from(PushMessage, PushSubscription).where(PushMessage.id.in_(ids)).order_by(PushMessage.id))
    windows = {row.id: find_push_window(uow, row.notice) if row.tries <= MAX_PUSH_TRIES else None for row in found}
    _finish(uow, [message_id for message_id, window in windows.items() if window is None])
    pending = []
    for row in found:
        window = windows[row.id]
        if window is not None and window.begins_at > uow.now:
            _postpone(row, window.begins_at)
        elif window is not None:
            pending.append(_pending_push(uow, row, window.ends_at))
    return pending


def record_push_results(uow: UnitOfWork, results: list[PushResult]) -> None:
    """Store what became of pushes: done, tried again later, or with them the browser forgotten."""
    later = {one.message_id: one for one in results if one.outcome is PushOutcome.LATER}
    _finish(uow, [one.message_id for one in results if one.message_id not in later])
    for row in PushMessage.select().where(PushMessage.id.in_(list(later))):
        # Never sooner than asked, and no notice is wanted for longer than a day. Of a date in the past, as of a service
        # whose clock is behind, nothing is left to wait: all tries would be over in some seconds.
        asked = min(timedelta(seconds=later[row.id].retry_after_s or 0), LIFETIME)
        wait = max(asked, FIRST_RETRY * 2 ** (row.tries - 1))
        PushMessage.update(due_at=uow.now + wait).where(PushMessage.id == row.id).execute()
    gone_ids = [one.message_id for one in results if one.outcome is PushOutcome.GONE]
    if gone_ids:
        gone = PushMessage.select(PushMessage.subscription).where(PushMessage.id.in_(gone_ids))
        PushSubscription.delete().where(PushSubscription.id.in_(gone)).execute()


def _postpone(row: PushMessage, until: datetime) -> None:
    """Let a claimed push wait; that it was claimed is no try."""
    PushMessage.update(due_at=until, tries=PushMessage.tries - 1).where(PushMessage.id == row.id).execute()


def _finish(uow: UnitOfWork, message_ids: list[int]) -> None:
    if message_ids:
        PushMessage.update(done_at=uow.now).where(PushMessage.id.in_(message_ids)).execute()


def _pending_push(uow: UnitOfWork, row: PushMessage, deliver_until: datetime) -> PendingPush:
    to = row.subscription
    target = PushTarget(to.endpoint, to.p256dh, to.auth)
    return PendingPush(row.id, row.notice.kind, target, deliver_until, uow.now)
