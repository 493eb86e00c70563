"""How long what is kept that a job deletes, and how much a run would delete."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import Expression

from beneficiate.domain.retention import NEVER, RETAINED_KINDS, format_days
from beneficiate.models.account_emails import AccountEmail, Registration
from beneficiate.models.accounts import SignIn
from beneficiate.models.base import BaseModel
from beneficiate.models.chats import CLOSED, Attachment, Chat
from beneficiate.models.data_copies import PENDING_COPY, DataCopy
from beneficiate.models.data_requests import DataRequest
from beneficiate.models.imports import DISCARDED_IMPORT, DONE_IMPORT, MemberImport
from beneficiate.models.notices import AwayNotice
from beneficiate.models.payments import EVENT_DONE, EVENT_FAILED, WompiEvent
from beneficiate.models.retention import Retention
from beneficiate.queries.access import require_supervisor
from beneficiate.queries.administration import find_last_change
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.edit_forms import SavedRow
from beneficiate.views.retention import DeletedRows, RetentionEffect

CHATS_PER_READ = 20


@dataclass(frozen=True, slots=True)
class RetainedTable:
    """A table whose rows are deleted: of which column of `Retention`, and which are older than a moment."""

    column: str
    table: type[BaseModel]
    is_before: Callable[[datetime], Expression]


RETAINED_TABLES = (
    RetainedTable("sign_in_days", SignIn, lambda moment: (SignIn.expires_at < moment) | (SignIn.ended_at < moment)),
    RetainedTable("notice_days", AwayNotice, lambda moment: AwayNotice.created_at < moment),
    # An e-mail that is deleted lets its registration go.
    RetainedTable("notice_days", AccountEmail, lambda moment: AccountEmail.created_at < moment),
    RetainedTable("notice_days", Registration, lambda moment: Registration.created_at < moment),
    # Others are still needed.
    RetainedTable(
        "wompi_event_days",
        WompiEvent,
        lambda moment: (WompiEvent.state == EVENT_DONE) & (WompiEvent.processed_at < moment),
    ),
    RetainedTable(
        "failed_event_days",
        WompiEvent,
        lambda moment: (WompiEvent.state == EVENT_FAILED) & (WompiEvent.received_at < moment),
    ),
    # One whose file is still there is left to the job that deletes the file.
    RetainedTable(
        "copy_days",
        DataCopy,
        lambda moment: (DataCopy.status != PENDING_COPY) & (DataCopy.file_id == "") & (DataCopy.requested_at < moment),
    ),
    RetainedTable(
        "import_days",
        MemberImport,
        lambda moment: MemberImport.state.in_([DONE_IMPORT, DISCARDED_IMPORT]) & (MemberImport.finished_at < moment),
    ),
)
"""What jobs delete whole, in the order in which they do."""


def load_retention(_: UnitOfWork) -> Retention:
    """Return the periods that count now."""
    return Retention.get_or_none() or Retention(id=1)


def load_retention_form(uow: UnitOfWork) -> SavedRow:
    """Return the periods as their form shows them."""
    require_supervisor(uow.actor)
    row = load_retention(uow)
    values = {name: format_days(getattr(row, one.column)) for name, one in RETAINED_KINDS.items()}
    return SavedRow(values, row.version, find_last_change("retention", "retention.save"))


def find_effect(uow: UnitOfWork, days: dict[str, int]) -> RetentionEffect:
    """Return what the jobs would delete now with these days by column, files apart. Nothing is deleted."""
    require_supervisor(uow.actor)
    counts = dict.fromkeys(days, 0)
    for one in RETAINED_TABLES:
        if days[one.column] != NEVER:
            is_old = one.is_before(uow.now - timedelta(days=days[one.column]))
            counts[one.column] += one.table.select().where(is_old).count()
    if days["chat_days"] != NEVER:
        counts["chat_days"] = Chat.select().where(is_clearable_chat(uow.now, days["chat_days"])).count()
    return RetentionEffect(
        [
            DeletedRows(name, counts[one.column], uow.now - timedelta(days=days[one.column]))
            for name, one in RETAINED_KINDS.items()
            if days[one.column] != NEVER
        ]
    )


def is_clearable_chat(now: datetime, days: int) -> Expression:
    """Return the condition for chats that were closed so many days ago and have not been cleared.

    What somebody asks about their data waits for its answer: their chats stay until then.
    """
    asking = DataRequest.select(DataRequest.user).where(DataRequest.closed_at.is_null())
    is_old = (Chat.status == CLOSED) & Chat.cleared_at.is_null() & (Chat.closed_at < now - timedelta(days=days))
    return is_old & Chat.user.not_in(asking)


def list_clearable_chats(uow: UnitOfWork) -> list[int]:
    """Return the ids of at most twenty chats of which nothing written is kept any longer, the oldest first."""
    days = load_retention(uow).chat_days
    if days == NEVER:
        return []
    rows = Chat.select(Chat.id).where(is_clearable_chat(uow.now, days))
    return [id_ for (id_,) in rows.order_by(Chat.closed_at, Chat.id).limit(CHATS_PER_READ).tuples()]


def list_chat_files(uow: UnitOfWork, chat_ids: Iterable[int]) -> list[str]:
    """Return the ids of the files of chats."""
    rows = Attachment.select(Attachment.id).where(Attachment.chat.in_(list(chat_ids)))
    return [id_ for (id_,) in rows.tuples()]
