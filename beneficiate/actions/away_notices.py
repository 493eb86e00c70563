"""Notices to people who are away: queued with what happens, sent later if they are still needed then.

A notice becomes a push to each of its person's browsers and, where no other e-mail says it, an e-mail without content.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import fn

from beneficiate.actions.isolation import run_each
from beneficiate.domain import notices as kinds
from beneficiate.domain.notices import NO_CHOICES, DeliveryWindow, NoticeChoices, find_delivery_window
from beneficiate.models.accounts import Agent, User
from beneficiate.models.appointments import Appointment, AppointmentChange, AppointmentEmail, WaitingListEntry
from beneficiate.models.base import instant_to_text, lock_rows
from beneficiate.models.chats import ACTIVE, SUPPORT, Chat, Message
from beneficiate.models.notices import AwayNotice, NoticeEmail, PushMessage, PushSubscription
from beneficiate.queries.notices import (
    UNREAD_BY_AGENT,
    UnreadChat,
    chat_silence_key,
    count_unread_messages,
    filter_subscribed,
    load_choices,
)
from beneficiate.queries.payments import find_payment_problems
from beneficiate.queries.waiting_list import OFFERED
from beneficiate.unit_of_work import UnitOfWork

MAX_NOTICES_PER_RUN = 50
LIFETIME = timedelta(days=1)
_COLUMNS = ("user_id", "kind", "key", "subject_id", "version", "due_at", "expires_at", "created_at")


@dataclass(frozen=True, slots=True)
class NewNotice:
    """Something to tell a person at `due_at`, unless it has become needless by then or by `expires_at`."""

    user_id: int
    kind: str
    key: str
    due_at: datetime
    expires_at: datetime
    subject_id: int | None = None
    version: int | None = None


def queue_away_notices(uow: UnitOfWork, new: Iterable[NewNotice], *, is_push_only: bool) -> None:
    """Queue notices; one that is queued already changes nothing.

    With `is_push_only` something else writes the e-mail: whoever has no browser for pushes needs no notice.
    """
    rows = list(new)
    if is_push_only:
        subscribed = filter_subscribed(one.user_id for one in rows)
        rows = [one for one in rows if one.user_id in subscribed]
    if not rows:
        return
    values = [
        (
            one.user_id,
            one.kind,
            one.key,
            one.subject_id,
            one.version,
            *map(instant_to_text, (one.due_at, one.expires_at, uow.now)),
        )
        for one in rows
    ]
    AwayNotice.queue_insert(_COLUMNS, values, keeps_stored=True)


def notice_answers(uow: UnitOfWork, away: Iterable[User]) -> None:
    """Queue a notice for each of these members, who are away: an agent has answered them.

    All that is written until they come back is one notice.
    """
    _queue_silences(uow, away)


def notice_unread_at_leaving(uow: UnitOfWork, user_ids: Iterable[int]) -> None:
    """Queue a notice for members who go offline and have not read what was written while they were online.

    Called while `last_seen` still says when they came, and not yet when they left.
    """
    is_unread = (Chat.kind == SUPPORT) & (Chat.user_unread > 0) & (Chat.updated_at >= User.last_seen)
    query = User.select(User.id).join(Chat, on=Chat.user == User.id).where(User.id.in_(sorted(user_ids)), is_unread)
    left = [User(id=user_id, last_seen=uow.now) for (user_id,) in query.distinct().tuples()]
    _queue_silences(uow, left)


def notice_plan(uow: UnitOfWork, plans: Iterable[tuple[int, str]]) -> None:
    """Queue a notice about a payment or the end of a plan, for who is away: user ids and the keys of the e-mails."""
    due_at, expires_at = uow.now + uow.rules.away, uow.now + LIFETIME
    new = [NewNotice(user_id, kinds.PAYMENT, f"{kinds.PAYMENT} {key}", due_at, expires_at) for user_id, key in plans]
    queue_away_notices(uow, new, is_push_only=True)


def notice_payment_problems(uow: UnitOfWork, problems: Iterable[tuple[int, str, str, str]]) -> None:
    """Queue a notice of what became of a payment, one of `PAYMENT_PROBLEMS`, for who is away.

    Each is a user id, the kind, the id of the payment and that of the transaction that made it so. The same
    transaction again queues nothing.
    """
    due_at, expires_at = uow.now + uow.rules.away, uow.now + LIFETIME
    new = [
        NewNotice(user_id, kind, f"{kind} {payment_id} {transaction_id}", due_at, expires_at)
        for user_id, kind, payment_id, transaction_id in problems
    ]
    queue_away_notices(uow, new, is_push_only=False)


def notice_given_chats(uow: UnitOfWork, given: dict[int, tuple[int, int]]) -> None:
    """Queue a notice for agents who were given chats: (user id, `seq` of the message that says so) by chat id.

    It is sent unless they read that message within seconds: their tab may sleep, whose browser still answers pings.
    """
    due_at = uow.now + UNREAD_BY_AGENT
    expires_at = due_at + uow.rules.first_reply
    new = [
        NewNotice(user_id, kinds.DESK, f"{kinds.DESK} {chat_id} {seq}", due_at, expires_at, chat_id, seq)
        for chat_id, (user_id, seq) in given.items()
    ]
    queue_away_notices(uow, new, is_push_only=True)


def notice_unread_messages(uow: UnitOfWork, unread: Iterable[UnreadChat]) -> None:
    """Queue a notice for agents who have not read for seconds what a member wrote, though they had opened the chat."""
    expires_at = uow.now + uow.rules.first_reply
    new = [
        NewNotice(one.user_id, kinds.DESK, f"{kinds.DESK} {one.chat_id} {one.seq}", uow.now, expires_at, *one[1:])
        for one in unread
    ]
    queue_away_notices(uow, new, is_push_only=True)


def dispatch_due_notices(uow: UnitOfWork) -> int:
    """Turn the notices that are due into pushes and e-mails, and return how many. Harmless when run twice."""
    is_due = AwayNotice.done_at.is_null() & (AwayNotice.due_at <= uow.now)
    query = AwayNotice.select().where(is_due).order_by(AwayNotice.due_at, AwayNotice.id)
    rows = list(lock_rows(query.limit(MAX_NOTICES_PER_RUN)))
    # Marked first: one that cannot be dispatched is dropped, and not tried again every few seconds.
    AwayNotice.update(done_at=uow.now).where(AwayNotice.id.in_([row.id for row in rows])).execute()
    run_each(uow, rows, lambda row: _dispatch_notice(uow, row))
    return len(rows)


def find_needed_count(uow: UnitOfWork, row: AwayNotice) -> int | None:
    """Return None when a notice is needless by now; else how many messages it is about, 0 for those of no chat."""
    user = User.get_by_id(row.user_id)
    if row.expires_at <= uow.now or not user.is_active:
        return None
    kind = _base_kind(row)
    if kind == kinds.CHAT:
        is_same_silence = not user.online_status and chat_silence_key(user) == row.key
        return (count_unread_messages(user.id, row) or None) if is_same_silence else None
    return 0 if _NEEDED.get(row.kind, _NEEDED.get(kind, _is_away))(uow, row, user) else None


def find_push_window(uow: UnitOfWork, row: AwayNotice) -> DeliveryWindow | None:
    """Return when a push may be delivered; None when it is needless by now, or its person wants none any more."""
    choices = load_choices(row.user_id)
    if not choices.allows(_base_kind(row), kinds.PUSH) or find_needed_count(uow, row) is None:
        return None
    return _find_window(uow, row, choices)


def _queue_silences(uow: UnitOfWork, people: Iterable[User]) -> None:
    due_at, expires_at = uow.now + uow.rules.away, uow.now + LIFETIME
    new = [NewNotice(one.id, kinds.CHAT, chat_silence_key(one), due_at, expires_at) for one in people]
    queue_away_notices(uow, new, is_push_only=False)


def _dispatch_notice(uow: UnitOfWork, row: AwayNotice) -> None:
    count = find_needed_count(uow, row)
    if count is None:
        return
    choices, kind = load_choices(row.user_id), _base_kind(row)
    window = _find_window(uow, row, choices)
    if window is None:
        return
    if window.begins_at > uow.now:
        AwayNotice.update(done_at=None, due_at=window.begins_at).where(AwayNotice.id == row.id).execute()
        return
    if choices.allows(kind, kinds.PUSH):
        _queue_pushes(uow, row)
    is_chosen = kind in kinds.CHOSEN_EMAILS and choices.allows(kind, kinds.EMAIL)
    if is_chosen or row.kind in kinds.PAYMENT_PROBLEMS:
        _queue_email(uow, row, count)


def _find_window(uow: UnitOfWork, row: AwayNotice, choices: NoticeChoices) -> DeliveryWindow | None:
    """Return when a notice may be delivered; None when it expires before. Quiet hours are not for work."""
    quiet = NO_CHOICES if _base_kind(row) in kinds.STAFF_NOTICES else choices
    return find_delivery_window(quiet, uow.now, row.expires_at, _appointment_times(row))


def _queue_pushes(uow: UnitOfWork, row: AwayNotice) -> None:
    query = PushSubscription.select(PushSubscription.id).where(PushSubscription.user == row.user_id)
    pushes = [{"notice": row.id, "subscription": one, "due_at": uow.now} for (one,) in query.tuples()]
    if pushes:
        PushMessage.insert_many(pushes).on_conflict_ignore().execute()


def _queue_email(uow: UnitOfWork, row: AwayNotice, count: int) -> None:
    if _base_kind(row) == kinds.REMINDER:
        columns = {"appointment": row.subject_id, "kind": row.kind, "version": row.version, "created_at": uow.now}
        AppointmentEmail.insert(columns).on_conflict_ignore().execute()
    else:
        NoticeEmail.insert(notice=row.id, count=count, created_at=uow.now).on_conflict_ignore().execute()


def _appointment_times(row: AwayNotice) -> list[datetime]:
    """Return the time of the appointment that a notice is about, and the one before its last change."""
    if _base_kind(row) not in (kinds.CHANGE, kinds.REMINDER):
        return []
    changes = AppointmentChange.select(AppointmentChange.starts_at).where(
        AppointmentChange.appointment == row.subject_id
    )
    return [at for (at,) in changes.order_by(AppointmentChange.id.desc()).limit(2).tuples() if at is not None]


def _base_kind(row: AwayNotice) -> str:
    """Return the kind without the hours of a reminder, `reminder-24`, or what became of a payment."""
    return str(row.kind).partition("-")[0]


def _is_away(uow: UnitOfWork, row: AwayNotice, user: User) -> bool:
    return not user.online_status


def _is_of_version(uow: UnitOfWork, row: AwayNotice, user: User) -> bool:
    is_it = (Appointment.id == row.subject_id) & (Appointment.version == row.version)
    return bool(Appointment.select().where(is_it).exists())


def _is_offered(uow: UnitOfWork, row: AwayNotice, user: User) -> bool:
    is_it = (WaitingListEntry.appointment == row.subject_id) & (WaitingListEntry.status == OFFERED)
    return bool(WaitingListEntry.select().where(is_it, WaitingListEntry.offer_expires_at == row.expires_at).exists())


def _is_payment_so(uow: UnitOfWork, row: AwayNotice, user: User) -> bool:
    """Return whether a payment is still as the notice says, and its member away."""
    kind, payment_id, transaction_id = str(row.key).split(" ")
    return not user.online_status and (kind, transaction_id) in find_payment_problems(payment_id)


def _is_unread_by_agent(uow: UnitOfWork, row: AwayNotice, user: User) -> bool:
    is_theirs = Chat.agent.in_(Agent.select(Agent.id).where(Agent.user == user.id)) & (Chat.status == ACTIVE)
    is_answer = (Message.chat == Chat.id) & (Message.seq > row.version) & (Message.sender_type == "AGENT")
    is_answered = fn.EXISTS(Message.select(Message.id).where(is_answer, Message.sender_id == Chat.agent))
    is_unseen = (Chat.other_read_seq < row.version) & ~is_answered
    return bool(Chat.select().where(Chat.id == row.subject_id, is_theirs, is_unseen).exists())


_NEEDED = {
    kinds.CHANGE: _is_of_version,
    kinds.REMINDER: _is_of_version,
    kinds.OFFER: _is_offered,
    kinds.DESK: _is_unread_by_agent,
    **dict.fromkeys(kinds.PAYMENT_PROBLEMS, _is_payment_so),
}
