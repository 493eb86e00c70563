"""Copies of their data that members ask for: requested, claimed by the process that writes them, downloaded, deleted.

A process that writes a copy renews its claim every few seconds. One that dies leaves a claim that gets old; another
process begins again then, under another key, so that both never write the same file.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import Expression

from beneficiate.actions import account_emails, audit, quotas
from beneficiate.actions.passwords import lock_verified_account
from beneficiate.errors import Gone, NotFound
from beneficiate.models.account_emails import COPY_READY
from beneficiate.models.base import lock_rows
from beneficiate.models.data_copies import FAILED_COPY, PENDING_COPY, READY_COPY, DataCopy
from beneficiate.unit_of_work import UnitOfWork

LIFETIME = timedelta(hours=48)
CLAIM_LIFETIME = timedelta(seconds=60)
"""A claim is renewed every two seconds; a database may be away for 35 s."""
MAX_COPY_TRIES = 3
EXPIRED_PER_RUN = 100


@dataclass(frozen=True, slots=True)
class ClaimedCopy:
    """A copy to write under the key `file_id`; `abandoned_id` is the key of a run before that did not end."""

    copy_id: int
    user_id: int
    claim: str
    file_id: str
    abandoned_id: str
    requested_at: datetime


@dataclass(frozen=True, slots=True)
class CopyProgress:
    """How many of how many parts the run of a claim has written."""

    copy_id: int
    claim: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class WrittenCopy:
    """The copy that the run of a claim has written, and its size in bytes."""

    copy_id: int
    claim: str
    size: int


@dataclass(frozen=True, slots=True)
class DownloadableCopy:
    """The file of a copy, and the day on which it was written."""

    file_id: str
    ready_at: datetime


def request_copy(uow: UnitOfWork, present_hash: str) -> None:
    """Ask for a copy of everything stored about the actor; while one is being written that changes nothing.

    `present_hash` is the hash of the password that they have proved to know. The file of an earlier copy can no longer
    be downloaded. Raises RateLimited, and Conflict when the password was changed meanwhile.
    """
    user_id = lock_verified_account(uow, present_hash).id
    if DataCopy.select().where(DataCopy.user == user_id, DataCopy.status == PENDING_COPY).exists():
        return
    quotas.consume_quota(uow, uow.rules.quotas.data_copies)
    is_current = (DataCopy.user == user_id) & (DataCopy.expires_at > uow.now)
    DataCopy.update(expires_at=uow.now).where(is_current).execute()
    row = DataCopy.create(user=user_id, requested_at=uow.now)
    audit.record_own_act(uow, "copies.request", f"data_copy:{row.id}")


def claim_copy(uow: UnitOfWork) -> ClaimedCopy | None:
    """Claim the oldest copy that nobody writes; None without one. What was tried too often is given up."""
    is_free = DataCopy.claimed_at.is_null() | (DataCopy.claimed_at < uow.now - CLAIM_LIFETIME)
    is_pending = DataCopy.status == PENDING_COPY
    is_over = is_pending & is_free & (DataCopy.tries >= MAX_COPY_TRIES)
    DataCopy.update(status=FAILED_COPY).where(is_over).execute()
    row = lock_rows(DataCopy.select().where(is_pending, is_free).order_by(DataCopy.id).limit(1)).first()
    if row is None:
        return None
    claim, file_id = str(uuid.uuid4()), str(uuid.uuid4())
    columns = {"claim": claim, "claimed_at": uow.now, "tries": row.tries + 1, "file_id": file_id, "done": 0}
    DataCopy.update(columns).where(DataCopy.id == row.id).execute()
    return ClaimedCopy(row.id, row.user_id, claim, file_id, row.file_id, row.requested_at)


def report_progress(uow: UnitOfWork, progress: CopyProgress) -> bool:
    """Renew a claim and store how far its run is; False when another run has the copy, or its member is gone."""
    columns = {"claimed_at": uow.now, "done": progress.done, "total": progress.total}
    return bool(DataCopy.update(columns).where(_is_claimed(progress.copy_id, progress.claim)).execute())


def finish_copy(uow: UnitOfWork, written: WrittenCopy) -> bool:
    """Let a copy be downloaded for 48 hours and tell its member by e-mail; False when another run has it."""
    row = lock_rows(DataCopy.select().where(_is_claimed(written.copy_id, written.claim))).first()
    if row is None:
        return False
    columns = {"status": READY_COPY, "size": written.size, "ready_at": uow.now, "expires_at": uow.now + LIFETIME}
    DataCopy.update({**columns, "done": DataCopy.total}).where(DataCopy.id == row.id).execute()
    account_emails.queue_notice(uow, COPY_READY, row.user_id)
    return True


def release_copy(uow: UnitOfWork, claimed: ClaimedCopy) -> None:
    """Let another process write a copy at once: this one stops, which is no failed try."""
    columns = {"claimed_at": None, "tries": DataCopy.tries - 1}
    DataCopy.update(columns).where(_is_claimed(claimed.copy_id, claimed.claim)).execute()


def record_download(uow: UnitOfWork, copy_id: int) -> DownloadableCopy:
    """Return the file of a copy of the actor, and record that they download it.

    Raises NotFound (also for that of anybody else), Gone, RateLimited.
    """
    row = lock_rows(DataCopy.select().where(DataCopy.id == copy_id, DataCopy.user == uow.actor.user_id)).first()
    if row is None or row.status != READY_COPY:
        raise NotFound("No encontramos esa copia.")
    if uow.now >= row.expires_at or not row.file_id:
        raise Gone("Ese archivo ya se borró. Sus datos siguen completos: puede pedir otro en «Sus datos».")
    quotas.consume_quota(uow, uow.rules.quotas.copy_downloads)
    DataCopy.update(downloads=DataCopy.downloads + 1).where(DataCopy.id == row.id).execute()
    audit.record_own_act(uow, "copies.download", f"data_copy:{row.id}")
    return DownloadableCopy(row.file_id, row.ready_at)


def list_expired_files(uow: UnitOfWork) -> list[str]:
    """Return the keys of at most 100 files that can no longer be downloaded, or whose copy was given up."""
    is_over = (DataCopy.expires_at <= uow.now) | (DataCopy.status == FAILED_COPY)
    query = DataCopy.select(DataCopy.file_id).where(DataCopy.file_id != "", is_over)
    return [file_id for (file_id,) in query.order_by(DataCopy.id).limit(EXPIRED_PER_RUN).tuples()]


def forget_files(uow: UnitOfWork, file_ids: list[str]) -> None:
    """Store that these files were deleted. Running it twice is harmless."""
    DataCopy.update(file_id="").where(DataCopy.file_id.in_(file_ids)).execute()


def _is_claimed(copy_id: int, claim: str) -> Expression:
    return (DataCopy.id == copy_id) & (DataCopy.claim == claim) & (DataCopy.status == PENDING_COPY)
