"""E-mails about notices: that there is something, never what. Claimed and sent as every e-mail."""

from dataclasses import dataclass
from datetime import datetime

from beneficiate.actions import emails
from beneficiate.actions.away_notices import find_needed_count
from beneficiate.domain.notices import EMAIL
from beneficiate.models.notices import NoticeEmail
from beneficiate.queries.notices import load_choices
from beneficiate.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class PendingNoticeEmail:
    """An e-mail that is due, about `count` messages or about an offer that is open until `expires_at`."""

    email_id: int
    key: str
    kind: str
    user_id: int
    email: str
    name: str
    count: int
    expires_at: datetime


def claim_notice_emails(uow: UnitOfWork) -> list[PendingNoticeEmail]:
    """Claim the e-mails that are due; the caller sends them. Those that became needless are not sent any more."""
    rows = emails.claim_emails(uow, NoticeEmail)
    counts = {row.id: _find_count(uow, row) for row in rows}
    emails.mark_emails_sent(uow, NoticeEmail, [email_id for email_id, count in counts.items() if count is None])
    return [_pending_notice_email(row, count) for row in rows if (count := counts[row.id]) is not None]


def mark_notice_emails_sent(uow: UnitOfWork, email_ids: list[int]) -> None:
    """Mark e-mails as accepted by the mail server."""
    emails.mark_emails_sent(uow, NoticeEmail, email_ids)


def record_notice_email_failure(uow: UnitOfWork, failed: emails.FailedEmail) -> None:
    """Record that an e-mail was refused, or may have arrived."""
    emails.record_email_failure(NoticeEmail, failed)


def _find_count(uow: UnitOfWork, row: NoticeEmail) -> int | None:
    """Return what `find_needed_count` does; None too when its person has ended such e-mails meanwhile."""
    is_wanted = load_choices(row.notice.user_id).allows(row.notice.kind, EMAIL)
    return find_needed_count(uow, row.notice) if is_wanted else None


def _pending_notice_email(row: NoticeEmail, count: int) -> PendingNoticeEmail:
    notice, user = row.notice, row.notice.user
    key = emails.email_key(row)
    return PendingNoticeEmail(row.id, key, notice.kind, user.id, user.email, user.first_name, count, notice.expires_at)
