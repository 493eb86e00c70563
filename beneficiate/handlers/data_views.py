"""What of the staff's pages and calls opens the data of a member is recorded."""

from asyncio import Future
from collections.abc import Iterable

from beneficiate.actions.data_views import (
    OpenedChats,
    OpenedData,
    record_chat_views,
    record_data_view,
    record_entry_views,
)
from beneficiate.domain.audit_kinds import VIEWED_COMMENT, VIEWED_SEARCH
from beneficiate.errors import Problem
from beneficiate.handlers.base import BaseHandler
from beneficiate.logs import log_repeated_warning
from beneficiate.queries.access import STAFF_ROLES
from beneficiate.views.audit_log import AuditEntryView
from beneficiate.views.facts import FactRow
from beneficiate.views.search import FoundMessage


def note_opened(handler: BaseHandler, part: str, subject: str) -> None:
    """Let it be recorded that the actor opened this part of the data of whom the subject belongs to; nobody waits.

    Called once the data was read and before it is sent: who goes away while it is sent has opened it too. Members open
    their own.
    """
    if handler.actor.role in STAFF_ROLES:
        store, opened = handler.context.store, OpenedData(part, subject)
        store.run_in_background(record_data_view, opened, handler.actor).add_done_callback(_log_failure)


def note_comments(handler: BaseHandler, rows: Iterable[FactRow]) -> None:
    """Let it be recorded, as above, that the actor read the comments of these ratings."""
    _note_chats(handler, VIEWED_COMMENT, (row.chat_id for row in rows if row.comment and row.chat_id is not None))


def note_found_messages(handler: BaseHandler, messages: Iterable[FoundMessage]) -> None:
    """Let it be recorded, as above, that the actor read parts of these messages, a page of a search."""
    _note_chats(handler, VIEWED_SEARCH, (message.chat_id for message in messages))


def note_entries(handler: BaseHandler, entries: Iterable[AuditEntryView]) -> None:
    """Let it be recorded, as above, that the actor read what these entries of the audit have in words about members."""
    entry_ids = frozenset(entry.entry_id for entry in entries if entry.has_words)
    if entry_ids:
        recorded = handler.context.store.run_in_background(record_entry_views, entry_ids, handler.actor)
        recorded.add_done_callback(_log_failure)


def _note_chats(handler: BaseHandler, part: str, chat_ids: Iterable[int]) -> None:
    opened = OpenedChats(part, frozenset(chat_ids))
    if opened.chat_ids:
        recorded = handler.context.store.run_in_background(record_chat_views, opened, handler.actor)
        recorded.add_done_callback(_log_failure)


def _log_failure(recorded: "Future[None]") -> None:
    problem = recorded.exception()
    if isinstance(problem, Problem):
        log_repeated_warning("data_view_not_recorded", code=problem.code)
