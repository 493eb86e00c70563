"""Notices to people who are away: what they have chosen, their browsers, and what is still unread."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from peewee import fn

from beneficiate.domain.notices import DESK, NO_CHOICES, NoticeChoices
from beneficiate.models.accounts import PAGE_SIGN_IN, Agent, User
from beneficiate.models.chats import ACTIVE, SUPPORT, Chat, Message
from beneficiate.models.notices import AwayNotice, NoticePreferences, PushMessage, PushSubscription
from beneficiate.queries.access import STAFF_ROLES
from beneficiate.queries.accounts import find_sign_in
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.notices import BrowserState, NoticeBrowser, OwnNotices

MAX_UNREAD_CHATS = 100
UNREAD_BY_AGENT = timedelta(seconds=15)
"""A quarter of the time for a first reply: enough to look at a chat, and time is left to answer it."""
RECENT = timedelta(days=1)
"""Messages of chats in which nothing was written for longer are not counted again."""


class UnreadChat(NamedTuple):
    """A chat whose agent, who is this user, has not read to its last message, which has this `seq`."""

    user_id: int
    chat_id: int
    seq: int


@dataclass(frozen=True, slots=True)
class BrowserQuery:
    """The hash of a browser's endpoint, and the cookie that comes with the request."""

    endpoint_hash: str
    token: str


def load_choices(user_id: int) -> NoticeChoices:
    """Return what a person has chosen, or the defaults."""
    row = NoticePreferences.get_or_none(NoticePreferences.user == user_id)
    if row is None:
        return NO_CHOICES
    return NoticeChoices(frozenset(filter(None, row.switched_off.split(","))), row.quiet_from, row.quiet_until)


def filter_subscribed(user_ids: Iterable[int]) -> set[int]:
    """Return those of these people who have a browser that takes pushes."""
    ids = list(user_ids)
    if not ids:
        return set()
    query = PushSubscription.select(PushSubscription.user).where(PushSubscription.user.in_(ids)).distinct()
    return {user_id for (user_id,) in query.tuples()}


def load_own_notices(uow: UnitOfWork, token: str) -> OwnNotices:
    """Return what the page of the actor shows; `token` is the cookie of the requesting browser, if any."""
    current = find_sign_in(uow.now, token, kind=PAGE_SIGN_IN)
    rows = PushSubscription.select().where(PushSubscription.user == uow.actor.user_id)
    browsers = [
        NoticeBrowser(row.id, row.created_at, current is not None and row.sign_in_id == current.id)
        for row in rows.order_by(PushSubscription.id.desc())
    ]
    email = str(User.select(User.email).where(User.id == uow.actor.user_id).scalar())
    return OwnNotices(load_choices(uow.actor.user_id), browsers, email, uow.actor.role in STAFF_ROLES)


def find_browser_state(uow: UnitOfWork, query: BrowserQuery) -> BrowserState:
    """Return whether a browser takes pushes for the actor, and whether it is of the sign-in of this cookie."""
    is_it = PushSubscription.endpoint_hash == query.endpoint_hash
    row = PushSubscription.get_or_none(is_it, PushSubscription.user == uow.actor.user_id)
    if row is None:
        return BrowserState(is_own=False, is_current=False)
    current = find_sign_in(uow.now, query.token, kind=PAGE_SIGN_IN)
    return BrowserState(is_own=True, is_current=current is not None and row.sign_in_id == current.id)


def chat_silence_key(user: User) -> str:
    """Return the key of the notice for all that is written while a person is away; another one once they came back."""
    return f"chat {user.id} {user.last_seen.isoformat() if user.last_seen else ''}"


def find_unread_chats(uow: UnitOfWork) -> list[UnreadChat]:
    """Return the chats in which an agent with a browser has not read for seconds what the member wrote, at most 100.

    One that was pushed to them since they have it is not among them, nor one of which a notice is on its way.
    """
    since = uow.now - UNREAD_BY_AGENT
    is_old = (Message.sender_type == "USER") & (Message.seq > Chat.other_read_seq) & (Message.sent_at <= since)
    is_theirs = (AwayNotice.kind == DESK) & (AwayNotice.user == Agent.user)
    is_said = AwayNotice.done_at.is_null() | PushMessage.id.is_null(False) | (AwayNotice.version == Chat.last_seq)
    said = AwayNotice.select(AwayNotice.id).left_outer_join(PushMessage)
    said = said.where(is_theirs, AwayNotice.created_at >= Chat.assigned_at, is_said)
    query = (
        Chat.select(Agent.user, Chat.id, Chat.last_seq)
        .join(Agent)
        .where(
            Agent.user.in_(PushSubscription.select(PushSubscription.user)),
            (Chat.kind == SUPPORT) & (Chat.status == ACTIVE) & (Chat.other_unread > 0) & (Chat.assigned_at <= since),
            Chat.awaiting_since.is_null(False),
            fn.EXISTS(Message.select(Message.id).where(Message.chat == Chat.id, is_old)),
            ~fn.EXISTS(said.where(AwayNotice.subject_id == Chat.id)),
        )
    )
    return [UnreadChat(*row) for row in query.order_by(Chat.id).limit(MAX_UNREAD_CHATS).tuples()]


def count_unread_messages(user_id: int, notice: AwayNotice) -> int:
    """Return how many messages of agents a member has not read, in chats in which something was written lately."""
    is_recent = Chat.updated_at > notice.created_at - RECENT
    is_theirs = (Chat.user == user_id) & (Chat.kind == SUPPORT) & (Chat.user_unread > 0)
    return int(Chat.select(fn.SUM(Chat.user_unread)).where(is_theirs, is_recent).scalar() or 0)
